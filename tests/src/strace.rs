//! Faults and kills at a chosen call of a running process, and what it puts on the disk, by Debian's strace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How often it is looked whether every thread is held: seconds at most, and nothing else says so.
const LOOKS_MAX: u32 = 200_000;

/// Where something happens: calls, how they go wrong, and the files they must be about.
#[derive(Debug, Clone)]
pub struct Injection {
    /// System calls: `fsync,fdatasync`.
    pub calls: &'static str,
    /// What happens to them: `signal=KILL:when=2`, counted by thread.
    pub what: String,
    /// Any file at all if there is none here.
    pub files: Vec<PathBuf>,
}

/// An strace that holds a process.
pub struct Strace(Child);

impl Strace {
    /// Takes hold of a process that runs or stands still, all threads of it.
    pub fn attach(pid: u32, injection: &Injection) -> Self {
        let Injection { calls, what, files } = injection;
        let mut strace = Command::new("strace");
        strace
            .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")])
            .args(["-e", &format!("inject={calls}:{what}")])
            .args(files.iter().flat_map(|file| [Path::new("-P"), file]));
        Self::hold(pid, &mut strace)
    }

    fn hold(pid: u32, strace: &mut Command) -> Self {
        let strace = strace.args(["-p", &pid.to_string()]).stderr(Stdio::null()).spawn();
        let strace = strace.expect("strace is installed by the test command");
        let held = (0..LOOKS_MAX).any(|_| {
            std::thread::yield_now();
            std::fs::read_dir(format!("/proc/{pid}/task")).is_ok_and(|mut tasks| {
                tasks.all(|task| task.is_ok_and(|task| traced(&task.path())))
            })
        });
        assert!(held, "the process could not be traced: run as root");
        Self(strace)
    }

    /// Waits until it ends, which it does with the process it holds.
    pub fn wait(mut self) {
        self.0.wait().expect("strace ends");
    }

    /// Lets go: from here on every call does what it should.
    pub fn let_go(self) {
        let pid = self.0.id().to_string();
        // Asked in a friendly way it detaches; killed, it would leave threads standing.
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(asked.is_ok_and(|status| status.success()), "strace was alive");
        self.wait();
    }
}

/// What a process puts on the disk while it is watched.
pub struct DurableWork {
    strace: Strace,
    noted: tempfile::NamedTempFile,
}

impl DurableWork {
    /// Watches from now on.
    pub fn of(pid: u32) -> Self {
        let noted = tempfile::NamedTempFile::new().expect("a file");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-y", "-e", "trace=fsync,fdatasync", "-o"]).arg(noted.path());
        Self { strace: Strace::hold(pid, &mut strace), noted }
    }

    /// Stops watching: how often each file was made durable, by its name.
    pub fn done(self) -> BTreeMap<String, usize> {
        self.strace.let_go();
        let noted = std::fs::read_to_string(self.noted.path()).expect("what strace noted");
        let mut files = BTreeMap::new();
        for call in noted.lines().filter(|line| line.contains("sync(")) {
            let path = call.split(['<', '>']).nth(1).unwrap_or_default();
            let name = path.rsplit('/').next().unwrap_or_default();
            *files.entry(name.to_owned()).or_default() += 1;
        }
        files
    }
}

fn traced(task: &Path) -> bool {
    status_of(task, "TracerPid:").is_some_and(|tracer| tracer != "0")
}

fn status_of(task: &Path, name: &str) -> Option<String> {
    let status = std::fs::read_to_string(task.join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.map(|rest| rest.trim().to_owned())
}

/// Waits until a process that stops itself does stand still.
pub fn wait_until_it_stands(pid: u32) {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let stands = (0..LOOKS_MAX).any(|_| {
        std::thread::yield_now();
        status_of(&process, "State:").is_some_and(|state| state.starts_with('T'))
    });
    assert!(stands, "the process did not stand still");
}
