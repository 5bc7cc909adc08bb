//! A consent receipt in words, on a page that can be printed: what was agreed, where it stands, who
//! vouches for it, how to check it, and what it does not show.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::consent::grantee::Grantee;
use domain::consent::scope::{Exceptions, Scope};
use domain::ids::ReportId;
use domain::journal::receipt::Receipt;
use domain::personal_text::plain::one_line;
use domain::records::Category;
use domain::time::Moment;

use crate::consent::{ConsentEvent, ConsentEvents};
use crate::published::{EvidenceError, OrganisationKeys};

/// What a page is about.
pub struct ConsentPage<'a> {
    /// The consent.
    pub events: &'a ConsentEvents,
    /// Which of its events.
    pub which: ConsentEvent,
    /// The receipt of that event.
    pub receipt: &'a Receipt,
    /// The grantee's name, for the patient's eyes.
    pub grantee_name: &'a str,
    /// Whose cosignatures can be named.
    pub keys: &'a OrganisationKeys,
}

impl ConsentPage<'_> {
    /// The page.
    pub fn text(&self) -> Result<String, EvidenceError> {
        let mut text = match self.which {
            ConsentEvent::Granted => "RECEIPT OF A CONSENT\n".to_owned(),
            ConsentEvent::Revoked => "RECEIPT OF A CONSENT THAT WAS TAKEN BACK\n".to_owned(),
        };
        text += "\nWhat it says\n";
        self.agreement(&mut text);
        text += "\nWhere it stands\n";
        self.place(&mut text)?;
        text += HOW_TO_CHECK;
        text += LIMITS;
        let _ = write!(text, "\nThe receipt, as the file has it\n\n{}", self.receipt);
        Ok(text)
    }

    fn agreement(&self, text: &mut String) {
        let ConsentEvents { patient, granted, .. } = self.events;
        let name = one_line(self.grantee_name);
        let unnamed = match granted.grantee {
            Grantee::Doctor(_) => "a doctor",
            Grantee::Practice(_) => "a practice",
        };
        let name = if name.is_empty() { unnamed.to_owned() } else { name };
        let views = granted.views_max.map_or("not limited".to_owned(), |most| most.to_string());
        let times = [(ConsentEvent::Granted, "Given"), (ConsentEvent::Revoked, "Taken back")];
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "  Who          patient {patient}\n\
             \x20 Lets in      {name} ({})\n\
             \x20 To see       {}\n\
             \x20 But not      {}\n\
             \x20 For          {}\n\
             \x20 From         {}\n\
             \x20 Until        {}\n\
             \x20 Viewings     {views}\n\
             \x20 Consent      {}\n",
            granted.grantee.to_string().replace(':', " "),
            scope(&granted.scope),
            exceptions(&granted.exceptions),
            granted.purpose.in_words(),
            granted.period.from,
            granted.period.until,
            granted.consent,
        );
        for (which, word) in times {
            if let Some((_, time)) = self.events.line(which) {
                let _ = writeln!(text, "  {word:12} {time}, by the organisation's own clock");
            }
        }
    }

    fn place(&self, text: &mut String) -> Result<(), EvidenceError> {
        let proof = &self.receipt.proof;
        let checkpoint = domain::journal::checkpoint::Checkpoint::parse(&proof.checkpoint.text)?;
        let _ = write!(
            text,
            "  Log          {}\n\
             \x20 Position     {} (the first event is 0)\n\
             \x20 Checkpoint   over {} events, root {}\n",
            checkpoint.origin,
            proof.index,
            checkpoint.size,
            BASE64.encode(checkpoint.root),
        );
        let witnesses = &self.keys.policy.witnesses;
        let signed = proof.checkpoint.signed_by(witnesses.iter().map(|witness| &witness.key))?;
        for one in &signed {
            let name = one.key.name();
            let _ = match one.time {
                Some(time) => writeln!(text, "  Cosigned     by {name} at {}", at(time)),
                None => writeln!(text, "  Cosigned     by {name}"),
            };
        }
        if signed.is_empty() {
            text.push_str(
                "  Cosigned     by nobody that this organisation names: only the organisation vouches\n",
            );
        }
        Ok(())
    }
}

fn at(seconds: u64) -> Moment {
    let micros = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    Moment::from_micros(micros)
}

fn scope(scope: &Scope) -> String {
    match scope {
        Scope::Everything {} => "every report, those to come included".to_owned(),
        Scope::Categories { categories } => {
            format!("every report of these kinds: {}", kinds(categories))
        }
        Scope::Reports { reports } => format!("these reports only: {}", ids(reports)),
    }
}

fn exceptions(exceptions: &Exceptions) -> String {
    let Exceptions { categories, reports } = exceptions;
    let kinds = (!categories.is_empty()).then(|| format!("of these kinds: {}", kinds(categories)));
    let ids = (!reports.is_empty()).then(|| format!("these reports: {}", ids(reports)));
    let parts: Vec<String> = kinds.into_iter().chain(ids).collect();
    if parts.is_empty() { "(no exceptions)".to_owned() } else { parts.join("; ") }
}

fn kinds<'a>(categories: impl IntoIterator<Item = &'a Category>) -> String {
    let word = |category: &Category| category.in_words();
    categories.into_iter().map(word).collect::<Vec<_>>().join(", ")
}

fn ids<'a>(reports: impl IntoIterator<Item = &'a ReportId>) -> String {
    reports.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

const HOW_TO_CHECK: &str = "
How to check it, without this organisation
  Keep the file, not only this page. Then, with a policy file that you did not get from this organisation:
    medlock check FILE --witness-policy POLICY
    python3 check.py receipt FILE --policy POLICY       (docs/verify, no code of Medlock's)
";

const LIMITS: &str = "
What it shows, and what it does not
  It shows that exactly these words stood in the signed log when it was signed; nobody can take them
  out again without a witness noticing.
  It does not show that the consent was kept to: that is what the history bundle is for.
  It does not show that it still holds: it may have been taken back since.
  Times are the organisation's own claim; only a cosignature says when somebody else saw the log.
";
