//! A checkpoint (c2sp.org/tlog-checkpoint): which log, how long, and the root of its tree.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::note::NoteError;
use super::tree::TreeHash;

/// A tree, named. What makes it believed are the signatures of the note it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: TreeHash,
}

impl Checkpoint {
    /// Reads a note's text. Lines after the third are somebody else's extensions: they are signed, and not
    /// looked at.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let bad = NoteError::Form("not a checkpoint");
        let lines = text.strip_suffix('\n').ok_or_else(|| bad.clone())?;
        let mut lines = lines.split('\n');
        let mut next = || lines.next().filter(|line| !line.is_empty()).ok_or_else(|| bad.clone());
        let (origin, size, root) = (next()?, next()?, next()?);
        let number: u64 = size.parse().map_err(|_| bad.clone())?;
        let root = BASE64.decode(root).map_err(|_| bad.clone())?;
        let root = TreeHash::try_from(root).map_err(|_| bad.clone())?;
        if number.to_string() != size || lines.any(str::is_empty) {
            return Err(bad);
        }
        Ok(Self { origin: origin.to_owned(), size: number, root })
    }

    /// The text that is signed: three lines, no extensions.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_has_one_spelling() {
        let checkpoint = Checkpoint { origin: "a/log".into(), size: 300, root: [7; 32] };
        let text = checkpoint.text();
        assert_eq!(Checkpoint::parse(&text), Ok(checkpoint.clone()));
        assert_eq!(Checkpoint::parse(&format!("{text}extension\n")), Ok(checkpoint));
        let wrong = [
            text.replace("300", "0300"),
            text.replace("300", "+300"),
            text.replace("300", "-1"),
            text.replace("=\n", "\n"),
            text.trim_end().to_owned(),
            format!("{text}\n"),
            format!("\n{text}"),
            String::new(),
        ];
        for wrong in wrong {
            assert!(Checkpoint::parse(&wrong).is_err(), "{wrong:?}");
        }
    }
}
