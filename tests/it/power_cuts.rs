//! The power goes under load, and the disk forgets what was not flushed, sector by sector: nothing
//! acknowledged is lost, no page was shown without its event, and the log is whole.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use commands::ports::event_store::EventStore as _;
use domain::fact::Fact;
use domain::journal::Position;
use infra::event_store::SqliteEventStore;
use serde_json::{Value, json};
use tests::cast::{PASSWORD, Person, all_for_treatment};
use tests::door::{Door, Reply};
use tests::process::ServerProcess;
use tests::program::medlock;
use tests::soak::sized;
use tests::volatile_disk::{Forgotten, VolatileDisk};

/// Cuts under load: of every run, and of the full size.
const CUTS: (u64, u64) = (3, 200);
/// Of three cuts this one loses all that was not flushed; the others tear it.
const UNTORN: u64 = 2;
/// Clients that write while the power goes.
const CLIENTS: u64 = 6;
/// Checkpoints are signed all the time; machines are bounded in the load they bring.
const SETTINGS: [(&str, &str); 1] = [("MEDLOCK_TRANSPARENCY__CHECKPOINT_MILLIS", "50")];

/// What the service acknowledged: at which position, and what must stand there.
#[derive(Default)]
struct Acknowledged {
    facts: Vec<(u64, &'static str)>,
    reports: HashMap<String, Vec<u8>>,
}

type Ledger = Arc<Mutex<Acknowledged>>;

/// Notes an answer that says what was done; whether it does.
fn note(ledger: &Ledger, reply: &Reply, kind: &'static str) -> bool {
    let shown = reply.header("medlock-position").parse().ok();
    let position = reply.json()["position"].as_u64().or(shown);
    let done = matches!(reply.status, 200 | 201).then_some(position).flatten();
    ledger.lock().unwrap().facts.extend(done.map(|position| (position, kind)));
    done.is_some()
}

/// One client: does what patients and doctors do until the power goes. The answers end in the middle of it.
struct Client {
    door: Door,
    ana: Person,
    bo: Person,
    ledger: Ledger,
    seed: u64,
}

impl Client {
    async fn work(self) {
        for step in 0_u64.. {
            let went_on = match (self.seed + step) % 4 {
                0 => self.register(step).await,
                1 => self.grant().await,
                _ => self.upload_and_view(step).await,
            };
            if went_on.is_none() {
                return;
            }
        }
    }

    async fn post(&self, who: Option<&Person>, path: &str, body: Value) -> Option<Reply> {
        let request = match who {
            Some(who) => who.request(&self.door, reqwest::Method::POST, path),
            None => self.door.client.post(format!("{}{path}", self.door.url)),
        };
        Some(Reply::of(request.json(&body).send().await.ok()?).await)
    }

    /// A registration, up to the code.
    async fn register(&self, step: u64) -> Option<()> {
        let email = format!("p{}-{step}@example.org", self.seed);
        let body = json!({
            "name": "Pat Power", "birth_date": "1980-02-29", "email": email, "password": PASSWORD,
        });
        let asked = self.post(None, "/api/v1/patients", body).await?;
        if asked.status != 202 {
            return Some(());
        }
        let code = self.door.code_if_there(&email)?;
        let answer = json!({ "challenge": asked.text("challenge"), "code": code });
        let confirmed = self.post(None, "/api/v1/registrations/confirm", answer).await?;
        note(&self.ledger, &confirmed, "identity.login_claimed.v1");
        Some(())
    }

    async fn grant(&self) -> Option<()> {
        let path = format!("/api/v1/patients/{}/consents", self.ana.id);
        let body = all_for_treatment(&self.door, &self.bo.id);
        let asked = self.post(Some(&self.ana), &path, body.clone()).await?;
        if asked.code() != "step_up_required" {
            return Some(());
        }
        let (challenge, code) =
            (asked.text("challenge"), self.door.code_if_there(&self.ana.email)?);
        let request = self.ana.request(&self.door, reqwest::Method::POST, &path).json(&body);
        let step_up = format!("challenge={challenge}; code={code}");
        let sent = request.header("Medlock-Step-Up", step_up).send().await.ok()?;
        // Another client may have asked for a code meanwhile, and this one read that letter.
        note(&self.ledger, &Reply::of(sent).await, "consent.granted.v1");
        Some(())
    }

    /// A report, a token, a viewing, and its first page.
    async fn upload_and_view(&self, step: u64) -> Option<()> {
        let content = vec![b'a' + u8::try_from(self.seed % 26).unwrap(); 20_000 + step as usize];
        let path = format!("/api/v1/patients/{}/reports", self.ana.id);
        let body =
            json!({ "title": "Letter", "category": "consultation", "media_type": "text/plain" });
        let announced = self.post(Some(&self.ana), &path, body).await?;
        if announced.status != 201 {
            return Some(());
        }
        let request = self.ana.request(&self.door, reqwest::Method::PUT, "/api/v1/uploads");
        let request = request.header("Upload-Ticket", announced.text("ticket"));
        let uploaded = Reply::of(request.body(content.clone()).send().await.ok()?).await;
        if !note(&self.ledger, &uploaded, "records.report_uploaded.v1") {
            return Some(());
        }
        let report = uploaded.text("report");
        self.ledger.lock().unwrap().reports.insert(report.clone(), content);
        let path = format!("/api/v1/patients/{}/view-tokens", self.ana.id);
        let body = json!({ "report": report, "purpose": "TREAT" });
        let asked = self.post(Some(&self.bo), &path, body).await?;
        if !note(&self.ledger, &asked, "access.view_token_issued.v1") {
            return Some(());
        }
        let viewings = format!("/api/v1/patients/{}/viewings", self.ana.id);
        let body = json!({ "token": asked.text("token") });
        let viewing = self.post(Some(&self.bo), &viewings, body).await?;
        if !note(&self.ledger, &viewing, "access.record_viewed.v1") {
            return Some(());
        }
        let page = format!("{viewings}/{}/pages/1", viewing.text("viewing"));
        let request = self.bo.request(&self.door, reqwest::Method::GET, &page);
        let page = Reply::of(request.send().await.ok()?).await;
        // A picture that arrived was shown, whatever came of the connection afterwards.
        let shown = page.bytes.starts_with(b"\x89PNG");
        assert!(note(&self.ledger, &page, "access.page_shown.v1") || !shown, "shown, and not said");
        Some(())
    }
}

/// An installation whose power goes again and again.
struct Story {
    disk: VolatileDisk,
    ledger: Ledger,
    forgotten: Forgotten,
    settings: Vec<(&'static str, &'static str)>,
    people: Option<(Person, Person)>,
}

impl Story {
    fn begin(settings: &[(&'static str, &'static str)]) -> Self {
        let settings = SETTINGS.iter().chain(settings).copied().collect();
        let (ledger, forgotten) = (Ledger::default(), Forgotten::default());
        Self { disk: VolatileDisk::new(0), ledger, forgotten, settings, people: None }
    }

    fn data(&self) -> std::path::PathBuf {
        self.disk.mount().join("data")
    }

    /// Under load until the power goes at a moment that `round` draws, and on again.
    async fn round(&mut self, round: u64) {
        let server = ServerProcess::start_with(&self.data(), &self.settings);
        if self.people.is_none() {
            let link = server.link.clone().unwrap();
            let (ana, bo, _cy) = server.cast_with(&link).await;
            ana.grant(&server, all_for_treatment(&server, &bo.id)).await.expect(201);
            // What came before the load is not what this story asks about.
            run(Command::new("sync").arg("-f").arg(self.disk.mount()));
            self.people = Some((ana, bo));
        }
        let (ana, bo) = self.people.clone().unwrap();
        let client = |i: u64| {
            let (door, ledger) = ((*server).clone(), self.ledger.clone());
            let seed = round * CLIENTS + i;
            let client = Client { door, ana: ana.clone(), bo: bo.clone(), ledger, seed };
            tokio::spawn(client.work())
        };
        let clients: Vec<_> = (0..CLIENTS).map(client).collect();
        self.wait_for_real_work(round).await;
        self.disk.cut(round % 3 != UNTORN);
        server.kill();
        for client in clients {
            client.await.unwrap();
        }
        let Forgotten { lost, kept } = self.disk.switch_off();
        self.forgotten.lost += lost;
        self.forgotten.kept += kept;
        self.disk.switch_on(round + 1);
    }

    /// The wait of this story: the cut must fall into the middle of real work, however slow the machine, and
    /// at another point of it each time.
    async fn wait_for_real_work(&self, round: u64) {
        let hash = blake3::hash(&round.to_le_bytes());
        let random = |at: usize| u64::from(hash.as_bytes()[at]);
        let acknowledged = || self.ledger.lock().unwrap().facts.len() as u64;
        let enough = acknowledged() + 4 + random(0) % 16;
        let began = std::time::Instant::now();
        while acknowledged() < enough && began.elapsed() < Duration::from_secs(30) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_micros(random(1) * 200)).await;
    }

    /// What was acknowledged and is not there, as the log lies on the disk.
    async fn lost(&self) -> Vec<(u64, &'static str)> {
        let path = self.data().join("events.db");
        let Ok(store) = SqliteEventStore::open_read_only(&path, 1).await else {
            return self.ledger.lock().unwrap().facts.clone();
        };
        let lines = store.read_all(Position(0), usize::MAX >> 1).await.unwrap_or_default();
        store.close().await;
        let kind = |line: &domain::journal::Line| line.recorded().map(|recorded| recorded.fact);
        let facts: Vec<Option<Fact>> = lines.iter().map(|line| kind(line).ok()).collect();
        let there = |(position, kind): &(u64, &'static str)| {
            let found = usize::try_from(*position).ok().and_then(|at| facts.get(at)?.as_ref());
            found.is_some_and(|fact| fact.kind() == *kind)
        };
        let acknowledged = self.ledger.lock().unwrap();
        acknowledged.facts.iter().filter(|fact| !there(fact)).copied().collect()
    }
}

fn run(command: &mut Command) {
    assert!(command.status().is_ok_and(|status| status.success()), "{command:?} failed");
}

#[track_caller]
fn verifies(data: &Path, round: u64) {
    let verified = Command::new(medlock()).args(["verify", "--data"]).arg(data).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stdout);
    assert_eq!(verified.status.code(), Some(0), "cut {round}: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_power_goes_under_load_nothing_acknowledged_is_lost() {
    let cuts = sized(CUTS.0, CUTS.1);
    let mut story = Story::begin(&[]);
    for round in 0..cuts {
        story.round(round).await;
        verifies(&story.data(), round);
        assert_eq!(story.lost().await, [], "acknowledged before cut {round}");
    }
    let server = ServerProcess::start_with(&story.data(), &story.settings);
    let (ana, _) = story.people.clone().unwrap();
    let sent = std::mem::take(&mut story.ledger.lock().unwrap().reports);
    for (report, content) in &sent {
        let path = format!("/api/v1/patients/{}/reports/{report}/content", ana.id);
        assert!(&ana.get(&server, &path).await.expect(200).bytes == content, "{report}");
    }
    let Forgotten { lost, kept } = story.forgotten;
    let acknowledged = story.ledger.lock().unwrap().facts.len();
    println!(
        "{cuts} cuts, {acknowledged} facts and {} reports acknowledged, none lost; of the sectors that \
         were not flushed {lost} were lost and {kept} were kept",
        sent.len()
    );
    assert!(acknowledged as u64 >= cuts * 4, "the load was real");
    // Of a few cuts each may fall between two flushes; that the disk does forget is what the control shows.
    assert!(
        cuts <= CUTS.0 || (lost > 0 && kept > 0),
        "the disk forgot nothing: the cuts were none"
    );
    server.kill();
}

/// The control: with every flush left out (Debian's libeatmydata), the same cuts must lose something.
#[tokio::test(flavor = "multi_thread")]
async fn without_flushes_the_same_cuts_lose_what_was_acknowledged() {
    let mut story = Story::begin(&[("LD_PRELOAD", "libeatmydata.so")]);
    // Not torn: of a file system that was never flushed, torn sectors may leave nothing to look at.
    story.round(UNTORN).await;
    let lost = story.lost().await;
    println!("without flushes, {} of {} were lost", lost.len(), {
        story.ledger.lock().unwrap().facts.len()
    });
    assert!(!lost.is_empty(), "the disk keeps what nobody flushed: the cuts prove nothing");
}
