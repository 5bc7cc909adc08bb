//! How an entry of the history is read from its row.

use domain::consent::scope::Purpose;
use domain::ids::{ConsentId, Owner, PatientId};

use super::entry::{Basis, ConsentTerms, Ended, Entry, EntryKind, PagesOfViewing, What, Who};
use crate::access::access_history as history;
use crate::access::who_can_see;
use crate::answer::Record;
use crate::identity::people;
use crate::personal_text::WordKind;
use crate::ports::PortError;
use crate::records::my_reports;

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
    let passes = || row.number::<u32>(history::EMERGENCY_PASSES).map(|passes| passes == 1);
    Ok(match row.code::<EntryKind>(history::KIND)? {
        EntryKind::Granted => {
            let (purpose, until, terms) = (purpose()?, until()?, read_terms(row)?);
            What::Granted { consent: consent()?, purpose, until, terms }
        }
        EntryKind::Revoked => What::Revoked { consent: consent()?, granted_at: granted_at()? },
        EntryKind::RecordClosed => What::RecordClosed { emergency_passes: passes()? },
        EntryKind::RecordOpened => What::RecordOpened,
        EntryKind::Barred => What::Barred { emergency_passes: passes()? },
        EntryKind::BarLifted => What::BarLifted,
        EntryKind::ReportHidden => What::ReportHidden { emergency_passes: passes()? },
        EntryKind::ReportUnhidden => What::ReportUnhidden,
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
