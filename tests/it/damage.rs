//! The damage matrix: every file of an installation, missing, empty, cut, and with one bit another way at
//! seeded places. What comes of each is named here; nothing that was whole is lost, and whoever is refused
//! reads how to get back.

mod house;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use tests::soak::soaking;

use self::house::{Damage, House, Outcome};

/// Places at which a bit of each file is another one.
const PLACES: u64 = 20;
/// The same in a short run.
const FEW_PLACES: u64 = 2;

/// What comes of damage to a kind of file.
struct Row {
    /// How its name begins in the folder of an installation, and how it ends.
    file: (&'static str, &'static str),
    /// What may come of it when it is missing, empty, cut, and when one bit of it is another one.
    /// `refused`: the start is; `says`: the service says by itself what is wrong; `verified`: `medlock
    /// verify` does; `whole`: nothing is lost.
    missing: &'static str,
    empty: &'static str,
    cut: &'static str,
    bit: &'static str,
}

/// A row: the file, then what may come of it.
const fn row(
    file: (&'static str, &'static str),
    [missing, empty, cut, bit]: [&'static str; 4],
) -> Row {
    Row { file, missing, empty, cut, bit }
}

/// Keys that are gone, if any was among what is lost.
const KEYS: &str = "refused says verified whole";
const REFUSED: [&str; 4] = ["refused"; 4];
const WHOLE: [&str; 4] = ["whole"; 4];

/// Every kind of file. A password or session in the work store is all that damage may change unnoticed: see
/// docs/adr/0017.
const MATRIX: [Row; 17] = [
    row(("data/events.db", ".db"), ["refused", "refused", "refused", KEYS]),
    row(("data/vault.db", ".db"), ["refused", "refused", "refused", KEYS]),
    row(("data/work.db", ".db"), ["refused", "refused", "refused", "refused whole"]),
    row(("data/log.db", ".db"), ["whole", "whole", "whole", "whole refused"]),
    row(("data/read-", ".db"), ["whole", "whole", "whole", "whole says"]),
    row(("data.guard", ""), REFUSED),
    row(("", ".key"), REFUSED),
    row(("data/blobs/", ""), ["says"; 4]),
    row(("data/log/checkpoint", ""), ["whole", "refused", "refused", "refused"]),
    row(("data/log/tile/", ""), ["refused whole"; 4]),
    // Its end is room that was never written.
    row(("data/events.db-", "wal"), ["refused", "refused", "refused whole", "refused whole"]),
    row(("data/vault.db-", "wal"), [KEYS; 4]),
    row(("data/read-", "-wal"), ["whole", "whole", "whole", "whole says"]),
    row(("data/", "-wal"), ["whole", "whole", "whole", "refused whole"]),
    row(("data/", "-shm"), WHOLE),
    row(("data/outbox/", ""), WHOLE),
    row(("data/events.db", ""), ["refused whole"; 4]),
];

/// One of these stands in every refusal.
const WAYS_BACK: [&str; 8] = [
    "backup",
    "put it back",
    "restore it",
    "the newer program",
    "`medlock log rebuild`",
    "`medlock log continue`",
    "`medlock repair",
    "`medlock work-store begin`",
];

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Refused(_) => "refused",
        Outcome::Says(_) => "says",
        Outcome::Verified(_) => "verified",
        Outcome::Whole => "whole",
    }
}

fn ends(file: &Path, end: &str) -> bool {
    file.to_string_lossy().ends_with(end)
}

/// The row of the matrix for a file.
fn row_of(file: &Path) -> &'static Row {
    let name = file.to_str().unwrap();
    let of_it = |row: &&Row| name.starts_with(row.file.0) && name.ends_with(row.file.1);
    let row = MATRIX.iter().find(of_it);
    row.unwrap_or_else(|| panic!("nobody says what comes of damage to {name}"))
}

/// One file stands for all that are alike.
fn one_of_each(files: Vec<std::path::PathBuf>) -> Vec<std::path::PathBuf> {
    let mut seen = BTreeSet::new();
    let kind = |file: &Path| match file.starts_with("data/log/tile") {
        // Hashes and entries are checked by different means.
        true => format!("tile {}", file.starts_with("data/log/tile/entries")),
        false => format!("{:?}", row_of(file).file),
    };
    files.into_iter().filter(|file| seen.insert(kind(file))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_to_a_file_is_named_and_nothing_whole_is_lost() {
    let mut wrong = Vec::new();
    matrix(false, &mut wrong).await;
    if soaking() {
        matrix(true, &mut wrong).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Damages one file after the other of an installation that was stopped in order, or killed.
async fn matrix(killed: bool, wrong: &mut Vec<String>) {
    let began = Instant::now();
    let house = House::of(killed).await;
    let places = if soaking() { PLACES } else { FEW_PLACES };
    let mut files = if soaking() { house.files() } else { one_of_each(house.files()) };
    if killed {
        // The rest is the same as in one that was stopped.
        let waits = |file: &Path| ["-wal", "-shm"].iter().any(|end| ends(file, end));
        files.retain(|file| waits(file));
    }
    let mut counts: BTreeMap<((&str, &str), &str), u32> = BTreeMap::new();
    for file in &files {
        let row = row_of(file);
        let damages = [Damage::Missing, Damage::Empty, Damage::Cut];
        for damage in damages.into_iter().chain((0..places).map(Damage::Bit)) {
            let outcome = house.damaged(file, damage).await;
            let allowed = match damage {
                Damage::Missing => row.missing,
                Damage::Empty => row.empty,
                Damage::Cut => row.cut,
                Damage::Bit(_) => row.bit,
            };
            let said = match &outcome {
                Outcome::Refused(words) => WAYS_BACK.iter().any(|way| words.contains(way)),
                Outcome::Says(_) | Outcome::Verified(_) | Outcome::Whole => true,
            };
            if !said || !allowed.split(' ').any(|allowed| allowed == name(&outcome)) {
                wrong.push(format!("{} {damage:?}: {outcome:?}, not {allowed}", file.display()));
            }
            *counts.entry((row.file, name(&outcome))).or_default() += 1;
        }
    }
    println!(
        "{} files, {places} bits each, {:.0} s: {counts:?}",
        files.len(),
        began.elapsed().as_secs_f64()
    );
}
