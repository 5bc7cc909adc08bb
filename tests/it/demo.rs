//! The demo, as the real binary: what it says, what it leaves behind, and that nobody's words stand on
//! the disk.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use api::config::Config;
use api::wiring::{App, World};
use infra::clock::SystemClock;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _};
use synthetic::demo::cast::{ADMIN, DOCTORS, DemoPerson, PASSWORD, PATIENTS, reports_of, words};
use tests::door::{Door, Reply};
use tests::leak_scan::{FORMS, LeakScan, files, written};
use tests::program::medlock;

fn demo(data: Option<&Path>, more: &[&str]) -> Command {
    let mut command = Command::new(medlock());
    command.arg("demo").args(more).env("MEDLOCK_LOG", "trace");
    if let Some(data) = data {
        command.arg("--data").arg(data);
    }
    command
}

/// A running demo and what it printed.
struct Demo {
    child: Child,
    printed: Vec<String>,
    door: Door,
}

impl Demo {
    fn start(data: &Path, log: &Path) -> Self {
        let log = std::fs::File::create(log).unwrap();
        let mut command = demo(Some(data), &["--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut printed = Vec::new();
        for line in stdout.lines().map_while(Result::ok) {
            let last = line.starts_with("Ctrl-C");
            printed.push(line);
            if last {
                break;
            }
        }
        let answers =
            printed.iter().find_map(|line| line.strip_prefix("Medlock answers at http://"));
        let address = answers.and_then(|rest| rest.split('/').next()?.parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            panic!("the demo did not say where it answers: {printed:#?}");
        };
        let door = Door::new(address, data, Arc::new(SystemClock));
        Self { child, printed, door }
    }

    /// Presses Ctrl-C.
    fn interrupt(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // A test that failed must not leave a server behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody who is signed in with a program, and every secret that was handed out to them.
struct Visitor<'a> {
    door: &'a Door,
    token: String,
    account: String,
    secrets: Vec<String>,
    codes: Vec<String>,
}

impl<'a> Visitor<'a> {
    async fn log_in(door: &'a Door, person: &DemoPerson, client: &str) -> Self {
        let body = json!({ "email": person.email, "password": PASSWORD, "client": client });
        let mut reply = door.post("/api/v1/sessions", body).await;
        let mut codes = Vec::new();
        if reply.status == 202 {
            let challenge = reply.text("challenge");
            let code = door.code(person.email);
            codes.push(code.clone());
            let answer = json!({ "challenge": challenge, "code": code, "client": client });
            reply = door.post("/api/v1/sessions/second-factor", answer).await;
        }
        let reply = reply.expect(201);
        let cookie = reply.header("set-cookie");
        let cookie = cookie.split([';', '=']).nth(1).map(str::to_owned);
        let json = reply.json();
        let held = ["csrf_token", "access_token", "refresh_token"];
        let held = held.iter().filter_map(|name| json[name].as_str()).map(str::to_owned);
        let secrets = held.chain(cookie).collect();
        let token = json["access_token"].as_str().unwrap_or_default().to_owned();
        Self { door, token, account: reply.text("account"), secrets, codes }
    }

    fn id(&self) -> &str {
        &self.account
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let url = format!("{}/api/v1/{path}", self.door.url);
        let request = self.door.client.request(method, url).bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        Reply::of(request.send().await.unwrap()).await
    }

    async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, None).await.expect(200).json()
    }

    /// Uploads a note of their own.
    async fn upload(&mut self, title: &str) {
        let body = json!({ "title": title, "category": "other", "media_type": "text/plain" });
        let path = format!("patients/{}/reports", self.id());
        let announced = self.send(Method::POST, &path, Some(body)).await.expect(201);
        let ticket = announced.text("ticket");
        let url = format!("{}/api/v1/uploads", self.door.url);
        let request = self.door.client.put(url).bearer_auth(&self.token);
        let request = request.header("Upload-Ticket", &ticket).body(title.to_owned());
        Reply::of(request.send().await.unwrap()).await.expect(201);
        self.secrets.push(ticket);
    }

    /// Looks at the first page of the first report of the first patient.
    async fn look(&mut self) {
        let patients = self.get("me/patients").await;
        let patient = patients["items"][0]["patient"].as_str().unwrap().to_owned();
        let reports = self.get(&format!("patients/{patient}/reports")).await;
        let body = json!({ "report": reports["items"][0]["report"], "purpose": "TREAT" });
        let path = format!("patients/{patient}/view-tokens");
        let token = self.send(Method::POST, &path, Some(body)).await.expect(201).text("token");
        let path = format!("patients/{patient}/viewings");
        let body = json!({ "token": token });
        let viewed = self.send(Method::POST, &path, Some(body)).await.expect(201);
        let path = format!("patients/{patient}/viewings/{}/pages/1", viewed.text("viewing"));
        let page = self.send(Method::GET, &path, None).await.expect(200);
        assert!(page.bytes.starts_with(b"\x89PNG"));
        self.secrets.push(token);
    }
}

/// A title that is not in the cast's list: what is typed while the demo runs is as private.
const TYPED: &str = "Questions about the Zygomorphic appointment";

/// Does what visitors do, and answers every secret and every code that was handed out.
async fn visit(door: &Door) -> (Vec<String>, Vec<String>) {
    let mut patient = Visitor::log_in(door, &PATIENTS[0], "machine").await;
    patient.upload(TYPED).await;
    let history = patient.get(&format!("patients/{}/access-history", patient.id())).await;
    assert!(history["total"].as_u64().unwrap() >= 20, "{history}");
    let browser = Visitor::log_in(door, &PATIENTS[1], "browser").await;
    assert_eq!(browser.secrets.len(), 2);
    let mut doctor = Visitor::log_in(door, &DOCTORS[0].person, "machine").await;
    doctor.look().await;
    let admin = Visitor::log_in(door, &ADMIN, "machine").await;
    let queue = admin.get("admin/verifications").await;
    assert_eq!(queue["total"], 1);
    let secrets = [patient.secrets, browser.secrets, doctor.secrets, admin.secrets].concat();
    (secrets, [doctor.codes, admin.codes].concat())
}

/// Everything that must not stand on the disk.
fn leak_scan(secrets: &[String], codes: &[String]) -> LeakScan {
    let mut leak_scan = LeakScan::default();
    words().iter().for_each(|word| leak_scan.text(word));
    ["Zygomorphic", TYPED].iter().for_each(|word| leak_scan.text(word));
    assert_eq!(codes.len(), 2, "the doctor's and the admin's");
    codes.iter().for_each(|code| leak_scan.text(code));
    secrets.iter().for_each(|secret| leak_scan.secret("a secret", secret));
    for (person, report) in
        PATIENTS.iter().flat_map(|p| reports_of(p, &ADMIN).into_iter().map(move |r| (p, r)))
    {
        // From the middle: what documents of one kind share stands at their ends.
        let middle = report.bytes.len() / 2;
        let what = format!("a part of {} of {}", report.title, person.name);
        leak_scan.bytes(&what, &report.bytes[middle..middle + 24]);
    }
    leak_scan
}

#[track_caller]
fn none(when: &str, findings: Vec<String>) {
    assert!(findings.is_empty(), "{when}, found {}:\n{}", findings.len(), findings.join("\n"));
}

/// Moves what stands in every write-ahead log into its database.
async fn checkpoint(data: &Path) {
    for path in files(data, &[]) {
        if path.extension().is_some_and(|ending| ending == "db") {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
            let mut database = options.connect().await.unwrap();
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut database).await.unwrap();
            database.close().await.unwrap();
        }
    }
}

/// Opens the installation once more, and makes its read models anew.
async fn rebuild(data: &Path) {
    let config = Config::of(data, "127.0.0.1:0".parse().unwrap());
    let app = App::open(&config, World::real().unwrap()).await.unwrap();
    assert!(app.models.rebuild().await.unwrap() > 0);
    app.close().await;
}

/// A search that finds nothing proves nothing unless it can find: each form of a word, in a copy.
fn the_search_finds(leak_scan: &LeakScan, home: &Path, data: &Path) {
    let copy = home.join("copy");
    std::fs::create_dir(&copy).unwrap();
    let whole = std::fs::read(data.join("vault.db")).unwrap();
    for (form, bytes) in FORMS.iter().zip(written(ADMIN.name.as_bytes())) {
        let mut planted = whole.clone();
        let middle = planted.len() / 2;
        planted[middle..middle + bytes.len()].copy_from_slice(&bytes);
        std::fs::write(copy.join("vault.db"), planted).unwrap();
        let found = leak_scan.in_folder(&copy, &[]);
        assert!(found.iter().any(|finding| finding.contains(ADMIN.name)), "{form}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobodys_words_stand_on_the_disk() {
    let home = tempfile::tempdir().unwrap();
    // The log stands beside the data: what is said in it is looked at like a file of the installation.
    let (data, log) = (home.path().join("data"), home.path().join("log.txt"));
    let demo = Demo::start(&data, &log);
    assert!(demo.printed.len() <= 40, "{:#?}", demo.printed);
    assert!(demo.printed.iter().any(|line| line.contains("ALL OF THIS IS SYNTHETIC")));
    let (secrets, codes) = visit(&demo.door).await;
    // More than thirty codes were answered on the way; whatever was in their letters is gone with them.
    assert_eq!(demo.door.letters(), Vec::<String>::new());
    assert!(secrets.len() >= 8, "{}", secrets.len());
    let mut leak_scan = leak_scan(&secrets, &codes);
    assert!(files(&data, &[]).len() > 40);
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(said.contains("TRACE") && said.contains("/api/v1/sessions"), "{} bytes", said.len());
    none("while it runs", leak_scan.in_folder(home.path(), &[]));

    demo.interrupt();
    let key = std::fs::read(data.with_added_extension("key")).unwrap();
    checkpoint(&data).await;
    rebuild(&data).await;
    checkpoint(&data).await;
    none("rebuilt", leak_scan.in_folder(home.path(), &[]));
    leak_scan.bytes("the master key", &key);
    none("its key", leak_scan.in_folder(home.path(), &["data.key"]));
    the_search_finds(&leak_scan, home.path(), &data);

    let verified = Command::new(medlock()).args(["verify", "--data"]).arg(&data).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    let again = demo_once(Some(&data), home.path());
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("holds an earlier demo"));
}

fn demo_once(data: Option<&Path>, temporary: &Path) -> Output {
    demo(data, &["--once"]).env("TMPDIR", temporary).output().unwrap()
}

#[test]
fn a_demo_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().unwrap();
    let made = demo_once(None, temporary.path());
    let printed = String::from_utf8_lossy(&made.stdout);
    assert!(made.status.success(), "{printed}{}", String::from_utf8_lossy(&made.stderr));
    for person in PATIENTS.iter().chain(DOCTORS.iter().map(|doctor| &doctor.person)) {
        assert!(printed.contains(person.email), "{printed}");
    }
    let left: Vec<PathBuf> = files(temporary.path(), &[]);
    assert!(left.is_empty(), "{left:?}");
}

/// The commands of the README that begin with a function: what a reader pastes into a terminal.
fn pasted() -> String {
    let readme = include_str!("../../README.md");
    let lines = readme.lines().skip_while(|line| !line.starts_with("    api() {"));
    let lines = lines.map_while(|line| line.strip_prefix("    "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_the_readme_shows_shows_a_page() {
    let home = tempfile::tempdir().unwrap();
    let demo = Demo::start(&home.path().join("demo"), &home.path().join("log.txt"));
    let commands = pasted();
    assert!(commands.lines().count() >= 8, "{commands}");
    let here = demo.door.url().trim_start_matches("http://");
    let commands = commands.replace("127.0.0.1:8480", here);
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", &commands]).current_dir(home.path());
    let done = shell.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let page = std::fs::read(home.path().join("page.png")).unwrap();
    assert!(page.starts_with(b"\x89PNG"), "{}", String::from_utf8_lossy(&page));
    demo.interrupt();
}
