//! The folder an export is written to: every file durable, and its digest kept for the manifest.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::journal::canonical;
use serde::Serialize;

use super::format::Digest;
use super::stop::ExportError;

/// A folder that nothing else is written to.
pub(super) struct ExportFolder {
    path: PathBuf,
    digests: Vec<Digest>,
}

impl ExportFolder {
    /// Refuses a folder with anything in it: an export never mixes with another.
    pub(super) fn empty(path: &Path) -> Result<Self, ExportError> {
        let named = || format!("{} cannot be used", path.display());
        match std::fs::read_dir(path) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Err(ExportError::NotEmpty(path.to_owned()));
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                private_folder(path).with_context(named)?;
            }
            Err(error) => return Err(anyhow::Error::from(error).context(named()).into()),
        }
        Ok(Self { path: path.to_owned(), digests: Vec::new() })
    }

    /// Makes a file for its owner's eyes: an export can hold keys.
    pub(super) fn create(&self, name: &str) -> anyhow::Result<File> {
        let path = self.path.join(name);
        if let Some(folder) = path.parent() {
            private_folder(folder)
                .with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        let file =
            OpenOptions::open(File::options().write(true).create_new(true).mode(0o600), &path);
        file.with_context(|| format!("{} cannot be made", path.display()))
    }

    /// Writes a file whole and notes its digest.
    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        self.write(name, bytes)?;
        let blake3 = blake3::hash(bytes).to_string();
        self.digests.push(Digest { blake3, path: name.to_owned() });
        Ok(())
    }

    /// Writes one line of canonical JSON.
    pub(super) fn put_json(&mut self, name: &str, value: &impl Serialize) -> anyhow::Result<()> {
        self.put(name, &json_line(value)?)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let mut file = self.create(name)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        written.with_context(|| format!("{} cannot be written", self.path.join(name).display()))
    }

    /// What was put so far, sorted by path.
    pub(super) fn digests(&mut self) -> Vec<Digest> {
        let mut digests = std::mem::take(&mut self.digests);
        digests.sort_by(|a, b| a.path.cmp(&b.path));
        digests
    }

    /// Writes what comes last, when all before it is durable: an export without it was not finished.
    pub(super) fn finish(&self, name: &str, value: &impl Serialize) -> anyhow::Result<()> {
        sync_folders(&self.path)?;
        self.write(name, &json_line(value)?)?;
        File::open(&self.path)?.sync_all()?;
        if let Some(parent) = self.path.canonicalize()?.parent() {
            File::open(parent)?.sync_all()?;
        }
        Ok(())
    }
}

fn private_folder(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn json_line(value: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    canonical::write(&serde_json::to_value(value)?, &mut bytes)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A file's name is durable when its folder is.
fn sync_folders(path: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(path)?.sync_all()
}
