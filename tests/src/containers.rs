//! A container engine of one's own, from Debian's packages: a dockerd in a throw-away folder, and the image
//! that the Dockerfile makes. As root.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::program::{medlock, medlock_check};

/// How often it is looked whether something is there: a minute or two, and nothing else says so.
const LOOKS_MAX: u32 = 1_000;
/// What the Dockerfile begins with: the stage that compiles.
const BUILD_STAGE: &str = "AS build";

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A dockerd that listens at a socket in its folder.
pub struct Engine {
    folder: TempDir,
    daemon: Child,
    port: u16,
}

impl Engine {
    /// Starts it, with `debian:bookworm-slim` from the archive that the test command made: no registry is
    /// asked.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let log = fs::File::create(at("log")).expect("a log file");
        let daemon = Command::new("dockerd")
            .arg("--data-root")
            .arg(at("data"))
            .arg("--exec-root")
            .arg(at("exec"))
            .arg("--pidfile")
            .arg(at("pid"))
            .arg(format!("--host=unix://{}", at("sock").display()))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("dockerd is installed by the test command");
        // A port that is free now: the engine takes it when the container starts.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let engine = Self { folder, daemon, port: port.expect("a free port").port() };
        let answers =
            || engine.tool("docker").arg("version").output().is_ok_and(|o| o.status.success());
        assert!((0..LOOKS_MAX).any(|_| answers()), "dockerd does not answer: run as root");
        let base = root().join("target/bookworm-slim.tar");
        engine.run(engine.tool("docker").arg("import").arg(base).arg("debian:bookworm-slim"));
        engine
    }

    /// Builds the image of the Dockerfile, of the programs under test: its first stage, which compiles them
    /// once more, is the only one that is left out.
    pub fn build(&self) {
        let context = self.folder.path().join("context");
        fs::create_dir(&context).expect("a build context");
        for (program, name) in [(medlock(), "medlock"), (medlock_check(), "medlock-check")] {
            let to = context.join(name);
            self.run(Command::new("strip").arg("--strip-debug").arg("-o").arg(to).arg(program));
        }
        let dockerfile = fs::read_to_string(root().join("Dockerfile")).expect("the Dockerfile");
        let stage = dockerfile.rsplit("\nFROM ").next().expect("a last stage");
        assert!(dockerfile.contains(BUILD_STAGE) && stage.contains("--from=build"));
        let file = format!(
            "FROM debian:bookworm-slim {BUILD_STAGE}\n\
             COPY medlock medlock-check /src/target/release/\n\
             FROM {stage}"
        );
        fs::write(context.join("Dockerfile"), file).expect("written");
        self.run(self.tool("docker").args(["build", "--quiet", "--tag", "medlock"]).arg(context));
    }

    /// Runs docker-compose on the file of the repository; answers what it printed.
    pub fn compose(&self, arguments: &[&str]) -> String {
        let file = root().join("docker-compose.yml");
        let mut compose = self.tool("docker-compose");
        compose.arg("--file").arg(file).args(["--project-name", "medlock"]).args(arguments);
        compose.env("PORT", self.port.to_string());
        self.run(&mut compose)
    }

    /// Runs docker; answers what it printed.
    pub fn docker(&self, arguments: &[&str]) -> String {
        self.run(self.tool("docker").args(arguments))
    }

    /// The port at which the container's service answers on this machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where a volume of the compose file lies on this machine.
    pub fn volume(&self, name: &str) -> PathBuf {
        let format = "{{ .Mountpoint }}";
        let name = format!("medlock_{name}");
        self.docker(&["volume", "inspect", "--format", format, &name]).trim().into()
    }

    fn tool(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let socket = self.folder.path().join("sock");
        command.env("DOCKER_HOST", format!("unix://{}", socket.display()));
        // The builder of Debian's docker is the old one.
        command.env("DOCKER_BUILDKIT", "0").env("HOME", self.folder.path());
        command
    }

    fn run(&self, command: &mut Command) -> String {
        let output = command.output().expect("the test command installs it");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {said} {complaint}");
        said
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // A story that failed must not leave a container behind.
        let running = self.tool("docker").args(["ps", "--all", "--quiet"]).output();
        let running = running.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let running = running.unwrap_or_default();
        let _ =
            self.tool("docker").args(["rm", "--force"]).args(running.split_whitespace()).output();
        // Asked in a friendly way it takes its network and its mounts away.
        let _ = Command::new("kill").args(["-TERM", &self.daemon.id().to_string()]).status();
        let _ = self.daemon.wait();
    }
}
