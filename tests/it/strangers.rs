//! What strangers can do to somebody whose address they know: nothing that keeps the person out, and nothing
//! that the person, the admin or a patient would have to read.

use std::time::Duration;

use commands::execute::Caller;
use commands::identity::open_session::OpenSession;
use commands::identity::register_doctor::RegisterDoctor;
use domain::actor::Actor;
use domain::identity::event::Client;
use domain::identity::specialty::Specialty;
use domain::ids::{DoctorId, SessionId};
use domain::personal_text::PersonalText;
use domain::samples;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::PASSWORD;
use tests::door::Reply;

/// A machine of this network: each loopback address is a source of its own.
struct Machine<'a> {
    app: &'a TestApp,
    client: reqwest::Client,
}

impl<'a> Machine<'a> {
    fn at(app: &'a TestApp, number: u8) -> Self {
        let from = format!("127.0.0.{number}").parse().expect("an address");
        let client =
            reqwest::Client::builder().local_address(Some(from)).build().expect("a client");
        Self { app, client }
    }

    async fn post(&self, path: &str, body: &Value) -> Reply {
        Reply::to(self.client.post(format!("{}{path}", self.app.url)).json(body)).await
    }

    async fn log_in(&self, email: &str, password: &str) -> Reply {
        let body = json!({ "email": email, "password": password, "client": "browser" });
        self.post("/api/v1/sessions", &body).await
    }

    /// The code that was just sent opens a session.
    async fn answer(&self, asked: Reply, email: &str) {
        let challenge = asked.expect(202).text("challenge");
        let code = self.app.code(email);
        let body = json!({ "challenge": challenge, "code": code, "client": "browser" });
        self.post("/api/v1/sessions/second-factor", &body).await.expect(201);
    }

    /// Asks again and again until there is too much of it. Answers how often it went well.
    async fn until_refused(&self, path: &str, body: &Value) -> usize {
        for count in 0.. {
            if self.post(path, body).await.status == 429 {
                return count;
            }
        }
        unreachable!("a counter that ends")
    }
}

fn doctor(name: &str, email: &str) -> Value {
    json!({
        "name": name, "email": email, "password": PASSWORD, "licence": "L-1",
        "issuer": "Medical Chamber", "specialty": "radiology", "specialty_text": "Radiology",
    })
}

const CONFIRM: &str = "/api/v1/registrations/confirm";
const BO: &str = "bo@example.org";

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_logs_in_while_a_stranger_spends_every_budget_on_that_address() {
    let app = TestApp::start_with(|config| {
        config.rates.letters_per_minute = 1;
        config.rates.logins_per_minute = 10;
    })
    .await;
    let (ana, bo, _) = app.cast().await;
    app.later(Duration::from_secs(600));
    let (here, elsewhere) = (Machine::at(&app, 1), Machine::at(&app, 2));
    // Registrations with the address, from another machine and from the doctor's own network.
    let registered = elsewhere.until_refused("/api/v1/doctors", &doctor("Mallory", BO)).await;
    assert_eq!(registered, 10, "letters to one address");
    assert_eq!(here.until_refused("/api/v1/doctors", &doctor("Mallory", BO)).await, 0);
    // Made-up codes, from there too.
    let made_up = json!({ "challenge": "0198c0de-0000-7000-8000-000000000000", "code": "000000" });
    assert_eq!(here.until_refused(CONFIRM, &made_up).await, 10);
    let mut made_up = made_up;
    made_up["client"] = json!("browser");
    assert_eq!(here.until_refused("/api/v1/sessions/second-factor", &made_up).await, 0);
    // Passwords, until everybody who comes from somewhere new is told to wait.
    let guessed = guess_from_everywhere(&app, BO, 10..=30).await;
    assert_eq!(guessed, 30, "the ceiling over all sources");
    // The doctor, from where they always log in: at once.
    here.answer(here.log_in(BO, PASSWORD).await, BO).await;
    // From somewhere new: after the wait they are told, whatever the stranger does meanwhile.
    let new = Machine::at(&app, 99);
    let told = new.log_in(BO, PASSWORD).await.refused(429, "login_crowded");
    let wait = Duration::from_secs(told.header("retry-after").parse().unwrap());
    assert_eq!(wait, Duration::from_secs(30));
    app.later(wait);
    assert_eq!(guess_from_everywhere(&app, BO, 31..=60).await, 0);
    new.answer(new.log_in(BO, PASSWORD).await, BO).await;
    // From now on that is no new place any more.
    new.answer(new.log_in(BO, PASSWORD).await, BO).await;
    // The budget of what a signed-in person asks for is another one, too.
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let asked = ana.post(&app, &path, tests::cast::all_for_treatment(&app, &bo.id)).await;
    asked.refused(403, "step_up_required");
}

/// Wrong passwords from many machines, as many as each may try at once. Answers how many were judged.
async fn guess_from_everywhere(
    app: &TestApp,
    email: &str,
    machines: std::ops::RangeInclusive<u8>,
) -> usize {
    let mut judged = 0;
    for number in machines {
        let machine = Machine::at(app, number);
        loop {
            match machine.log_in(email, "wrong").await.code().as_str() {
                "wrong_credentials" => judged += 1,
                "login_slowed" | "login_crowded" => break,
                other => panic!("{other}"),
            }
        }
    }
    judged
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_nobody_has_is_as_crowded_as_one_that_somebody_has() {
    let app = TestApp::start().await;
    app.patient("Ana Acker", "ana@example.org").await;
    let mut told = Vec::new();
    for email in ["ana@example.org", "nobody@example.org"] {
        assert_eq!(guess_from_everywhere(&app, email, 2..=20).await, 30, "{email}");
        let crowded = Machine::at(&app, 99).log_in(email, PASSWORD).await;
        let crowded = crowded.refused(429, "login_crowded");
        told.push((crowded.header("retry-after"), crowded.without_trace()));
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_guesses_at_once_no_more_are_judged_than_one_after_the_other() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let here = Machine::at(&app, 1);
    let guesses = join_all((0..50).map(|_| here.log_in(&ana.email, "wrong"))).await;
    let judged = guesses.iter().filter(|reply| reply.code() == "wrong_credentials").count();
    let slowed = guesses.iter().filter(|reply| reply.code() == "login_slowed").count();
    assert_eq!((judged, slowed), (4, 46));
    let failed = app.kinds().await.into_iter().filter(|kind| *kind == "identity.login_failed.v1");
    assert_eq!(failed.count(), 4);
    // As many right ones are all let in.
    app.later(Duration::from_secs(2));
    let right = join_all((0..50).map(|_| here.log_in(&ana.email, PASSWORD))).await;
    assert_eq!(right.iter().filter(|reply| reply.status == 201).count(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_guesses_from_a_hundred_places_at_once_no_more_are_judged_than_the_ceiling() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let machines: Vec<_> = (2..=101).map(|number| Machine::at(&app, number)).collect();
    let guesses = machines.iter().map(|machine| machine.log_in(&ana.email, "wrong"));
    let guesses = join_all(guesses).await;
    let judged = guesses.iter().filter(|reply| reply.code() == "wrong_credentials").count();
    let crowded = guesses.iter().filter(|reply| reply.code() == "login_crowded").count();
    assert!(judged <= 30 && judged + crowded == 100, "{judged} {crowded}");
    Machine::at(&app, 1).log_in(&ana.email, PASSWORD).await.expect(201);
}

/// How many challenges, and whatever waits for their answers, the work store holds.
async fn challenges(app: &TestApp) -> i64 {
    let path = app.data().join("work.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).read_only(true);
    let pool = sqlx::sqlite::SqlitePool::connect_with(options).await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM challenges");
    count.fetch_one(&pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_nobody_confirms_is_gone_and_no_event_key_or_queue_knew_of_it() {
    let app = TestApp::start_with(|config| config.rates.letters_per_minute = 1).await;
    let (_, _, cy) = app.cast().await;
    let before = (app.log().await.len(), keys(&app).await);
    let stranger = Machine::at(&app, 2);
    let form = doctor("Dr Click Here", "victim@example.org");
    assert_eq!(stranger.until_refused("/api/v1/doctors", &form).await, 10);
    assert_eq!(challenges(&app).await, 10, "what the limit refused was never written");
    assert_eq!(before, (app.log().await.len(), keys(&app).await));
    let queue = cy.list(&app, "/api/v1/admin/verifications").await.expect(200);
    assert_eq!(queue.json()["total"], 0);
    assert_eq!(app.letters().len(), 10);
    let written = std::fs::read(app.data().join("work.db-wal")).unwrap();
    let is_in = |word: &str| written.windows(word.len()).any(|part| part == word.as_bytes());
    assert!(!is_in("Dr Click Here") && !is_in("victim@example.org"), "it is sealed");

    app.later(Duration::from_secs(300));
    app.inside.step_up.sweep().await.unwrap();
    assert_eq!((challenges(&app).await, app.letters().len()), (0, 0));
}

/// How many keys the vault holds.
async fn keys(app: &TestApp) -> i64 {
    let path = app.data().join("vault.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).read_only(true);
    let pool = sqlx::sqlite::SqlitePool::connect_with(options).await.unwrap();
    let sql = "SELECT (SELECT count(*) FROM subject_keys) + (SELECT count(*) FROM stream_keys)";
    sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
}

/// As an installation of an earlier version may hold them.
#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_who_could_never_log_in_is_in_no_queue_and_verified_by_nobody() {
    let app = TestApp::start().await;
    let (_, _, cy) = app.cast().await;
    let doctor = DoctorId::new(app.inside.fresh.uuid());
    let account = Actor::Doctor(doctor);
    let caller = || Caller::new(account, app.inside.fresh.request());
    let session = SessionId::new(app.inside.fresh.uuid());
    let (client, practice, until) = (Client::Browser, None, app.now());
    // Whatever is written first under a new account's key makes that key.
    let open = OpenSession { session, account, client, practice, until };
    app.inside.executor.execute(&open, caller()).await.unwrap();
    let words = || PersonalText::clear("never@example.org");
    let register = RegisterDoctor {
        doctor,
        name: words(),
        email: words(),
        licence: words(),
        issuer: words(),
        specialty: Specialty::Other,
        specialty_text: words(),
        key: samples::doctor_registered().key,
    };
    app.inside.executor.execute(&register, caller()).await.unwrap();
    let queue = cy.list(&app, "/api/v1/admin/verifications").await.expect(200);
    assert_eq!(queue.json()["total"], 0);
    let step = json!({ "step": "verify", "note": "register entry seen" });
    let path = format!("/api/v1/doctors/{doctor}/standing");
    cy.post(&app, &path, step).await.refused(409, "address_not_confirmed");
    let waiting = app.pending_doctor("Dr Dee Dorn", "dee@example.org").await;
    let queue = cy.list(&app, "/api/v1/admin/verifications").await.expect(200);
    assert_eq!(queue.json()["total"], 1);
    app.standing(&cy, &waiting, "verify").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stranger_calls_themselves_stands_in_no_patients_history() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    let stranger = app.pending_doctor("Call 555-0100 now", "eve@example.org").await;
    stranger.ask(&app, &ana.id, &report).await.refused(403, "only_a_verified_doctor");
    bo.ask(&app, &ana.id, &report).await.refused(404, "not_found");
    let told = ana.history(&app).await;
    assert_eq!(
        told[1],
        "A doctor who is not verified asked to open *Letter* for treatment and was refused: only a \
         verified doctor who is not suspended may see a report."
    );
    assert!(told[0].starts_with("Dr Bo Berg asked to open *Letter*"), "{}", told[0]);
    let path = format!("/api/v1/patients/{}/access-history", ana.id);
    let whole = ana.list(&app, &path).await.expect(200);
    assert!(!String::from_utf8_lossy(&whole.bytes).contains("555-0100"));
    // Once the organisation vouches for them the patient reads who it was; a suspension hides nobody.
    app.standing(&cy, &stranger, "verify").await.expect(200);
    assert!(ana.history(&app).await[1].starts_with("Call 555-0100 now asked"));
    app.standing(&cy, &stranger, "suspend").await.expect(200);
    assert!(ana.history(&app).await[1].starts_with("Call 555-0100 now asked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_gone_once_its_code_was_answered_or_is_over() {
    let app = TestApp::start().await;
    app.cast().await;
    assert_eq!(app.letters(), Vec::<String>::new(), "every code was answered");
    let here = Machine::at(&app, 1);
    let asked = here.log_in(BO, PASSWORD).await.expect(202);
    let names: Vec<_> = std::fs::read_dir(app.data().join("outbox")).unwrap().collect();
    let name = names[0].as_ref().unwrap().file_name().into_string().unwrap();
    let challenge = asked.text("challenge").replace('-', "");
    assert!(name.len() == 36 && !challenge.contains(&name[..8]), "{name} tells nothing");
    let letter = app.letter(BO);
    assert!(letter.contains("Expires: 2026-11-23T08:05:00.000000Z\n"), "{letter}");
    app.later(Duration::from_secs(299));
    app.inside.step_up.sweep().await.unwrap();
    assert_eq!(app.letters().len(), 1);
    app.later(Duration::from_secs(1));
    app.inside.step_up.sweep().await.unwrap();
    assert_eq!(app.letters().len(), 0);
}
