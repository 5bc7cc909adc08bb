//! A database that is missing, empty or somebody else's is never made anew beside a log that needs it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tests::process::ServerProcess;
use tests::program::medlock as program;

use crate::audit::folder::{copy, fold, medlock};

struct Installation(tempfile::TempDir);

impl Installation {
    /// One in which people did something, stopped in order.
    async fn stopped() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("house/data");
        std::fs::create_dir_all(data.parent().unwrap()).unwrap();
        let mut server = ServerProcess::start(&data);
        let link = server.link.clone().unwrap();
        let (ana, _bo, _cy) = server.cast_with(&link).await;
        ana.letter(&server, &ana.id, "Letter").await;
        let ended = Command::new("kill").args(["-TERM", &server.pid().to_string()]).status();
        assert!(ended.unwrap().success() && server.wait() == Some(0));
        fold(&data).await;
        Self(folder)
    }

    /// A copy of its own; answers the data folder.
    fn copied(&self, name: &str) -> PathBuf {
        let to = self.0.path().join(name);
        copy(&self.0.path().join("house"), &to);
        to.join("data")
    }
}

/// Every file of the folder and of the one above it, but for the log of the process, locks, and the copy that
/// is kept of a damaged log.
fn files(data: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![data.parent().unwrap().to_owned()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.to_string_lossy().contains(".damaged-") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if !["log", "db-lock"].iter().any(|end| path.to_string_lossy().ends_with(end)) {
                found.insert(path.clone(), std::fs::read(path).unwrap());
            }
        }
    }
    found
}

/// What a service says that refuses to start, and that it changed nothing.
fn refused(data: &Path) -> String {
    let before = files(data);
    let mut serve = Command::new(program());
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    let served = serve.stdin(Stdio::null()).output().unwrap();
    assert_eq!(served.status.code(), Some(3), "{served:?}");
    let (before, after) = (before.keys().collect::<Vec<_>>(), files(data));
    assert_eq!(after.keys().collect::<Vec<_>>(), before, "no file came or went");
    String::from_utf8(served.stderr).unwrap()
}

fn serves(data: &Path) {
    ServerProcess::start(data).kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_database_is_not_made_anew_and_fits_again_when_it_is_put_back() {
    let installation = Installation::stopped().await;
    let somebody_elses =
        b"not a database at all, and long enough to have a header of one in it".repeat(9);
    for (name, says) in [
        ("events.db", "the event log"),
        ("vault.db", "the key vault"),
        ("work.db", "the work store"),
    ] {
        for (damage, words) in [(None, "is missing"), (Some(&b""[..]), "is empty")] {
            let data = installation.copied(&format!("{name}-{}", words.replace(' ', "-")));
            let path = data.join(name);
            let kept = std::fs::read(&path).unwrap();
            match damage {
                None => std::fs::remove_file(&path).unwrap(),
                Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            }
            let said = refused(&data);
            for part in [says, words, "nothing was made or changed", "back from the newest backup"]
            {
                assert!(said.contains(part), "{name} {words}: {said}");
            }
            std::fs::write(&path, kept).unwrap();
            serves(&data);
        }
        let data = installation.copied(&format!("{name}-foreign"));
        let kept = std::fs::read(data.join(name)).unwrap();
        std::fs::write(data.join(name), &somebody_elses).unwrap();
        let said = refused(&data);
        assert!(said.contains("is not") && said.contains("backup"), "{name}: {said}");
        assert_eq!(std::fs::read(data.join(name)).unwrap(), somebody_elses, "{name}");
        std::fs::write(data.join(name), kept).unwrap();
        serves(&data);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_gone_is_not_begun_anew_beside_its_guard() {
    let installation = Installation::stopped().await;
    let data = installation.copied("emptied");
    std::fs::remove_dir_all(&data).unwrap();
    let said = refused(&data);
    assert!(said.contains("the event log") && said.contains("data.guard"), "{said}");
    assert!(!data.exists(), "not even the folder");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_made_again_is() {
    let installation = Installation::stopped().await;
    for name in ["log.db", "read"] {
        for damage in ["missing", "empty", "cut"] {
            let data = installation.copied(&format!("{name}-{damage}"));
            let of_it = |path: &PathBuf| {
                let file = path.file_name().unwrap().to_string_lossy().into_owned();
                path.parent() == Some(&*data) && file.starts_with(name) && file.ends_with(".db")
            };
            let path = files(&data).into_keys().find(of_it).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            match damage {
                "missing" => std::fs::remove_file(&path).unwrap(),
                "empty" => std::fs::write(&path, b"").unwrap(),
                _ => std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap(),
            }
            serves(&data);
            assert_eq!(medlock(&["verify"], &data).code, 0, "{name} {damage}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_work_store_is_begun_anew_when_somebody_says_so() {
    let installation = Installation::stopped().await;
    let data = installation.copied("whole");
    let whole = medlock(&["work-store", "begin"], &data);
    assert!(whole.code == 3 && whole.stderr.contains("it stays"), "{whole:?}");
    let data = installation.copied("lost");
    std::fs::remove_file(data.join("work.db")).unwrap();
    assert!(refused(&data).contains("`medlock work-store begin`"));
    let begun = medlock(&["work-store", "begin"], &data);
    assert!(begun.code == 0 && begun.stdout.contains("passwords"), "{begun:?}");
    serves(&data);
    let data = installation.copied("cut");
    let bytes = std::fs::read(data.join("work.db")).unwrap();
    std::fs::write(data.join("work.db"), &bytes[..bytes.len() / 2]).unwrap();
    let said = refused(&data);
    assert!(said.contains("damaged") && said.contains("backup"), "{said}");
    let begun = medlock(&["work-store", "begin"], &data);
    assert_eq!(begun.code, 0, "{begun:?}");
    assert_eq!(std::fs::read(data.join("work-damaged.db")).unwrap(), bytes[..bytes.len() / 2]);
    let server = ServerProcess::start(&data);
    let busy = medlock(&["work-store", "begin"], &data);
    assert!(busy.code == 3 && busy.stderr.contains("in use"), "{busy:?}");
    server.kill();
}
