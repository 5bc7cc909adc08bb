//! The real binary as a process of its own: to be killed, to run out of disk, to be looked at.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use infra::clock::SystemClock;

use crate::door::Door;
use crate::program::medlock;
use crate::strace::wait_until_it_stands;

/// A running `medlock serve`.
pub struct ServerProcess {
    /// The one-time link's token, where there is no admin yet.
    pub link: Option<String>,
    /// What that link begins with.
    pub link_base: String,
    /// What it printed until it was ready.
    pub printed: Vec<String>,
    door: Door,
    child: Child,
}

impl ServerProcess {
    /// Starts the service on a folder and a free port, and waits until it says where it answers.
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// The same with more settings, told by the environment.
    pub fn start_with(data: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_at(data, "127.0.0.1:0", settings)
    }

    /// The same at another address than this machine's own.
    pub fn start_at(data: &Path, listen: &str, settings: &[(&str, &str)]) -> Self {
        let child = Self::spawn(&mut Command::new(medlock()), (data, listen), settings);
        Self::listen(child, data).unwrap_or_else(|code| panic!("{}", how_it_ended(code, data)))
    }

    /// The same by a command of one's own: another path of the program, another user.
    pub fn run(command: &mut Command, data: &Path) -> Self {
        let child = Self::spawn(command, (data, "127.0.0.1:0"), &[]);
        Self::listen(child, data).unwrap_or_else(|code| panic!("{}", how_it_ended(code, data)))
    }

    /// Starts it standing still, lets `hold` take hold of it, and lets it run: what happens during the start
    /// can be watched from its first call on. Answers how it ended if it never came up.
    ///
    /// # Errors
    /// Its exit code; none if it was killed.
    pub fn start_held(
        data: &Path,
        settings: &[(&str, &str)],
        hold: impl FnOnce(u32),
    ) -> Result<Self, Option<i32>> {
        let mut shell = Command::new("sh");
        shell.args(["-c", "kill -STOP $$; exec \"$0\" \"$@\""]).arg(medlock());
        let child = Self::spawn(&mut shell, (data, "127.0.0.1:0"), settings);
        let pid = child.id();
        wait_until_it_stands(pid);
        hold(pid);
        let goes_on = Command::new("kill").args(["-CONT", &pid.to_string()]).status();
        assert!(goes_on.is_ok_and(|status| status.success()), "it stood still");
        Self::listen(child, data)
    }

    fn spawn(
        command: &mut Command,
        (data, listen): (&Path, &str),
        settings: &[(&str, &str)],
    ) -> Child {
        let log = data.with_extension("log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log);
        command
            .args(["serve", "--listen", listen, "--data"])
            .arg(data)
            .envs([
                ("MEDLOCK_RATES__LOGINS_PER_MINUTE", "100000"),
                ("MEDLOCK_RATES__LETTERS_PER_MINUTE", "100000"),
                ("MEDLOCK_RATES__REQUESTS_PER_MINUTE", "10000000"),
                ("MEDLOCK_SHARES__VIEW_TOKENS_PER_MINUTE", "1000000"),
                ("MEDLOCK_SHARES__UPLOADS_PER_MINUTE", "1000000"),
                ("MEDLOCK_SHARES__UPLOADS_EACH", "64"),
                ("MEDLOCK_ORIGIN", "medlock.invalid/log"),
                ("MEDLOCK_HTTP__WORKERS", "2"),
                ("MEDLOCK_LOG", "warn"),
            ])
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log.expect("a log file"))
            .spawn()
            .expect("medlock starts")
    }

    fn listen(mut child: Child, data: &Path) -> Result<Self, Option<i32>> {
        let mut address: Option<SocketAddr> = None;
        let (mut link, mut link_base) = (None, String::new());
        let mut printed = Vec::new();
        let stdout = child.stdout.take().expect("its output");
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let rest = line.split("://").nth(1).unwrap_or_default();
            if line.starts_with("Medlock answers at") {
                address = rest.split('/').next().and_then(|text| text.parse().ok());
            }
            if let Some((base, token)) = line.split_once("/#first-admin=") {
                link = Some(token.to_owned());
                base.trim().clone_into(&mut link_base);
            }
            // The last thing it says: with or without a link.
            let ready = line.starts_with("Ready.");
            printed.push(line);
            if ready {
                break;
            }
        }
        let Some(address) = address else {
            return Err(child.wait().expect("it has ended").code());
        };
        let door = Door::new(address, data, Arc::new(SystemClock));
        Ok(Self { link, link_base, printed, door, child })
    }

    /// Kills it: no handler runs, nothing is flushed.
    pub fn kill(mut self) {
        self.child.kill().expect("it was alive");
        self.child.wait().expect("it is dead");
    }

    /// Waits until it ends by itself; answers its exit code.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|ended| ended.is_none())
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

/// How a start ended that did not come up, with the last it said.
fn how_it_ended(code: Option<i32>, data: &Path) -> String {
    let log = std::fs::read_to_string(data.with_extension("log")).unwrap_or_default();
    format!("medlock ended: {code:?}, saying: {}", log.lines().last().unwrap_or_default())
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // A story that failed must not leave a server behind; one that was killed is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Deref for ServerProcess {
    type Target = Door;
    fn deref(&self) -> &Door {
        &self.door
    }
}
