//! Where a witness answers is the organisation's business: an address may hold a password.

use std::fs;
use std::process::Command;

use domain::journal::note::{KeyKind, NoteKey};
use tests::app::TestApp;
use tests::program::medlock;

use super::{covering, let_in};

const POLICY: &str = "MEDLOCK_TRANSPARENCY__WITNESS_POLICY";
const SECRETS: [&str; 3] = ["hunter2", "ana-of-the-wall", "cosign/token-4711"];

fn told(where_from: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for secret in SECRETS {
        assert!(!text.contains(secret), "{where_from} tells {secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_of_a_witness_leaves_the_organisation() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy");
    let key = NoteKey::new("ward.example", KeyKind::Cosignature, &[7; 32]).unwrap();
    let line = format!("witness ward {}", key.public());
    // Nobody answers there: what is told of that must not tell where it is.
    let url = "http://ana-of-the-wall:hunter2@127.0.0.1:1/cosign/token-4711";
    fs::write(&policy, format!("# hunter2\n{line} {url}\nquorum none\n")).unwrap();
    let app =
        TestApp::start_with(|config| config.transparency.witness_policy = Some(policy.clone()))
            .await;
    let (ana, bo, _cy) = app.cast().await;
    let_in(&app, &ana, &bo).await;
    covering(&app).await;

    let bundle = format!("/api/v1/patients/{}/history-bundle", ana.id);
    let bundle = ana.get(&app, &bundle).await.expect(200).bytes;
    assert!(String::from_utf8_lossy(&bundle).contains(&line), "the policy travels along");
    told("the history bundle", &bundle);
    for place in ["/readyz", "/metrics", "/log/keys.txt"] {
        told(place, &app.get(place).await.bytes);
    }

    let out = folder.path().join("export");
    let mut export = Command::new(medlock());
    export.args(["export", "--data"]).arg(app.data()).env(POLICY, &policy).arg("--all").arg(&out);
    let exported = export.output().unwrap();
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    told("what export prints", &[exported.stdout, exported.stderr].concat());
    let written = fs::read(out.join("policy")).unwrap();
    assert!(String::from_utf8_lossy(&written).contains(&line));
    told("the export", &written);
}
