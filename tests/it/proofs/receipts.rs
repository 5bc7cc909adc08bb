//! Proofs from the front door, and the receipt of a consent.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::journal::proof::continues;
use domain::journal::receipt::{LogProof, Receipt};
use domain::journal::tree::TreeHash;
use tests::app::TestApp;

use super::{covering, let_in, policy};

#[tokio::test(flavor = "multi_thread")]
async fn anybody_may_ask_whether_an_event_is_in_the_log_and_whether_it_only_grew() {
    let app = TestApp::start().await;
    app.cast().await;
    let (_, before) = covering(&app).await;
    app.patient("Uma Unger", "uma@example.org").await;
    let (_, after) = covering(&app).await;
    let policy = policy(&app).await;
    for position in [0, before.size - 1, after.size - 1] {
        let reply = app.get(&format!("/api/v1/log/inclusion?position={position}")).await;
        let reply = reply.expect(200);
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        let proof = LogProof::parse(std::str::from_utf8(&reply.bytes).unwrap()).unwrap();
        let line = &app.log().await[usize::try_from(position).unwrap()];
        assert_eq!((proof.index, proof.leaf), (position, line.leaf));
        assert_eq!(policy.judge(&proof.checkpoint).unwrap().checkpoint, proof.follow().unwrap());
    }
    let path = format!("/api/v1/log/consistency?from={}", before.size);
    for path in [path.clone(), format!("{path}&to={}", after.size)] {
        let reply = app.get(&path).await.expect(200);
        let hash = |line: &str| TreeHash::try_from(BASE64.decode(line).unwrap()).unwrap();
        let text = String::from_utf8(reply.bytes).unwrap();
        let hashes: Vec<TreeHash> = text.lines().map(hash).collect();
        let (old, new) = ((before.size, &before.root), (after.size, &after.root));
        assert!(continues(old, new, &hashes), "{path}: {text}");
    }
    for (path, status, code) in [
        ("inclusion?position=1000000", 404, "not_published_yet"),
        ("inclusion", 400, "bad_query"),
        ("consistency?from=9&to=3", 400, "bad_query"),
        ("consistency?from=1&to=1000000", 404, "not_published_yet"),
        ("consistency?from=1000000", 404, "not_published_yet"),
    ] {
        app.get(&format!("/api/v1/log/{path}")).await.refused(status, code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_takes_a_receipt_of_a_consent_and_of_taking_it_back() {
    let app = TestApp::start().await;
    let (ana, bo, _) = app.cast().await;
    let consent = let_in(&app, &ana, &bo).await;
    covering(&app).await;
    let path = format!("/api/v1/patients/{}/consents/{consent}/receipt", ana.id);
    let reply = ana.get(&app, &path).await.expect(200);
    let named = format!("attachment; filename=\"consent-{consent}.receipt\"");
    assert_eq!(reply.header("content-disposition"), named);
    assert_eq!(reply.header("cache-control"), "no-store");
    let receipt = Receipt::parse(std::str::from_utf8(&reply.bytes).unwrap()).unwrap();
    let checkpoint = receipt.follow().unwrap();
    let policy = policy(&app).await;
    assert_eq!(policy.judge(&receipt.proof.checkpoint).unwrap().checkpoint, checkpoint);
    assert!(receipt.line.contains("consent.granted.v1") && receipt.line.contains(&consent));

    ana.get(&app, &format!("{path}?event=revoked")).await.refused(404, "not_revoked");
    ana.revoke(&app, &consent).await.expect(200);
    covering(&app).await;
    let reply = ana.get(&app, &format!("{path}?event=revoked")).await.expect(200);
    let revoked = Receipt::parse(std::str::from_utf8(&reply.bytes).unwrap()).unwrap();
    assert!(revoked.line.contains("consent.revoked.v1") && revoked.line.contains(&consent));
    assert!(revoked.follow().unwrap().size > checkpoint.size);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_says_in_words_what_was_agreed_and_what_it_does_not_show() {
    let app = TestApp::start().await;
    let (ana, bo, _) = app.cast().await;
    let consent = let_in(&app, &ana, &bo).await;
    covering(&app).await;
    let path = format!("/api/v1/patients/{}/consents/{consent}/receipt?form=page", ana.id);
    let reply = ana.get(&app, &path).await.expect(200);
    let page = String::from_utf8(reply.bytes).unwrap();
    for words in [
        "RECEIPT OF A CONSENT\n",
        &format!("  Lets in      Dr Bo Berg (doctor {})", bo.id),
        "  To see       every report, those to come included",
        "  But not      (no exceptions)",
        "  For          treatment",
        "  Viewings     not limited",
        "  Log          medlock.invalid/log",
        "  Cosigned     by nobody that this organisation names",
        "medlock check FILE --witness-policy POLICY",
        "It does not show that it still holds",
        "c2sp.org/tlog-proof@v1",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_fits_a_code_on_paper() {
    let app = TestApp::start().await;
    let (ana, bo, _) = app.cast().await;
    let consent = let_in(&app, &ana, &bo).await;
    let (note, _) = covering(&app).await;
    let path = format!("/api/v1/patients/{}/consents/{consent}/receipt", ana.id);
    let reply = ana.get(&app, &format!("{path}?form=qr")).await.expect(200);
    assert_eq!(reply.header("content-type"), "image/svg+xml");
    assert_eq!(reply.header("medlock-cosignatures"), "included");
    let text = ana.get(&app, &path).await.expect(200).bytes;
    assert_eq!(covering(&app).await.0, note, "nothing happened in between");
    let folder = tempfile::tempdir().unwrap();
    let svg = folder.path().join("receipt.svg");
    std::fs::write(&svg, reply.bytes).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let python = root.join("target/venv/bin/python3");
    assert!(python.is_file(), "{} is missing: ./scripts/test makes it", python.display());
    let read = Command::new(python).args(["-c", READER]).arg(&svg).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    assert_eq!(read.stdout, text);
}

/// Paints the picture as a printer would and reads it with a decoder that is not ours.
const READER: &str = r#"
import re, sys, zxingcpp
svg = open(sys.argv[1]).read()
width, height = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups())
paper = bytearray(b"\xff" * width * height)
for x, y, w, h in (map(int, rect) for rect in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", svg)):
    for row in range(y, y + h):
        paper[row * width + x : row * width + x + w] = bytes(w)
paper = memoryview(paper).cast("B", (height, width))
(code,) = zxingcpp.read_barcodes(paper, formats=zxingcpp.BarcodeFormat.QRCode)
sys.stdout.buffer.write(code.bytes)
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_takes_a_receipt_of_anything_in_their_history_that_stands_in_their_own_stream() {
    let app = TestApp::start().await;
    let (ana, bo, _) = app.cast().await;
    ana.letter(&app, &ana.id, "Letter").await;
    let_in(&app, &ana, &bo).await;
    covering(&app).await;
    let history = format!("/api/v1/patients/{}/access-history", ana.id);
    let shown = ana.list(&app, &history).await.expect(200).json();
    let log = app.log().await;
    let entries = shown["items"].as_array().unwrap();
    assert!(entries.len() > 1, "{shown}");
    for entry in entries {
        let position = entry["position"].as_u64().unwrap();
        let line = &log[usize::try_from(position).unwrap()];
        let path = format!("/api/v1/patients/{}/events/{position}/receipt", ana.id);
        let reply = ana.get(&app, &path).await.expect(200);
        let receipt = Receipt::parse(std::str::from_utf8(&reply.bytes).unwrap()).unwrap();
        assert_eq!(receipt.line.as_bytes(), line.bytes);
        assert!(receipt.line.contains(entry["event"].as_str().unwrap()));
        receipt.follow().unwrap();
    }
    let others = log.iter().find(|line| line.stream.patient_id().is_none()).unwrap().position;
    for (position, code) in [(others.0, "not_found"), (1_000_000, "not_found")] {
        let path = format!("/api/v1/patients/{}/events/{position}/receipt", ana.id);
        ana.get(&app, &path).await.refused(404, code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_patient_can_keep_exists_for_nobody_else() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    let consent = let_in(&app, &ana, &bo).await;
    covering(&app).await;
    let nobody = "00000000-0000-0000-0000-000000000000";
    let nothing = uma.get(&app, &format!("/api/v1/patients/{nobody}/history-bundle")).await;
    let nothing = nothing.expect(404).without_trace();
    let own = app.log().await.into_iter().rfind(|line| line.stream.as_str().contains(&ana.id));
    let event = format!("events/{}/receipt", own.unwrap().position);
    for path in [format!("consents/{consent}/receipt"), "history-bundle".to_owned(), event] {
        let path = format!("/api/v1/patients/{}/{path}", ana.id);
        for other in [&uma, &bo, &cy] {
            let reply = other.get(&app, &path).await.expect(404);
            assert_eq!(reply.without_trace(), nothing, "{path}");
        }
        app.get(&path).await.expect(401);
        ana.get(&app, &path).await.expect(200);
    }
    let other = format!("/api/v1/patients/{}/consents/{nobody}/receipt", ana.id);
    assert_eq!(ana.get(&app, &other).await.expect(404).without_trace(), nothing);
}
