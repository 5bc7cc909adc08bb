//! What an audit says: one verdict, the first broken place, and what it did not look at.

use std::collections::BTreeMap;
use std::fmt;

use domain::journal::chain::ChainCheck;
use domain::journal::continuation::OlderLog;
use serde::Serialize;

use super::finding::Finding;
use super::trust::{KeysFrom, TrustPolicy};
use crate::terminal::OneLine;

/// What was looked at.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AuditSubject {
    /// A database.
    Log,
    /// The files of an export.
    Export,
    /// What somebody serves.
    Url,
}

impl fmt::Display for AuditSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Log => "log",
            Self::Export => "export",
            Self::Url => "log at this address",
        })
    }
}

/// The newest line.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Head {
    pub(super) position: u64,
    pub(super) hash: String,
}

/// An older log that this one goes on from.
#[derive(Serialize)]
struct Continues {
    origin: String,
    events: u64,
    /// Signed, and lost.
    lost: u64,
}

impl Continues {
    fn of(older: &OlderLog) -> Self {
        Self { origin: older.origin.clone(), events: older.size, lost: older.lost }
    }
}

/// The outcome of an audit.
#[derive(Serialize)]
pub struct AuditReport {
    /// One sentence.
    pub verdict: String,
    /// Whether nothing was found.
    pub whole: bool,
    subject: AuditSubject,
    /// How many events are right.
    pub events: u64,
    streams: usize,
    /// The origin every line names.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    /// The older logs whose lines this one holds, the one it goes on from first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    continues: Vec<Continues>,
    /// The newest line that is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<Head>,
    /// RFC 6962 root over the leaves of the lines that are right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) root: Option<String>,
    /// The first is the first broken place.
    findings: Vec<Finding>,
    /// What could not be looked at: nothing was found there, neither right nor wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    could_not_look: Vec<Finding>,
    /// Event types this version does not know, and how many events have them.
    unknown_types: BTreeMap<String, u64>,
    checked: Vec<String>,
    not_checked: Vec<String>,
    #[serde(skip)]
    keys_from_elsewhere: bool,
}

impl AuditReport {
    /// Of lines that were followed as far as `chain` goes, the newest of which is `head`.
    pub(super) fn of(
        subject: AuditSubject,
        chain: &ChainCheck,
        head: Option<Head>,
        unknown: &BTreeMap<String, u64>,
    ) -> Self {
        let mut report = Self {
            verdict: String::new(),
            whole: false,
            subject,
            events: chain.taken(),
            streams: chain.streams(),
            origin: chain.source().map(ToOwned::to_owned),
            continues: chain.older().iter().map(Continues::of).collect(),
            head,
            root: None,
            findings: Vec::new(),
            could_not_look: Vec::new(),
            unknown_types: unknown.clone(),
            checked: Vec::new(),
            not_checked: Vec::new(),
            keys_from_elsewhere: false,
        };
        report.checked("form, hash, place and chain of every event, from its bytes");
        report.older_logs(chain);
        let unknown: u64 = unknown.values().sum();
        if unknown > 0 {
            report.not_checked(format!("what {unknown} events of types unknown to us say"));
        }
        report
    }

    /// What a continuation says of the older log, and how far that can be seen here.
    fn older_logs(&mut self, chain: &ChainCheck) {
        for older in chain.older() {
            let origin = &older.origin;
            if older.rooted {
                self.checked(format!("the root over the {} events of {origin}", older.size));
            } else {
                self.not_checked(format!("the root over the events of {origin}"));
            }
            self.not_checked(format!(
                "whether {origin} signed the checkpoints that the continuation names"
            ));
        }
    }

    /// Of a log that shows its tree and no line.
    pub(super) fn of_tree(origin: Option<String>, leaves: u64, root: String) -> Self {
        let mut report =
            Self::of(AuditSubject::Url, &ChainCheck::default(), None, &BTreeMap::new());
        report.checked.clear();
        (report.origin, report.events, report.root) = (origin, leaves, Some(root));
        report
    }

    /// Says whose keys the signatures were checked with.
    pub(super) fn trusting(&mut self, trust: &TrustPolicy) {
        self.keys_from_elsewhere = trust.keys == KeysFrom::Elsewhere;
    }

    pub(super) fn checked(&mut self, what: impl Into<String>) {
        self.checked.push(what.into());
    }

    pub(super) fn not_checked(&mut self, what: impl Into<String>) {
        self.not_checked.push(what.into());
    }

    /// Whether nothing wrong was found, and not everything could be looked at.
    pub fn could_not_look(&self) -> bool {
        self.findings.is_empty() && !self.could_not_look.is_empty()
    }

    /// The verdict.
    pub(super) fn conclude(mut self, mut findings: Vec<Finding>) -> Self {
        // What has no place in the log comes last.
        findings.sort_by_key(|finding| finding.position.unwrap_or(u64::MAX));
        let (unread, findings): (Vec<Finding>, _) =
            findings.into_iter().partition(|finding| finding.unread);
        for finding in &unread {
            self.not_checked(format!("what could not be read: {finding}"));
        }
        self.not_checked("whether the times and actors are true, or something was never written");
        self.not_checked("the sealed personal text: nothing was opened");
        let subject = self.subject;
        let size = match subject {
            AuditSubject::Log | AuditSubject::Export => {
                format!("{} events in {} streams", self.events, self.streams)
            }
            AuditSubject::Url => format!("{} leaves", self.events),
        };
        self.verdict = match (findings.first(), unread.first()) {
            (Some(first), _) => format!("The {subject} is NOT whole: {first}."),
            (None, Some(first)) => format!("The {subject} could not be read whole: {first}."),
            (None, None) => self.in_good_order(&size),
        };
        self.whole = findings.is_empty() && unread.is_empty();
        (self.findings, self.could_not_look) = (findings, unread);
        self
    }

    /// The verdict on what nothing is wrong with.
    fn in_good_order(&self, size: &str) -> String {
        let subject = self.subject;
        if self.events == 0 {
            return format!("The {subject} is empty.");
        }
        if self.keys_from_elsewhere {
            return format!("The {subject} is whole, and those you believe vouch for it: {size}.");
        }
        format!("The {subject} is whole, as far as it can show by itself: {size}.")
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", OneLine(&self.verdict))?;
        for further in self.findings.iter().skip(1) {
            writeln!(f, "  also: {}", OneLine(further))?;
        }
        let good = if self.whole { "" } else { " (up to there)" };
        if let Some(origin) = &self.origin {
            writeln!(f, "origin       {}", OneLine(origin))?;
        }
        for Continues { origin, events, lost } in &self.continues {
            let lost = match lost {
                0 => "none known to be lost".to_owned(),
                lost => format!("{lost} more were signed and are lost"),
            };
            let origin = OneLine(origin);
            writeln!(f, "goes on from {origin}: {events} events came along, {lost}")?;
        }
        if let Some(head) = &self.head {
            writeln!(f, "newest       position {}{good}", head.position)?;
            writeln!(f, "head hash    {} (BLAKE3)", head.hash)?;
        }
        if let Some(root) = &self.root {
            writeln!(f, "tree root    {root} (RFC 6962 over {} leaves)", self.events)?;
        }
        for (kind, count) in &self.unknown_types {
            writeln!(f, "unknown type {}: {count}", OneLine(kind))?;
        }
        writeln!(f, "checked{good}:")?;
        for what in &self.checked {
            writeln!(f, "  {}", OneLine(what))?;
        }
        writeln!(f, "not checked:")?;
        for what in &self.not_checked {
            writeln!(f, "  {}", OneLine(what))?;
        }
        Ok(())
    }
}
