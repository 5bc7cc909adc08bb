//! Each link of an installation's own chain of evidence, damaged as only its owner could, and named at its
//! place.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{KeyKind, Note, NoteKey};
use domain::journal::tile::tiles_between;
use tests::app::TestApp;

use super::folder::{Outcome, copy, medlock};

/// An installation that has stopped, its newest checkpoint, and a hand that signs like its owner.
struct Evidence {
    app: TestApp,
    checkpoint: Checkpoint,
    shelf: PathBuf,
}

impl Evidence {
    async fn make(folder: &Path) -> Self {
        let shelf = folder.join("shelf");
        let mut app =
            TestApp::start_with(|config| config.anchors.folder = Some(shelf.clone())).await;
        app.cast().await;
        app.inside.log.catch_up().await.unwrap();
        app.inside.anchoring.take_now("file").await.unwrap();
        app.inside.log.catch_up().await.unwrap();
        let checkpoint = app.inside.log.standing().published.unwrap().checkpoint;
        app.stop().await;
        Self { app, checkpoint, shelf }
    }

    /// What the owner of the key could sign.
    fn signed(&self, size: u64, root: [u8; 32]) -> Vec<u8> {
        let origin = self.checkpoint.origin.clone();
        let checkpoint = Checkpoint { origin, size, root };
        let signatures = self.app.inside.log.signer().sign(&checkpoint);
        Note { text: checkpoint.text(), signatures }.to_string().into_bytes()
    }

    fn verify(&self, data: &Path, more: &[&str]) -> Outcome {
        let given = ["verify", "--anchor-folder", self.shelf.to_str().unwrap()];
        medlock(&[&given, more].concat(), data)
    }

    /// A copy of the folder, guard file and all.
    fn copied(&self, name: &str) -> PathBuf {
        let data = self.app.data().with_file_name(name);
        copy(&self.app.data(), &data);
        fs::copy(self.app.data().with_extension("guard"), data.with_extension("guard")).unwrap();
        data
    }
}

fn flip(path: &Path, byte: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[byte] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// What is done to a copy of the folder, and the words of the verdict.
type Damage = (&'static str, fn(&Evidence, &Path), &'static str);

fn tile(evidence: &Evidence, level: &str) -> String {
    format!("log/tile/{level}/000.p/{}", evidence.checkpoint.size)
}

const DAMAGE: [Damage; 8] = [
    (
        "a flipped bit in a stored tile",
        |evidence, data| flip(&data.join(tile(evidence, "0")), 5 * 32),
        "position 5: tile/0/000.p/",
    ),
    (
        "a flipped bit in a bundle",
        |evidence, data| flip(&data.join(tile(evidence, "entries")), 3 * 102 + 50),
        "position 3: tile/entries/000.p/",
    ),
    (
        "a bundle that is gone",
        |evidence, data| fs::remove_file(data.join(tile(evidence, "entries"))).unwrap(),
        "is missing",
    ),
    (
        "a bad signature",
        |_, data| {
            let path = data.join("log/checkpoint");
            let mut note = Note::parse(&fs::read(&path).unwrap()).unwrap();
            note.signatures[0].signature[9] ^= 1;
            fs::write(path, note.to_string()).unwrap();
        },
        "the published checkpoint: the signature by medlock.invalid/log is not right",
    ),
    (
        "a checkpoint by another key",
        |evidence, data| {
            let key = NoteKey::new("medlock.invalid/log", KeyKind::Ed25519, &[9; 32]).unwrap();
            let text = evidence.checkpoint.text();
            let note = Note { signatures: vec![key.sign(&text, 0)], text };
            fs::write(data.join("log/checkpoint"), note.to_string()).unwrap();
        },
        "the published checkpoint: no log that the policy names has signed it",
    ),
    (
        "another root, signed again by the log's own key",
        |evidence, data| {
            let note = evidence.signed(evidence.checkpoint.size, [3; 32]);
            fs::write(data.join("log/checkpoint"), note).unwrap();
        },
        "the published checkpoint has another root over",
    ),
    (
        "another size, signed again by the log's own key",
        |evidence, data| {
            let note = evidence.signed(evidence.checkpoint.size - 1, evidence.checkpoint.root);
            fs::write(data.join("log/checkpoint"), note).unwrap();
        },
        "the published checkpoint has another root over",
    ),
    (
        "a guard that has seen more",
        |evidence, data| {
            let note = evidence.signed(evidence.checkpoint.size + 5, [3; 32]);
            fs::write(data.with_extension("guard"), note).unwrap();
        },
        "the end is missing, or this is older",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_damaged_link_of_a_house_is_named_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = Evidence::make(folder.path()).await;
    let good = evidence.verify(&evidence.copied("good"), &[]);
    assert_eq!(good.code, 0, "{good:?}");
    assert!(good.stdout.contains("1 receipts of the anchor file, asked for outside"), "{good:?}");
    for (number, (name, damage, expected)) in DAMAGE.into_iter().enumerate() {
        let data = evidence.copied(&format!("copy{number}"));
        damage(&evidence, &data);
        let found = evidence.verify(&data, &[]);
        assert_eq!((found.code, found.stdout.contains(expected)), (1, true), "{name}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_anchor_holds_is_asked_for_outside() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = Evidence::make(folder.path()).await;
    let data = evidence.app.data();
    let unasked = medlock(&["verify"], &data);
    assert_eq!(
        (unasked.code, unasked.stdout.contains("name the folder")),
        (0, true),
        "{unasked:?}"
    );
    let copied = fs::read_dir(&evidence.shelf).unwrap().next().unwrap().unwrap().path();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    assert_eq!(medlock(&["export", "--all", out], &data).code, 0);
    let whole = evidence.verify(&data, &[]);
    assert_eq!(whole.code, 0, "{whole:?}");
    let receipt = evidence.checkpoint.size - 1;

    let text = fs::read_to_string(&copied).unwrap();
    fs::set_permissions(&copied, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    fs::write(&copied, text.replacen(&format!("\n{receipt}\n"), "\n1\n", 1)).unwrap();
    for place in [&[][..], &[out][..]] {
        let found = evidence.verify(&data, place);
        let expected = "in the anchor folder is another checkpoint";
        assert_eq!((found.code, found.stdout.contains(expected)), (1, true), "{found:?}");
    }
    fs::remove_file(&copied).unwrap();
    for place in [&[][..], &[out][..]] {
        let found = evidence.verify(&data, place);
        let expected = "is not in the anchor folder";
        assert_eq!((found.code, found.stdout.contains(expected)), (1, true), "{found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_from_elsewhere_asks_for_its_quorum() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = Evidence::make(folder.path()).await;
    let log = evidence.app.inside.log.signer().keys_ever().remove(0);
    let witness = NoteKey::new("w.example", KeyKind::Cosignature, &[4; 32]).unwrap();
    let policy = folder.path().join("policy");
    let asks = |quorum: &str| {
        let text = format!("log {log}\nwitness w {}\nquorum {quorum}\n", witness.public());
        fs::write(&policy, text).unwrap();
        medlock(&["verify", "--witness-policy", policy.to_str().unwrap()], &evidence.app.data())
    };
    let nobody = asks("none");
    assert_eq!(nobody.code, 0, "{nobody:?}");
    assert!(nobody.stdout.contains("those you believe vouch for it"), "{nobody:?}");
    let missing = asks("w");
    let expected = "0 of the policy's 1 witnesses have cosigned it";
    assert_eq!((missing.code, missing.stdout.contains(expected)), (1, true), "{missing:?}");
}

/// Every file of the public folder that a tree of this size has, and its bytes.
fn files(data: &Path, size: u64) -> BTreeMap<String, Vec<u8>> {
    let names = tiles_between(0, size).into_iter().map(|tile| tile.to_string());
    let names = names.chain(["checkpoint".to_owned()]);
    names.map(|name| (name.clone(), fs::read(data.join("log").join(name)).unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_files_are_made_anew_byte_for_byte() {
    let mut app = TestApp::start().await;
    app.cast().await;
    app.inside.log.catch_up().await.unwrap();
    let size = app.newest() + 1;
    let busy = medlock(&["log", "rebuild"], &app.data());
    assert_eq!((busy.code, busy.stderr.contains("in use")), (3, true), "{busy:?}");
    app.stop().await;
    let before = files(&app.data(), size);
    fs::remove_dir_all(app.data().join("log")).unwrap();
    let rebuilt = medlock(&["log", "rebuild"], &app.data());
    assert_eq!(rebuilt.code, 0, "{rebuilt:?}");
    assert!(rebuilt.stdout.contains(&format!("hold {size} events again")), "{rebuilt:?}");
    assert_eq!(files(&app.data(), size), before);
    assert_eq!(medlock(&["verify"], &app.data()).code, 0);
    app.restart(|_| {}).await;
}
