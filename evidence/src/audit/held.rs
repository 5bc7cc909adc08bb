//! Checkpoints and receipts, held against the tree that was made again from the leaves.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::journal::tile::WIDTH;
use domain::journal::tree::{TreeHash, leaf_hash};
use domain::journal::{Leaf, Position};
use serde_json::Value;

use super::files::PublicFiles;
use super::finding::Finding;
use super::kept::{AnchoredCheckpoint, KeptCheckpoint};
use super::report::AuditReport;
use super::tree::Tree;
use super::trust::{JudgedCheckpoint, KeysFrom, TrustPolicy, Unbelieved};
use crate::ports::{AnchoredTree, ReceiptAnswer, ReceiptChecker, StoredLines};

/// Where leaves can be read again.
pub(super) enum Leaves {
    Lines(Arc<dyn StoredLines>),
    Files(Arc<PublicFiles>),
}

impl Leaves {
    async fn hashes(&self, index: u64) -> anyhow::Result<Vec<TreeHash>> {
        let leaves: Vec<Leaf> = match self {
            Self::Lines(lines) => {
                let width = usize::try_from(WIDTH)?;
                lines.leaves(Position(index * WIDTH), width).await?
            }
            Self::Files(files) => {
                let leaves = files.leaves(index).await;
                leaves.map_err(|finding| anyhow::anyhow!("{finding}"))?
            }
        };
        Ok(leaves.iter().map(|leaf| leaf_hash(&leaf.0)).collect())
    }
}

/// What was seen of one anchor.
#[derive(Default)]
struct Seen {
    holds: u64,
    /// How many were not asked for, and why.
    unasked: Option<(u64, String)>,
}

/// Holds everything that speaks of a tree against the tree.
pub(super) struct Holding<'a> {
    pub(super) tree: &'a Tree,
    pub(super) leaves: Leaves,
    pub(super) trust: &'a TrustPolicy,
    /// The log's origin, as its first line has it.
    pub(super) origin: Option<String>,
    /// How many leaves there are: more than the tree has, if it broke off.
    pub(super) length: u64,
    pub(super) findings: Vec<Finding>,
    anchors: BTreeMap<String, Seen>,
    checked: Vec<String>,
    not_checked: Vec<String>,
}

impl<'a> Holding<'a> {
    pub(super) fn new(
        (tree, length): (&'a Tree, u64),
        leaves: Leaves,
        trust: &'a TrustPolicy,
        origin: Option<String>,
    ) -> Self {
        let anchors = BTreeMap::new();
        let checked = Vec::new();
        let not_checked = Vec::new();
        let findings = Vec::new();
        Self { tree, leaves, trust, origin, length, findings, anchors, checked, not_checked }
    }

    /// The root at `size`; none if the tree broke off before.
    async fn root(&self, size: u64) -> anyhow::Result<Option<TreeHash>> {
        let again = match self.tree.wanted(size) {
            Some(index) => self.leaves.hashes(index).await?,
            None => Vec::new(),
        };
        Ok(self.tree.root_with(size, &again))
    }

    /// Holds a checkpoint against the tree; answers its size if nothing is wrong with it.
    pub(super) async fn checkpoint(
        &mut self,
        kept: &KeptCheckpoint,
    ) -> anyhow::Result<Option<u64>> {
        let name = &kept.name;
        let judged = match self.trust.judge(&kept.note, kept.published) {
            Ok(judged) => judged,
            Err(why) => {
                let what = format!("{name}: {why}");
                self.findings.push(match why {
                    Unbelieved::Unread(_) => Finding::unread_file(what),
                    Unbelieved::Wrong(_) => Finding::of_file(what),
                });
                return Ok(None);
            }
        };
        let size = judged.checkpoint.size;
        if let Some(finding) = self.contradiction(name, &judged).await? {
            self.findings.push(finding);
            return Ok(None);
        }
        self.vouched(kept, judged);
        Ok(Some(size))
    }

    async fn contradiction(
        &self,
        name: &str,
        judged: &JudgedCheckpoint,
    ) -> anyhow::Result<Option<Finding>> {
        let checkpoint = &judged.checkpoint;
        let size = checkpoint.size;
        if self.origin.as_ref().is_some_and(|origin| *origin != checkpoint.origin) {
            let what = format!("{name} is of another log, {}", checkpoint.origin);
            return Ok(Some(Finding::of_file(what)));
        }
        if size > self.length {
            let what = format!(
                "{name} covers {size} events and here are {}: the end is missing, or this is older",
                self.length
            );
            return Ok(Some(Finding::at(Position(self.length), what)));
        }
        if size > self.tree.size() {
            return Ok(None);
        }
        if self.root(size).await? == Some(checkpoint.root) {
            return Ok(None);
        }
        let what = format!("{name} has another root over {size} events than their leaves give");
        Ok(Some(Finding::of_file(what)))
    }

    fn vouched(&mut self, kept: &KeptCheckpoint, judged: JudgedCheckpoint) {
        let name = &kept.name;
        let size = judged.checkpoint.size;
        if size > self.tree.size() {
            self.not_checked.push(format!("the root of {name}: the tree breaks off before"));
        } else {
            self.checked.push(format!("the root over {size} events in {name}"));
        }
        match &self.trust.keys {
            KeysFrom::Elsewhere => {
                self.checked
                    .push(format!("the log's signature on {name}, by a key from elsewhere"));
            }
            KeysFrom::Itself => {
                self.checked.push(format!("the log's signature on {name}, by a key of its own"));
            }
            KeysFrom::Nowhere(why) => {
                self.not_checked.push(format!("the signature on {name}: there is no key ({why})"));
            }
        }
        if !kept.published {
            return;
        }
        if let Some(why) = judged.no_quorum {
            if self.trust.quorum_needed {
                self.findings.push(Finding::of_file(format!("{name}: {why}")));
            } else {
                self.not_checked.push(format!("whether outsiders saw {name}: {why}"));
            }
        } else if !judged.cosigned.is_empty() {
            let by = judged.cosigned.join(", ");
            self.checked.push(format!("the cosignatures on {name}, by {by}"));
        }
    }

    /// Holds what an anchor gave against the tree and, where somebody can be asked, against the outside.
    pub(super) async fn receipt(
        &mut self,
        anchored: AnchoredCheckpoint,
        checker: &dyn ReceiptChecker,
    ) -> anyhow::Result<()> {
        let name = format!("{} (anchor {})", anchored.name, anchored.anchor);
        let finding = |what: String| match anchored.position {
            Some(position) => Finding::at(position, what),
            None => Finding::of_file(what),
        };
        let judged = match self.trust.judge(anchored.note.as_bytes(), false) {
            Ok(judged) => judged,
            Err(why) => {
                self.findings.push(finding(format!("{name}: {why}")));
                return Ok(());
            }
        };
        if judged.checkpoint.size != anchored.size {
            let says = judged.checkpoint.size;
            let what = format!("{name} is said to cover {} events, its note {says}", anchored.size);
            self.findings.push(finding(what));
            return Ok(());
        }
        if let Some(found) = self.contradiction(&name, &judged).await? {
            self.findings.push(finding(found.what().to_owned()));
            return Ok(());
        }
        if anchored.size > self.tree.size() {
            return Ok(());
        }
        let seen = self.anchors.entry(anchored.anchor.clone()).or_default();
        if let Some((count, _)) = &mut seen.unasked {
            *count += 1;
            return Ok(());
        }
        let AnchoredCheckpoint { anchor, note, receipt, size, .. } = anchored;
        let (origin, root) = (judged.checkpoint.origin, judged.checkpoint.root);
        let tree = AnchoredTree { origin, size, root, note: note.into_bytes() };
        match checker.check(&anchor, &tree, &Value::Object(receipt)).await {
            ReceiptAnswer::Holds => seen.holds += 1,
            ReceiptAnswer::Refused(why) => {
                let what = format!("{name} does not hold: {why}");
                self.findings.push(match anchored.position {
                    Some(position) => Finding::at(position, what),
                    None => Finding::of_file(what),
                });
            }
            // Nobody is waited for again and again.
            ReceiptAnswer::NotAsked(why) => seen.unasked = Some((1, why)),
        }
        Ok(())
    }

    /// Writes down what was and was not looked at.
    pub(super) fn tell(self, report: &mut AuditReport) -> Vec<Finding> {
        let Self { checked, not_checked, anchors, findings, trust, .. } = self;
        checked.into_iter().for_each(|what| report.checked(what));
        not_checked.into_iter().for_each(|what| report.not_checked(what));
        for (anchor, Seen { holds, unasked }) in anchors {
            if holds > 0 {
                report
                    .checked(format!("{holds} receipts of the anchor {anchor}, asked for outside"));
            }
            if let Some((count, why)) = unasked {
                report.not_checked(format!(
                    "{count} receipts of the anchor {anchor}, but for the tree they name: {why}"
                ));
            }
        }
        match &trust.keys {
            KeysFrom::Elsewhere => {}
            KeysFrom::Itself | KeysFrom::Nowhere(_) => report.not_checked(OWN_KEYS),
        }
        findings
    }
}

const OWN_KEYS: &str = "whose log this is: the keys came from where it came from, and who has them can rewrite \
                        it and sign again; bring a policy or a key from elsewhere (--witness-policy, --key)";
