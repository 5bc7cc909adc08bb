//! A bundle as a folder of files.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::Piece;

/// Writes pieces below a folder that is nobody else's to look into.
pub struct BundleFolder {
    path: PathBuf,
    file: Option<File>,
}

impl BundleFolder {
    /// A folder that is empty, or made now.
    pub fn empty(path: &Path) -> io::Result<Self> {
        match std::fs::read_dir(path) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Err(io::ErrorKind::DirectoryNotEmpty.into());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(path)?,
            Err(error) => return Err(error),
        }
        Ok(Self { path: path.to_owned(), file: None })
    }

    /// Writes a piece; after the last one everything is durable.
    pub fn take(&mut self, piece: Piece) -> io::Result<()> {
        match piece {
            Piece::File { path, .. } => {
                self.finish()?;
                let path = self.path.join(path);
                path.parent().map_or(Ok(()), make)?;
                let mut options = File::options();
                let options = OpenOptions::mode(options.write(true).create_new(true), 0o600);
                self.file = Some(OpenOptions::open(options, path)?);
                Ok(())
            }
            Piece::Bytes(bytes) => match &mut self.file {
                Some(file) => file.write_all(&bytes),
                None => Err(io::ErrorKind::InvalidInput.into()),
            },
            Piece::End => {
                self.finish()?;
                File::open(&self.path)?.sync_all()
            }
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.file.take().map_or(Ok(()), |file| file.sync_all())
    }
}

fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}
