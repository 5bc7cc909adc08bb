//! A real EVM node on a free port of this machine, gone when the story ends.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

/// How long a node may take to say where it listens.
const START_MAX: Duration = Duration::from_secs(60);

/// How often it is asked for what is about to happen.
const ASKED_MAX: u32 = 10_000;

/// A running `anvil`: a chain of its own, where accounts have coins and each transaction gets its block at
/// once.
pub struct Anvil {
    port: u16,
    accounts: Vec<String>,
    keys: Vec<String>,
    child: Child,
}

impl Anvil {
    /// The chain a node is on if nothing else is said.
    pub const CHAIN: u64 = 31_337;

    /// A new chain.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A new chain, with more arguments.
    pub fn with(arguments: &[&str]) -> Self {
        Self::launch(0, arguments)
    }

    /// A chain that is kept in a file between [`Anvil::stop`] and here, on the port it had (0: a free one).
    pub fn kept(state: &Path, port: u16) -> Self {
        Self::launch(port, &["--state", state.to_str().expect("a path of text")])
    }

    fn launch(port: u16, arguments: &[&str]) -> Self {
        let mut child = Command::new(program())
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("anvil starts");
        let stdout = child.stdout.take().expect("its output");
        let (said, hears) = mpsc::channel();
        // Read to its end: a node whose output nobody takes stands still when the pipe is full.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = said.send(line);
            }
        });
        let mut node = Self { port, accounts: Vec::new(), keys: Vec::new(), child };
        node.port = loop {
            let line = hears.recv_timeout(START_MAX).expect("anvil says where it listens");
            if let Some(port) = line.strip_prefix("Listening on 127.0.0.1:") {
                break port.parse().expect("a port");
            }
            node.learn(&line);
        };
        node
    }

    /// Lines like `(0) 0xf39F… (10000 ETH)` and `(0) 0xac09…`.
    fn learn(&mut self, line: &str) {
        let Some(word) = line.split_whitespace().find(|word| word.starts_with("0x")) else {
            return;
        };
        match word.len() {
            42 => self.accounts.push(word.to_lowercase()),
            66 => self.keys.push(word.to_owned()),
            _ => {}
        }
    }

    /// Where it answers JSON-RPC.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of an account that has coins, in small letters.
    pub fn account(&self, number: usize) -> &str {
        &self.accounts[number]
    }

    /// The private key of an account that has coins.
    pub fn key(&self, number: usize) -> &str {
        &self.keys[number]
    }

    /// Asks as `curl` would; answers the whole answer.
    pub async fn says(&self, method: &str, params: Value) -> Value {
        let question = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let answer = client.post(self.url()).json(&question).send().await.expect("it answers");
        answer.json().await.expect("JSON")
    }

    /// Asks; answers the result.
    pub async fn ask(&self, method: &str, params: Value) -> Value {
        let answer = self.says(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// What became of a transaction; asked until it is in a block, which takes a moment.
    pub async fn mined(&self, transaction: &Value) -> Value {
        for _ in 0..ASKED_MAX {
            let mined = self.ask("eth_getTransactionReceipt", json!([transaction])).await;
            if !mined.is_null() {
                return mined;
            }
        }
        panic!("{transaction} is in no block")
    }

    /// Ends it as an operator would, so that it writes its file.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().expect("kill is there");
        assert!(sent.success(), "anvil was gone already");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where `scripts/test` puts what comes from npm.
pub fn npm(path: &str) -> PathBuf {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/npm/node_modules");
    let found = modules.join(path);
    assert!(found.exists(), "{} is not installed: run ./scripts/test once", found.display());
    found
}

fn program() -> PathBuf {
    npm("@foundry-rs/anvil-linux-amd64/bin/anvil")
}
