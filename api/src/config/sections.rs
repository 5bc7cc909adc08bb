//! The settings of each subsystem: what there is, and what holds where nobody says anything. A section
//! goes whole to the function that builds its subsystem.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

/// More mebibytes than a file system holds: their bytes are still a number.
const MIB_MOST: u64 = 1 << 40;
/// Pages drawn at once: each is a process of its own.
const DRAWINGS_MOST: u64 = 1_024;
/// Nobody waits longer for a page.
const WAIT_SECONDS_MOST: u64 = 3_600;
/// Of anything else, more than a machine does at once or in a minute.
const SHARE_MOST: u64 = 1_000_000;

/// `[rates]`: how often one may ask.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RateSettings {
    /// Requests a minute from one address.
    pub requests_per_minute: u32,
    /// Registrations, log-ins and codes a minute from one address.
    pub logins_per_minute: u32,
    /// Letters a minute to one address, after a burst of ten.
    pub letters_per_minute: u32,
}

impl Default for RateSettings {
    fn default() -> Self {
        Self { requests_per_minute: 6_000, logins_per_minute: 60, letters_per_minute: 1 }
    }
}

impl RateSettings {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        not_zero([
            ("rates.requests_per_minute", self.requests_per_minute.into()),
            ("rates.logins_per_minute", self.logins_per_minute.into()),
            ("rates.letters_per_minute", self.letters_per_minute.into()),
        ])
    }
}

/// `[identity]`: for how long somebody is signed in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IdentitySettings {
    /// How long a session lasts, hours.
    pub session_hours: u64,
}

impl Default for IdentitySettings {
    fn default() -> Self {
        Self { session_hours: 12 }
    }
}

impl IdentitySettings {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        not_zero([("identity.session_hours", self.session_hours)])
    }
}

/// `[records]`: what may be uploaded, and how it is read again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RecordsSettings {
    /// Largest report, MiB.
    pub report_mib_max: u64,
    /// Most that one patient's reports hold together, MiB. Doctors fill three quarters of it at most.
    pub patient_mib_max: u64,
    /// How fast all stored files are read again in the background, MiB in a second.
    pub scrub_mib_per_second: u64,
}

impl Default for RecordsSettings {
    fn default() -> Self {
        Self { report_mib_max: 2_048, patient_mib_max: 20_480, scrub_mib_per_second: 16 }
    }
}

impl RecordsSettings {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let numbers = [
            ("records.report_mib_max", self.report_mib_max),
            ("records.scrub_mib_per_second", self.scrub_mib_per_second),
            ("records.patient_mib_max", self.patient_mib_max),
        ];
        not_zero(numbers)?;
        at_most(MIB_MOST, numbers)
    }
}

/// `[shares]`: how much one account may have of what there is little of, and how much there is in all.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ShareSettings {
    /// Pages drawn at once, in all; 0 = as many as cores.
    pub drawings: usize,
    /// Pages drawn at once for one reader; 0 = half of all.
    pub drawings_each: usize,
    /// Pages of one reader that may wait for their turn.
    pub drawings_waiting_each: usize,
    /// How long a page waits for its turn, seconds. A page may be drawn for 20.
    pub drawing_wait_seconds_max: u64,
    /// View tokens a minute, for one doctor.
    pub view_tokens_per_minute: u32,
    /// Reports a minute that one account announces.
    pub uploads_per_minute: u32,
    /// Live streams open at once, for one account.
    pub streams_each: usize,
    /// Live streams open at once, in all.
    pub streams: usize,
    /// History bundles made at once, for one account.
    pub bundles_each: usize,
    /// History bundles made at once, in all.
    pub bundles: usize,
    /// Receipts made at once, for one account.
    pub receipts_each: usize,
    /// Receipts made at once, in all.
    pub receipts: usize,
    /// Uploads under way at once, of one account.
    pub uploads_each: usize,
    /// Uploads under way at once, in all.
    pub uploads: usize,
    /// Downloads under way at once, of one account.
    pub downloads_each: usize,
    /// Downloads under way at once, in all.
    pub downloads: usize,
}

impl Default for ShareSettings {
    fn default() -> Self {
        Self {
            drawings: 0,
            drawings_each: 0,
            drawings_waiting_each: 16,
            drawing_wait_seconds_max: 60,
            view_tokens_per_minute: 60,
            uploads_per_minute: 60,
            streams_each: 16,
            streams: 1_000,
            bundles_each: 1,
            bundles: 8,
            receipts_each: 2,
            receipts: 16,
            uploads_each: 4,
            uploads: 64,
            downloads_each: 4,
            downloads: 256,
        }
    }
}

impl ShareSettings {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        at_most(
            DRAWINGS_MOST,
            [
                ("shares.drawings", self.drawings as u64),
                ("shares.drawings_each", self.drawings_each as u64),
            ],
        )?;
        let wait = [("shares.drawing_wait_seconds_max", self.drawing_wait_seconds_max)];
        at_most(WAIT_SECONDS_MOST, wait)?;
        not_zero(wait)?;
        let numbers = [
            ("shares.drawings_waiting_each", self.drawings_waiting_each as u64),
            ("shares.view_tokens_per_minute", self.view_tokens_per_minute.into()),
            ("shares.uploads_per_minute", self.uploads_per_minute.into()),
            ("shares.streams_each", self.streams_each as u64),
            ("shares.streams", self.streams as u64),
            ("shares.bundles_each", self.bundles_each as u64),
            ("shares.bundles", self.bundles as u64),
            ("shares.receipts_each", self.receipts_each as u64),
            ("shares.receipts", self.receipts as u64),
            ("shares.uploads_each", self.uploads_each as u64),
            ("shares.uploads", self.uploads as u64),
            ("shares.downloads_each", self.downloads_each as u64),
            ("shares.downloads", self.downloads as u64),
        ];
        not_zero(numbers)?;
        at_most(SHARE_MOST, numbers)
    }
}

/// `[drawing]`: how pages are drawn.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DrawingSettings {
    /// Whether pages are drawn on a kernel that has neither seccomp nor Landlock to confine the drawing
    /// process with.
    pub even_unconfined: bool,
    /// Confined drawing processes that wait for a document, 64 at most; 0 = one is started when a page is
    /// asked for.
    pub waiting: usize,
    /// Documents that stay open for further pages of their viewing, in all, 256 at most; 0 = none.
    pub kept: usize,
    /// Memory that the processes use which have these documents open, in all, MiB; 65536 at most.
    pub kept_mib_max: u64,
    /// How long a document stays open for a page that does not come, seconds; 900 at most, as a viewing
    /// lasts.
    pub kept_seconds_max: u64,
}

impl Default for DrawingSettings {
    fn default() -> Self {
        Self {
            even_unconfined: false,
            waiting: 2,
            kept: 8,
            kept_mib_max: 256,
            kept_seconds_max: 60,
        }
    }
}

impl DrawingSettings {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        at_most(64, [("drawing.waiting", self.waiting as u64)])?;
        at_most(256, [("drawing.kept", self.kept as u64)])?;
        at_most(65_536, [("drawing.kept_mib_max", self.kept_mib_max)])?;
        at_most(900, [("drawing.kept_seconds_max", self.kept_seconds_max)])
    }
}

/// `[transparency]`: how the log is signed, published and read again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TransparencySettings {
    /// How often a checkpoint is made of what is new, milliseconds. Sizes and times tell how busy an
    /// organisation is: a small practice may choose a minute.
    pub checkpoint_millis: u64,
    /// The last signed checkpoint once more, in no backup of the data folder; beside the data folder if
    /// not set.
    #[schema(value_type = Option<String>)]
    pub guard_file: Option<PathBuf>,
    /// A c2sp.org/tlog-policy file: who is asked to cosign, and whose cosignatures count.
    #[schema(value_type = Option<String>)]
    pub witness_policy: Option<PathBuf>,
    /// Whether nothing is published without a quorum of the witnesses.
    pub quorum_only: bool,
    /// For how long events may wait for a signature (or a quorum) before no more reports are shown, seconds.
    pub uncovered_seconds_max: u64,
    /// How often everything stored is read again, hours.
    pub scrub_hours: u64,
}

impl Default for TransparencySettings {
    fn default() -> Self {
        Self {
            checkpoint_millis: 1_000,
            guard_file: None,
            witness_policy: None,
            quorum_only: false,
            uncovered_seconds_max: 300,
            scrub_hours: 24,
        }
    }
}

impl TransparencySettings {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        not_zero([
            ("transparency.checkpoint_millis", self.checkpoint_millis),
            ("transparency.uncovered_seconds_max", self.uncovered_seconds_max),
            ("transparency.scrub_hours", self.scrub_hours),
        ])?;
        anyhow::ensure!(
            !self.quorum_only || self.witness_policy.is_some(),
            "transparency.quorum_only needs a witness_policy"
        );
        anyhow::ensure!(
            self.checkpoint_millis / 1_000 < self.uncovered_seconds_max,
            "transparency.checkpoint_millis must be shorter than uncovered_seconds_max"
        );
        Ok(())
    }
}

/// `[anchors]`: where checkpoints are taken out of the organisation, and how often.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AnchorSettings {
    /// How often a checkpoint is anchored, minutes.
    pub every_minutes: u64,
    /// When an anchor is too old for the service to be called healthy, minutes.
    pub late_minutes: u64,
    /// Folder that checkpoints are copied to: a WORM share, another machine's disk.
    #[schema(value_type = Option<String>)]
    pub folder: Option<PathBuf>,
    /// `[anchors.evm]`: a contract on an EVM chain.
    pub evm: EvmSettings,
}

impl Default for AnchorSettings {
    fn default() -> Self {
        Self { every_minutes: 60, late_minutes: 180, folder: None, evm: EvmSettings::default() }
    }
}

impl AnchorSettings {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        not_zero([
            ("anchors.every_minutes", self.every_minutes),
            ("anchors.late_minutes", self.late_minutes),
            ("anchors.evm.gwei_max", self.evm.gwei_max),
        ])?;
        let evm = &self.evm;
        let named = evm.rpc_url.is_some() || evm.key.is_some();
        let named = named || evm.chain_id.is_some() || evm.contract.is_some();
        anyhow::ensure!(cfg!(feature = "evm") || !named, NO_CHAIN_ANCHOR);
        let paid = evm.rpc_url.is_some() && evm.chain_id.is_some() && evm.key.is_some();
        anyhow::ensure!(
            evm.contract.is_none() || paid,
            "anchors.evm.contract needs rpc_url, chain_id and key"
        );
        Ok(())
    }
}

/// Why the settings `[anchors.evm]` are refused by builds without the feature `evm`.
pub(crate) const NO_CHAIN_ANCHOR: &str =
    "this build has no chain anchor: take the settings anchors.evm away, or a build that has it";

/// `[anchors.evm]`: which chain, which contract, who pays.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EvmSettings {
    /// Where an EVM node answers. A secret: addresses of hosted nodes carry a key.
    #[serde(serialize_with = "hidden")]
    #[schema(value_type = Option<String>, default = json!(null))]
    pub rpc_url: Option<SecretString>,
    /// The chain it must be on.
    pub chain_id: Option<u64>,
    /// The anchor contract's address.
    pub contract: Option<String>,
    /// The key that pays, 32 bytes in hex. Better given by the environment than by a file.
    #[serde(serialize_with = "hidden")]
    #[schema(value_type = Option<String>, default = json!(null))]
    pub key: Option<SecretString>,
    /// Most that is paid for a unit of gas, gwei; while the chain asks for more, nothing is sent.
    pub gwei_max: u64,
}

impl Default for EvmSettings {
    fn default() -> Self {
        Self { rpc_url: None, chain_id: None, contract: None, key: None, gwei_max: 100 }
    }
}

/// A secret as it is shown: that there is one. A secret cannot be written otherwise, so none is forgotten.
pub(super) fn hidden<S: Serializer>(
    secret: &Option<SecretString>,
    to: S,
) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(|_| "(given)").serialize(to)
}

pub(super) fn not_zero<const N: usize>(numbers: [(&str, u64); N]) -> anyhow::Result<()> {
    for (name, number) in numbers {
        anyhow::ensure!(number >= 1, "{name} must be at least 1");
    }
    Ok(())
}

pub(super) fn at_most<const N: usize>(most: u64, numbers: [(&str, u64); N]) -> anyhow::Result<()> {
    for (name, number) in numbers {
        anyhow::ensure!(number <= most, "{name} must be at most {most}");
    }
    Ok(())
}
