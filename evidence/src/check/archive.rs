//! A bundle that comes as one tar file, opened into a folder of its own.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

/// Unpacks a bundle into a throw-away folder that is nobody else's to look into.
///
/// # Errors
/// If it is no tar file, or holds anything but the plain files of one folder.
pub fn unpack(path: &Path) -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("medlock-check-").tempdir()?;
    let mut archive = tar::Archive::new(File::open(path)?);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.header().entry_type().is_dir() {
            continue;
        }
        let name = entry.path()?.into_owned();
        let inner = inner(&name).filter(|_| entry.header().entry_type().is_file());
        let Some(inner) = inner else {
            let what = format!("{} in the archive is no plain file of a bundle", name.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        };
        let target = folder.path().join(inner);
        target.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        let mut options = File::options();
        options.write(true).create_new(true).mode(0o600);
        io::copy(&mut entry, &mut OpenOptions::open(&options, target)?)?;
    }
    Ok(folder)
}

/// The path below the archive's one folder, if there is nothing odd about it.
fn inner(name: &Path) -> Option<PathBuf> {
    let plain = |part: &Component<'_>| matches!(part, Component::Normal(_));
    let mut parts = name.components();
    parts.next().filter(plain)?;
    let rest = parts.as_path();
    let fits = rest.components().next().is_some() && rest.components().all(|part| plain(&part));
    fits.then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_out_of_the_folder_is_refused() {
        assert_eq!(inner(Path::new("a/b/c")), Some(PathBuf::from("b/c")));
        for odd in ["a", "/a/b", "../a", "a/../b", "a/b/../../../c", ""] {
            assert_eq!(inner(Path::new(odd)), None, "{odd}");
        }
    }
}
