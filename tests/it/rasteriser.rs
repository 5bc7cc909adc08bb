//! Drawing pages in the real child process: what a reader gets, and what hostile documents get.

mod coded;
mod coders;
pub(crate) mod documents;
mod fields;
mod inside;
mod kinds;
mod large;
mod turns;
mod waiting;
mod whole;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use commands::ports::blob_store::{BlobError, ClearBytes};
use commands::ports::rasteriser::{
    DrawnPage, ExceededLimit, PageEncoding, PageJob, RasteriseError, Rasteriser,
};
use futures::{StreamExt, stream};
use image::{ImageFormat, RgbImage};
use infra::rasteriser::{ChildRasteriser, DrawingLimits};
use synthetic::demo::reports::reports;
use tests::program::medlock;

use documents::{
    jpeg_claiming, one_page, picture, png_claiming, stream as pdf_stream, with_billion_rectangles,
    with_endless_form, with_gigabyte_of_content, with_pages, with_password, with_text,
};

const PDF: &str = "application/pdf";
const PNG: &str = "image/png";
const JPEG: &str = "image/jpeg";
const TEXT: &str = "text/plain";

fn job(media_type: &str, page: u32) -> PageJob {
    let watermark = ["Dr Bo Lind", "2026-03-01 10:00 UTC", "event 17"].map(String::from).to_vec();
    let (media_type, reader_id) = (media_type.to_owned(), "doctor:17".to_owned());
    let (region, width_px, encoding) = (None, 800, PageEncoding::Png);
    PageJob { media_type, page, region, watermark, reader_id, width_px, encoding }
}

/// The document in chunks, as a blob store would hand it out.
fn bytes(document: &[u8]) -> ClearBytes {
    let chunks: Vec<_> = document.chunks(1 << 20).map(|part| Ok(part.to_vec().into())).collect();
    stream::iter(chunks).boxed()
}

async fn draw(media_type: &str, document: &[u8]) -> Result<DrawnPage, RasteriseError> {
    draw_page(media_type, document, 1).await
}

async fn draw_page(
    media_type: &str,
    document: &[u8],
    page: u32,
) -> Result<DrawnPage, RasteriseError> {
    draw_within(DrawingLimits::default(), media_type, document, page).await
}

async fn draw_within(
    limits: DrawingLimits,
    media_type: &str,
    document: &[u8],
    page: u32,
) -> Result<DrawnPage, RasteriseError> {
    let rasteriser = ChildRasteriser::new(medlock().to_owned(), limits);
    rasteriser.page(job(media_type, page), None, bytes(document)).await
}

fn pixels(page: &DrawnPage) -> RgbImage {
    image::load_from_memory_with_format(&page.picture, ImageFormat::Png).unwrap().into_rgb8()
}

fn dark_pixels(page: &DrawnPage) -> usize {
    pixels(page).pixels().filter(|pixel| pixel.0.iter().all(|channel| *channel < 60)).count()
}

#[tokio::test]
async fn every_type_we_promise_is_drawn_in_the_width_asked_for() {
    let documents = [
        (PDF, with_text("Helvetica", "Haemoglobin 9.1"), 800),
        (PNG, picture(ImageFormat::Png), 480),
        (JPEG, picture(ImageFormat::Jpeg), 480),
        ("text/plain; charset=utf-8", b"Haemoglobin 9.1".to_vec(), 800),
    ];
    for (media_type, document, width) in documents {
        let page = draw(media_type, &document).await.unwrap();
        assert_eq!((page.pages, pixels(&page).width()), (1, width), "{media_type}");
    }
}

#[tokio::test]
async fn every_report_the_demo_makes_can_be_shown() {
    for report in reports(7, "Ana Müller", "Dr Bo Lind") {
        let page = draw(report.media_type, &report.bytes).await.unwrap();
        let expected = if report.category == "discharge" { 3 } else { 1 };
        assert_eq!(page.pages, expected, "{}", report.title);
    }
}

#[tokio::test]
async fn the_fourteen_standard_fonts_show_text() {
    let fonts = ["Helvetica", "Helvetica-BoldOblique", "Times-Roman", "Courier-Bold", "Symbol"];
    let blank = dark_pixels(&draw(PDF, &with_text("Helvetica", "")).await.unwrap());
    for font in fonts {
        let drawn = dark_pixels(&draw(PDF, &with_text(font, "Haemoglobin")).await.unwrap());
        assert!(drawn > blank + 500, "{font}: {drawn} dark pixels, {blank} on a blank page");
    }
}

#[tokio::test]
async fn the_watermark_names_this_reader_and_no_other() {
    let rasteriser = ChildRasteriser::new(medlock().to_owned(), DrawingLimits::default());
    let mut pages = Vec::new();
    for reader in ["Dr Bo Lind", "Dr Eva Roth", "Dr Bo Lind"] {
        let mut job = job(PNG, 1);
        job.watermark[0] = reader.to_owned();
        let page = rasteriser.page(job, None, bytes(&picture(ImageFormat::Png))).await.unwrap();
        pages.push(pixels(&page));
    }
    let plain = image::load_from_memory(&picture(ImageFormat::Png)).unwrap().into_rgb8();
    // A picture narrower than the paper is centred on it.
    let left = (pages[0].width() - plain.width()) / 2;
    let marked =
        plain.enumerate_pixels().filter(|(x, y, pixel)| pages[0].get_pixel(x + left, *y) != *pixel);
    assert!(marked.count() > 1_000);
    assert!(pages[0] != pages[1], "two readers, one mark");
    assert!(pages[0] == pages[2], "the same page twice differs");
}

#[tokio::test]
async fn each_page_of_a_document_is_its_own_and_one_too_far_is_named() {
    let text = b"first\x0csecond, a little longer\x0c";
    let first = draw_page(TEXT, text, 1).await.unwrap();
    let second = draw_page(TEXT, text, 2).await.unwrap();
    assert_eq!((first.pages, second.pages), (2, 2));
    assert!(first.picture != second.picture);
    for (media_type, document, pages) in
        [(TEXT, text.to_vec(), 2), (PDF, with_pages(3), 3), (PNG, picture(ImageFormat::Png), 1)]
    {
        for page in [0, pages + 1, u32::MAX] {
            let refused = draw_page(media_type, &document, page).await.unwrap_err();
            assert!(
                matches!(refused, RasteriseError::NoSuchPage { pages: has } if has == pages),
                "{media_type} page {page}: {refused}"
            );
        }
    }
}

#[tokio::test]
async fn a_pdf_with_a_password_says_so() {
    let refused = draw(PDF, &with_password()).await.unwrap_err();
    assert!(matches!(refused, RasteriseError::Encrypted), "{refused}");
}

#[tokio::test]
async fn other_types_are_refused_before_anything_starts() {
    let rasteriser = ChildRasteriser::new("/nowhere/at/all".into(), DrawingLimits::default());
    for media_type in ["application/dicom", "text/html", "image/svg+xml"] {
        assert!(!rasteriser.can_draw(media_type));
        let refused = rasteriser.page(job(media_type, 1), None, bytes(b"")).await.unwrap_err();
        assert!(matches!(refused, RasteriseError::NotDrawable), "{refused}");
    }
}

#[tokio::test]
async fn garbage_is_damage() {
    let noise: Vec<u8> =
        (0..200_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let png = picture(ImageFormat::Png);
    let documents = [
        (PDF, noise.clone()),
        (PDF, [b"%PDF-1.7\n", &noise[..]].concat()),
        (PDF, Vec::new()),
        (PNG, noise.clone()),
        (PNG, Vec::new()),
        (PNG, png[..png.len() / 2].to_vec()),
        (PNG, png_claiming(7_000, 7_000)),
        (JPEG, [b"\xff\xd8\xff\xe0", &noise[..]].concat()),
        (TEXT, noise),
    ];
    for (index, (media_type, document)) in documents.iter().enumerate() {
        let refused = draw(media_type, document).await.unwrap_err();
        assert!(matches!(refused, RasteriseError::Damaged), "document {index}: {refused}");
    }
}

#[tokio::test]
async fn a_bomb_is_refused_by_its_bound_before_it_goes_off() {
    let line = vec![b'x'; 60 << 20];
    let bombs = [
        (PNG, png_claiming(30_000, 30_000), ExceededLimit::PicturePixels),
        (PNG, png_claiming(u32::MAX >> 1, 1), ExceededLimit::PicturePixels),
        (JPEG, jpeg_claiming(65_000, 65_000), ExceededLimit::PicturePixels),
        (TEXT, line, ExceededLimit::Pages),
        (PDF, with_pages(2_001), ExceededLimit::Pages),
        (TEXT, vec![b' '; (64 << 20) + 1], ExceededLimit::DocumentBytes),
    ];
    for (media_type, document, expected) in bombs {
        let refused = draw(media_type, &document).await.unwrap_err();
        assert!(
            matches!(refused, RasteriseError::TooLarge { bound, .. } if bound == expected),
            "{media_type}, {expected:?}: {refused}"
        );
    }
}

#[tokio::test]
async fn a_page_of_any_shape_stays_inside_the_pixel_bound() {
    let limits = DrawingLimits::default();
    for size in ["0 0 1000000000 1000000000", "0 0 1000000000 3", "0 0 3 1000000000", "0 0 0 0"] {
        let page = draw(PDF, &one_page(size, "", pdf_stream("", b"0 0 9 9 re f"), &[])).await;
        let (width, height) = pixels(&page.unwrap()).dimensions();
        // The strip below the page comes on top of it.
        assert!(
            u64::from(width) * u64::from(height.saturating_sub(100)) <= limits.page_pixels_max,
            "{size}"
        );
    }
}

#[tokio::test]
async fn a_form_that_draws_itself_comes_to_an_end() {
    let page = draw(PDF, &with_endless_form()).await.unwrap();
    assert_eq!(page.pages, 1);
}

#[tokio::test]
async fn endless_drawing_is_stopped_by_processor_time() {
    let limits =
        DrawingLimits { cpu_seconds_max: 1, wall_seconds_max: 60, ..DrawingLimits::default() };
    let refused = draw_within(limits, PDF, &with_billion_rectangles(), 1).await.unwrap_err();
    assert!(matches!(refused, RasteriseError::TooMuchTime), "{refused}");
}

#[tokio::test]
async fn endless_drawing_is_stopped_by_the_clock() {
    let limits =
        DrawingLimits { cpu_seconds_max: 60, wall_seconds_max: 1, ..DrawingLimits::default() };
    let refused = draw_within(limits, PDF, &with_billion_rectangles(), 1).await.unwrap_err();
    assert!(matches!(refused, RasteriseError::TooMuchTime), "{refused}");
}

#[tokio::test]
async fn a_gigabyte_out_of_a_few_kilobytes_is_stopped_by_memory() {
    let document = with_gigabyte_of_content();
    assert!(document.len() < 200_000, "{} bytes", document.len());
    let refused = draw(PDF, &document).await.unwrap_err();
    assert!(matches!(refused, RasteriseError::TooMuchMemory), "{refused}");
}

#[tokio::test]
async fn a_document_that_breaks_off_is_never_drawn() {
    let parts = [Ok(b"half a ".to_vec().into()), Err(BlobError::BrokenOff)];
    let rasteriser = ChildRasteriser::new(medlock().to_owned(), DrawingLimits::default());
    let refused =
        rasteriser.page(job(TEXT, 1), None, stream::iter(parts).boxed()).await.unwrap_err();
    assert!(matches!(refused, RasteriseError::Source(BlobError::BrokenOff)), "{refused}");
}

#[tokio::test]
async fn a_document_that_never_ends_is_stopped_by_the_clock() {
    let limits = DrawingLimits { wall_seconds_max: 1, ..DrawingLimits::default() };
    let rasteriser = ChildRasteriser::new(medlock().to_owned(), limits);
    let refused = rasteriser.page(job(TEXT, 1), None, stream::pending().boxed()).await.unwrap_err();
    assert!(matches!(refused, RasteriseError::TooMuchTime), "{refused}");
}

/// The binary under a name of its own, so that its processes can be found.
fn program_named(folder: &Path, name: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    std::os::unix::fs::symlink(medlock(), &path).unwrap();
    path
}

/// Processes that were started under this path.
fn processes_of(program: &Path) -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let path = program.to_str().unwrap().as_bytes();
    ids.filter(|id| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).next() == Some(path)
    })
    .collect()
}

/// Asks again and again, letting the runtime work meanwhile, until there is an answer.
async fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let patience = Instant::now() + Duration::from_secs(15);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < patience, "{what}");
        tokio::task::yield_now().await;
    }
}

/// The soft limit of this name, once the process has left the one it was born with.
fn limit_of(process: u32, name: &str) -> Option<String> {
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).ok()?;
    let line = limits.lines().find(|line| line.starts_with(name))?;
    line[name.len()..].split_whitespace().next().map(str::to_owned)
}

/// The binary under a name of its own, started with a file and a pipe open besides the three, as a careless
/// shell or service manager would.
fn program_inheriting(folder: &Path, name: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    let (own, medlock) = (path.display(), medlock().display());
    let open = "exec 7</etc/passwd 200> >(cat)";
    let script = format!("#!/bin/bash\n{open}\nexec -a {own} {medlock} \"$@\"\n");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// What `/proc/<process>/status` says under a name.
fn status_of(process: u32, name: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.split(':').next() == Some(name))?;
    line.split_whitespace().nth(1).map(str::to_owned)
}

/// What every drawing process has given up before it reads anything.
fn assert_given_up(process: u32) {
    let names = ["Max file size", "Max core file size", "Max open files", "Max processes"];
    assert_eq!(names.map(|name| limit_of(process, name).unwrap()), ["0", "0", "3", "0"]);
    assert_eq!(limit_of(process, "Max address space").as_deref(), Some("805306368"));
    assert_eq!(limit_of(process, "Max cpu time").as_deref(), Some("20"));
    assert_eq!(status_of(process, "NoNewPrivs").as_deref(), Some("1"));
    assert_eq!(status_of(process, "Seccomp").as_deref(), Some("2"));
    let open = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let mut open: Vec<_> = open.map(|entry| entry.unwrap().file_name()).collect();
    open.sort();
    assert_eq!(open, ["0", "1", "2"]);
}

#[tokio::test]
async fn the_process_has_given_up_its_rights_before_it_reads_a_byte() {
    let folder = tempfile::tempdir().unwrap();
    let program = program_inheriting(folder.path(), "confined");
    // Started by hand and never written to: what it gives up, it gives up by itself.
    let terms = serde_json::json!({ "limits": DrawingLimits::default(), "even_unconfined": false, "warm": 320 });
    let mut child = std::process::Command::new(&program)
        .args(["draw-page", &terms.to_string()])
        .env_clear()
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let process = child.id();
    // Two filters: the last rights to go.
    until("no filters", || status_of(process, "Seccomp_filters").filter(|filters| filters == "2"))
        .await;
    assert_given_up(process);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn the_process_starts_with_an_empty_environment_in_the_root_folder() {
    let folder = tempfile::tempdir().unwrap();
    let program = program_named(folder.path(), "bare");
    let rasteriser = ChildRasteriser::new(program.clone(), DrawingLimits::default());
    let mut page = rasteriser.page(job(TEXT, 1), None, stream::pending().boxed());
    let watch = async {
        let process = until("no process", || processes_of(&program).first().copied()).await;
        let at = fs::read_link(format!("/proc/{process}/cwd")).unwrap();
        (fs::read(format!("/proc/{process}/environ")).unwrap(), at)
    };
    let (environment, at) = tokio::select! {
        _ = &mut page => panic!("a document without an end was drawn"),
        seen = watch => seen,
    };
    assert!(environment.is_empty());
    assert_eq!(at, Path::new("/"));
}

#[tokio::test]
async fn whoever_is_led_astray_is_ended_and_the_words_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("astray");
    fs::write(&program, "#!/bin/bash\nkill -SYS $$\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let rasteriser = ChildRasteriser::new(program, DrawingLimits::default());
    let refused = rasteriser.page(job(TEXT, 1), None, bytes(b"short")).await.unwrap_err();
    assert!(
        matches!(&refused, RasteriseError::Child { reason, .. } if reason.contains("was ended")),
        "{refused}"
    );
}

#[tokio::test]
async fn a_reader_who_leaves_takes_the_process_along() {
    let folder = tempfile::tempdir().unwrap();
    let program = program_named(folder.path(), "left-alone");
    let rasteriser = ChildRasteriser::new(program.clone(), DrawingLimits::default());
    let mut page = rasteriser.page(job(TEXT, 1), None, stream::pending().boxed());
    tokio::select! {
        _ = &mut page => panic!("a document without an end was drawn"),
        _ = until("no process", || processes_of(&program).first().copied()) => {}
    }
    drop(page);
    until("it lives on", || processes_of(&program).is_empty().then_some(())).await;
}

#[tokio::test]
async fn a_killed_process_is_an_error_and_the_next_page_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let program = program_named(folder.path(), "killed");
    let rasteriser = ChildRasteriser::new(program.clone(), DrawingLimits::default());
    let (ended, end) = futures::channel::oneshot::channel::<()>();
    // The document goes on until the process is dead, then one more chunk finds nobody listening.
    let document =
        stream::once(async { Ok(b"first".to_vec().into()) }).chain(stream::once(async {
            end.await.map_err(|_| BlobError::BrokenOff)?;
            Ok(b"second".to_vec().into())
        }));
    let kill = async {
        let process = until("no process", || processes_of(&program).first().copied()).await;
        let killed = std::process::Command::new("kill").args(["-9", &process.to_string()]).status();
        assert!(killed.unwrap().success());
        until("it lives on", || processes_of(&program).is_empty().then_some(())).await;
        ended.send(()).unwrap();
    };
    let (page, ()) = tokio::join!(rasteriser.page(job(TEXT, 1), None, document.boxed()), kill);
    let refused = page.unwrap_err();
    assert!(
        matches!(&refused, RasteriseError::Child { reason, .. } if reason == "signal 9"),
        "{refused}"
    );
    assert!(rasteriser.page(job(TEXT, 1), None, bytes(b"short")).await.is_ok());
}

#[tokio::test]
async fn a_program_that_does_not_keep_the_protocol_is_an_error() {
    for program in ["/nowhere/at/all", "/bin/true", "/bin/false", "/bin/echo"] {
        let rasteriser = ChildRasteriser::new(program.into(), DrawingLimits::default());
        let refused =
            rasteriser.page(job(TEXT, 1), None, bytes(b"Haemoglobin 9.1")).await.unwrap_err();
        assert!(matches!(refused, RasteriseError::Child { .. }), "{program}: {refused}");
    }
}
