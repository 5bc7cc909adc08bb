//! An entry of the history: what happened, and what allowed it.

use std::str::FromStr;

use domain::access::event::{ClinicalList, ViewingEnd};
use domain::access::ground::Ground;
use domain::access::policy::Rule;
use domain::actor::Actor;
use domain::consent::grantee::Grantee;
use domain::consent::scope::{Exceptions, Purpose, Scope};
use domain::ids::{BadId, ConsentId, EventId, Owner, PatientId, PracticeId, ReportId, ViewingId};
use domain::journal::Position;
use domain::time::Moment;
use serde::{Deserialize, Serialize};

use crate::access::access_history as history;
use crate::access::who_can_see;
use crate::answer::Record;
use crate::identity::people;
use crate::personal_text::{SealedAt, WordKind};
use crate::ports::PortError;
use crate::records::my_reports;

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
    fn owner(self) -> Owner {
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
            Self::Uploaded | Self::Refused { .. } => None,
        }
    }

    /// What allowed it, of an access.
    pub const fn ground(&self) -> Option<Ground> {
        match self {
            Self::TokenIssued { basis, .. }
            | Self::Viewed { basis, .. }
            | Self::Downloaded { basis, .. }
            | Self::ListShown { basis, .. } => Some(basis.ground),
            Self::Granted { .. } | Self::Revoked { .. } | Self::Uploaded | Self::Refused { .. } => {
                None
            }
        }
    }
}

/// Reads an entry of the columns that `entries` asks for.
pub(super) fn read(row: &Record<'_>) -> Result<Entry, PortError> {
    let who: Option<Who> = match row.parse_if(history::WHO)? {
        Some(who) => Some(who),
        None => row.parse_if(who_can_see::GRANTEE)?,
    };
    let owner = who.map_or(Owner::System, |who| who.owner());
    let patient: PatientId = row.parse(history::PATIENT)?;
    let patient = Owner::Person(patient.uuid());
    let unverified = people::is_unverified(row)?;
    let who_name = if unverified { None } else { people::read_name(row, owner)? };
    let title = (my_reports::TITLE, my_reports::EVENT);
    Ok(Entry {
        position: row.position(history::POSITION)?,
        event: row.parse(history::EVENT)?,
        at: row.moment(history::AT)?,
        who,
        who_name,
        unverified,
        report: row.parse_if(history::REPORT)?,
        title: row.sealed_if(title.0, title.1, patient, WordKind::Private, "/data/title")?,
        what: read_what(row)?,
    })
}

fn read_what(row: &Record<'_>) -> Result<What, PortError> {
    let granted_at = || row.moment_if(who_can_see::GRANTED_AT);
    let basis = || {
        let ground = row.json(history::GROUND)?;
        Ok::<_, PortError>(Basis { ground, granted_at: granted_at()? })
    };
    let consent = || row.parse::<ConsentId>(history::CONSENT);
    let purpose = || row.code::<Purpose>(history::PURPOSE);
    let until = || row.moment(history::UNTIL);
    Ok(match row.code::<EntryKind>(history::KIND)? {
        EntryKind::Granted => {
            let (purpose, until, terms) = (purpose()?, until()?, read_terms(row)?);
            What::Granted { consent: consent()?, purpose, until, terms }
        }
        EntryKind::Revoked => What::Revoked { consent: consent()?, granted_at: granted_at()? },
        EntryKind::Uploaded => What::Uploaded,
        EntryKind::TokenIssued => What::TokenIssued { basis: basis()?, purpose: purpose()? },
        EntryKind::Viewed => What::Viewed {
            viewing: row.parse(history::ENTRY)?,
            basis: basis()?,
            purpose: purpose()?,
            pages: PagesOfViewing {
                shown: row.number(history::PAGES)?,
                lost: row.number(history::PAGES_LOST)?,
                in_part: row.number(history::PAGES_IN_PART)?,
            },
            until: until()?,
            ended: read_ended(row)?,
        },
        EntryKind::Refused => What::Refused { purpose: purpose()?, rule: row.code(history::RULE)? },
        EntryKind::Downloaded => {
            let parts: Option<u32> = row.number_if(history::IN_PARTS)?;
            What::Downloaded { basis: basis()?, in_parts: parts.is_some() }
        }
        EntryKind::ListShown => What::ListShown { list: row.code(history::LIST)?, basis: basis()? },
    })
}

/// None where the consents have not come as far as the history.
fn read_terms(row: &Record<'_>) -> Result<Option<ConsentTerms>, PortError> {
    let Some(from) = row.moment_if(who_can_see::VALID_FROM)? else { return Ok(None) };
    let (scope, exceptions) = (row.json(who_can_see::SCOPE)?, row.json(who_can_see::EXCEPTIONS)?);
    Ok(Some(ConsentTerms {
        scope,
        exceptions,
        from,
        views_max: row.number_if(who_can_see::VIEWS_MAX)?,
    }))
}

fn read_ended(row: &Record<'_>) -> Result<Option<Ended>, PortError> {
    let Some(at) = row.moment_if(history::ENDED_AT)? else { return Ok(None) };
    let (why, rule) = (row.code(history::ENDED_WHY)?, row.code_if(history::ENDED_RULE)?);
    Ok(Some(Ended { at, why, rule }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answered;
    use crate::query::{Query, Row};
    use crate::table::Cell;

    #[test]
    fn an_entry_of_an_unknown_kind_is_an_error() {
        let asked = Query::of(&history::HISTORY).columns(&[history::KIND]);
        let what = |kind| {
            let answer = Answered::new(&asked, vec![Row(vec![kind])]);
            answer.records().next().map(|row| read_what(&row)).unwrap()
        };
        assert_eq!(what("uploaded".into()).unwrap(), What::Uploaded);
        assert!(what("list_shown_again".into()).is_err());
        assert!(what("".into()).is_err());
        assert!(what(Cell::Null).is_err());
    }
}
