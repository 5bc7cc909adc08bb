//! What somebody could do who had taken over a decoder: this very program puts itself into the drawing
//! process's confinement and tries to get out, one way at a time, each in a process of its own.

use std::fs::File;
use std::io::{self, Read as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use infra::rasteriser::DrawingLimits;
use infra::rasteriser::confinement::{self, calls};

const THIS_TEST: &str = "rasteriser::inside::nothing_is_reached_from_inside";
/// How a try ends that came to nothing; one that worked ends well.
const REFUSED: i32 = 9;
const SIGSYS: i32 = 31;

/// What lies outside, made before the walls go up.
struct Outside {
    folder: PathBuf,
    port: u16,
    stranger: Child,
}

/// A way out, and how it fails by Landlock alone and by seccomp alone.
struct WayOut {
    name: &'static str,
    try_it: fn(&mut Outside) -> io::Result<()>,
    landlock: Fails,
    seccomp: Fails,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fails {
    /// With an error.
    Refused,
    /// By the end of the process.
    Ended,
    /// This layer alone does not stop it: the other one does.
    Not,
}

const WAYS_OUT: [WayOut; 12] = [
    way("open the key", open_key, Fails::Refused, Fails::Refused),
    way("write a file", write_file, Fails::Refused, Fails::Refused),
    way("list a folder", list_folder, Fails::Refused, Fails::Refused),
    way("open its own memory", open_memory, Fails::Refused, Fails::Refused),
    way("read the environment", read_environment, Fails::Refused, Fails::Refused),
    way("become a program", become_program, Fails::Refused, Fails::Ended),
    way("start a program", start_program, Fails::Refused, Fails::Refused),
    way("start a thread", start_thread, Fails::Not, Fails::Refused),
    way("connect by TCP", connect_tcp, Fails::Refused, Fails::Ended),
    way("send by UDP", send_udp, Fails::Not, Fails::Ended),
    way("connect to a socket file", connect_unix, Fails::Not, Fails::Ended),
    way("kill a stranger", kill_stranger, Fails::Refused, Fails::Refused),
];

const fn way(
    name: &'static str,
    try_it: fn(&mut Outside) -> io::Result<()>,
    landlock: Fails,
    seccomp: Fails,
) -> WayOut {
    WayOut { name, try_it, landlock, seccomp }
}

fn open_key(outside: &mut Outside) -> io::Result<()> {
    let mut key = [0; 32];
    File::open(outside.folder.join("master.key"))?.read_exact(&mut key)
}

fn write_file(outside: &mut Outside) -> io::Result<()> {
    File::create(outside.folder.join("written")).map(drop)
}

fn list_folder(outside: &mut Outside) -> io::Result<()> {
    std::fs::read_dir(&outside.folder)?.next().transpose().map(drop)
}

fn open_memory(_: &mut Outside) -> io::Result<()> {
    File::open("/proc/self/mem").map(drop)
}

fn read_environment(_: &mut Outside) -> io::Result<()> {
    std::fs::read("/proc/self/environ").map(drop)
}

fn become_program(_: &mut Outside) -> io::Result<()> {
    Err(Command::new("/bin/true").exec())
}

fn start_program(_: &mut Outside) -> io::Result<()> {
    Command::new("/bin/true").status().map(drop)
}

fn start_thread(_: &mut Outside) -> io::Result<()> {
    std::thread::Builder::new().spawn(|| ()).map(drop)
}

fn connect_tcp(outside: &mut Outside) -> io::Result<()> {
    TcpStream::connect(("127.0.0.1", outside.port)).map(drop)
}

fn send_udp(outside: &mut Outside) -> io::Result<()> {
    UdpSocket::bind("127.0.0.1:0")?.send_to(b"out", ("127.0.0.1", outside.port)).map(drop)
}

fn connect_unix(outside: &mut Outside) -> io::Result<()> {
    UnixStream::connect(outside.folder.join("socket")).map(drop)
}

fn kill_stranger(outside: &mut Outside) -> io::Result<()> {
    outside.stranger.kill()
}

/// Tries `way` behind `wall`, in the process that is there for it. Only the end says how it went.
fn from_inside(wall: &str, way: &str, folder: &Path) -> ! {
    let way = WAYS_OUT.iter().find(|known| known.name == way).unwrap();
    let port = std::fs::read_to_string(folder.join("port")).unwrap().parse().unwrap();
    let stranger = Command::new("/bin/cat").stdin(Stdio::piped()).spawn().unwrap();
    let mut outside = Outside { folder: folder.to_owned(), port, stranger };
    match wall {
        "none" => {}
        "landlock" => assert!(confinement::landlock().unwrap(), "this kernel has no Landlock"),
        "seccomp" => calls::restrict().unwrap(),
        _ => assert!(confinement::confine(&DrawingLimits::default()).unwrap().wholly()),
    }
    let came_out = (way.try_it)(&mut outside).is_ok();
    std::process::exit(if came_out { 0 } else { REFUSED });
}

/// How `way` fails behind `wall`.
fn tried(wall: &str, way: &WayOut, folder: &Path) -> Fails {
    let ended = Command::new(std::env::current_exe().unwrap())
        .args([THIS_TEST, "--exact", "--nocapture", "--test-threads=1"])
        .args([wall, way.name])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    match (ended.code(), ended.signal()) {
        (Some(0), _) => Fails::Not,
        (Some(REFUSED), _) => Fails::Refused,
        (_, Some(SIGSYS)) => Fails::Ended,
        _ => panic!("{} behind {wall}: {ended}", way.name),
    }
}

#[test]
fn nothing_is_reached_from_inside() {
    let words: Vec<String> = std::env::args().collect();
    if let Some(at) = words.iter().position(|word| word == "--test-threads=1")
        && let [wall, way, folder] = &words[at + 1..]
    {
        from_inside(wall, way, Path::new(folder));
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("master.key"), [7; 32]).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::fs::write(folder.path().join("port"), port.to_string()).unwrap();
    let _socket = UnixListener::bind(folder.path().join("socket")).unwrap();
    for way in &WAYS_OUT {
        let fails = |wall| tried(wall, way, folder.path());
        assert_eq!(fails("none"), Fails::Not, "{}: it does not work outside either", way.name);
        assert_eq!(fails("landlock"), way.landlock, "{} behind Landlock", way.name);
        assert_eq!(fails("seccomp"), way.seccomp, "{} behind seccomp", way.name);
        assert_ne!(fails("both"), Fails::Not, "{} behind both", way.name);
    }
}
