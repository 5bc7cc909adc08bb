//! A file system whose power can be cut: an ext4 on a disk that forgets what was not flushed. Made of
//! Debian's nbdkit with a plugin of our own (`tests/powercut/volatile_disk.py`), nbdfuse and a loop device.
//! As root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Size of the disk, in MiB.
const SIZE_MB: u32 = 192;
/// How often it is looked whether the other side is ready: seconds at most, and nothing else says so.
const LOOKS_MAX: u32 = 2_000_000;

/// What the disk forgot.
#[derive(Debug, Clone, Copy, Default)]
pub struct Forgotten {
    /// Sectors of 512 bytes that were written and never flushed, and are lost.
    pub lost: u64,
    /// Sectors of that kind that reached the disk all the same.
    pub kept: u64,
}

/// A disk, and the power that it has or has not.
pub struct VolatileDisk {
    folder: TempDir,
    powered: Option<Powered>,
    formatted: bool,
}

struct Powered {
    server: Child,
    /// None until it is there.
    device: Option<String>,
}

impl VolatileDisk {
    /// An empty disk, switched on. `seed` says what is torn at the first cut.
    pub fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("mnt")).expect("a mount point");
        let mut disk = Self { folder, powered: None, formatted: false };
        disk.switch_on(seed);
        disk
    }

    /// Where its file system is.
    pub fn mount(&self) -> PathBuf {
        self.folder.path().join("mnt")
    }

    /// The power is back: the file system holds what the disk holds. `seed` is for the next cut.
    pub fn switch_on(&mut self, seed: u64) {
        assert!(self.powered.is_none(), "it is on already");
        for old in ["cut", "stat"] {
            let _ = fs::remove_file(self.file(old));
        }
        fs::write(self.file("disk"), "").expect("a place for the disk");
        let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("powercut/volatile_disk.py");
        let server = Command::new("nbdfuse")
            .arg(self.file("disk"))
            .args(["--command", "nbdkit", "-s", "--filter=blocksize", "python"])
            .arg(plugin)
            .arg("minblock=512")
            .env("IMG", self.file("img"))
            .env("CUT", self.file("cut"))
            .env("STAT", self.file("stat"))
            .env("SIZE_MB", SIZE_MB.to_string())
            .env("SEED", seed.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nbdfuse is installed by the test command");
        // What is begun is taken away again whatever fails from here on.
        let powered = self.powered.insert(Powered { server, device: None });
        let file = self.folder.path().join("disk");
        let there = || fs::metadata(&file).is_ok_and(|disk| disk.len() > 0);
        assert!(looked_for(there), "the disk is not there: run as root");
        let device = said(Command::new("losetup").args(["-f", "--show"]).arg(&file));
        let device = powered.device.insert(device);
        if !self.formatted {
            run(Command::new("mkfs.ext4").args(["-q", device]));
            self.formatted = true;
        }
        run(Command::new("mount").arg(device).arg(self.folder.path().join("mnt")));
    }

    /// The power goes, now. With `torn`, about half of what was not flushed reached the disk, sector by
    /// sector. What holds files on it must be killed first, or cannot be rid of.
    pub fn cut(&self, torn: bool) {
        fs::write(self.file("cut"), if torn { "torn" } else { "" }).expect("a cut");
        // The disk notices at its next request; this is one.
        let device = self.powered.as_ref().and_then(|powered| powered.device.as_ref());
        let device = device.expect("it is on");
        let _ = Command::new("dd")
            .args([&format!("if={device}"), "of=/dev/null", "bs=512", "count=1", "iflag=direct"])
            .stderr(Stdio::null())
            .status();
    }

    /// Takes the dead disk away; answers what it forgot.
    pub fn switch_off(&mut self) -> Forgotten {
        assert!(looked_for(|| self.file("stat").exists()), "the cut was not noticed");
        let stat = fs::read_to_string(self.file("stat")).expect("what it forgot");
        let mut numbers = stat.split_whitespace().map(|number| number.parse().expect("a number"));
        let (lost, kept) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        self.unplug();
        Forgotten { lost, kept }
    }

    fn unplug(&mut self) {
        let Some(Powered { mut server, device }) = self.powered.take() else { return };
        // A story that failed may still have files open: everything that can be let go of is.
        let quiet = |command: &mut Command| {
            let _ = command.stderr(Stdio::null()).status();
        };
        quiet(Command::new("umount").arg("-l").arg(self.mount()));
        if let Some(device) = device {
            quiet(Command::new("losetup").args(["-d", &device]));
        }
        quiet(Command::new("fusermount3").args(["-u", "-z"]).arg(self.file("disk")));
        let _ = server.kill();
        let _ = server.wait();
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for VolatileDisk {
    fn drop(&mut self) {
        self.unplug();
    }
}

fn looked_for(there: impl Fn() -> bool) -> bool {
    (0..LOOKS_MAX).any(|_| {
        std::thread::yield_now();
        there()
    })
}

fn run(command: &mut Command) {
    let status = command.stderr(Stdio::inherit()).status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?} failed: run as root");
}

fn said(command: &mut Command) -> String {
    let output = command.output().expect("the test command installs it");
    assert!(output.status.success(), "{command:?} failed: run as root");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
