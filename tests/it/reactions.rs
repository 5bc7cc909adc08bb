//! What happens by itself happens at least once and adds nothing the second time; what cannot be done is
//! parked where everybody sees it, and nothing else waits for it.

mod world;

use std::sync::Arc;

use commands::audit::reactions::record_anchor::ReceiptIsRecorded;
use commands::ports::cursors::Cursors;
use commands::ports::due_list::DueList;
use commands::ports::event_store::{AppendError, EventStore as _};
use commands::ports::receipts::{AnchorReceipt, Receipts as _};
use commands::react::{Pass, Reaction, TRIES_MAX, WhenDue};
use domain::actor::Actor;
use domain::fact::Fact;
use domain::ids::StreamName;
use domain::journal::Position;
use infra::work_store::MemoryReactions;

use self::world::{Fails, Forgetful, ReactionApp, Silent, Unfilled, cause, receipt};

const NOTED: &str = "identity.login_failed.v1";
const ANCHORED: &str = "log.anchored.v1";

fn records(list: Arc<dyn DueList<AnchorReceipt>>, app: &ReactionApp) -> WhenDue<ReceiptIsRecorded> {
    WhenDue::new(ReceiptIsRecorded { log: StreamName::log(0) }, list, app.request_key())
}

#[tokio::test]
async fn an_event_is_reacted_to_once_and_the_line_says_which_it_was() {
    let app = ReactionApp::new();
    let kept = Arc::new(MemoryReactions::default());
    let before = app.opens_a_session(1).await;
    let reaction = app.notes_sessions(kept.clone());
    assert_eq!(reaction.pass(&app.executor).await, Pass::Done);
    assert_eq!(app.kinds().await.len(), 1, "what happened before it existed is left alone");

    let opened = app.opens_a_session(2).await;
    for _ in 0..3 {
        assert_eq!(reaction.pass(&app.executor).await, Pass::Done);
    }
    let noted: Vec<_> = app.recorded().await.into_iter().skip(2).collect();
    assert_eq!(noted.len(), 1);
    assert_eq!((noted[0].fact.kind(), noted[0].actor), (NOTED, Actor::System));
    assert_eq!(noted[0].cause_event, Some(opened));
    assert_ne!(opened, before);
    assert_eq!(kept.cursor("notes_sessions").await.unwrap(), Some(Position(3)));
}

#[tokio::test]
async fn killed_between_command_and_cursor_it_does_it_again_and_adds_nothing() {
    let app = ReactionApp::new();
    let kept = Arc::new(MemoryReactions::default());
    app.notes_sessions(kept.clone()).pass(&app.executor).await;
    app.opens_a_session(1).await;
    app.opens_a_session(2).await;
    // The command is durable and the cursor is not: what a kill in between leaves.
    let killed = app.notes_sessions(Arc::new(Forgetful::of(kept.clone())));
    assert!(matches!(killed.pass(&app.executor).await, Pass::Hindered(_)));
    assert_eq!(kept.cursor("notes_sessions").await.unwrap(), Some(Position(0)));
    assert_eq!(app.count(NOTED).await, 2);

    let next = app.notes_sessions(kept.clone());
    assert_eq!(next.pass(&app.executor).await, Pass::Done);
    assert_eq!(app.count(NOTED).await, 2, "done twice, there once");
    assert_eq!(kept.cursor("notes_sessions").await.unwrap(), Some(Position(4)));
}

#[tokio::test]
async fn killed_between_record_and_list_a_receipt_is_recorded_once() {
    let app = ReactionApp::new();
    let kept = Arc::new(MemoryReactions::default());
    kept.keep(cause(7), Position(6), &receipt("file", 7, 1)).await.unwrap();
    kept.keep(cause(7), Position(6), &receipt("evm", 7, 1)).await.unwrap();
    let killed = records(Arc::new(Forgetful::of(kept.clone())), &app);
    assert!(matches!(killed.pass(&app.executor).await, Pass::Hindered(_)));
    assert_eq!(app.count(ANCHORED).await, 1);

    let next = records(kept.clone(), &app);
    assert_eq!(next.pass(&app.executor).await, Pass::Done);
    let anchored = app.recorded().await;
    assert_eq!(anchored.len(), 2, "the second anchor's, and the first one's once");
    assert!(anchored.iter().all(|one| one.cause_event == Some(cause(7))));
    assert!(app.due(&kept).await.is_empty(), "what is durable is not kept any longer");
}

#[tokio::test]
async fn an_event_that_cannot_be_read_parks_its_reaction_and_no_other() {
    let app = ReactionApp::new();
    let kept = Arc::new(MemoryReactions::default());
    let reaction = app.notes_sessions(kept.clone());
    reaction.pass(&app.executor).await;
    app.opens_a_session(1).await;
    let unreadable = app.later_version_writes().await;
    app.opens_a_session(2).await;
    kept.keep(cause(1), Position(0), &receipt("file", 1, 1)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(reaction.pass(&app.executor).await, Pass::Done);
    }
    assert_eq!(app.count(NOTED).await, 1, "nothing is passed over");
    let parked = reaction.parked();
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].position, parked[0].reason), (unreadable, "the event cannot be read"));

    let other = records(kept.clone(), &app);
    assert_eq!((other.pass(&app.executor).await, other.parked()), (Pass::Done, vec![]));
    assert_eq!(app.count(ANCHORED).await, 1);

    // The next start tries it again, from where it stands: a later version may know the event.
    let next = app.notes_sessions(kept.clone());
    assert_eq!(next.pass(&app.executor).await, Pass::Done);
    assert_eq!(next.parked(), parked);
    assert_eq!(kept.cursor("notes_sessions").await.unwrap(), Some(unreadable));
    assert_eq!(app.count(NOTED).await, 1);
}

#[tokio::test]
async fn what_is_due_and_hopeless_is_parked_and_the_rest_of_the_list_goes_on() {
    let app = ReactionApp::new();
    let kept = Arc::new(MemoryReactions::default());
    let mut hopeless = receipt("file", 7, 1);
    hopeless.checkpoint = "no checkpoint".to_owned();
    kept.keep(cause(7), Position(6), &hopeless).await.unwrap();
    kept.keep(cause(8), Position(7), &receipt("file", 8, 1)).await.unwrap();
    let reaction = records(kept.clone(), &app);
    for _ in 0..2 {
        assert_eq!(reaction.pass(&app.executor).await, Pass::Done);
    }
    assert_eq!(app.count(ANCHORED).await, 1);
    let parked: Vec<_> = reaction.parked().iter().map(|one| (one.position, one.reason)).collect();
    assert_eq!(parked, [(Position(6), "its order makes no sense")]);
    assert_eq!(app.due(&kept).await.len(), 1, "it is kept");
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_parked_in_the_end() {
    let app = ReactionApp::new();
    let kept = Arc::new(MemoryReactions::default());
    let reaction = app.notes_sessions(kept.clone());
    reaction.pass(&app.executor).await;
    app.opens_a_session(1).await;
    app.store.fail(Fails::Times(TRIES_MAX - 1), || AppendError::Store("on purpose".into()));
    for _ in 1..TRIES_MAX {
        let hindered = reaction.pass(&app.executor).await;
        assert_eq!(hindered, Pass::Hindered("the event store failed"));
    }
    assert_eq!(reaction.pass(&app.executor).await, Pass::Done);
    assert_eq!((app.count(NOTED).await, reaction.parked()), (1, vec![]));

    let opened = Position(app.length());
    app.opens_a_session(2).await;
    app.store.fail(Fails::Always, || AppendError::Store("on purpose".into()));
    for _ in 0..=TRIES_MAX {
        reaction.pass(&app.executor).await;
    }
    assert_eq!(reaction.parked()[0].position, opened);
}

#[tokio::test]
async fn a_full_disk_is_no_fault_of_an_order_and_parks_nothing() {
    let app = ReactionApp::new();
    let kept = Arc::new(MemoryReactions::default());
    for (number, anchor) in [(1, "file"), (2, "evm")] {
        kept.keep(cause(number), Position(0), &receipt(anchor, 1, 1)).await.unwrap();
    }
    let reaction = records(kept, &app);
    app.store.fail(Fails::Always, || AppendError::DiskFull);
    for _ in 0..TRIES_MAX * 3 {
        let hindered = reaction.pass(&app.executor).await;
        assert_eq!(hindered, Pass::Hindered("the disk is full"));
    }
    assert_eq!(reaction.parked(), []);
    app.store.fail(Fails::Times(0), || AppendError::DiskFull);
    assert_eq!(reaction.pass(&app.executor).await, Pass::Done);
    assert_eq!(app.count(ANCHORED).await, 2);
}

#[tokio::test]
async fn nothing_is_done_while_the_list_is_being_filled() {
    let app = ReactionApp::new();
    let reaction = records(Arc::new(Unfilled), &app);
    assert_eq!(reaction.pass(&app.executor).await, Pass::Waiting);
    assert!(app.kinds().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_that_stands_still_holds_no_command_up() {
    let app = Arc::new(ReactionApp::new());
    let reaction = Arc::new(records(Arc::new(Silent), &app));
    let (passing, at) = (Arc::clone(&reaction), Arc::clone(&app));
    let pass = tokio::spawn(async move { passing.pass(&at.executor).await });
    for number in 0..20 {
        app.opens_a_session(number).await;
    }
    assert!(!pass.is_finished());
    pass.abort();
    assert_eq!(app.recorded().await.len(), 20);
}

#[tokio::test]
async fn a_log_that_was_restored_shorter_is_gone_on_with_from_its_end() {
    let app = ReactionApp::new();
    let kept = Arc::new(MemoryReactions::default());
    kept.keep_cursor("notes_sessions", Position(900)).await.unwrap();
    let reaction = app.notes_sessions(kept.clone());
    reaction.pass(&app.executor).await;
    app.opens_a_session(1).await;
    reaction.pass(&app.executor).await;
    let noted = |fact: &Fact| fact.kind() == NOTED;
    assert!(app.recorded().await.iter().any(|one| noted(&one.fact)));
    assert_eq!(app.store.newest().borrow().unwrap(), Position(1));
}
