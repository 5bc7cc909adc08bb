//! What a running service keeps to itself, as a process: its program, its memory, its descriptors.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::cast::{Person, all_for_treatment};
use tests::process::ServerProcess;
use tests::program::medlock;

const CLEAR: &[u8] = b"haemoglobin twelve point one";
const NOBODY: u32 = 65_534;

/// Ana, Bo and a report that Bo has opened.
struct OpenViewing {
    ana: Person,
    bo: Person,
    viewing: String,
}

impl OpenViewing {
    async fn of(server: &ServerProcess) -> Self {
        let link = server.link.clone().unwrap();
        let (ana, bo, _cy) = server.cast_with(&link).await;
        ana.grant(server, all_for_treatment(server, &bo.id)).await.expect(201);
        let text = ("Blood count", "laboratory", "text/plain");
        let report = ana.upload(server, &ana.id, text, CLEAR.to_vec()).await.expect(201);
        let token = bo.ask(server, &ana.id, &report.text("report")).await.expect(201).text("token");
        let viewing = bo.redeem(server, &ana.id, &token).await.expect(201).text("viewing");
        Self { ana, bo, viewing }
    }

    async fn shows_a_page(&self, server: &ServerProcess) {
        let page = self.bo.page(server, &self.ana.id, &self.viewing, 1).await.expect(200);
        assert!(page.bytes.starts_with(b"\x89PNG"));
    }
}

/// The program under a path of its own, which everybody may run.
fn own_copy(folder: &Path) -> PathBuf {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.join("medlock");
    fs::copy(medlock(), &program).unwrap();
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_replaced_while_it_runs_draws_on_and_its_successor_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let program = own_copy(folder.path());
    let server = ServerProcess::run(&mut Command::new(&program), &folder.path().join("data"));
    let viewing = OpenViewing::of(&server).await;
    viewing.shows_a_page(&server).await;

    let taken = folder.path().join("taken");
    let successor = folder.path().join("successor");
    fs::write(&successor, format!("#!/bin/sh\ncat >> {}\n", taken.display())).unwrap();
    fs::set_permissions(&successor, fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(&successor, &program).unwrap();
    viewing.shows_a_page(&server).await;
    fs::remove_file(&program).unwrap();
    viewing.shows_a_page(&server).await;
    assert!(!taken.exists(), "a report was handed to the program that lies there now");
    server.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_rights_draws_and_leaves_no_core_behind() {
    let folder = tempfile::tempdir().unwrap();
    let program = own_copy(folder.path());
    let home = folder.path().join("home");
    fs::create_dir(&home).unwrap();
    chown(&home, Some(NOBODY), Some(NOBODY)).unwrap();
    let mut command = Command::new(&program);
    command.uid(NOBODY).gid(NOBODY).current_dir(&home);
    let server = ServerProcess::run(&mut command, &home.join("data"));
    OpenViewing::of(&server).await.shows_a_page(&server).await;

    let process = PathBuf::from(format!("/proc/{}", server.pid()));
    let limits = fs::read_to_string(process.join("limits")).unwrap();
    let cores = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let numbers: Vec<_> = cores.split_whitespace().filter(|word| *word == "0").collect();
    assert_eq!(numbers.len(), 2, "{cores}");
    // The memory of a process that may be dumped belongs to its user, who may attach to it.
    assert_eq!(fs::metadata(process.join("mem")).unwrap().uid(), 0, "its memory can be read");
    server.kill();
}
