//! Policy, version 2: what the patient keeps shut is asked before any consent is, and wins over all of them;
//! then the questions of version 1.
//!
//! Whom it meets is answered as one who never had a link: no rule of it is ever named to them. The order is
//! that of a stranger's questions, so that an answer costs what a stranger's costs: the doctor's standing,
//! whether there is such a report, then the link.

use super::Rule;
use super::v1::{self, ListedReports, Question};
use crate::access::ground::Ground;
use crate::chart::Chart;
use crate::consent::bars::Shut;
use crate::consent::grantee::Reader;
use crate::consent::state::Consent;
use crate::identity::doctor::Doctor;
use crate::ids::ReportId;
use crate::time::Moment;

/// May a new viewing be opened? Answers what allows it.
pub fn may_open(chart: &Chart, doctor: &Doctor, asked: Question) -> Result<Ground, Rule> {
    v1::only_a_verified_doctor(doctor)?;
    if chart.reports.contains_key(&asked.report) {
        nothing_shuts(chart, asked.reader, asked.report)?;
    }
    v1::may_open(chart, doctor, asked)
}

/// May an open viewing go on, on the ground it was opened on?
pub fn may_continue(
    chart: &Chart,
    doctor: &Doctor,
    asked: Question,
    ground: Ground,
) -> Result<(), Rule> {
    v1::only_a_verified_doctor(doctor)?;
    nothing_shuts(chart, asked.reader, asked.report)?;
    v1::may_continue(chart, doctor, asked, ground)
}

/// May a reader be shown a list of a record's reports? Answers the consent that links the two.
pub fn may_list(
    chart: &Chart,
    doctor: &Doctor,
    reader: Reader,
    now: Moment,
) -> Result<Ground, Rule> {
    v1::only_a_verified_doctor(doctor)?;
    chart.bars.unlinked(reader).map_or(Ok(()), |shut| Err(rule(shut)))?;
    v1::may_list(chart, doctor, reader, now)
}

/// Which reports of a record may stand in a reader's list?
pub fn listed(chart: &Chart, reader: Reader, now: Moment) -> ListedReports {
    if chart.bars.unlinked(reader).is_some() {
        return ListedReports::default();
    }
    v1::listed(chart, reader, now).without(|report| chart.bars.shut(reader, report).is_some())
}

/// By which consents does the patient let a reader in now, for anything at all? Oldest first.
pub fn letting_in(chart: &Chart, reader: Reader, now: Moment) -> Vec<&Consent> {
    if chart.bars.unlinked(reader).is_some() {
        return Vec::new();
    }
    v1::letting_in(chart, reader, now)
}

/// Does nothing that the patient keeps shut stand before this report?
pub fn nothing_shuts(chart: &Chart, reader: Reader, report: ReportId) -> Result<(), Rule> {
    chart.bars.shut(reader, report).map_or(Ok(()), |shut| Err(rule(shut)))
}

/// By which rule it refuses.
pub const fn rule(shut: Shut) -> Rule {
    match shut {
        Shut::RecordClosed => Rule::RecordClosed,
        Shut::Barred(_) => Rule::Barred,
        Shut::ReportHidden(_) => Rule::ReportHidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::policy::version::Version;
    use crate::actor::Actor;
    use crate::consent::event::{BarSet, ConsentGranted, RecordClosed, ReportHidden};
    use crate::consent::grantee::Grantee;
    use crate::consent::scope::Purpose;
    use crate::fact::Fact;
    use crate::fold::Fold as _;
    use crate::identity::doctor::Standing;
    use crate::ids::{PracticeId, StreamName};
    use crate::samples::{self, ANA, BO, EVE, GROUND, OTHER_CONSENT, OTHER_REPORT, REPORT, noon};

    const PRACTICE: PracticeId = PracticeId::new(uuid::Uuid::from_u128(0x9a));
    const MEMBER: Reader = Reader { doctor: BO, practice: Some(PRACTICE) };

    /// Ana has a report, lets Bo and a practice in, and `more` happens.
    fn chart(more: impl IntoIterator<Item = Fact>) -> Chart {
        let practice = ConsentGranted {
            consent: OTHER_CONSENT,
            grantee: Grantee::Practice(PRACTICE),
            ..samples::consent_granted()
        };
        let first: [Fact; 4] = [
            samples::patient_registered().into(),
            samples::report_uploaded().into(),
            practice.into(),
            samples::consent_granted().into(),
        ];
        first.into_iter().chain(more).fold(Chart::default(), |mut chart, fact| {
            let stream = StreamName::patient(ANA);
            chart.evolve(&samples::recorded(stream, Actor::Patient(ANA), fact));
            chart
        })
    }

    fn verified() -> Doctor {
        Doctor { standing: Standing::Verified, ..Doctor::default() }
    }

    fn asked(reader: Reader) -> Question {
        Question { reader, report: REPORT, purpose: Purpose::Treat, now: noon() }
    }

    /// Everything this version is asked, by one reader.
    fn answers(chart: &Chart, reader: Reader) -> [Option<Rule>; 5] {
        let none = |empty: bool| empty.then_some(Rule::NoConsent);
        [
            may_open(chart, &verified(), asked(reader)).err(),
            may_continue(chart, &verified(), asked(reader), GROUND).err(),
            may_list(chart, &verified(), reader, noon()).err(),
            none(!listed(chart, reader, noon()).hold(REPORT)),
            none(letting_in(chart, reader, noon()).is_empty()),
        ]
    }

    fn shut_by(rule: Rule) -> [Option<Rule>; 5] {
        let rule = Some(rule);
        [rule, rule, rule, Some(Rule::NoConsent), Some(Rule::NoConsent)]
    }

    fn bar(barred: Grantee) -> Fact {
        BarSet { barred, emergency_passes: true }.into()
    }

    #[test]
    fn where_nothing_is_kept_shut_it_answers_as_version_one_does() {
        let open = chart([]);
        for reader in [Reader::doctor(BO), Reader::doctor(EVE), MEMBER] {
            for report in [REPORT, OTHER_REPORT] {
                for doctor in [verified(), Doctor::default()] {
                    let asked = Question { report, ..asked(reader) };
                    let now = noon();
                    assert_eq!(
                        may_open(&open, &doctor, asked),
                        v1::may_open(&open, &doctor, asked)
                    );
                    let goes_on = v1::may_continue(&open, &doctor, asked, GROUND);
                    assert_eq!(may_continue(&open, &doctor, asked, GROUND), goes_on);
                    let lists = v1::may_list(&open, &doctor, reader, now);
                    assert_eq!(may_list(&open, &doctor, reader, now), lists);
                }
            }
            assert_eq!(listed(&open, reader, noon()), v1::listed(&open, reader, noon()));
            let (ours, first) =
                (letting_in(&open, reader, noon()), v1::letting_in(&open, reader, noon()));
            assert_eq!(ours.len(), first.len());
        }
        assert_eq!(answers(&open, Reader::doctor(BO)), [None; 5]);
    }

    #[test]
    fn a_closed_record_is_shut_for_every_reader() {
        let closed = chart([RecordClosed { emergency_passes: true }.into()]);
        for reader in [Reader::doctor(BO), MEMBER, Reader::doctor(EVE)] {
            assert_eq!(answers(&closed, reader), shut_by(Rule::RecordClosed));
        }
    }

    #[test]
    fn a_bar_wins_over_every_consent_and_over_one_that_is_given_later() {
        let later = ConsentGranted { consent: samples::consent(77), ..samples::consent_granted() };
        let barred = chart([bar(Grantee::Doctor(BO)), later.into()]);
        for reader in [Reader::doctor(BO), MEMBER] {
            assert_eq!(answers(&barred, reader), shut_by(Rule::Barred));
        }
        let practice = chart([bar(Grantee::Practice(PRACTICE))]);
        assert_eq!(answers(&practice, MEMBER), shut_by(Rule::Barred));
        assert_eq!(answers(&practice, Reader::doctor(BO)), [None; 5]);
    }

    #[test]
    fn a_hidden_report_is_no_report_and_the_rest_of_the_record_is_as_before() {
        let hide = |from| {
            let hidden = ReportHidden { report: REPORT, from, emergency_passes: false };
            let another = crate::records::event::ReportUploaded {
                report: OTHER_REPORT,
                ..samples::report_uploaded()
            };
            chart([another.into(), hidden.into()])
        };
        for (from, reader) in [
            (Grantee::Doctor(BO), Reader::doctor(BO)),
            (Grantee::Doctor(BO), MEMBER),
            (Grantee::Practice(PRACTICE), MEMBER),
        ] {
            let hidden = hide(from);
            let rule = Some(Rule::ReportHidden);
            let answered = answers(&hidden, reader);
            assert_eq!(answered, [rule, rule, None, Some(Rule::NoConsent), None]);
            assert!(listed(&hidden, reader, noon()).hold(OTHER_REPORT));
        }
        let practice = hide(Grantee::Practice(PRACTICE));
        assert_eq!(answers(&practice, Reader::doctor(BO)), [None; 5]);
    }

    #[test]
    fn a_doctor_who_may_not_act_and_a_report_that_is_not_there_are_told_as_to_a_stranger() {
        let shut: [Fact; 3] = [
            RecordClosed { emergency_passes: false }.into(),
            bar(Grantee::Doctor(BO)),
            bar(Grantee::Practice(PRACTICE)),
        ];
        for fact in shut {
            let chart = chart([fact]);
            for reader in [MEMBER, Reader::doctor(EVE)] {
                let nobody = Doctor::default();
                let not_verified = Err(Rule::OnlyAVerifiedDoctor);
                assert_eq!(may_open(&chart, &nobody, asked(reader)), not_verified);
                assert_eq!(may_list(&chart, &nobody, reader, noon()), not_verified);
                let missing = Question { report: OTHER_REPORT, ..asked(reader) };
                assert_eq!(may_open(&chart, &verified(), missing), Err(Rule::NoSuchReport));
            }
        }
    }

    #[test]
    fn version_one_knows_nothing_of_it_and_judges_its_own_events_for_ever() {
        let closed = chart([RecordClosed { emergency_passes: false }.into()]);
        let asked = asked(Reader::doctor(BO));
        let by = |version: Version| version.may_open(&closed, &verified(), asked);
        assert_eq!(by(Version::One), Ok(GROUND));
        assert_eq!(by(Version::Two), Err(Rule::RecordClosed));
        let numbers = [0, 1, 2, 3].map(Version::of);
        assert_eq!(numbers, [None, Some(Version::One), Some(Version::Two), None]);
    }
}
