//! Every command that a document shows is tried: here as it stands there, but for the names a reader puts in,
//! or by a story that is named. Documents are read, so that a command that is added or changed is tried too.

use std::path::{Path, PathBuf};
use std::process::Output;

use tests::app::TestApp;
use tests::cast::all_for_treatment;
use tests::door::Door;
use tests::program::{medlock, medlock_check};
use tokio::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The README, how to contribute, and what stands in `docs/` and `docs/verify/`.
fn documents() -> Vec<(String, String)> {
    let mut found = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    for folder in ["docs", "docs/verify"] {
        let entries = std::fs::read_dir(root().join(folder)).unwrap();
        found.extend(entries.map(|entry| entry.unwrap().path()));
    }
    found.retain(|path| path.extension().is_some_and(|kind| kind == "md"));
    found.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    found.into_iter().map(read).collect()
}

/// What begins a command, in a block that is set in; a shell's functions and variables as well.
const BEGINNINGS: [&str; 21] = [
    "./scripts/",
    "C=$(",
    "K=$(",
    "N=$(",
    "P=$(",
    "T=$(",
    "V=$(",
    "api ",
    "api(",
    "ask ",
    "ask(",
    "cargo ",
    "curl ",
    "docker",
    "make ",
    "medlock ",
    "medlock-check ",
    "openssl ",
    "python3 ",
    "scripts/",
    "sudo ",
];

/// The commands of a document's blocks, without the remarks behind them.
fn commands(text: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        if line.starts_with("```sh") {
            found.push("```sh");
        }
        let Some(line) = line.strip_prefix("    ").filter(|_| !fenced) else { continue };
        if BEGINNINGS.iter().any(|beginning| line.starts_with(beginning)) {
            found.push(line.split("  #").next().unwrap().trim_end());
        }
    }
    found
}

/// Tried here: the document, the command, and how it ends.
const HERE: &[(&str, &str, i32)] = &[
    ("README.md", "cargo run -- verify --data DIR", 0),
    ("README.md", "cargo run -- --help", 0),
    ("docs/proofs.md", "medlock check receipt --witness-policy mine", 0),
    ("docs/proofs.md", "medlock check history.tar --witness-policy mine --log https://", 0),
    ("docs/proofs.md", "python3 docs/verify/check.py receipt receipt --policy mine", 0),
    ("docs/proofs.md", "python3 docs/verify/check.py medlock-history --policy mine --log", 0),
    ("docs/verify/README.md", "python3 check.py EXPORT --policy FILE --log https://", 0),
    ("docs/verify/README.md", "python3 check.py EXPORT --policy FILE", 0),
    ("docs/verify/README.md", "python3 check.py receipt FILE --policy FILE", 0),
    ("docs/verify/README.md", "medlock-check EXPORT --witness-policy FILE", 0),
    ("docs/verify/README.md", "medlock-check history.tar --witness-policy FILE --log FOLDER", 0),
    ("docs/what-if.md", "medlock verify --policy --with docs/what-if.toml", 0),
    ("docs/what-if.md", "medlock verify --policy --output json out/", 0),
    ("docs/what-if.md", "medlock verify --policy", 0),
    ("docs/what-if.md", "medlock explain --doctor ID --report ID --purpose HRESCH --position", 0),
    ("docs/what-if.md", "medlock explain --doctor ID --report ID --at 2026-11-23T08:00:00Z", 0),
    ("docs/what-if.md", "medlock explain --doctor ID --report ID", 0),
];

/// Not tried here, and why.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("README.md", "cargo run -- demo", "`demo` makes it, by the same binary"),
    ("README.md", "api", "`what_the_readme_shows_shows_a_page` pastes them"),
    ("README.md", "C=$(", "the same"),
    ("README.md", "N=$(", "the same"),
    ("README.md", "T=$(", "the same"),
    ("README.md", "P=$(", "the same"),
    ("README.md", "K=$(", "the same"),
    ("README.md", "V=$(", "the same"),
    ("README.md", "cargo run -- serve", "it never ends; every story with a process starts it"),
    (
        "README.md",
        "cargo run -- status",
        "`health` asks a house that runs on an address of its own",
    ),
    ("README.md", "./scripts/test", "it runs this"),
    ("CONTRIBUTING.md", "./scripts/", "it runs this, or hours of it"),
    ("CONTRIBUTING.md", "scripts/web", "./scripts/test runs both halves of it"),
    ("CONTRIBUTING.md", "cargo ", "they build and run tests, of which this is one"),
    ("CONTRIBUTING.md", "make ", "they build, or write into the repository"),
    (
        "docs/PERFORMANCE.md",
        "make bench",
        "minutes of measuring; `benches` runs each of them small",
    ),
    ("docs/adding-an-event.md", "cargo run --package tests", "it writes into the repository"),
    ("docs/anchors-evm.md", "ask", "placeholders of a chain; `anchors_evm` asks a node the same"),
    (
        "docs/verify/README.md",
        "```sh",
        "`checkers::by_hand` runs every block on good and damaged exports",
    ),
    ("docs/verify/README.md", "python3 -m pip", "the network; ./scripts/test installs both"),
    (
        "docs/verify/README.md",
        "cargo build --release",
        "a release build; `proofs::small_checker` runs it",
    ),
    ("docs/witness.md", "medlock witness", "it never ends; `witness` starts it with these words"),
];

#[test]
fn no_document_shows_a_command_that_nothing_tries() {
    let rows: Vec<(&str, &str)> = HERE
        .iter()
        .map(|(document, command, _)| (*document, *command))
        .chain(ELSEWHERE.iter().map(|(document, command, _)| (*document, *command)))
        .collect();
    let mut shown = vec![false; rows.len()];
    for (document, text) in documents() {
        for command in commands(&text) {
            let row =
                rows.iter().position(|(of, begins)| *of == document && command.starts_with(begins));
            let row = row.unwrap_or_else(|| panic!("{document}: nothing tries: {command}"));
            shown[row] = true;
        }
    }
    for (row, shown) in rows.iter().zip(shown) {
        assert!(shown, "no document shows it any more: {row:?}");
    }
}

/// What the commands name: made by a house that runs, as a reader would have it.
struct Desk {
    app: TestApp,
    doctor: String,
    report: String,
}

impl Desk {
    async fn furnished() -> Self {
        let app = TestApp::start().await;
        let (ana, bo, _cy) = app.cast().await;
        let report = ana.letter(&app, &ana.id, "Letter").await;
        let granted = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
        bo.open(&app, &ana.id, &report).await;
        app.until_published().await;
        let desk = Self { app, doctor: bo.id.clone(), report };
        let of_ana = format!("/api/v1/patients/{}", ana.id);
        let receipt = format!("{of_ana}/consents/{}/receipt", granted.text("consent"));
        let keys = desk.app.get("/log/keys.txt").await.expect(200).bytes;
        let keys = String::from_utf8(keys).unwrap();
        let logs: String = keys.lines().map(|key| format!("log {key}\n")).collect();
        desk.put("mine", (logs + "quorum none\n").as_bytes());
        desk.put("receipt", &ana.get(&desk.app, &receipt).await.expect(200).bytes);
        let bundle = ana.get(&desk.app, &format!("{of_ana}/history-bundle")).await.expect(200);
        desk.put("history.tar", &bundle.bytes);
        std::os::unix::fs::symlink(root().join("docs"), desk.folder().join("docs")).unwrap();
        let script = root().join("docs/verify/check.py");
        std::os::unix::fs::symlink(script, desk.folder().join("check.py")).unwrap();
        for made in
            ["tar -xf history.tar", "medlock export --all out", "medlock export --all export"]
        {
            let made = desk.run(made).await;
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        desk
    }

    /// Where the reader is: beside the data folder.
    fn folder(&self) -> PathBuf {
        self.app.data().parent().unwrap().to_owned()
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder().join(name), bytes).unwrap();
    }

    /// A command with what its reader puts in.
    fn filled_in(&self, command: &str) -> String {
        let door: &Door = &self.app;
        command
            .replace("cargo run --", "medlock")
            .replace("--data DIR", "--data data")
            .replace("https://medlock.example.org", &door.url)
            .replace("--doctor ID", &format!("--doctor {}", self.doctor))
            .replace("--report ID", &format!("--report {}", self.report))
            .replace("--position 812", &format!("--position {}", self.app.newest()))
            .replace("FOLDER_WITH_A_COPY_OF_THE_LOG", "export/log")
            .replace("receipt FILE", "receipt receipt")
            .replace("EXPORT", "export")
            .replace("policy FILE", "policy mine")
    }

    async fn run(&self, command: &str) -> Output {
        let venv = root().join("target/venv/bin");
        let programs = [medlock().parent(), medlock_check().parent(), Some(venv.as_path())];
        let programs = programs.map(|folder| folder.unwrap().to_str().unwrap()).join(":");
        let mut shell = Command::new("bash");
        shell.args(["-euo", "pipefail", "-c", &format!("PATH={programs}:$PATH\n{command}")]);
        shell.env("PYTHONDONTWRITEBYTECODE", "1").current_dir(self.folder());
        shell.output().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_documents_show_does_what_they_say() {
    let desk = Desk::furnished().await;
    let mut tried = 0;
    for (document, text) in documents() {
        for command in commands(&text) {
            let row =
                HERE.iter().find(|(of, begins, _)| *of == document && command.starts_with(begins));
            let Some((_, _, code)) = row else { continue };
            let filled_in = desk.filled_in(command);
            let done = desk.run(&filled_in).await;
            let said = [done.stdout, done.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert_eq!(done.status.code(), Some(*code), "{document}: {filled_in}: {said}");
            assert!(!said.is_empty(), "{document}: {filled_in}");
            tried += 1;
        }
    }
    assert!(tried >= HERE.len(), "{tried}");
}

/// The words of a command of ours up to the first that its reader puts in, and its flags.
fn words_and_flags(span: &str) -> (Vec<&str>, Vec<&str>) {
    let words = span.split_whitespace().map(|word| word.trim_matches(['[', ']', '\u{2026}', ',']));
    let plain = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let named = words.clone().take_while(|word| plain(word) && !word.starts_with('-'));
    let flags =
        words.filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap());
    (named.collect(), flags.collect())
}

/// In running text a command stands without what it needs: that it exists, and has the flags, is asked.
#[test]
fn what_documents_mention_is_there() {
    let mut asked = 0;
    for (document, text) in documents() {
        let spans = text.split('`').skip(1).step_by(2).chain(commands(&text));
        for span in spans.filter(|span| span.starts_with("medlock ")) {
            let (words, flags) = words_and_flags(span);
            let mut help = std::process::Command::new(medlock());
            let help = help.args(&words[1..]).arg("--help").output().unwrap();
            let said = String::from_utf8_lossy(&help.stdout);
            let complaint = String::from_utf8_lossy(&help.stderr);
            assert!(help.status.success(), "{document}: `{span}`: {complaint}");
            for flag in flags {
                assert!(said.contains(flag), "{document}: `{span}`: no {flag}: {said}");
            }
            asked += 1;
        }
    }
    assert!(asked > 20, "{asked}");
}
