//! The live stream: what concerns me, as it happens, without a word of anybody's.

use std::collections::VecDeque;
use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};

/// How long a test waits for what must come, before it says that it did not.
const PATIENCE: Duration = Duration::from_secs(30);

/// An event of the stream.
#[derive(Debug, PartialEq)]
struct Heard {
    id: Option<u64>,
    kind: String,
    data: Value,
}

/// Somebody who listens.
struct Listener {
    answer: Response,
    rest: String,
    heard: VecDeque<Heard>,
}

impl Listener {
    async fn open(app: &TestApp, by: &Person, after: Option<u64>) -> Self {
        let mut request = by.request(app, Method::GET, "/api/v1/stream");
        if let Some(after) = after {
            request = request.header("Last-Event-ID", after);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        Self { answer, rest: String::new(), heard: VecDeque::new() }
    }

    /// The next event; none when the stream is over.
    async fn next(&mut self) -> Option<Heard> {
        while self.heard.is_empty() {
            let chunk = tokio::time::timeout(PATIENCE, self.answer.chunk()).await;
            let chunk = chunk.expect("something is said").unwrap()?;
            self.rest.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some((block, rest)) = self.rest.split_once("\n\n") {
                self.heard.extend(heard(block));
                self.rest = rest.to_owned();
            }
        }
        self.heard.pop_front()
    }

    /// The types of the next events.
    async fn kinds(&mut self, count: usize) -> Vec<String> {
        let mut kinds = Vec::new();
        for _ in 0..count {
            kinds.push(self.next().await.expect("the stream goes on").kind);
        }
        kinds
    }
}

/// One block; none if it is a comment.
fn heard(block: &str) -> Option<Heard> {
    let field =
        |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let kind = field("event")?.to_owned();
    let data = serde_json::from_str(field("data").unwrap()).unwrap();
    Some(Heard { id: field("id").map(|id| id.parse().unwrap()), kind, data })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_hears_what_happens_to_her_record_as_it_happens() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    let report = ana.letter(&app, &ana.id, "Secret letter").await;
    let mut listener = Listener::open(&app, &ana, None).await;
    uma.letter(&app, &uma.id, "Not about Ana").await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let granted = listener.next().await.unwrap();
    let position = granted.id.unwrap();
    assert_eq!(granted.kind, "consent.granted.v1");
    assert_eq!(granted.data["position"], position);
    assert_eq!(granted.data["patient"], ana.id);
    let members = granted.data.as_object().unwrap().keys().collect::<Vec<_>>();
    assert_eq!(members, ["patient", "position", "time", "type"], "ids, times and types only");

    let viewing = bo.open(&app, &ana.id, &report).await;
    bo.page(&app, &ana.id, &viewing, 1).await.expect(200);
    assert_eq!(
        listener.kinds(3).await,
        ["access.view_token_issued.v1", "access.record_viewed.v1", "access.page_shown.v1"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_broke_off_goes_on_without_a_gap_and_without_a_double() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let mut listener = Listener::open(&app, &ana, None).await;
    for n in 0..3 {
        ana.letter(&app, &ana.id, &format!("Letter {n}")).await;
    }
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(listener.next().await.unwrap().id.unwrap());
    }
    drop(listener);
    let consent = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    bo.letter(&app, &ana.id, "From Bo").await;

    let mut again = Listener::open(&app, &ana, ids.last().copied()).await;
    for _ in 0..3 {
        ids.push(again.next().await.unwrap().id.unwrap());
    }
    ana.revoke(&app, &consent.text("consent")).await.expect(200);
    ids.push(again.next().await.unwrap().id.unwrap());

    let mine = format!("patient-{}", ana.id);
    let log = app.log().await;
    let of_ana = log.iter().filter(|line| line.stream.to_string() == mine);
    let expected: Vec<u64> = of_ana.skip(1).map(|line| line.position.0).collect();
    assert_eq!(ids, expected, "all but the registration, which was before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heart_beats_for_whom_nothing_happens_however_much_happens_to_others() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    let report = ana.letter(&app, &ana.id, "A letter").await;
    let content = format!("/api/v1/patients/{}/reports/{report}/content", ana.id);
    let mut listener = Listener::open(&app, &uma, None).await;
    let beat = tokio::time::timeout(PATIENCE, listener.answer.chunk());
    // Each download is an event: the log never rests.
    let busy = async {
        loop {
            ana.get(&app, &content).await.expect(200);
        }
    };
    let beat = tokio::select! {
        beat = beat => beat.expect("a heart beats").unwrap().unwrap(),
        () = busy => unreachable!("it never rests"),
    };
    assert_eq!(beat, ": still here\n\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_ends_when_the_session_does() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let elsewhere = app.log_in(&ana.email).await;
    let mut listener = Listener::open(&app, &ana, None).await;
    let path = format!("/api/v1/sessions/{}", ana.session);
    elsewhere.delete(&app, &path).await.expect(200);
    // Whatever happens from now on is not told any more.
    elsewhere.letter(&app, &ana.id, "After the end").await;
    let end = listener.next().await.unwrap();
    assert_eq!((end.kind.as_str(), end.id), ("end", None));
    assert_eq!(listener.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_hears_of_a_consent_and_of_its_end_and_of_nobody_elses() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let eve = app.doctor(&cy, "Dr Eve Engel", "eve@example.org").await;
    let mut listener = Listener::open(&app, &bo, None).await;
    let theirs = ana.grant(&app, all_for_treatment(&app, &eve.id)).await.expect(201);
    let mine = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    ana.revoke(&app, &theirs.text("consent")).await.expect(200);
    ana.revoke(&app, &mine.text("consent")).await.expect(200);
    assert_eq!(listener.kinds(2).await, ["consent.granted.v1", "consent.revoked.v1"]);
    app.standing(&cy, &bo, "suspend").await.expect(200);
    assert_eq!(listener.kinds(1).await, ["identity.doctor_suspended.v1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_tells_the_barred_of_a_patient_but_that_an_open_viewing_ended() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    let start = app.newest();
    let granted = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    bo.open(&app, &ana.id, &report).await;
    let mut listener = Listener::open(&app, &bo, None).await;
    let bars = format!("/api/v1/patients/{}/bars", ana.id);
    let what = json!({ "kind": "barred", "whom": { "kind": "doctor", "doctor": bo.id } });
    let bar = json!({ "what": what, "emergency_passes": true });
    ana.post(&app, &bars, bar).await.expect(200);
    assert_eq!(listener.kinds(1).await, ["access.viewing_ended.v1"]);
    ana.revoke(&app, &granted.text("consent")).await.expect(200);
    // Nor is the past told to whoever goes on from there.
    let mut resumed = Listener::open(&app, &bo, Some(start)).await;
    app.standing(&cy, &bo, "suspend").await.expect(200);
    for listener in [&mut listener, &mut resumed] {
        assert_eq!(listener.kinds(1).await, ["identity.doctor_suspended.v1"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_doctor_hears_nothing_of_patients() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let consent = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let after = Some(app.newest());
    app.standing(&cy, &bo, "suspend").await.expect(200);
    // Both wait in the log when Bo begins to listen, and then happen while he does.
    ana.revoke(&app, &consent.text("consent")).await.expect(200);
    let mut listener = Listener::open(&app, &bo, after).await;
    assert_eq!(listener.kinds(1).await, ["identity.doctor_suspended.v1"]);
    app.standing(&cy, &bo, "reinstate").await.expect(200);
    assert_eq!(listener.kinds(1).await, ["identity.doctor_reinstated.v1"]);
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    assert_eq!(listener.kinds(1).await, ["consent.granted.v1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_elsewhere_than_the_log_is_told_to_begin_anew() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let newest = app.newest();
    for beyond in [newest + 1, newest + 1_000, u64::MAX] {
        let mut listener = Listener::open(&app, &ana, Some(beyond)).await;
        let first = listener.next().await.unwrap();
        assert_eq!((&*first.kind, first.id), ("reset", Some(newest)));
        assert_eq!(first.data["position"], newest);
    }
    let mut listener = Listener::open(&app, &ana, Some(newest + 7)).await;
    assert_eq!(listener.kinds(1).await, ["reset"]);
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    assert_eq!(listener.kinds(1).await, ["consent.granted.v1"]);
    // Whoever has seen all there is goes on without a word.
    let seen = app.newest();
    let mut listener = Listener::open(&app, &ana, Some(seen)).await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    assert_eq!(listener.kinds(1).await, ["consent.granted.v1"]);
}
