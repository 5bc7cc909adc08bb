//! A witness: its key, its records, its clock. It knows no installation.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use commands::ports::world::Clock;
use domain::journal::note::{Note, NoteKey, SignatureLine, VerifierKey};
use domain::journal::witnessing::{CheckpointRequest, WitnessRefusal};
use infra::clock::SystemClock;
use infra::entropy::OsEntropy;
use infra::witness::{DirectoryWitnessStore, WitnessStoreError, witness_key};

use super::make_private_folder;

/// Somebody who watches that logs only grow, and says so with a signature.
pub(crate) struct Cosigner {
    key: NoteKey,
    logs: Vec<VerifierKey>,
    records: DirectoryWitnessStore,
    clock: Arc<dyn Clock>,
    /// Whether its key was made just now.
    pub(crate) key_made: bool,
}

/// Why a witness that would cosign cannot.
pub(crate) enum CosignerError {
    /// Nothing has changed; it may work later.
    NotNow(String),
    /// What the disk holds is not known: the process must end.
    MustEnd(String),
}

impl Cosigner {
    /// Opens the witness in `data`, or makes one there, with a key of its own.
    pub(crate) fn open(data: &Path, name: &str, logs: Vec<VerifierKey>) -> anyhow::Result<Self> {
        make_private_folder(data)?;
        let records = DirectoryWitnessStore::open(data)?;
        let (key, made) =
            witness_key(data, &records, name, &OsEntropy).context("the witness has no key")?;
        Ok(Self { key, logs, records, clock: Arc::new(SystemClock), key_made: made.0 })
    }

    /// What its cosignatures are checked with.
    pub(crate) const fn key(&self) -> &VerifierKey {
        self.key.public()
    }

    /// The keys of the logs it knows.
    pub(crate) fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// Cosigns what a request asks for, if it may; the record is durable when this answers.
    pub(crate) fn cosign(
        &self,
        body: &[u8],
    ) -> Result<Result<SignatureLine, WitnessRefusal>, CosignerError> {
        let request =
            CheckpointRequest::parse(body).and_then(|request| request.vouched(&self.logs));
        let request = match request {
            Ok(request) => request,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let sign = || self.signed(&request.note().text);
        let cosigned = self.records.cosign(&request, sign).map_err(store_error)?;
        if let Err(refusal @ WitnessRefusal::OtherRoot(_)) = &cosigned {
            let log = &request.checkpoint().origin;
            tracing::error!(log, %refusal, "a log has signed two trees of one size: it has forked");
        }
        Ok(cosigned)
    }

    /// What it cosigned last for the log whose origin hashes so, for monitors: the log's own signatures and
    /// a cosignature that says so now. None of a log it never cosigned.
    pub(crate) fn monitored(&self, origin_hash: &str) -> Result<Option<Note>, CosignerError> {
        let found = self.records.monitored(origin_hash, |text| self.signed(text));
        let found = found.map_err(store_error)?;
        Ok(found.map(|(mut note, line)| {
            note.signatures.push(line);
            note
        }))
    }

    fn signed(&self, text: &str) -> SignatureLine {
        let seconds = self.clock.now().micros() / 1_000_000;
        self.key.sign(text, u64::try_from(seconds).unwrap_or_default())
    }
}

fn store_error(error: WitnessStoreError) -> CosignerError {
    let text = error.to_string();
    match error {
        WitnessStoreError::Unknown(_) => CosignerError::MustEnd(text),
        WitnessStoreError::InUse(_)
        | WitnessStoreError::Damaged(_)
        | WitnessStoreError::NotWritten(_)
        | WitnessStoreError::Folder { .. } => CosignerError::NotNow(text),
    }
}
