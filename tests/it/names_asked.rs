//! Names on the command line: a folder alone says none, the running service says them to an admin who logs
//! in, and records that it did.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tests::cast::PASSWORD;
use tests::door::Door;
use tests::process::ServerProcess;
use tests::program::medlock as program;

use crate::audit::folder::medlock;

const ADMIN: &str = "cy@example.org";

/// Begins a command that will ask for a password and a code.
fn begin(words: &[&str], url: &str, data: &Path) -> Child {
    let mut command = Command::new(program());
    command.args(words).args(["--names-as", ADMIN, "--url", url, "--data"]).arg(data);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Answers both, the second one with the code of the letter that comes after the first.
fn answer(mut child: Child, door: &Door, password: &str) -> (i32, String, String) {
    let before = door.letter_if_there(ADMIN);
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{password}").unwrap();
    let began = Instant::now();
    while password == PASSWORD && [None, before.clone()].contains(&door.letter_if_there(ADMIN)) {
        assert!(began.elapsed() < Duration::from_secs(30), "no letter came");
    }
    // None where the password was another one.
    let _ = writeln!(input, "{}", door.code_if_there(ADMIN).unwrap_or_default());
    drop(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_asked_of_the_service_which_records_who_saw_them() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = ServerProcess::start(&data);
    let link = server.link.clone().unwrap();
    let (ana, bo, _cy) = server.cast_with(&link).await;
    let report = ana.letter(&server, &ana.id, "Letter").await;
    let url = server.url().to_owned();
    let shown = || medlock(&["replay", "--type", "identity.admin_name_list_shown"], &data).stdout;
    let before = shown().lines().count();

    let alone = medlock(&["replay", "--output", "table"], &data);
    assert!(alone.code == 0 && !alone.stdout.contains("Bo Berg"), "{alone:?}");
    let table = begin(&["replay", "--output", "table"], &url, &data);
    let (code, said, why) = answer(table, &server, PASSWORD);
    assert_eq!(code, 0, "{why}");
    let named = format!("{} Dr Bo Berg", bo.account);
    assert!(said.contains(&named) && !said.contains("Ana Acker"), "{said}");
    assert_eq!(shown().lines().count(), before + 1, "the log says that names were shown");

    let explain = ["explain", "--doctor", &bo.id, "--report", &report];
    let (code, said, why) = answer(begin(&explain, &url, &data), &server, PASSWORD);
    assert_eq!(code, 0, "{why}");
    assert!(said.contains(&format!("{} is Dr Bo Berg", bo.account)), "{said}");

    let wrong = begin(&["replay", "--output", "table"], &url, &data);
    let (code, said, why) = answer(wrong, &server, "somebody else's");
    assert_eq!((code, said.as_str()), (1, ""), "{why}");
    assert!(why.contains("wrong_credentials"), "{why}");
    server.kill();
    let nobody = begin(&["replay"], &url, &data).wait_with_output().unwrap();
    assert_ne!(nobody.status.code(), Some(0));
}
