//! The history in plain sentences, as its patient reads them.

use domain::access::event::{ClinicalList, ViewingEnd};
use domain::access::ground::Ground;
use domain::access::policy::Rule;
use domain::actor::Actor;
use domain::consent::words::what_it_opens;
use domain::personal_text::plain::{one_line, reads_from_the_right};
use domain::time::Moment;

use super::AccessHistory;
use super::entry::{Basis, ConsentTerms, Ended, Entry, PagesOfViewing, What, Who};
use crate::personal_text::{Opened, PermittedReader, PersonalTextError};
use crate::query::ListPage;

/// An entry with its sentence.
#[derive(Debug, Clone)]
pub struct HistorySentence {
    /// The entry.
    pub entry: Entry,
    /// Who did it, opened.
    pub who: Option<Opened>,
    /// The report's title, opened.
    pub title: Option<Opened>,
    /// What happened, in one or two English sentences; a title stands between asterisks.
    pub sentence: String,
}

impl AccessHistory {
    /// Tells a page of the history to its patient.
    pub async fn told(
        found: ListPage<Entry>,
        reader: PermittedReader<'_>,
    ) -> Result<ListPage<HistorySentence>, PersonalTextError> {
        let items = tell(found.items, reader).await?;
        Ok(ListPage { items, total: found.total, next: found.next })
    }
}

/// Tells entries to their patient.
pub async fn tell(
    entries: Vec<Entry>,
    reader: PermittedReader<'_>,
) -> Result<Vec<HistorySentence>, PersonalTextError> {
    let mut sentences = Vec::with_capacity(entries.len());
    for entry in entries {
        let who = reader.open_text_if(entry.who_name.as_ref()).await?;
        let title = reader.open_text_if(entry.title.as_ref()).await?;
        let sentence = sentence(&entry, who.as_ref(), title.as_ref());
        sentences.push(HistorySentence { entry, who, title, sentence });
    }
    Ok(sentences)
}

/// What happened, in plain words.
pub fn sentence(entry: &Entry, who: Option<&Opened>, title: Option<&Opened>) -> String {
    let (someone, report) = (someone(entry, who), report(entry, title));
    let text = match &entry.what {
        What::Granted { purpose, until, terms, .. } => {
            let (purpose, until) = (purpose.in_words(), until.in_words());
            let Agreed { opens, from, views } = Agreed::of(terms.as_ref(), entry.at);
            format!("you let {someone} see {opens}, for {purpose}{from} until {until}{views}.")
        }
        What::Revoked { granted_at, .. } => {
            format!("you revoked {}, given to {someone}.", consent_of(*granted_at))
        }
        What::RecordClosed { emergency_passes } => format!(
            "you closed your record: nobody but you sees anything of it, {}.",
            apart_from_emergencies(*emergency_passes)
        ),
        What::RecordOpened => {
            "you opened your record again: your consents count as they stand.".to_owned()
        }
        What::Barred { emergency_passes } => format!(
            "you barred {someone}, who sees nothing of your record whatever you allow, {}.",
            apart_from_emergencies(*emergency_passes)
        ),
        What::BarLifted => format!("you lifted the bar that kept {someone} out."),
        What::ReportHidden { emergency_passes } => format!(
            "you hid {report} from {someone}, {}.",
            apart_from_emergencies(*emergency_passes)
        ),
        What::ReportUnhidden => format!("you stopped hiding {report} from {someone}."),
        What::Uploaded => format!("{someone} added {report}."),
        What::TokenIssued { basis, purpose } => {
            let purpose = purpose.in_words();
            let why = allowed_by(basis);
            format!("{someone} asked to open {report} for {purpose} and was given leave to, {why}.")
        }
        What::Viewed { basis, purpose, pages, ended, .. } => {
            let purpose = purpose.in_words();
            let why = allowed_by(basis);
            let opened = format!("{someone} opened {report} for {purpose}, {why}.");
            opened + &pages_shown(*pages) + &how_it_ended(ended.as_ref())
        }
        What::Refused { purpose, rule } => {
            let purpose = purpose.in_words();
            let why = to_the_patient(*rule);
            format!("{someone} asked to open {report} for {purpose} and was refused: {why}.")
        }
        What::Downloaded { basis, in_parts } => {
            let what = if *in_parts { format!("parts of {report}") } else { report };
            let why = match basis.ground {
                Ground::Own {} => String::new(),
                Ground::Consent { .. }
                | Ground::Practice { .. }
                | Ground::Emergency { .. }
                | Ground::Proxy { .. } => format!(", {}", allowed_by(basis)),
            };
            format!("{someone} downloaded {what}{why}.")
        }
        What::ListShown { list: ClinicalList::ReportTitles, basis } => match basis.ground {
            Ground::Consent { .. } | Ground::Practice { .. } => {
                format!(
                    "{someone} looked at the list of your reports, which shows the titles of those \
                     that you let them see at that time."
                )
            }
            Ground::Emergency { .. } | Ground::Own {} | Ground::Proxy { .. } => {
                format!("{someone} saw the titles of your reports, {}.", allowed_by(basis))
            }
        },
    };
    capitalised(&text)
}

/// Whoever did it, or was let in.
fn someone(entry: &Entry, who: Option<&Opened>) -> String {
    match (who, entry.who) {
        (_, Some(Who::Account(Actor::Patient(_)))) => "you".to_owned(),
        _ if entry.unverified => "a doctor who is not verified".to_owned(),
        (Some(Opened::Text(name)), _) => within_a_sentence(name),
        (Some(Opened::Erased), _) => "somebody whose name was erased".to_owned(),
        (None, Some(Who::Practice(_))) => "a practice".to_owned(),
        (None, Some(Who::Account(_)) | None) => "somebody".to_owned(),
    }
}

/// The report it was about.
fn report(entry: &Entry, title: Option<&Opened>) -> String {
    match (title, entry.report) {
        (Some(Opened::Text(title)), _) => format!("*{}*", within_a_sentence(title)),
        (Some(Opened::Erased), _) => "a report whose title was erased".to_owned(),
        (None, Some(_)) => "a report".to_owned(),
        (None, None) => "a report that does not exist".to_owned(),
    }
}

/// What others wrote, so that it neither ends where it does not nor begins another line: the asterisks of a
/// sentence are its own, and words read from the right turn nothing but themselves (UAX #9, isolates).
fn within_a_sentence(words: &str) -> String {
    let words = one_line(words).replace('*', "\u{2217}");
    if reads_from_the_right(&words) { format!("\u{2068}{words}\u{2069}") } else { words }
}

/// What a consent says, in pieces of a sentence.
struct Agreed {
    opens: String,
    from: String,
    views: String,
}

impl Agreed {
    /// Of a consent given at `at`: when it began is said where it did not begin at once.
    fn of(terms: Option<&ConsentTerms>, at: Moment) -> Self {
        let Some(ConsentTerms { scope, exceptions, from, views_max }) = terms else {
            let opens = "what the consent names".to_owned();
            return Self { opens, from: String::new(), views: String::new() };
        };
        let opens = what_it_opens(scope, exceptions);
        let later = (*from > at).then(|| format!(" from {}", from.in_words()));
        let views = match views_max {
            None => String::new(),
            Some(1) => ", one viewing at most".to_owned(),
            Some(most) => format!(", {most} viewings at most"),
        };
        Self { opens, from: later.unwrap_or_default(), views }
    }
}

/// What was seen of the pages: what an event says was shown, less what another says was not to be seen.
fn pages_shown(pages: PagesOfViewing) -> String {
    let PagesOfViewing { shown, lost, in_part } = pages;
    let seen = match shown.saturating_sub(lost) {
        0 => " No page was shown.".to_owned(),
        1 => " One page was shown.".to_owned(),
        more => format!(" Pages were shown {more} times."),
    };
    let in_part = match in_part {
        0 => "",
        1 if shown.saturating_sub(lost) == 1 => " A part of it was missing.",
        1 => " Once a part of the page was missing.",
        _ => " More than once a part of the page was missing.",
    };
    let lost = match lost {
        0 => "",
        1 => " A page that was asked for could not be shown.",
        _ => " Pages that were asked for could not be shown.",
    };
    seen + in_part + lost
}

/// Whoever turned a page when the time was over was told so; nothing ended early by that.
fn how_it_ended(ended: Option<&Ended>) -> String {
    match ended {
        None => String::new(),
        Some(Ended { why: ViewingEnd::Closed, .. }) => " Then it was closed.".to_owned(),
        Some(
            Ended { why: ViewingEnd::Expired, .. } | Ended { rule: Some(Rule::ViewingExpired), .. },
        ) => " It ended by itself when its time was over.".to_owned(),
        Some(Ended { why: ViewingEnd::RuleFailed, rule, .. }) => {
            let why = rule.map_or("a rule no longer held", to_the_patient);
            format!(" It ended early: {why}.")
        }
    }
}

/// Why it was allowed, as the end of a sentence.
fn allowed_by(basis: &Basis) -> String {
    let consent = consent_of(basis.granted_at);
    match basis.ground {
        Ground::Consent { .. } => format!("allowed by {consent}"),
        Ground::Practice { .. } => format!("for a practice, allowed by {consent}"),
        Ground::Emergency { .. } => "in an emergency, without asking you".to_owned(),
        Ground::Own {} => "as the record's owner".to_owned(),
        Ground::Proxy { .. } => "on your behalf, allowed by a mandate".to_owned(),
    }
}

fn consent_of(granted_at: Option<Moment>) -> String {
    granted_at
        .map_or("your consent".to_owned(), |at| format!("your consent of {}", at.day_in_words()))
}

/// What a bar says of emergencies.
const fn apart_from_emergencies(passes: bool) -> &'static str {
    if passes { "except in an emergency" } else { "not even in an emergency" }
}

/// What refused, said to the patient; the refused hears it from [`Rule::in_words`].
const fn to_the_patient(rule: Rule) -> &'static str {
    match rule {
        Rule::OnlyAVerifiedDoctor => "only a verified doctor who is not suspended may see a report",
        Rule::OnlyAnOpenSession => "the session was over",
        Rule::NoConsent => "you never let them in",
        Rule::NoSuchReport => "there is no such report",
        Rule::RecordClosed => "you closed your record",
        Rule::Barred => "you barred them",
        Rule::ReportHidden => "you hid this report from them",
        Rule::PurposeNotCovered => "no consent you gave them covers this purpose",
        Rule::ScopeDoesNotCover => "no consent you gave them for this purpose covers this report",
        Rule::ReportExcepted => "you keep this report closed to them",
        Rule::ConsentNotYet => "your consent had not begun",
        Rule::ConsentExpired => "your consent had expired",
        Rule::ConsentRevoked => "you had revoked your consent",
        Rule::ViewsUsedUp => "the viewings you allowed were used up",
        Rule::ViewingExpired => "the viewing's time was over",
        Rule::ViewingEnded => "the viewing had ended",
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use domain::consent::scope::{Exceptions, Purpose, Scope};
    use domain::ids::{EmergencyId, EventId, MandateId, PracticeId, ReportId};
    use domain::journal::Position;
    use domain::records::Category;
    use domain::samples::{ANA, BO, CONSENT, REPORT, VIEWING, noon};
    use domain::time::minutes;

    use super::*;

    fn entry(who: Actor, report: Option<ReportId>, what: What) -> Entry {
        Entry {
            position: Position(1),
            event: EventId::new(uuid::Uuid::nil()),
            at: noon(),
            who: Some(Who::Account(who)),
            who_name: None,
            unverified: false,
            report,
            title: None,
            what,
        }
    }

    fn said(what: What) -> String {
        let bo = Opened::Text("Dr Bo Berg".to_owned());
        let mri = Opened::Text("MRI of 3 May".to_owned());
        let about = entry(Actor::Doctor(BO), Some(REPORT), what);
        sentence(&about, Some(&bo), Some(&mri))
    }

    fn second_of_may(ground: Ground) -> Basis {
        Basis { ground, granted_at: "2026-05-02T23:59:59.999999Z".parse().ok() }
    }

    fn granted(terms: Option<ConsentTerms>) -> String {
        let until = noon().plus(minutes(7 * 24 * 60));
        said(What::Granted { consent: CONSENT, purpose: Purpose::Treat, until, terms })
    }

    #[test]
    fn what_a_consent_opens_is_said_no_more_and_no_less() {
        let terms = |scope, exceptions, views_max| {
            Some(ConsentTerms { scope, exceptions, from: noon(), views_max })
        };
        let until = "for treatment until 30 November 2026, 12:00 UTC";
        let everything = terms(Scope::Everything {}, Exceptions::default(), None);
        assert_eq!(
            granted(everything),
            format!(
                "You let Dr Bo Berg see every report of yours, those to come included, {until}."
            )
        );
        let categories = [Category::Laboratory, Category::Imaging].into();
        let exceptions = Exceptions { reports: [REPORT].into(), ..Exceptions::default() };
        let narrow = terms(Scope::Categories { categories }, exceptions, Some(3));
        assert_eq!(
            granted(narrow),
            format!(
                "You let Dr Bo Berg see these of your reports, those to come included: laboratory \
                 results and imaging (but not one report), {until}, 3 viewings at most."
            )
        );
        let single = ConsentTerms {
            scope: Scope::Reports { reports: [REPORT].into() },
            exceptions: Exceptions::default(),
            from: noon().plus(minutes(60)),
            views_max: Some(1),
        };
        assert_eq!(
            granted(Some(single)),
            "You let Dr Bo Berg see one report of yours and no other, for treatment from 23 November \
             2026, 13:00 UTC until 30 November 2026, 12:00 UTC, one viewing at most."
        );
        assert_eq!(
            granted(None),
            format!("You let Dr Bo Berg see what the consent names, {until}.")
        );
    }

    #[test]
    fn what_others_wrote_is_one_thing_in_one_sentence() {
        let added = |name: &str, title: &str| {
            let (name, title) = (Opened::Text(name.to_owned()), Opened::Text(title.to_owned()));
            let about = entry(Actor::Doctor(BO), Some(REPORT), What::Uploaded);
            sentence(&about, Some(&name), Some(&title))
        };
        for (name, title, said) in [
            ("Dr Bo", "MRI*. Dr Eve opened *CT", "Dr Bo added *MRI∗. Dr Eve opened ∗CT*."),
            ("Dr Bo", "MRI*.\nDr Eve opened *CT", "Dr Bo added *MRI∗. Dr Eve opened ∗CT*."),
            ("Dr Bo added *X*.\r\nDr Eve", "CT", "Dr Bo added ∗X∗.  Dr Eve added *CT*."),
            ("Dr Bo", "MRI\u{202e}TC\u{200b}", "Dr Bo added *MRITC*."),
            ("Dr Bo", "בדיקה", "Dr Bo added *\u{2068}בדיקה\u{2069}*."),
        ] {
            assert_eq!(added(name, title), said);
        }
    }

    fn viewed(shown: u32, ended: Option<Ended>) -> What {
        viewed_in(PagesOfViewing { shown, lost: 0, in_part: 0 }, ended)
    }

    fn viewed_in(pages: PagesOfViewing, ended: Option<Ended>) -> What {
        let basis = second_of_may(Ground::Consent { consent: CONSENT });
        let purpose = Purpose::Treat;
        What::Viewed { viewing: VIEWING, basis, purpose, pages, until: noon(), ended }
    }

    #[test]
    fn a_viewing_says_who_what_why_and_by_which_consent() {
        let opened = "Dr Bo Berg opened *MRI of 3 May* for treatment, allowed by your consent of 2 May 2026 (UTC).";
        assert_eq!(said(viewed(0, None)), format!("{opened} No page was shown."));
        assert_eq!(said(viewed(1, None)), format!("{opened} One page was shown."));
        let rule = Some(Rule::ConsentRevoked);
        let ended = Ended { at: noon(), why: ViewingEnd::RuleFailed, rule };
        assert_eq!(
            said(viewed(3, Some(ended))),
            format!(
                "{opened} Pages were shown 3 times. It ended early: you had revoked your consent."
            )
        );
    }

    #[test]
    fn a_page_that_could_not_be_drawn_was_not_shown() {
        let pages = |shown, lost, in_part| {
            let sentence = said(viewed_in(PagesOfViewing { shown, lost, in_part }, None));
            sentence.split_once("(UTC). ").unwrap().1.to_owned()
        };
        let lost = "A page that was asked for could not be shown.";
        assert_eq!(pages(1, 1, 0), format!("No page was shown. {lost}"));
        assert_eq!(pages(2, 1, 0), format!("One page was shown. {lost}"));
        assert_eq!(pages(1, 0, 1), "One page was shown. A part of it was missing.");
        assert_eq!(
            pages(5, 2, 1),
            "Pages were shown 3 times. Once a part of the page was missing. \
             Pages that were asked for could not be shown."
        );
        assert_eq!(
            pages(3, 0, 2),
            "Pages were shown 3 times. More than once a part of the page was missing."
        );
    }

    #[test]
    fn every_refusal_has_its_rule_in_words() {
        for rule in Rule::ALL.iter().copied() {
            let sentence = said(What::Refused { purpose: Purpose::Treat, rule });
            let start = "Dr Bo Berg asked to open *MRI of 3 May* for treatment and was refused: ";
            let why = sentence.strip_prefix(start).unwrap();
            assert!(why.len() > 15 && why.ends_with('.'), "{sentence}");
        }
    }

    #[test]
    fn what_a_stranger_calls_themselves_is_not_said() {
        let what = What::Refused { purpose: Purpose::Treat, rule: Rule::OnlyAVerifiedDoctor };
        let stranger = Entry { unverified: true, ..entry(Actor::Doctor(BO), Some(REPORT), what) };
        let name = Opened::Text("Click http://evil.example".to_owned());
        assert_eq!(
            sentence(&stranger, Some(&name), None),
            "A doctor who is not verified asked to open a report for treatment and was refused: \
             only a verified doctor who is not suspended may see a report."
        );
    }

    #[test]
    fn what_the_patient_did_is_said_to_the_patient() {
        let mri = Opened::Text("MRI".to_owned());
        let ana = entry(Actor::Patient(ANA), Some(REPORT), downloaded(Ground::Own {}));
        let name = Opened::Text("Ana".to_owned());
        assert_eq!(sentence(&ana, Some(&name), Some(&mri)), "You downloaded *MRI*.");
        let What::Downloaded { basis, .. } = ana.what else { panic!() };
        let parts = Entry { what: What::Downloaded { basis, in_parts: true }, ..ana };
        assert_eq!(sentence(&parts, Some(&name), Some(&mri)), "You downloaded parts of *MRI*.");
    }

    fn downloaded(ground: Ground) -> What {
        What::Downloaded { basis: Basis { ground, granted_at: None }, in_parts: false }
    }

    #[test]
    fn every_ground_is_said() {
        let practice = PracticeId::new(uuid::Uuid::from_u128(1));
        let token = |ground| {
            said(What::TokenIssued { basis: second_of_may(ground), purpose: Purpose::Treat })
        };
        let start =
            "Dr Bo Berg asked to open *MRI of 3 May* for treatment and was given leave to, ";
        let cases = [
            (Ground::Consent { consent: CONSENT }, "allowed by your consent of 2 May 2026 (UTC)."),
            (
                Ground::Practice { consent: CONSENT, practice },
                "for a practice, allowed by your consent of 2 May 2026 (UTC).",
            ),
            (
                Ground::Emergency { emergency: EmergencyId::new(uuid::Uuid::from_u128(2)) },
                "in an emergency, without asking you.",
            ),
            (Ground::Own {}, "as the record's owner."),
        ];
        for (ground, why) in cases {
            assert_eq!(token(ground), format!("{start}{why}"));
        }
        let mandate = MandateId::new(uuid::Uuid::from_u128(3));
        let proxy = said(downloaded(Ground::Proxy { mandate }));
        let why = "on your behalf, allowed by a mandate";
        assert_eq!(proxy, format!("Dr Bo Berg downloaded *MRI of 3 May*, {why}."));
    }

    #[test]
    fn a_viewing_that_ended_by_itself_says_so() {
        let ended = Ended { at: noon(), why: ViewingEnd::Expired, rule: None };
        let sentence = said(viewed(1, Some(ended)));
        assert!(
            sentence.ends_with("shown. It ended by itself when its time was over."),
            "{sentence}"
        );
    }

    #[test]
    fn erased_words_are_said_to_be_erased() {
        let erased = entry(Actor::Doctor(BO), Some(REPORT), What::Uploaded);
        assert_eq!(
            sentence(&erased, Some(&Opened::Erased), Some(&Opened::Erased)),
            "Somebody whose name was erased added a report whose title was erased."
        );
    }
}
