//! A permit stands for one durable fact, written by the one it shows something to.

use super::*;
use crate::access::event::ViewingEnded;
use crate::access::page_loss::PageLoss;
use crate::fact::Fact;
use crate::fold::Fold as _;
use crate::ids::StreamName;
use crate::samples::{
    self, ANA, BO, CY, EVE, OTHER_REPORT, OTHER_SESSION, REPORT, SESSION, VIEWING, noon,
};

const BO_READS: Actor = Actor::Doctor(BO);
const ANA_READS: Actor = Actor::Patient(ANA);

fn durable(actor: Actor, fact: impl Into<Fact>) -> Durable {
    Durable::vouch(samples::recorded(StreamName::patient(ANA), actor, fact))
}

fn someone_else() -> uuid::Uuid {
    uuid::Uuid::from_u128(0x99)
}

#[test]
fn a_page_that_was_shown_is_a_permit_for_it_and_says_where_it_comes_from() {
    let mut recorded = samples::recorded(StreamName::patient(ANA), BO_READS, samples::page_shown());
    recorded.position = Position(7);
    recorded.id = EventId::new(someone_else());
    let permit = AccessPermit::from_durable(&Durable::vouch(recorded)).unwrap();
    assert_eq!((permit.patient(), permit.report()), (ANA, REPORT));
    let reading = Reading::Page { viewing: VIEWING, page: 1 };
    assert_eq!((permit.reader(), permit.reading()), (BO_READS, reading));
    assert_eq!((permit.position(), permit.event()), (Position(7), EventId::new(someone_else())));
    assert_eq!(permit.time(), noon());
}

/// Ana's chart: Bo's viewing, and then a page that this actor wrote into it.
fn with_page(actor: Actor, page: PageShown) -> Chart {
    let mut chart = Chart::default();
    let stream = StreamName::patient(ANA);
    chart.evolve(&samples::recorded(stream.clone(), BO_READS, samples::record_viewed()));
    chart.evolve(&samples::recorded(stream, actor, page));
    chart
}

#[test]
fn a_page_that_was_shown_is_a_permit_for_parts_of_it_for_a_minute() {
    let chart = with_page(BO_READS, samples::page_shown());
    let last = PARTS_OF_A_PAGE_FOR.checked_sub(std::time::Duration::from_micros(1)).unwrap();
    let of = |page, now| AccessPermit::of_earlier_page(&chart, VIEWING, page, now);
    for now in [noon(), noon().plus(last)] {
        let permit = of(1, now).unwrap();
        assert_eq!((permit.patient(), permit.report()), (ANA, REPORT));
        let reading = Reading::Page { viewing: VIEWING, page: 1 };
        assert_eq!((permit.reader(), permit.reading()), (BO_READS, reading));
        assert_eq!(permit.event(), chart.access.viewings[&VIEWING].shown[&1].id);
    }
    assert!(of(1, noon().plus(PARTS_OF_A_PAGE_FOR)).is_none(), "it was too long ago");
    assert!(of(2, noon()).is_none(), "another page was not shown");
    let elsewhere = AccessPermit::of_earlier_page(&chart, samples::viewing(9), 1, noon());
    assert!(elsewhere.is_none(), "nor was this one in another viewing");
}

#[test]
fn an_earlier_page_that_somebody_else_wrote_or_of_another_report_answers_for_nothing() {
    let of = |chart: &Chart| AccessPermit::of_earlier_page(chart, VIEWING, 1, noon());
    for actor in [Actor::Doctor(EVE), ANA_READS, Actor::Admin(CY), Actor::System] {
        assert!(of(&with_page(actor, samples::page_shown())).is_none(), "{actor}");
    }
    let eves = PageShown { doctor: EVE, ..samples::page_shown() };
    assert!(of(&with_page(Actor::Doctor(EVE), eves)).is_none(), "in Bo's viewing");
    let other = PageShown { report: OTHER_REPORT, ..samples::page_shown() };
    assert!(of(&with_page(BO_READS, other)).is_none());
    let mut lost = with_page(BO_READS, samples::page_shown());
    assert!(of(&lost).is_some());
    let mut note = samples::page_not_drawn();
    note.shown = lost.access.viewings[&VIEWING].shown[&1].id;
    note.missing = [PageLoss::Heavy].into();
    lost.evolve(&samples::recorded(StreamName::patient(ANA), BO_READS, note));
    assert!(of(&lost).is_none(), "nothing of it was seen");
}

#[test]
fn a_viewing_is_the_same_for_each_of_its_pages_and_for_nothing_else() {
    let of = |stream: PatientId, actor, fact: PageShown| {
        let recorded = samples::recorded(StreamName::patient(stream), actor, fact);
        AccessPermit::from_durable(&Durable::vouch(recorded)).unwrap().viewing().unwrap()
    };
    let page = samples::page_shown;
    let first = of(ANA, BO_READS, page());
    assert_eq!(of(ANA, BO_READS, PageShown { page: 7, ..page() }), first);
    let (report, viewing) = (ReportId::new(someone_else()), ViewingId::new(someone_else()));
    let others = [
        of(ANA, BO_READS, PageShown { viewing, ..page() }),
        of(ANA, BO_READS, PageShown { report, ..page() }),
        of(ANA, Actor::Doctor(EVE), PageShown { doctor: EVE, ..page() }),
        of(PatientId::new(someone_else()), BO_READS, page()),
    ];
    for other in others {
        assert_ne!(other, first);
        assert_ne!(other.to_string(), first.to_string(), "nor does the process take it for it");
    }
    let whole = AccessPermit::from_durable(&durable(ANA_READS, samples::report_downloaded()));
    assert_eq!(whole.unwrap().viewing(), None);
}

#[test]
fn a_patients_own_download_is_one_for_the_whole_file() {
    let permit = AccessPermit::from_durable(&durable(ANA_READS, samples::report_downloaded()));
    let permit = permit.unwrap();
    assert_eq!((permit.reader(), permit.reading()), (ANA_READS, Reading::Download));
    let under_a_consent =
        ReportDownloaded { ground: samples::GROUND, ..samples::report_downloaded() };
    assert!(AccessPermit::from_durable(&durable(ANA_READS, under_a_consent)).is_none());
}

#[test]
fn what_somebody_else_wrote_is_none() {
    for actor in [Actor::Doctor(EVE), ANA_READS, Actor::Admin(CY), Actor::System] {
        let page = durable(actor, samples::page_shown());
        assert!(AccessPermit::from_durable(&page).is_none(), "{actor}");
    }
    for actor in [BO_READS, Actor::Admin(CY), Actor::System] {
        let download = durable(actor, samples::report_downloaded());
        assert!(AccessPermit::from_durable(&download).is_none(), "{actor}");
    }
}

#[test]
fn what_was_done_on_anothers_behalf_or_on_no_patients_stream_is_none() {
    let mut on_behalf =
        samples::recorded(StreamName::patient(ANA), BO_READS, samples::page_shown());
    on_behalf.behalf = Some(ANA_READS);
    assert!(AccessPermit::from_durable(&Durable::vouch(on_behalf)).is_none());
    let elsewhere = samples::recorded(StreamName::doctor(BO), BO_READS, samples::page_shown());
    assert!(AccessPermit::from_durable(&Durable::vouch(elsewhere)).is_none());
}

#[test]
fn no_other_fact_is_one() {
    let ended: ViewingEnded = samples::viewing_ended();
    let others: [Fact; 6] = [
        samples::view_token_issued().into(),
        samples::record_viewed().into(),
        ended.into(),
        samples::clinical_list_shown().into(),
        samples::view_refused().into(),
        samples::report_uploaded().into(),
    ];
    for fact in others {
        let kind = fact.kind();
        assert!(AccessPermit::from_durable(&durable(BO_READS, fact)).is_none(), "{kind}");
    }
    assert!(PersonalTextPermit::from_durable(&durable(BO_READS, samples::page_shown())).is_none());
}

#[test]
fn ones_own_text_is_ones_own_and_names_are_for_patients() {
    let (ana, bo) = (PersonalTextPermit::own(ANA_READS), PersonalTextPermit::own(BO_READS));
    assert_eq!(ana.reader(), ANA_READS);
    assert!(ana.opens_text_of(ANA_READS.owner()) && !ana.opens_text_of(BO_READS.owner()));
    assert!(bo.opens_text_of(BO_READS.owner()) && !bo.opens_text_of(ANA_READS.owner()));
    assert!(ana.opens_names());
    assert!(!bo.opens_names(), "a doctor's names need an event");
    assert!(!PersonalTextPermit::own(Actor::Admin(CY)).opens_names());
}

#[test]
fn a_list_of_names_opens_names_and_no_text() {
    let stream = StreamName::doctor(BO);
    let shown = samples::recorded(stream, BO_READS, samples::doctor_name_list_shown());
    let permit = PersonalTextPermit::from_durable(&Durable::vouch(shown)).unwrap();
    assert_eq!(permit.reader(), BO_READS);
    assert!(permit.opens_names());
    for owner in [ANA_READS.owner(), BO_READS.owner(), Owner::System] {
        assert!(!permit.opens_text_of(owner), "{owner:?}");
    }
}

#[test]
fn a_clinical_list_opens_the_text_of_its_patient_and_of_nobody_else() {
    let shown = samples::clinical_list_shown();
    let permit = PersonalTextPermit::from_durable(&durable(BO_READS, shown.clone())).unwrap();
    assert!(permit.opens_text_of(Owner::Person(ANA.uuid())) && permit.opens_names());
    for owner in [BO_READS.owner(), Owner::Person(someone_else()), Owner::System] {
        assert!(!permit.opens_text_of(owner), "{owner:?}");
    }
    let nowhere = samples::recorded(StreamName::doctor(BO), BO_READS, shown);
    assert!(PersonalTextPermit::from_durable(&Durable::vouch(nowhere)).is_none());
}

/// The last moment at which an earlier event still answers, and the first at which it does not.
fn window() -> [(Moment, bool); 3] {
    let last = LIST_WINDOW.checked_sub(std::time::Duration::from_micros(1)).unwrap();
    [(noon(), true), (noon().plus(last), true), (noon().plus(LIST_WINDOW), false)]
}

#[test]
fn an_earlier_list_answers_for_ten_minutes_in_its_session_for_its_reader() {
    let mut chart = Chart::default();
    let stream = StreamName::patient(ANA);
    let facts: [Fact; 2] =
        [samples::patient_registered().into(), samples::clinical_list_shown().into()];
    for fact in facts {
        chart.evolve(&samples::recorded(stream.clone(), BO_READS, fact));
    }
    let list = ClinicalList::ReportTitles;
    for (now, answers) in window() {
        let earlier = PersonalTextPermit::of_earlier_words(&chart, BO_READS, SESSION, list, now);
        assert_eq!(earlier.is_some(), answers, "{now}");
        if let Some(permit) = earlier {
            assert_eq!(permit.reader(), BO_READS);
            assert!(permit.opens_text_of(Owner::Person(ANA.uuid())));
        }
    }
    let of = |reader, session| {
        PersonalTextPermit::of_earlier_words(&chart, reader, session, list, noon())
    };
    assert!(of(BO_READS, OTHER_SESSION).is_none() && of(Actor::Doctor(EVE), SESSION).is_none());
}

#[test]
fn an_earlier_list_of_names_does_too() {
    let list = NameList::MyPatients;
    let shown = NameListsShown::from([((list, SESSION), (noon(), EventId::new(someone_else())))]);
    let of = |session, list, now| {
        PersonalTextPermit::of_earlier_names(&shown, BO_READS, session, list, now)
    };
    for (now, answers) in window() {
        let earlier = of(SESSION, list, now);
        assert_eq!(earlier.as_ref().is_some_and(PersonalTextPermit::opens_names), answers, "{now}");
    }
    assert!(of(OTHER_SESSION, list, noon()).is_none());
    assert!(of(SESSION, NameList::VerificationQueue, noon()).is_none());
}
