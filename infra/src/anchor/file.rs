//! A folder on another disk, a WORM share: a copy of the checkpoint that is never overwritten.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use transparency::ports::{Anchor, AnchorError, AnchorRequest};

use crate::durable;

/// Readable by whoever may read the folder; written once.
const MODE: u32 = 0o444;

/// Copies checkpoints to a folder, one file each, named after the log and the size.
pub struct FileAnchor {
    folder: PathBuf,
}

impl FileAnchor {
    /// Anchors to `folder`.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn name_of(request: &AnchorRequest) -> String {
        let log = hex::encode(&Sha256::digest(&request.origin)[..8]);
        format!("{log}-{:020}.checkpoint", request.size)
    }

    async fn file(&self, name: &str) -> Result<Option<Vec<u8>>, AnchorError> {
        let path = self.folder.join(name);
        blocking(move || durable::read(&path)).await
    }
}

async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, AnchorError> {
    let done = durable::blocking("anchor folder", job).await;
    done.map_err(|error| {
        AnchorError::Later(format!("the anchor folder cannot be used: {}", error.source))
    })
}

/// The text that was signed, without whoever signed it: a later cosignature is no other checkpoint.
fn text(note: &[u8]) -> &[u8] {
    let end = note.windows(2).position(|pair| pair == b"\n\n");
    end.map_or(note, |end| &note[..=end])
}

fn receipt(name: &str, note: &[u8]) -> Value {
    json!({ "file": name, "sha256": hex::encode(Sha256::digest(note)) })
}

#[async_trait]
impl Anchor for FileAnchor {
    fn name(&self) -> &'static str {
        "file"
    }

    async fn anchor(&self, request: &AnchorRequest) -> Result<Value, AnchorError> {
        let name = Self::name_of(request);
        let path = self.folder.join(&name);
        let note = request.note.clone();
        if self.file(&name).await?.is_none() {
            blocking(move || durable::create(&path, &note, MODE)).await?;
        }
        // Whoever made it, now or before: what is there counts.
        let there = self.file(&name).await?;
        let there = there.ok_or_else(|| AnchorError::Later(format!("{name} is gone again")))?;
        if text(&there) != text(&request.note) {
            let why = format!("{name} is there and says something else");
            return Err(AnchorError::Refused(why));
        }
        Ok(receipt(&name, &there))
    }

    async fn check(&self, request: &AnchorRequest, given: &Value) -> Result<(), AnchorError> {
        let name = Self::name_of(request);
        let refused = |why: String| Err(AnchorError::Refused(why));
        if given["file"] != name.as_str() {
            return refused("the receipt names the file of another log or size".to_owned());
        }
        let Some(there) = self.file(&name).await? else {
            return refused(format!("{name} is not in the anchor folder"));
        };
        if text(&there) != text(&request.note) {
            return refused(format!("{name} in the anchor folder is another checkpoint"));
        }
        if *given != receipt(&name, &there) {
            return refused(format!("the receipt is not that of {name} in the anchor folder"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(note: &str) -> AnchorRequest {
        AnchorRequest { origin: "a/log".into(), size: 3, root: [1; 32], note: note.into() }
    }

    #[tokio::test]
    async fn a_checkpoint_is_copied_once_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let anchor = FileAnchor::new(folder.path());
        let asked = request("a/log\n3\nAQ==\n\n— a/log x\n");
        let receipt = anchor.anchor(&asked).await.unwrap();
        anchor.check(&asked, &receipt).await.unwrap();
        let cosigned = request("a/log\n3\nAQ==\n\n— a/log x\n— w y\n");
        assert_eq!(anchor.anchor(&cosigned).await.unwrap(), receipt);
        let other = request("a/log\n3\nAg==\n\n— a/log x\n");
        assert!(matches!(anchor.anchor(&other).await, Err(AnchorError::Refused(_))));
        let error = anchor.check(&other, &receipt).await.unwrap_err().to_string();
        assert!(error.contains("another checkpoint"), "{error}");
        let elsewhere = AnchorRequest { origin: "b/log".into(), ..asked.clone() };
        let error = anchor.check(&elsewhere, &receipt).await.unwrap_err().to_string();
        assert!(error.contains("another log"), "{error}");
        std::fs::remove_file(folder.path().join(receipt["file"].as_str().unwrap())).unwrap();
        let error = anchor.check(&asked, &receipt).await.unwrap_err().to_string();
        assert!(error.contains("is not in the anchor folder"), "{error}");
    }
}
