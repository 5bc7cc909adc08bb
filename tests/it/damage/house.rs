//! An installation of which every file may be damaged, and what comes of it.

use std::collections::BTreeMap;
use std::future::ready;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use api::config::Config;
use api::wiring::{App, World};
use domain::journal::Position;
use tests::cast::all_for_treatment;
use tests::process::ServerProcess;

use crate::audit::folder::{copy, fold, medlock};

/// An installation in a folder of its own, with everything that belongs to it beside its data folder.
pub(super) struct House {
    folder: tempfile::TempDir,
    killed: bool,
    /// The log as it was.
    lines: Vec<Vec<u8>>,
}

/// What is done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Damage {
    Missing,
    Empty,
    Cut,
    /// One bit, at the place with this number.
    Bit(u64),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// The start is refused with these words, and no byte was changed.
    Refused(String),
    /// It starts, all of the log is there, and the service says by itself that something is wrong.
    Says(String),
    /// It starts, all of the log is there, and `medlock verify --blobs` says that something is wrong.
    Verified(String),
    /// It starts, and nothing that was whole is lost.
    Whole,
}

impl House {
    /// One in which people did what people do, stopped in order or killed.
    pub(super) async fn of(killed: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = folder.path().join("house");
        std::fs::create_dir(&house).unwrap();
        let data = house.join("data");
        let settings = [("MEDLOCK_TRANSPARENCY__CHECKPOINT_MILLIS", "50")];
        let mut server = ServerProcess::start_with(&data, &settings);
        let link = server.link.clone().unwrap();
        let (ana, bo, _cy) = server.cast_with(&link).await;
        let report = ana.letter(&server, &ana.id, "Letter").await;
        ana.letter(&server, &ana.id, "Second letter").await;
        let consent = ana.grant(&server, all_for_treatment(&server, &bo.id)).await.expect(201);
        let viewing = bo.open(&server, &ana.id, &report).await;
        bo.page(&server, &ana.id, &viewing, 1).await.expect(200);
        ana.revoke(&server, &consent.text("consent")).await.expect(200);
        while server.get("/readyz").await.json()["log_signed"] != lines_in(&data).len() {}
        if killed {
            server.kill();
        } else {
            let ended = Command::new("kill").args(["-TERM", &server.pid().to_string()]).status();
            assert!(ended.unwrap().success() && server.wait() == Some(0));
            fold(&data).await;
        }
        std::fs::remove_file(data.with_extension("log")).unwrap();
        let lines = lines_in(&data);
        Self { folder, killed, lines }
    }

    /// Its files, by their names in it.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let house = self.folder.path().join("house");
        let all = contents(&house).into_keys();
        all.map(|path| path.strip_prefix(&house).unwrap().to_owned()).collect()
    }

    /// A copy in which a file is damaged: what comes of it, and whether it is as before when the file is put
    /// back.
    pub(super) async fn damaged(&self, file: &Path, damage: Damage) -> Outcome {
        let case = tempfile::tempdir().unwrap();
        let house = case.path().join("house");
        copy(&self.folder.path().join("house"), &house);
        let path = house.join(file);
        let kept = std::fs::read(&path).unwrap();
        damage.happens_to(&path, &kept);
        let before = contents(&house);
        let outcome = self.outcome(&house.join("data"), &before).await;
        if let Outcome::Refused(words) = &outcome
            && !matches!(damage, Damage::Bit(_))
            && !self.killed
        {
            std::fs::copy(self.folder.path().join("house").join(file), &path).unwrap();
            let again = self.outcome(&house.join("data"), &contents(&house)).await;
            assert_eq!(again, Outcome::Whole, "{file:?} put back after {damage:?}: {words}");
        }
        outcome
    }

    async fn outcome(&self, data: &Path, before: &BTreeMap<PathBuf, Vec<u8>>) -> Outcome {
        let config = Config::of(data, ([127, 0, 0, 1], 0).into());
        let app = match App::open(&config, World::real().unwrap()).await {
            Ok(app) => app,
            Err(error) => {
                let after = contents(data.parent().unwrap());
                // What a killed service left in the log's write-ahead log is brought to its database; the
                // hint beside it says each time what an empty one begins with.
                let hint = |path: &Path| path.ends_with("events.db-hint");
                let kept = before.iter().filter(|(path, _)| !self.killed && !hint(path));
                for (path, bytes) in kept {
                    assert!(after.get(path) == Some(bytes), "{path:?} was changed: {error:#}");
                }
                return Outcome::Refused(format!("{error:#}"));
            }
        };
        let said = says(&app).await;
        let lines = app.read_all(Position(0), self.lines.len()).await;
        app.close().await;
        drop(app);
        let lines = lines.map(|lines| lines.into_iter().map(|line| line.bytes).collect::<Vec<_>>());
        let verified = medlock(&["verify", "--blobs"], data);
        match (said, lines) {
            (Some(said), _) => Outcome::Says(said),
            (None, Ok(lines)) if verified.code == 0 => {
                assert_eq!(lines.len(), self.lines.len(), "events are lost and nobody says so");
                assert_eq!(lines, self.lines, "events are others and nobody says so");
                Outcome::Whole
            }
            (None, _) => Outcome::Verified(verified.stdout + &verified.stderr),
        }
    }
}

/// What a service that has read everything again says of itself, if something is wrong.
async fn says(app: &Arc<App>) -> Option<String> {
    // Whatever a scrub cannot read it says as well.
    let scrubbed = app.log.scrub().await.err().map(|error| error.to_string());
    let files = app.report_scrub.run(|_| ready(())).await.err().map(|error| error.to_string());
    let caught_up = app.models.catch_up().await.err().map(|error| error.to_string());
    let finding = app.log.standing().scrub.finding;
    let known = app.report_scrub.known().status().in_words();
    let parked = app.models.health().parked();
    let all = [scrubbed, finding, files, known, caught_up, parked];
    all.into_iter().flatten().next()
}

impl Damage {
    fn happens_to(self, path: &Path, bytes: &[u8]) {
        match self {
            Self::Missing => std::fs::remove_file(path).unwrap(),
            Self::Empty => std::fs::write(path, b"").unwrap(),
            Self::Cut => std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap(),
            Self::Bit(number) => {
                let bits = bytes.len() as u64 * 8;
                let seed = blake3::hash(
                    format!("{}/{number}", path.file_name().unwrap().to_string_lossy()).as_bytes(),
                );
                let (first, _) = seed.as_bytes().split_first_chunk().unwrap();
                let bit = u64::from_le_bytes(*first) % bits;
                let mut bytes = bytes.to_vec();
                bytes[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
                std::fs::write(path, bytes).unwrap();
            }
        }
    }
}

fn lines_in(data: &Path) -> Vec<Vec<u8>> {
    let replayed = medlock(&["replay"], data);
    assert_eq!(replayed.code, 0, "{replayed:?}");
    replayed.stdout.lines().map(|line| line.as_bytes().to_vec()).collect()
}

/// Every file below a folder and what is in it, but for locks.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if !path.to_string_lossy().ends_with("-lock") {
                found.insert(path.clone(), std::fs::read(path).unwrap());
            }
        }
    }
    found
}
