//! Where the master key may lie, and that nothing is lost on the way there.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::process::ServerProcess;
use tests::program::medlock;

const NOBODY: u32 = 65_534;

/// An installation in which Ana has an account: her name is sealed under a key that the master key opens.
struct Installation {
    folder: tempfile::TempDir,
}

impl Installation {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = ServerProcess::start(&folder.path().join("data"));
        let link = server.link.clone().unwrap();
        server.cast_with(&link).await;
        server.kill();
        Self { folder }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("data.key")
    }

    /// The words somebody hears whose service does not start.
    fn refused(&self, settings: &[(&str, &str)]) -> String {
        let mut serve = Command::new(medlock());
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(self.data());
        let ended = serve.envs(settings.iter().copied()).output().unwrap();
        assert_eq!(ended.status.code(), Some(3));
        String::from_utf8(ended.stderr).unwrap()
    }
}

async fn opens(server: &ServerProcess) {
    let ana = server.log_in("ana@example.org").await;
    let me = ana.get(server, "/api/v1/me").await.expect(200);
    assert!(me.json().to_string().contains("Ana"), "{}", me.json());
}

fn says(server: &ServerProcess, words: &str) -> bool {
    server.printed.iter().any(|line| line.contains(words))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_lies_beside_the_data_and_without_it_nothing_starts() {
    let kept = Installation::new().await;
    assert_eq!(fs::metadata(kept.key()).unwrap().mode() & 0o777, 0o600);
    let inside = fs::read_dir(kept.data()).unwrap().map(|entry| entry.unwrap().file_name());
    let keys: Vec<_> = inside.filter(|name| name.to_string_lossy().ends_with(".key")).collect();
    assert!(keys.is_empty(), "{keys:?}");

    let aside = kept.folder.path().join("aside");
    fs::rename(kept.key(), &aside).unwrap();
    let words = kept.refused(&[]);
    assert!(words.contains("data.key is missing") && words.contains("restore it"), "{words}");
    assert!(!kept.key().exists(), "a key was made for a vault that another one sealed");
    std::os::unix::fs::symlink(&aside, kept.key()).unwrap();
    let words = kept.refused(&[]);
    assert!(words.contains("is a link"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_with_its_key_inside_starts_and_is_told_how_to_move_it() {
    let kept = Installation::new().await;
    let older = kept.data().join("master.key");
    fs::rename(kept.key(), &older).unwrap();
    let server = ServerProcess::start(&kept.data());
    opens(&server).await;
    assert!(older.is_file() && !kept.key().exists(), "it was moved silently");
    let advice = server.printed.iter().find(|line| line.starts_with("  mv ")).unwrap().clone();
    server.kill();
    assert!(Command::new("sh").args(["-c", &advice]).status().unwrap().success(), "{advice}");
    let server = ServerProcess::start(&kept.data());
    opens(&server).await;
    assert!(!says(&server, "  mv "), "{:?}", server.printed);
    server.kill();
}

/// A copy of the key that only the superuser may read, in a folder of theirs.
fn put_away(kept: &Installation) -> PathBuf {
    let safe = kept.folder.path().join("safe");
    fs::create_dir(&safe).unwrap();
    let key = safe.join("key");
    fs::rename(kept.key(), &key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o400)).unwrap();
    fs::set_permissions(&safe, fs::Permissions::from_mode(0o700)).unwrap();
    key
}

fn give_to_nobody(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| give_to_nobody(&entry.unwrap().path()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_handed_over_as_a_descriptor_opens_the_vault_and_goes_no_further() {
    let kept = Installation::new().await;
    let key = put_away(&kept);
    let program = kept.folder.path().join("medlock");
    fs::copy(medlock(), &program).unwrap();
    give_to_nobody(kept.folder.path());
    for owned in [key.parent().unwrap(), &key] {
        chown(owned, Some(0), Some(0)).unwrap();
    }
    let handed = [format!("3<{}", key.display()), format!("3< <(cat {})", key.display())];
    for handed in handed {
        let user = "setpriv --reuid 65534 --regid 65534 --clear-groups";
        let script = format!("exec {handed}; exec {user} \"$0\" \"$@\"");
        let mut command = Command::new("bash");
        command.args(["-c", &script]).arg(&program).env("MEDLOCK_MASTER_KEY_FD", "3");
        let server = ServerProcess::run(&mut command, &kept.data());
        opens(&server).await;
        let third = fs::read_link(format!("/proc/{}/fd/3", server.pid()));
        let third = third.map(|path| path.display().to_string()).unwrap_or_default();
        assert!(!third.contains("key") && !third.contains("pipe"), "{third}");
        server.kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_may_be_a_credential_or_a_file_anywhere() {
    let kept = Installation::new().await;
    let safe = kept.folder.path().join("credentials");
    fs::create_dir(&safe).unwrap();
    let key = safe.join("medlock-master-key");
    fs::rename(kept.key(), &key).unwrap();
    // As systemd leaves it: its group is a mask of who else may read it.
    fs::set_permissions(&key, fs::Permissions::from_mode(0o440)).unwrap();
    let folder = safe.to_str().unwrap();
    let server = ServerProcess::start_with(&kept.data(), &[("CREDENTIALS_DIRECTORY", folder)]);
    opens(&server).await;
    server.kill();
    assert!(!kept.key().exists());

    let settings = [("MEDLOCK_MASTER_KEY_FILE", key.to_str().unwrap())];
    let words = kept.refused(&settings);
    assert!(words.contains("open to others (mode 440)"), "{words}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o400)).unwrap();
    let server = ServerProcess::start_with(&kept.data(), &settings);
    opens(&server).await;
    server.kill();

    let words = kept.refused(&[("MEDLOCK_MASTER_KEY_FD", "97")]);
    assert!(words.contains("no master key was handed over as descriptor 97"), "{words}");
}

/// As root makes a place for a service user: a folder of its own in one that it may not write.
#[test]
fn a_service_user_starts_in_a_folder_of_its_own() {
    let lib = tempfile::tempdir().unwrap();
    fs::set_permissions(lib.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = lib.path().join("program");
    fs::copy(medlock(), &program).unwrap();
    let own = |name: &str| {
        let folder = lib.path().join(name);
        fs::create_dir(&folder).unwrap();
        give_to_nobody(&folder);
        folder
    };
    let as_nobody = || {
        let mut user = Command::new("setpriv");
        user.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(&program);
        user
    };
    let data = own("medlock").join("data");
    let server = ServerProcess::run(&mut as_nobody(), &data);
    assert!(says(&server, "The master key was made"), "{:?}", server.printed);
    server.kill();
    assert!(data.with_extension("key").exists() && data.with_extension("guard").exists());

    let mut serve = as_nobody();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(own("no-room"));
    let ended = serve.output().unwrap();
    let words = String::from_utf8_lossy(&ended.stderr);
    assert!(
        !ended.status.success() && words.contains("one level down (--data DIR/data)"),
        "{words}"
    );
}
