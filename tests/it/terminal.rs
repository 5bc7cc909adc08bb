//! What commands print of others' words: nothing in it moves a cursor, colours, answers or begins a line.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use tests::program::{medlock, medlock_check};

/// Clears the screen, sets a title, turns the direction of reading, begins a line.
const ACTING: &str = "x\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}1m\u{202e}\nok";

fn run(program: &Path, words: &[&str]) -> Output {
    Command::new(program).args(words).output().unwrap()
}

fn printed(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8(bytes.clone()).unwrap()).concat()
}

fn harmless(printed: &str) {
    let acting = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    assert!(!printed.contains(acting), "{printed:?}");
    let own = printed.lines().any(|line| line.trim_start().starts_with("ok"));
    assert!(!own, "its words began a line: {printed}");
}

/// A server that answers the same to whoever asks, as often as it is asked.
fn answering(body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4_096]);
            let head = "HTTP/1.1 503 x\r\nContent-Type: application/json\r\nConnection: close\r\n";
            let length = body.len();
            let _ = write!(stream, "{head}Content-Length: {length}\r\n\r\n{body}");
        }
    });
    format!("http://{address}")
}

#[test]
fn a_server_that_answers_with_escape_sequences_is_printed_harmlessly() {
    let job = json!({ "name": ACTING, "what": ACTING, "health": "unwell", "why": ACTING });
    let answer = json!({ "ready": false, "healthy": false, "jobs": [job], "witnesses": ACTING });
    let url = answering(answer.to_string());
    for form in ["table", "json"] {
        let output = run(medlock(), &["status", "--url", &url, "--output", form]);
        assert_eq!(output.status.code(), Some(1));
        harmless(&printed(&output));
        assert!(printed(&output).contains("1b"), "nothing of it was shown: {}", printed(&output));
    }
}

#[test]
fn evidence_with_escape_sequences_is_printed_harmlessly() {
    let folder = tempfile::tempdir().unwrap();
    // The name of what is checked, and what stands in it.
    let bundle = folder.path().join(format!("bundle {}", ACTING.replace('/', "")));
    std::fs::create_dir(&bundle).unwrap();
    std::fs::write(bundle.join("manifest.json"), json!({ "format": ACTING }).to_string()).unwrap();
    let receipt = folder.path().join(format!("receipt {ACTING}"));
    std::fs::write(&receipt, ACTING).unwrap();
    for what in [&bundle, &receipt, &folder.path().join(format!("nowhere {ACTING}"))] {
        let what = what.to_str().unwrap();
        for (program, words) in [(medlock(), vec!["check", what]), (medlock_check(), vec![what])] {
            let output = run(program, &words);
            assert!(!output.status.success());
            harmless(&printed(&output));
        }
    }
}
