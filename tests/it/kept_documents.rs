//! A document that stays open between two pages of a viewing: each page is still an event with its permit,
//! the report is opened for each, and the document goes when the viewing does, whoever ends it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use domain::time::minutes;
use reqwest::Method;
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tests::door::Reply;
use tests::process::ServerProcess;

const LETTER: (&str, &str, &str) = ("Letter", "consultation", "text/plain");
const THREE: &[u8] = b"first\x0csecond, a little longer\x0cthird";

/// Ana, Bo, the admin, and Ana's letter of three pages.
struct Clinic {
    ana: Person,
    bo: Person,
    cy: Person,
    report: String,
}

impl Clinic {
    async fn at(app: &TestApp) -> Self {
        let (ana, bo, cy) = app.cast().await;
        let report = ana.upload(app, &ana.id, LETTER, THREE.to_vec()).await.expect(201);
        Self { ana, bo, cy, report: report.text("report") }
    }

    /// Ana's consent, and a viewing of Bo's.
    async fn viewing(&self, app: &TestApp) -> (String, String) {
        let granted = self.ana.grant(app, all_for_treatment(app, &self.bo.id)).await.expect(201);
        let viewing = self.bo.open(app, &self.ana.id, &self.report).await;
        (granted.text("consent"), viewing)
    }

    async fn page(&self, app: &TestApp, viewing: &str, page: u32) -> Reply {
        self.bo.page(app, &self.ana.id, viewing, page).await
    }

    /// Ends a viewing in one of the ways there are.
    async fn end(&mut self, app: &TestApp, end: &str, (consent, viewing): &(String, String)) {
        let Self { ana, bo, cy, .. } = self;
        match end {
            "revoke" => {
                ana.revoke(app, consent).await.expect(200);
            }
            "close" => {
                let path = format!("/api/v1/patients/{}/viewings/{viewing}", ana.id);
                bo.delete(app, &path).await.expect(200);
            }
            "log out" => {
                bo.delete(app, &format!("/api/v1/sessions/{}", bo.session)).await.expect(200);
            }
            "expire" => app.later(minutes(16)),
            _ => {
                app.standing(cy, bo, "suspend").await.expect(200);
            }
        }
    }
}

async fn until_none_is_open(app: &TestApp, why: &str) {
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(15);
    while app.inside.viewing.open_documents() > 0 {
        assert!(std::time::Instant::now() < patience, "{why}: the document is still open");
        tokio::task::yield_now().await;
    }
}

fn shown(kinds: &[&str]) -> usize {
    kinds.iter().filter(|kind| **kind == "access.page_shown.v1").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_a_viewing_closes_its_document_though_nobody_asks_for_a_page() {
    let app = TestApp::start().await;
    let mut clinic = Clinic::at(&app).await;
    for (pages, end) in ["close", "revoke", "log out", "expire", "suspend"].iter().enumerate() {
        let viewing = clinic.viewing(&app).await;
        clinic.page(&app, &viewing.1, 1).await.expect(200);
        assert_eq!(app.inside.viewing.open_documents(), 1, "{end}");
        clinic.end(&app, end, &viewing).await;
        until_none_is_open(&app, end).await;
        assert_ne!(clinic.page(&app, &viewing.1, 2).await.status, 200, "{end}");
        assert_eq!(shown(&app.kinds().await), pages + 1, "{end}");
        if *end == "log out" {
            clinic.bo = app.log_in(&clinic.bo.email).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_an_open_document_has_its_own_event_and_opens_the_report_anew() {
    let app = TestApp::start().await;
    let clinic = Clinic::at(&app).await;
    let (_, viewing) = clinic.viewing(&app).await;
    let mut events = Vec::new();
    for page in [1, 2, 3, 2] {
        let answer = clinic.page(&app, &viewing, page).await.expect(200);
        events.push(answer.header("medlock-event"));
        assert_eq!(shown(&app.kinds().await), events.len());
    }
    events.sort();
    events.dedup();
    assert_eq!((events.len(), app.inside.viewing.open_documents()), (4, 1));
    // A part of one of these pages comes of the open document, too, and adds no event.
    let part = format!(
        "/api/v1/patients/{}/viewings/{viewing}/pages/2?region=pct:0,0,50,50",
        clinic.ana.id
    );
    clinic.bo.get(&app, &part).await.expect(200);
    assert_eq!((shown(&app.kinds().await), app.inside.viewing.open_documents()), (4, 1));

    // What cannot be opened any more is not shown, though a process has it still.
    for file in files(&app.data().join("blobs")) {
        fs::rename(&file, file.with_extension("away")).unwrap();
    }
    let refused = clinic.page(&app, &viewing, 2).await;
    assert_ne!(refused.status, 200);
    assert_eq!(app.kinds().await.last(), Some(&"access.page_not_drawn.v1"));
}

fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_comes_as_the_client_takes_it() {
    let app = TestApp::start().await;
    let clinic = Clinic::at(&app).await;
    let (_, viewing) = clinic.viewing(&app).await;
    let path = format!("/api/v1/patients/{}/viewings/{viewing}/pages/1", clinic.ana.id);
    for (accept, media_type, magic) in [
        (None, "image/png", &b"\x89PNG"[..]),
        (Some("*/*"), "image/png", b"\x89PNG"),
        (Some("image/avif,image/webp,*/*;q=0.8"), "image/webp", b"RIFF"),
    ] {
        let request = clinic.bo.request(&app, Method::GET, &path);
        let request = match accept {
            Some(accept) => request.header("Accept", accept),
            None => request,
        };
        let answer = Reply::of(request.send().await.unwrap()).await.expect(200);
        assert_eq!(
            (answer.header("content-type"), answer.header("vary")),
            (media_type.into(), "Accept".into())
        );
        assert!(answer.bytes.starts_with(magic), "{accept:?}");
    }
}

/// Processes whose parent is this one and that draw or wait to.
fn drawing_processes_of(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_one = |id: &u32| {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let words = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        status.contains(&format!("\nPPid:\t{parent}\n"))
            && words.split(|byte| *byte == 0).nth(1) == Some(b"draw-page")
    };
    ids.filter(is_one).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_wait_end_with_the_service_however_it_ends() {
    for signal in ["TERM", "KILL"] {
        let folder = tempfile::tempdir().unwrap();
        let mut server = ServerProcess::start(&folder.path().join("data"));
        let pid = server.pid();
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(15);
        let waiting = loop {
            let waiting = drawing_processes_of(pid);
            if waiting.len() == 2 {
                break waiting;
            }
            assert!(std::time::Instant::now() < patience, "{waiting:?}");
            tokio::task::yield_now().await;
        };
        let told = Command::new("kill").args([&format!("-{signal}"), &pid.to_string()]).status();
        assert!(told.unwrap().success());
        let code = server.wait();
        assert_eq!(code, (signal == "TERM").then_some(0), "{signal}");
        while waiting.iter().any(|id| {
            let words = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            words.split(|byte| *byte == 0).nth(1) == Some(b"draw-page")
        }) {
            assert!(std::time::Instant::now() < patience, "{signal}: they live on");
            tokio::task::yield_now().await;
        }
    }
}
