//! Many requests at once, and kills in the middle of them: what was cosigned once binds for ever.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::VerifierKey;
use domain::journal::witnessing::{cosignatures, size_answered};
use reqwest::Client;
use tests::door::Reply;
use tests::witness::{WatchedLog, WitnessProcess};
use tokio::sync::watch;

use super::{NAME, ORIGIN, started, text};

/// Requests that race each other.
const RACERS: u64 = 64;
/// Requests of each.
const ROUNDS: u64 = 20;
/// Kills under load.
const KILLS: u64 = 40;
/// Clients that ask while the witness is killed.
const CLIENTS: u64 = 6;
/// Leaves of the longest tree.
const LEAVES: u64 = 20_000;

/// A cosignature that was given: from which size, for which tree.
#[derive(Clone)]
struct Given {
    old: u64,
    checkpoint: Checkpoint,
}

/// All that were given, so far.
type Ledger = watch::Sender<Vec<Given>>;

/// Sends one request; `None` if the witness is gone. The cosignature is checked before it is believed.
async fn ask(
    (client, url, key): &(Client, String, VerifierKey),
    log: &WatchedLog,
    (old, new): (u64, u64),
    ledger: &Ledger,
) -> Option<Reply> {
    let request = log.request(old, new);
    let place = format!("{url}/add-checkpoint");
    let reply = client.post(place).body(request.to_string()).send().await.ok()?;
    let reply = Reply::of(reply).await;
    if reply.status == 200 && !reply.bytes.is_empty() {
        let lines = cosignatures(&reply.bytes, key, &request.note.text).unwrap();
        assert_eq!(lines.len(), 1);
        ledger.send_modify(|all| all.push(Given { old, checkpoint: log.checkpoint(new) }));
    }
    Some(reply)
}

fn door(witness: &WitnessProcess) -> (Client, String, VerifierKey) {
    (Client::new(), witness.url.clone(), witness.key.clone())
}

fn random(seed: u64, round: u64) -> u64 {
    let hash = blake3::hash(&[seed.to_le_bytes(), round.to_le_bytes()].concat());
    u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap())
}

/// Everything cosigned is in one and the same tree, or the witness has signed a contradiction.
#[track_caller]
fn all_agree(given: &[Given], trees: &[WatchedLog]) {
    let Some(largest) = given.iter().map(|one| &one.checkpoint).max_by_key(|c| c.size) else {
        return;
    };
    let begins = |tree: &&WatchedLog, c: &Checkpoint| tree.checkpoint(c.size) == *c;
    let whole = trees.iter().filter(|tree| begins(tree, largest));
    let agreed = whole.into_iter().any(|tree| given.iter().all(|g| begins(&tree, &g.checkpoint)));
    assert!(agreed, "two cosigned checkpoints contradict each other");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_requests_at_once_none_brings_a_smaller_tree_back() {
    let folder = tempfile::tempdir().unwrap();
    let log = Arc::new(WatchedLog::new(ORIGIN, 2_000));
    let witness = started(&folder.path().join("w"), &log);
    let ledger = Ledger::new(Vec::new());
    let race = |racer: u64| {
        let door = door(&witness);
        let log = Arc::clone(&log);
        let ledger = ledger.clone();
        tokio::spawn(async move {
            let mut old = 0;
            for round in 0..ROUNDS {
                let new = (old + 1 + random(racer, round) % 20).min(2_000);
                let reply = ask(&door, &log, (old, new), &ledger).await.unwrap();
                match reply.status {
                    200 => old = new,
                    409 => old = size_answered(&reply.bytes).unwrap(),
                    other => panic!("{other} {}", text(&reply)),
                }
            }
        })
    };
    let racers: Vec<_> = (0..RACERS).map(race).collect();
    for racer in racers {
        racer.await.unwrap();
    }
    let given = ledger.borrow().clone();
    all_agree(&given, &[WatchedLog::new(ORIGIN, 2_000)]);
    // Each step began where the one before had ended: a record that went back would show as a step that
    // begins where another one had begun before.
    let mut steps = BTreeMap::new();
    for one in given.iter().filter(|one| one.old < one.checkpoint.size) {
        let before = steps.insert(one.old, one.checkpoint.size);
        assert_eq!(before, None, "two steps from {} leaves", one.old);
    }
    let mut at = 0;
    for (old, new) in &steps {
        assert_eq!(*old, at, "no step is missing");
        at = *new;
    }
    assert!(steps.len() > 20, "the race was real");
    println!("{RACERS} racers, {} cosigned in {} steps", given.len(), steps.len());
    let reply = witness.asked(&Client::new(), log.request(0, 2_000).to_string()).await;
    assert_eq!((reply.status, text(&reply)), (409, format!("{at}\n").as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_fork_only_one_side_is_cosigned_however_close_they_come() {
    let folder = tempfile::tempdir().unwrap();
    let origin = |i: u64| format!("log{i}.example/log");
    let sides = |i: u64| {
        [WatchedLog::new(&origin(i), 50), WatchedLog::forked(&origin(i), 50, 20, 1)].map(Arc::new)
    };
    let logs: Vec<_> = (0..16).map(|i| sides(i)[0].public()).collect();
    let witness = WitnessProcess::start(&folder.path().join("w"), NAME, &logs);
    for i in 0..16 {
        let [one, other] = sides(i);
        let ledger = Ledger::new(Vec::new());
        let door = door(&witness);
        // The log's first sight, or a step from where both were the same.
        if i % 2 == 1 {
            assert_eq!(ask(&door, &one, (0, 20), &ledger).await.unwrap().status, 200);
        }
        let old = if i % 2 == 1 { 20 } else { 0 };
        let (left, right) = tokio::join!(
            ask(&door, &one, (old, 50), &ledger),
            ask(&door, &other, (old, 50), &ledger)
        );
        let mut statuses = [left.unwrap().status, right.unwrap().status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{}", origin(i));
        let again = ask(&door, &one, (50, 50), &ledger).await.unwrap().status;
        let other = ask(&door, &other, (50, 50), &ledger).await.unwrap().status;
        assert!(matches!((again, other), (200, 422) | (422, 200)), "{again} {other}");
    }
}

/// Trees that are the same up to a point each: a witness that forgets would cosign two of them.
fn trees() -> Vec<WatchedLog> {
    let branch = |i: u8| WatchedLog::forked(ORIGIN, LEAVES, u64::from(i) * 400, i);
    std::iter::once(WatchedLog::new(ORIGIN, LEAVES)).chain((1..8).map(branch)).collect()
}

/// Asks for this tree and that one, a little larger each time, until the witness is gone.
async fn grow(
    door: (Client, String, VerifierKey),
    trees: Arc<Vec<WatchedLog>>,
    seed: u64,
    ledger: Ledger,
) {
    let mut old = 0;
    for round in 0.. {
        let chance = random(seed, round);
        let tree = &trees[usize::try_from(chance % trees.len() as u64).unwrap()];
        let new = (old + (chance >> 8) % 5).min(LEAVES);
        let Some(reply) = ask(&door, tree, (old, new), &ledger).await else { return };
        match reply.status {
            // An answer that was cut off by the kill may have its status and no more.
            200 => old = new,
            409 => old = size_answered(&reply.bytes).unwrap_or(old),
            422 => {}
            other => panic!("{other} {}", text(&reply)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_forty_times_under_load_it_never_contradicts_a_cosignature_it_gave() {
    let folder = tempfile::tempdir().unwrap();
    let trees = Arc::new(trees());
    let mut witness = started(&folder.path().join("w"), &trees[0]);
    let ledger = Ledger::new(Vec::new());
    for kill in 0..KILLS {
        let grower = |i: u64| {
            let seed = kill * CLIENTS + i;
            tokio::spawn(grow(door(&witness), Arc::clone(&trees), seed, ledger.clone()))
        };
        let growers: Vec<_> = (0..CLIENTS).map(grower).collect();
        let mut given = ledger.subscribe();
        let enough = given.borrow().len() + 1 + usize::try_from(random(7, kill) % 24).unwrap();
        let real = given.wait_for(|all| all.len() >= enough);
        tokio::time::timeout(Duration::from_secs(20), real).await.unwrap().unwrap();
        // The others are anywhere between question and answer now; some more steps, never the same number.
        for _ in 0..random(8, kill) % 500 {
            tokio::task::yield_now().await;
        }
        witness.kill();
        for grower in growers {
            grower.await.unwrap();
        }
        let given = ledger.borrow().clone();
        all_agree(&given, &trees);
        witness.restart();
        let largest = given.iter().map(|one| one.checkpoint.size).max().unwrap();
        let reply =
            witness.asked(&Client::new(), trees[0].request(LEAVES, LEAVES).to_string()).await;
        let size = if reply.status == 409 { size_answered(&reply.bytes) } else { Some(LEAVES) };
        assert!(size >= Some(largest), "it cosigned {largest} leaves and stands at {size:?}");
    }
    let given = ledger.borrow().clone();
    println!("{KILLS} kills, {} cosignatures", given.len());
    let forks =
        given.iter().filter(|one| trees[0].checkpoint(one.checkpoint.size) != one.checkpoint);
    println!("{} of them on a branch", forks.count());
    assert!(given.len() as u64 > KILLS * 5, "the load was real");
}
