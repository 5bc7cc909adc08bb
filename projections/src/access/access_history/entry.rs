//! An entry of the history: what happened, and what allowed it.

use std::str::FromStr;

use domain::access::event::{ClinicalList, ViewingEnd};
use domain::access::ground::Ground;
use domain::access::policy::Rule;
use domain::actor::Actor;
use domain::consent::grantee::Grantee;
use domain::consent::scope::{Exceptions, Purpose, Scope};
use domain::ids::{BadId, ConsentId, EventId, Owner, PracticeId, ReportId, ViewingId};
use domain::journal::Position;
use domain::time::Moment;
use serde::{Deserialize, Serialize};

use crate::personal_text::SealedAt;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands in the log.
    pub position: Position,
    /// The event it tells of; drawn on pages, too.
    pub event: EventId,
    /// When.
    pub at: Moment,
    /// Who did it; of consents, whom the patient let in. None if that cannot be said.
    pub who: Option<Who>,
    /// How they named themselves, sealed; none of a stranger.
    pub who_name: Option<SealedAt>,
    /// Whether they are a stranger: a doctor whom nobody ever verified.
    pub unverified: bool,
    /// The report it was about.
    pub report: Option<ReportId>,
    /// What the report is called, sealed.
    pub title: Option<SealedAt>,
    /// What happened.
    pub what: What,
}

/// Whom an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A person.
    Account(Actor),
    /// A practice that was let in.
    Practice(PracticeId),
}

impl Who {
    /// Whose key seals the name.
    pub(super) fn owner(self) -> Owner {
        match self {
            Self::Account(account) => account.owner(),
            Self::Practice(practice) => Grantee::Practice(practice).owner(),
        }
    }
}

impl FromStr for Who {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        match text.parse() {
            Ok(Grantee::Practice(practice)) => Ok(Self::Practice(practice)),
            Ok(Grantee::Doctor(_)) | Err(_) => text.parse().map(Self::Account),
        }
    }
}

/// What an access stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// The ground, as the event says.
    pub ground: Ground,
    /// When the consent it rests on was given, if it rests on one.
    pub granted_at: Option<Moment>,
}

/// What a consent says besides whom it names, for what and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentTerms {
    /// What it opens.
    pub scope: Scope,
    /// What stays shut all the same.
    pub exceptions: Exceptions,
    /// From when.
    pub from: Moment,
    /// How many viewings, if limited.
    pub views_max: Option<u32>,
}

/// How a viewing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Moment,
    /// Closed, expired, or stopped by a rule.
    pub why: ViewingEnd,
    /// The rule that no longer held.
    pub rule: Option<Rule>,
}

/// What was seen of the pages of a viewing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PagesOfViewing {
    /// How many times a page was recorded as shown, before it was decrypted.
    pub shown: u32,
    /// How many of these times nothing of it was to be seen.
    pub lost: u32,
    /// How many of these times a part of it was missing.
    pub in_part: u32,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The patient gave consent.
    Granted {
        /// The consent.
        consent: ConsentId,
        /// For what.
        purpose: Purpose,
        /// Until when.
        until: Moment,
        /// What else it says.
        terms: Option<ConsentTerms>,
    },
    /// The patient took it back.
    Revoked {
        /// The consent.
        consent: ConsentId,
        /// When it was given.
        granted_at: Option<Moment>,
    },
    /// The patient closed the whole record.
    RecordClosed {
        /// Whether an emergency still passes.
        emergency_passes: bool,
    },
    /// The patient opened it again.
    RecordOpened,
    /// The patient barred somebody.
    Barred {
        /// Whether an emergency of theirs still passes.
        emergency_passes: bool,
    },
    /// The patient lifted that bar.
    BarLifted,
    /// The patient hid a report from somebody.
    ReportHidden {
        /// Whether an emergency of theirs still passes.
        emergency_passes: bool,
    },
    /// The patient hides it no more.
    ReportUnhidden,
    /// A report came in.
    Uploaded,
    /// A doctor was let through to a report.
    TokenIssued {
        /// What allowed it.
        basis: Basis,
        /// For what.
        purpose: Purpose,
    },
    /// A doctor opened a report.
    Viewed {
        /// The viewing.
        viewing: ViewingId,
        /// What allowed it.
        basis: Basis,
        /// For what.
        purpose: Purpose,
        /// How often a page was shown, or was to be.
        pages: PagesOfViewing,
        /// When it ends by itself.
        until: Moment,
        /// Whether it ended before.
        ended: Option<Ended>,
    },
    /// A doctor was refused.
    Refused {
        /// For what they asked.
        purpose: Purpose,
        /// By which rule.
        rule: Rule,
    },
    /// A report was downloaded, by the patient or for them.
    Downloaded {
        /// What allowed it.
        basis: Basis,
        /// Parts of it, and not the whole.
        in_parts: bool,
    },
    /// Somebody was shown a list with the patient's words.
    ListShown {
        /// Which list.
        list: ClinicalList,
        /// What linked them to the record.
        basis: Basis,
    },
}

/// The kinds of entries, by the names they are stored under and told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// [`What::Granted`]
    Granted,
    /// [`What::Revoked`]
    Revoked,
    /// [`What::RecordClosed`]
    RecordClosed,
    /// [`What::RecordOpened`]
    RecordOpened,
    /// [`What::Barred`]
    Barred,
    /// [`What::BarLifted`]
    BarLifted,
    /// [`What::ReportHidden`]
    ReportHidden,
    /// [`What::ReportUnhidden`]
    ReportUnhidden,
    /// [`What::Uploaded`]
    Uploaded,
    /// [`What::TokenIssued`]
    TokenIssued,
    /// [`What::Viewed`]
    Viewed,
    /// [`What::Refused`]
    Refused,
    /// [`What::Downloaded`]
    Downloaded,
    /// [`What::ListShown`]
    ListShown,
}

impl What {
    /// Its kind, as it is stored and told.
    pub const fn kind(&self) -> EntryKind {
        match self {
            Self::Granted { .. } => EntryKind::Granted,
            Self::Revoked { .. } => EntryKind::Revoked,
            Self::RecordClosed { .. } => EntryKind::RecordClosed,
            Self::RecordOpened => EntryKind::RecordOpened,
            Self::Barred { .. } => EntryKind::Barred,
            Self::BarLifted => EntryKind::BarLifted,
            Self::ReportHidden { .. } => EntryKind::ReportHidden,
            Self::ReportUnhidden => EntryKind::ReportUnhidden,
            Self::Uploaded => EntryKind::Uploaded,
            Self::TokenIssued { .. } => EntryKind::TokenIssued,
            Self::Viewed { .. } => EntryKind::Viewed,
            Self::Refused { .. } => EntryKind::Refused,
            Self::Downloaded { .. } => EntryKind::Downloaded,
            Self::ListShown { .. } => EntryKind::ListShown,
        }
    }

    /// For what purpose, where one was named.
    pub const fn purpose(&self) -> Option<Purpose> {
        match self {
            Self::Granted { purpose, .. }
            | Self::TokenIssued { purpose, .. }
            | Self::Viewed { purpose, .. }
            | Self::Refused { purpose, .. } => Some(*purpose),
            Self::Revoked { .. }
            | Self::RecordClosed { .. }
            | Self::RecordOpened
            | Self::Barred { .. }
            | Self::BarLifted
            | Self::ReportHidden { .. }
            | Self::ReportUnhidden
            | Self::Uploaded
            | Self::Downloaded { .. }
            | Self::ListShown { .. } => None,
        }
    }

    /// The consent it is about or rests on, and when that was given.
    pub fn consent(&self) -> Option<(ConsentId, Option<Moment>)> {
        match self {
            Self::Granted { consent, .. } => Some((*consent, None)),
            Self::Revoked { consent, granted_at } => Some((*consent, *granted_at)),
            Self::TokenIssued { basis, .. }
            | Self::Viewed { basis, .. }
            | Self::Downloaded { basis, .. }
            | Self::ListShown { basis, .. } => {
                basis.ground.consent().map(|consent| (consent, basis.granted_at))
            }
            Self::RecordClosed { .. }
            | Self::RecordOpened
            | Self::Barred { .. }
            | Self::BarLifted
            | Self::ReportHidden { .. }
            | Self::ReportUnhidden
            | Self::Uploaded
            | Self::Refused { .. } => None,
        }
    }

    /// Whether the patient alone can have done it, whoever it names: consents, and what is kept shut.
    pub const fn is_of_the_patient(&self) -> bool {
        match self {
            Self::Granted { .. }
            | Self::Revoked { .. }
            | Self::RecordClosed { .. }
            | Self::RecordOpened
            | Self::Barred { .. }
            | Self::BarLifted
            | Self::ReportHidden { .. }
            | Self::ReportUnhidden => true,
            Self::Uploaded
            | Self::TokenIssued { .. }
            | Self::Viewed { .. }
            | Self::Refused { .. }
            | Self::Downloaded { .. }
            | Self::ListShown { .. } => false,
        }
    }

    /// Whether an emergency still passes, of what is kept shut.
    pub const fn emergency_passes(&self) -> Option<bool> {
        match self {
            Self::RecordClosed { emergency_passes }
            | Self::Barred { emergency_passes }
            | Self::ReportHidden { emergency_passes } => Some(*emergency_passes),
            Self::Granted { .. }
            | Self::Revoked { .. }
            | Self::RecordOpened
            | Self::BarLifted
            | Self::ReportUnhidden
            | Self::Uploaded
            | Self::TokenIssued { .. }
            | Self::Viewed { .. }
            | Self::Refused { .. }
            | Self::Downloaded { .. }
            | Self::ListShown { .. } => None,
        }
    }

    /// What allowed it, of an access.
    pub const fn ground(&self) -> Option<Ground> {
        match self {
            Self::TokenIssued { basis, .. }
            | Self::Viewed { basis, .. }
            | Self::Downloaded { basis, .. }
            | Self::ListShown { basis, .. } => Some(basis.ground),
            Self::Granted { .. }
            | Self::Revoked { .. }
            | Self::RecordClosed { .. }
            | Self::RecordOpened
            | Self::Barred { .. }
            | Self::BarLifted
            | Self::ReportHidden { .. }
            | Self::ReportUnhidden
            | Self::Uploaded
            | Self::Refused { .. } => None,
        }
    }
}
