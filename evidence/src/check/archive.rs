//! A bundle that comes as one tar file, opened into a folder of its own.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tar::{Entry, EntryType};
use tempfile::TempDir;

/// How much of an archive is unpacked. A file may claim any length and hold nothing: one with holes, made of
/// a few bytes, would fill the disk of whoever looks.
#[derive(Debug, Clone, Copy)]
pub struct ArchiveBounds {
    /// Bytes of all files together.
    pub bytes_max: u64,
    /// Entries, of whatever kind.
    pub entries_max: u64,
}

/// The largest history we can think of: half a million events, each with its proof.
impl Default for ArchiveBounds {
    fn default() -> Self {
        Self { bytes_max: 4 << 30, entries_max: 600_000 }
    }
}

/// Unpacks a bundle into a throw-away folder that is nobody else's to look into.
///
/// # Errors
/// If it is no tar file, holds anything but the plain files of one folder, or more than the bounds allow.
pub fn unpack(path: &Path, bounds: ArchiveBounds) -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("medlock-check-").tempdir()?;
    let mut archive = tar::Archive::new(plain(path)?);
    let (mut bytes, mut entries) = (0_u64, 0_u64);
    // Raw: what only describes the next entry is an entry too, and is not read into memory.
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        entries += 1;
        bytes = bytes.saturating_add(entry.size());
        if bytes > bounds.bytes_max || entries > bounds.entries_max {
            return Err(odd(too_much(bounds)));
        }
        if let Some(inner) = file_of_a_bundle(&entry)? {
            let target = folder.path().join(inner);
            target.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            let mut options = File::options();
            options.write(true).create_new(true).mode(0o600);
            io::copy(&mut entry, &mut OpenOptions::open(&options, target)?)?;
        }
    }
    Ok(folder)
}

/// A file's bytes, out of gzip if they are in it: browsers and mail programs pack what they pass on.
///
/// # Errors
/// If it cannot be read.
pub(super) fn plain(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    let mut file = File::open(path)?;
    let mut begins = [0; 2];
    let packed = file.read(&mut begins)? == 2 && begins == [0x1f, 0x8b];
    file.rewind()?;
    Ok(if packed { Box::new(MultiGzDecoder::new(BufReader::new(file))) } else { Box::new(file) })
}

fn too_much(ArchiveBounds { bytes_max, entries_max }: ArchiveBounds) -> String {
    let mib = bytes_max >> 20;
    format!(
        "it holds more than {mib} MiB or {entries_max} entries, which no history needs; \
         if you trust it, unpack it yourself and check the folder"
    )
}

fn odd(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Where an entry's file belongs; none if there is nothing in it to keep.
fn file_of_a_bundle(entry: &Entry<'_, impl Read>) -> io::Result<Option<PathBuf>> {
    let kind = entry.header().entry_type();
    // Folders come with their files. The other two say of files what we do not look at: finer times, as
    // other programs write them who pack a folder again.
    if matches!(kind, EntryType::Directory | EntryType::XHeader | EntryType::XGlobalHeader) {
        return Ok(None);
    }
    let name = entry.path()?;
    let inner = inner(&name).filter(|_| kind.is_file());
    let no_file = || odd(format!("{} in it is no plain file of a bundle", name.display()));
    inner.map(Some).ok_or_else(no_file)
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
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::{Builder, Header};

    use super::*;

    /// An archive of entries: kind, name, length as claimed, content.
    fn archive(entries: &[(EntryType, &str, u64, &[u8])]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut builder = Builder::new(file.reopen().unwrap());
        for (kind, name, size, content) in entries {
            let mut header = Header::new_ustar();
            header.set_entry_type(*kind);
            header.set_path(name).unwrap();
            header.set_size(*size);
            header.set_mode(0o600);
            header.set_cksum();
            builder.append(&header, *content).unwrap();
        }
        builder.finish().unwrap();
        drop(builder);
        file
    }

    fn refused(file: &tempfile::NamedTempFile, bounds: ArchiveBounds) -> String {
        unpack(file.path(), bounds).unwrap_err().to_string()
    }

    #[test]
    fn an_archive_is_unpacked_up_to_its_bounds_and_not_beyond() {
        let of = |entries: u64| {
            let names: Vec<_> = (0..entries).map(|number| format!("a/{number}")).collect();
            let entry = |name| (EntryType::Regular, name, 512, &[7; 512][..]);
            archive(&names.iter().map(|name| entry(name.as_str())).collect::<Vec<_>>())
        };
        let bounds = ArchiveBounds { bytes_max: 2_048, entries_max: 4 };
        let folder = unpack(of(4).path(), bounds).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
        for bounds in [
            ArchiveBounds { bytes_max: 2_047, ..bounds },
            ArchiveBounds { entries_max: 3, ..bounds },
        ] {
            let why = refused(&of(4), bounds);
            assert!(why.contains("unpack it yourself"), "{why}");
        }
    }

    #[test]
    fn an_archive_that_was_packed_on_its_way_is_unpacked_within_the_same_bounds() {
        let plain = archive(&[(EntryType::Regular, "a/b", 512, &[7; 512])]);
        let packed = tempfile::NamedTempFile::new().unwrap();
        let mut packing = GzEncoder::new(packed.reopen().unwrap(), Compression::default());
        io::copy(&mut plain.reopen().unwrap(), &mut packing).unwrap();
        let length = packing.finish().unwrap().metadata().unwrap().len();
        let folder = unpack(packed.path(), ArchiveBounds::default()).unwrap();
        assert_eq!(std::fs::read(folder.path().join("b")).unwrap(), [7; 512]);
        let bounds = ArchiveBounds { bytes_max: 511, entries_max: 4 };
        assert!(refused(&packed, bounds).contains("unpack it yourself"));
        packed.as_file().set_len(length / 2).unwrap();
        assert!(unpack(packed.path(), ArchiveBounds::default()).is_err(), "it was cut");
    }

    #[test]
    fn a_file_with_a_hole_of_a_tebibyte_is_refused_before_it_is_written() {
        let claimed = 1 << 40;
        let bomb = archive(&[(EntryType::Regular, "a/lines", claimed, b"")]);
        let hole = bomb.as_file();
        hole.set_len(claimed + 4_096).unwrap();
        assert!(refused(&bomb, ArchiveBounds::default()).contains("more than 4096 MiB"));
    }

    #[test]
    fn what_is_no_plain_file_is_refused_and_what_describes_one_is_passed_over() {
        for kind in [EntryType::Symlink, EntryType::Link, EntryType::Fifo, EntryType::GNULongName] {
            let file = archive(&[(kind, "a/b", 0, b"")]);
            assert!(refused(&file, ArchiveBounds::default()).contains("no plain file"), "{kind:?}");
        }
        let described = archive(&[
            (EntryType::XHeader, "PaxHeader/b", 3, b"abc"),
            (EntryType::Regular, "a/b", 1, b"x"),
        ]);
        let folder = unpack(described.path(), ArchiveBounds::default()).unwrap();
        assert_eq!(std::fs::read(folder.path().join("b")).unwrap(), b"x");
    }

    #[test]
    fn what_leads_out_of_the_folder_is_refused() {
        assert_eq!(inner(Path::new("a/b/c")), Some(PathBuf::from("b/c")));
        for odd in ["a", "/a/b", "../a", "a/../b", "a/b/../../../c", ""] {
            assert_eq!(inner(Path::new(odd)), None, "{odd}");
        }
    }
}
