//! Processes that wait for a document, and documents that wait for the next page: as confined as any other,
//! for one viewing, and nobody's page fails when one of them is gone.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::access::event::PageShown;
use domain::access::policy::{AccessPermit, Durable, PermittedViewing};
use domain::actor::Actor;
use domain::ids::{DoctorId, ReportId, StreamName, ViewingId};
use domain::samples::{self, ANA, BO, EVE};
use infra::rasteriser::KeepLimits;
use uuid::Uuid;

use super::*;

/// Much more than a process takes that waits: its own memory, apart from the program's pages.
const WAITING_BYTES_MAX: u64 = 48 << 20;

const AMPLE: KeepLimits =
    KeepLimits { documents_max: 8, bytes_max: 1 << 30, idle_max: Duration::from_secs(600) };

fn rasteriser(program: PathBuf, waiting: usize, kept: KeepLimits) -> ChildRasteriser {
    let drawing = ChildRasteriser::new(program, DrawingLimits::default());
    drawing.keeping(kept).with_waiting(waiting).unwrap()
}

/// A viewing as the permit of one of its pages says it.
fn viewing_by(doctor: DoctorId, report: u128, viewing: u128) -> PermittedViewing {
    let (report, viewing) = (Uuid::from_u128(report), Uuid::from_u128(viewing));
    let (report, viewing) = (ReportId::new(report), ViewingId::new(viewing));
    let fact = PageShown { viewing, report, doctor, ..samples::page_shown() };
    let shown = samples::recorded(StreamName::patient(ANA), Actor::Doctor(doctor), fact);
    AccessPermit::from_durable(&Durable::vouch(shown)).unwrap().viewing().unwrap()
}

fn viewing(number: u128) -> PermittedViewing {
    viewing_by(BO, 1, number)
}

/// A document, and how often somebody asked for its bytes.
fn asked(document: &'static [u8], count: &Arc<AtomicUsize>) -> ClearBytes {
    let count = Arc::clone(count);
    stream::once(async move {
        count.fetch_add(1, Ordering::AcqRel);
        Ok(document.into())
    })
    .boxed()
}

fn kill(process: u32) {
    let killed = Command::new("kill").args(["-9", &process.to_string()]).status();
    assert!(killed.unwrap().success());
}

/// Processes of a program that wait, with everything given up; there are so many in the end.
async fn until_confined(program: &Path, count: usize) -> Vec<u32> {
    until("not so many that wait", || {
        let processes = processes_of(program);
        let confined = |id: &&u32| status_of(**id, "Seccomp_filters").as_deref() == Some("2");
        let confined: Vec<u32> = processes.iter().filter(confined).copied().collect();
        (confined.len() == count && processes.len() == count).then_some(confined)
    })
    .await
}

async fn until_none(program: &Path) {
    until("it lives on", || processes_of(program).is_empty().then_some(())).await;
}

#[tokio::test]
async fn a_process_that_waits_has_given_up_what_any_other_has_and_takes_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let program = program_inheriting(folder.path(), "waits");
    let drawing = rasteriser(program.clone(), 2, AMPLE);
    for process in until_confined(&program, 2).await {
        assert_given_up(process);
        let own = status_of(process, "RssAnon").unwrap().parse::<u64>().unwrap() << 10;
        assert!(own < WAITING_BYTES_MAX, "{own} bytes");
    }
    drop(drawing);
    until_none(&program).await;
    let program = program_named(folder.path(), "waits-bare");
    let _drawing = rasteriser(program.clone(), 1, AMPLE);
    for process in until_confined(&program, 1).await {
        assert!(fs::read(format!("/proc/{process}/environ")).unwrap().is_empty());
        assert_eq!(fs::read_link(format!("/proc/{process}/cwd")).unwrap(), Path::new("/"));
    }
}

#[tokio::test]
async fn who_is_killed_while_it_waits_costs_no_page_and_is_made_up_for() {
    let folder = tempfile::tempdir().unwrap();
    let program = program_named(folder.path(), "killed-waiting");
    let drawing = rasteriser(program.clone(), 2, AMPLE);
    let waiting = until_confined(&program, 2).await;
    waiting.iter().copied().for_each(kill);
    until_none(&program).await;
    assert!(drawing.page(job(TEXT, 1), None, bytes(b"Haemoglobin 9.1")).await.is_ok());
    let anew = until_confined(&program, 2).await;
    assert!(anew.iter().all(|process| !waiting.contains(process)));
    // Each draws one document and is gone.
    assert!(drawing.page(job(TEXT, 1), None, bytes(b"Haemoglobin 9.1")).await.is_ok());
    let next = until("the same two", || {
        let next = processes_of(&program);
        (next != anew && next.len() == 2).then_some(next)
    });
    assert!(next.await.iter().any(|process| anew.contains(process)), "one was used, not both");
}

#[tokio::test]
async fn who_dies_while_it_waits_is_not_started_over_and_over() {
    let folder = tempfile::tempdir().unwrap();
    let (program, starts) = (folder.path().join("dies"), folder.path().join("starts"));
    let dies = format!(
        "case \"$*\" in *'\"warm\":null'*) ;; *) echo >> {}; exit 3;; esac",
        starts.display()
    );
    let script = format!("#!/bin/bash\n{dies}\nexec {} \"$@\"\n", medlock().display());
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let drawing = rasteriser(program, 2, AMPLE);
    let started = || fs::read(&starts).unwrap_or_default().len();
    for _ in 1..=4 {
        assert!(drawing.page(job(TEXT, 1), None, bytes(b"Haemoglobin 9.1")).await.is_ok());
    }
    assert!((1..=10).contains(&started()), "two at first, and two for each page: {}", started());
}

#[tokio::test]
async fn the_next_page_of_a_viewing_is_drawn_of_the_document_that_is_open() {
    const TWO: &[u8] = b"first\x0csecond, a little longer";
    let folder = tempfile::tempdir().unwrap();
    let program = program_named(folder.path(), "next-page");
    let drawing = rasteriser(program.clone(), 0, AMPLE);
    let read = Arc::default();
    let page = async |page, viewing| {
        drawing.page(job(TEXT, page), viewing, asked(TWO, &read)).await.unwrap()
    };
    let alone = [page(1, None).await, page(2, None).await];
    assert_eq!(read.swap(0, Ordering::AcqRel), 2, "of no viewing nothing is kept");
    until_none(&program).await;

    let kept = [page(1, Some(viewing(1))).await, page(2, Some(viewing(1))).await];
    assert_eq!(read.swap(0, Ordering::AcqRel), 1, "it was read once");
    assert!(alone == kept, "the pages are the same");
    let none = drawing.page(job(TEXT, 3), Some(viewing(1)), asked(TWO, &read)).await.unwrap_err();
    assert!(matches!(none, RasteriseError::NoSuchPage { pages: 2 }), "{none}");
    assert!(page(1, Some(viewing(1))).await == alone[0], "and a page too far ends nothing");
    let part = PageJob { region: Some("pct:0,0,50,50".parse().unwrap()), ..job(TEXT, 1) };
    let part = drawing.page(part, Some(viewing(1)), asked(TWO, &read)).await.unwrap();
    assert!(part.picture != alone[0].picture, "a part of it is drawn as well");
    let process = processes_of(&program);
    assert_eq!((read.load(Ordering::Acquire), process.len()), (0, 1));

    kill(process[0]);
    assert!(page(2, Some(viewing(1))).await == alone[1], "who is killed costs no page");
    assert_eq!(read.load(Ordering::Acquire), 1);
}

#[tokio::test]
async fn an_open_document_is_found_by_its_own_viewing_alone() {
    let folder = tempfile::tempdir().unwrap();
    let program = program_named(folder.path(), "own-viewing");
    let drawing = rasteriser(program.clone(), 0, AMPLE);
    let read = Arc::default();
    let viewings = [viewing(1), viewing(2), viewing_by(EVE, 1, 1), viewing_by(BO, 2, 1)];
    let documents: [&[u8]; 4] = [b"of Ana", b"of Uma", b"for Eve", b"another one"];
    let mut pages = Vec::new();
    for (viewing, document) in viewings.into_iter().zip(documents) {
        let page = drawing.page(job(TEXT, 1), Some(viewing), asked(document, &read)).await;
        pages.push(page.unwrap());
    }
    assert_eq!((read.swap(0, Ordering::AcqRel), processes_of(&program).len()), (4, 4));
    for (viewing, page) in viewings.into_iter().zip(&pages) {
        let again = drawing.page(job(TEXT, 1), Some(viewing), asked(b"not read", &read)).await;
        assert!(again.unwrap() == *page);
    }
    assert_eq!(read.load(Ordering::Acquire), 0);

    drawing.let_go(viewings[0]);
    until("it lives on", || (processes_of(&program).len() == 3).then_some(())).await;
    let anew = drawing.page(job(TEXT, 1), Some(viewings[0]), asked(b"of Ana", &read)).await;
    assert!(anew.unwrap() == pages[0]);
    assert_eq!(read.load(Ordering::Acquire), 1, "what was let go of is not found");
}

#[tokio::test]
async fn who_is_let_go_of_while_it_draws_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let program = program_named(folder.path(), "let-go");
    let drawing = rasteriser(program.clone(), 0, AMPLE);
    let (end, ended) = futures::channel::oneshot::channel::<()>();
    let document = stream::once(async {
        ended.await.unwrap();
        Ok(b"Haemoglobin 9.1".to_vec().into())
    });
    let revoked = async {
        until("no process", || processes_of(&program).first().copied()).await;
        assert_eq!(drawing.kept(), [viewing(1)]);
        drawing.let_go(viewing(1));
        end.send(()).unwrap();
    };
    let page = drawing.page(job(TEXT, 1), Some(viewing(1)), document.boxed());
    let (page, ()) = tokio::join!(page, revoked);
    assert!(page.is_ok() && drawing.kept().is_empty());
    until_none(&program).await;
}

#[tokio::test]
async fn documents_are_kept_for_so_long_so_many_and_so_large() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = [
        ("so-long", KeepLimits { idle_max: Duration::from_millis(1), ..AMPLE }, 0),
        ("so-many", KeepLimits { documents_max: 2, ..AMPLE }, 2),
        ("so-large", KeepLimits { bytes_max: 1 << 20, ..AMPLE }, 0),
        ("nothing", KeepLimits { documents_max: 0, ..AMPLE }, 0),
    ];
    for (name, limits, kept) in bounds {
        let program = program_named(folder.path(), name);
        let drawing = rasteriser(program.clone(), 0, limits);
        for number in 1..=3 {
            let page = drawing.page(job(TEXT, 1), Some(viewing(number)), bytes(b"short")).await;
            assert!(page.is_ok(), "{name}");
        }
        until(name, || (processes_of(&program).len() == kept).then_some(())).await;
        assert_eq!(drawing.kept().len(), kept, "{name}");
    }
}

#[tokio::test]
async fn a_document_that_was_damaged_or_took_long_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let program = program_named(folder.path(), "not-kept");
    let drawing = rasteriser(program.clone(), 0, AMPLE);
    let refused = drawing.page(job(PNG, 1), Some(viewing(1)), bytes(b"no picture")).await;
    assert!(matches!(refused, Err(RasteriseError::Damaged)));
    assert_eq!(drawing.kept(), []);
    until_none(&program).await;
    // A second of four is more than a quarter: the next page has its time in a process that is new.
    let limits = DrawingLimits { cpu_seconds_max: 0, ..DrawingLimits::default() };
    let drawing = ChildRasteriser::new(program.clone(), limits).keeping(AMPLE);
    let _ = drawing.page(job(TEXT, 1), Some(viewing(1)), bytes(b"short")).await;
    assert_eq!(drawing.kept(), []);
    until_none(&program).await;
}

#[test]
fn a_process_dies_with_whoever_started_it_also_while_it_draws() {
    let folder = tempfile::tempdir().unwrap();
    let program = program_named(folder.path(), "orphan");
    let terms = serde_json::json!({
        "limits": DrawingLimits::default(), "even_unconfined": false, "warm": null,
    });
    let order = serde_json::json!({ "Look": PDF }).to_string();
    let document = with_billion_rectangles();
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_be_bytes();
    let input =
        [&length(order.as_bytes())[..], order.as_bytes(), &length(&document), &document, &[0; 4]];
    fs::write(folder.path().join("input"), input.concat()).unwrap();
    // The shell waits for it, and holds its input open.
    let mut shell = Command::new("sh")
        .args(["-c", "\"$0\" draw-page \"$1\" < input & wait"])
        .arg0("sh")
        .arg(&program)
        .arg(terms.to_string())
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let filters = |id: &u32| status_of(*id, "Seccomp_filters").as_deref() == Some("2");
        until("no process", || processes_of(&program).into_iter().find(filters)).await;
        shell.kill().unwrap();
        shell.wait().unwrap();
        until_none(&program).await;
    });
}
