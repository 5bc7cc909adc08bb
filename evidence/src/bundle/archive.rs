//! A bundle as one tar file, made while it is sent.

use tar::{EntryType, Header};

use super::Piece;

/// The folder that the files are in, so that they do not spill where the archive is opened.
const FOLDER: &str = "medlock-history";
/// A tar file is made of blocks.
const BLOCK: u64 = 512;

/// Turns pieces into the bytes of a tar file.
pub struct Archive {
    /// The time every entry bears, Unix seconds.
    made: u64,
    /// Zeros that the last file still needs to fill its block.
    padding: usize,
}

impl Archive {
    /// An archive made at `made`, Unix seconds.
    pub const fn new(made: u64) -> Self {
        Self { made, padding: 0 }
    }

    /// The bytes that stand for a piece.
    pub fn take(&mut self, piece: Piece) -> std::io::Result<Vec<u8>> {
        match piece {
            Piece::Bytes(bytes) => Ok(bytes),
            Piece::File { path, size } => {
                let mut bytes = vec![0; std::mem::take(&mut self.padding)];
                bytes.extend_from_slice(self.header(&path, size)?.as_bytes());
                self.padding = usize::try_from((BLOCK - size % BLOCK) % BLOCK).unwrap_or_default();
                Ok(bytes)
            }
            // Two empty blocks say that the archive is whole.
            Piece::End => Ok(vec![0; std::mem::take(&mut self.padding) + 2 * BLOCK as usize]),
        }
    }

    fn header(&self, path: &str, size: u64) -> std::io::Result<Header> {
        let mut header = Header::new_ustar();
        header.set_path(format!("{FOLDER}/{path}"))?;
        header.set_entry_type(EntryType::Regular);
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(self.made);
        header.set_cksum();
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn pieces_become_an_archive_that_a_reader_takes_apart_again() {
        let file = |path: &str, size| Piece::File { path: path.to_owned(), size };
        let pieces = [
            file("a", 3),
            Piece::Bytes(b"ab".to_vec()),
            Piece::Bytes(b"c".to_vec()),
            file("b/c", 512),
            Piece::Bytes(vec![7; 512]),
            file("empty", 0),
            Piece::End,
        ];
        let mut archive = Archive::new(1_795_420_800);
        let bytes: Vec<u8> =
            pieces.into_iter().flat_map(|piece| archive.take(piece).unwrap()).collect();
        let mut reader = tar::Archive::new(bytes.as_slice());
        let mut found = Vec::new();
        for entry in reader.entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().display().to_string();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            found.push((path, bytes));
        }
        let expected = [("a", b"abc".to_vec()), ("b/c", vec![7; 512]), ("empty", vec![])]
            .map(|(path, bytes)| (format!("medlock-history/{path}"), bytes));
        assert_eq!(found, expected);
    }
}
