//! Which settings file counts, what the environment says, and what each setting means.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

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

/// `medlock serve` on a folder with these settings and no others.
fn serve(data: &Path, settings: &[(&str, &str)]) -> Command {
    let mut serve = Command::new(medlock());
    serve.current_dir(data.parent().unwrap()).args(["serve", "--listen", "127.0.0.1:0", "--data"]);
    serve.arg(data).envs(settings.iter().copied()).env("MEDLOCK_LOG", "warn");
    serve
}

/// Starts it, and answers what it said until it was ready.
fn ready(data: &Path) -> Vec<String> {
    let mut child = serve(data, &[]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut said = Vec::new();
    for line in lines {
        let last = line.starts_with("Ready.");
        said.push(line);
        if last {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said.last().is_some_and(|line| line.starts_with("Ready.")), "{said:#?}");
    said
}

/// What somebody hears whose service does not start.
fn refused(data: &Path, settings: &[(&str, &str)], code: i32) -> String {
    let ended = serve(data, settings).output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(code), "{said}");
    said
}

#[test]
fn a_house_that_is_tried_has_a_name_of_chance_and_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["one", "two"].map(|name| {
        let data = folder.path().join(name);
        let told = |said: Vec<String>| {
            let line = said.into_iter().find(|line| line.contains("a name for trying")).unwrap();
            line.split([' ', ':']).find(|word| word.ends_with(".invalid/log")).unwrap().to_owned()
        };
        let first = told(ready(&data));
        assert_eq!(told(ready(&data)), first, "it keeps its name");
        assert_eq!(fs::metadata(data.join("origin")).unwrap().mode() & 0o777, 0o600);
        let verified =
            Command::new(medlock()).args(["verify", "--data"]).arg(&data).output().unwrap();
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
        first
    });
    assert_ne!(names[0], names[1]);
    let data = folder.path().join("one");
    let url = [("MEDLOCK_HTTP__PUBLIC_URL", "https://medlock.example.org")];
    let said = refused(&data, &url, 2);
    assert!(said.contains("begun for trying") && said.contains(&names[0]), "{said}");
}

#[test]
fn a_house_that_others_reach_is_named_first() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let url = ("MEDLOCK_HTTP__PUBLIC_URL", "https://medlock.example.org");
    let said = refused(&data, &[url], 2);
    assert!(said.contains("origin is not set"), "{said}");
    assert!(!data.exists(), "nothing was made");
    let mut beyond = Command::new(medlock());
    beyond.current_dir(folder.path()).args(["serve", "--listen", "0.0.0.0:0", "--data"]).arg(&data);
    let ended = beyond.output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn a_start_behind_one_that_failed_still_tells_of_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    refused(&data, &[("MEDLOCK_TRANSPARENCY__WITNESS_POLICY", "/nowhere/policy")], 3);
    assert!(folder.path().join("data.key").is_file());
    let tells = |said: &[String]| said.iter().any(|line| line.contains("The master key was made"));
    assert!(tells(&ready(&data)));
    assert!(!tells(&ready(&data)), "from the first event on it is known");
}
