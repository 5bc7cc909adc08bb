//! Which settings file counts, what the environment says, and what each setting means.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;
use std::process::Command;

use tests::program::medlock;

/// The row of `medlock config` about the origin, asked in a folder.
fn origin(working: &Path) -> String {
    let told = Command::new(medlock()).arg("config").current_dir(working).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told = String::from_utf8(told.stdout).unwrap();
    told.lines().find(|line| line.trim_start().starts_with("origin")).unwrap().to_owned()
}

#[test]
fn the_file_of_a_folder_above_sets_nothing() {
    let above = tempfile::tempdir().unwrap();
    let file = above.path().join("medlock.toml");
    fs::write(&file, "origin = \"planted.example/log\"\n").unwrap();
    let within = above.path().join("within");
    fs::create_dir(&within).unwrap();
    assert!(origin(above.path()).contains("planted.example/log"));
    assert!(origin(&within).contains("medlock.invalid/log"), "{}", origin(&within));
    fs::write(within.join("medlock.toml"), "origin = \"own.example/log\"\n").unwrap();
    assert!(origin(&within).contains("own.example/log"));
}

#[test]
fn what_is_no_setting_is_ignored_and_what_is_no_text_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = || {
        let mut command = Command::new(medlock());
        command.arg("config").current_dir(folder.path());
        command
    };
    let told = config()
        .env("MEDLOCK_PORT", "tcp://10.0.0.1:8480")
        .env("MEDLOCK_SERVICE_HOST", "10.0.0.1")
        .env("MEDLOCK_PORT_8480_TCP_ADDR", "10.0.0.1")
        .env("MEDLOCK_ANCHORS__FOLDER", "")
        .env("MEDLOCK_HTTP__WORKERS", " ")
        .env("MEDLOCK_IDENTITY__SESSION_HOURS", "3")
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let rows = String::from_utf8(told.stdout).unwrap();
    let row = |name: &str| {
        let row = rows.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        row.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("anchors.folder"), "(not set) default");
    assert_eq!(row("http.workers"), "0 default");
    assert_eq!(row("identity.session_hours"), "3 environment");
    for (name, value) in [
        ("MEDLOCK_ORIGIN", OsString::from_vec(b"m\xfcll.example".to_vec())),
        ("MEDLOCK_SESION_HOURS", "3".into()),
        ("MEDLOCK_HTTP__WORKERS", "many".into()),
    ] {
        let told = config().env(name, value).output().unwrap();
        assert_eq!(told.status.code(), Some(2), "{name}");
        let said = String::from_utf8_lossy(&told.stderr).to_lowercase();
        let setting = name.trim_start_matches("MEDLOCK_").to_lowercase().replace("__", ".");
        assert!(said.contains(&setting), "{name}: {said}");
    }
}

#[test]
fn the_command_line_says_what_every_setting_means() {
    let told = Command::new(medlock()).args(["config", "--all"]).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    for row in api::config::settings_told() {
        assert!(told.contains(&format!("{} = ", row.name)), "{}", row.name);
        assert!(told.contains(&row.meaning), "{}", row.name);
    }
}
