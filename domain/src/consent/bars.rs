//! What a patient keeps shut whatever their consents say: the whole record, a doctor or a practice, a report
//! before one of them. It wins over every consent, those given later too, and nothing tells whom it is about.

use std::collections::BTreeMap;

use super::event::ConsentFact;
use super::grantee::{Grantee, Reader};
use crate::ids::ReportId;

/// Something that a patient keeps shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// Whether an emergency still passes.
    pub emergency_passes: bool,
}

/// What of it meets a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// The whole record is closed, to everybody.
    RecordClosed,
    /// The reader is barred, or the practice they read for.
    Barred(Grantee),
    /// The report is hidden from the reader, or from the practice they read for.
    ReportHidden(Grantee),
}

/// Everything that one patient keeps shut now.
#[derive(Debug, Clone, Default)]
pub struct PatientBars {
    closed: Option<Bar>,
    barred: BTreeMap<Grantee, Bar>,
    hidden: BTreeMap<(Grantee, ReportId), Bar>,
}

impl PatientBars {
    /// The bar that closes the whole record, if it is closed.
    pub const fn closed(&self) -> Option<Bar> {
        self.closed
    }

    /// The bar that keeps one doctor or practice out.
    pub fn against(&self, grantee: Grantee) -> Option<Bar> {
        self.barred.get(&grantee).copied()
    }

    /// The bar that hides one report from one doctor or practice.
    pub fn hiding(&self, report: ReportId, from: Grantee) -> Option<Bar> {
        self.hidden.get(&(from, report)).copied()
    }

    /// How many doctors and practices are barred, and reports hidden, together.
    pub fn count(&self) -> usize {
        self.barred.len() + self.hidden.len()
    }

    /// Why a reader is as one who never had a link to this record; none: they are not.
    pub fn unlinked(&self, reader: Reader) -> Option<Shut> {
        if self.closed.is_some() {
            return Some(Shut::RecordClosed);
        }
        // Nearly every patient bars nobody, and every decision asks.
        if self.barred.is_empty() {
            return None;
        }
        reader.counts_as().find(|grantee| self.barred.contains_key(grantee)).map(Shut::Barred)
    }

    /// Why there is no such report for a reader; none: consents say.
    pub fn shut(&self, reader: Reader, report: ReportId) -> Option<Shut> {
        self.unlinked(reader).or_else(|| {
            if self.hidden.is_empty() {
                return None;
            }
            let mut named = reader.counts_as();
            let from = named.find(|grantee| self.hidden.contains_key(&(*grantee, report)))?;
            Some(Shut::ReportHidden(from))
        })
    }

    /// Takes in the next fact of consents.
    pub(crate) fn take(&mut self, fact: &ConsentFact) {
        let Some(BarChange { shut, report, set }) = BarChange::of(fact) else { return };
        match shut {
            Shut::RecordClosed => self.closed = set,
            Shut::Barred(grantee) => put(&mut self.barred, grantee, set),
            Shut::ReportHidden(grantee) => {
                if let Some(report) = report {
                    put(&mut self.hidden, (grantee, report), set);
                }
            }
        }
    }
}

fn put<K: Ord>(bars: &mut BTreeMap<K, Bar>, key: K, set: Option<Bar>) {
    match set {
        Some(bar) => bars.insert(key, bar),
        None => bars.remove(&key),
    };
}

/// What a fact changes of what is kept shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BarChange {
    /// What it is about.
    pub shut: Shut,
    /// The report, where it is about one.
    pub report: Option<ReportId>,
    /// The bar that stands from now on; none: it is lifted.
    pub set: Option<Bar>,
}

impl BarChange {
    /// What a fact changes, if it changes anything of it.
    pub fn of(fact: &ConsentFact) -> Option<Self> {
        let set = |emergency_passes| Some(Bar { emergency_passes });
        let (shut, report, set) = match fact {
            ConsentFact::RecordClosed(closed) => {
                (Shut::RecordClosed, None, set(closed.emergency_passes))
            }
            ConsentFact::RecordOpened(_) => (Shut::RecordClosed, None, None),
            ConsentFact::BarSet(bar) => (Shut::Barred(bar.barred), None, set(bar.emergency_passes)),
            ConsentFact::BarLifted(bar) => (Shut::Barred(bar.barred), None, None),
            ConsentFact::ReportHidden(hidden) => {
                let set = set(hidden.emergency_passes);
                (Shut::ReportHidden(hidden.from), Some(hidden.report), set)
            }
            ConsentFact::ReportUnhidden(shown) => {
                (Shut::ReportHidden(shown.from), Some(shown.report), None)
            }
            ConsentFact::Granted(_) | ConsentFact::Revoked(_) => return None,
        };
        Some(Self { shut, report, set })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::event::{
        BarLifted, BarSet, RecordClosed, RecordOpened, ReportHidden, ReportUnhidden,
    };
    use crate::ids::PracticeId;
    use crate::samples::{BO, EVE, OTHER_REPORT, REPORT};

    const PRACTICE: PracticeId = PracticeId::new(uuid::Uuid::from_u128(0x9a));
    const DOCTOR: Grantee = Grantee::Doctor(BO);
    const MEMBER: Reader = Reader { doctor: BO, practice: Some(PRACTICE) };

    fn bars(facts: impl IntoIterator<Item = ConsentFact>) -> PatientBars {
        let mut bars = PatientBars::default();
        facts.into_iter().for_each(|fact| bars.take(&fact));
        bars
    }

    fn bar(barred: Grantee) -> ConsentFact {
        BarSet { barred, emergency_passes: true }.into()
    }

    #[test]
    fn a_closed_record_is_closed_to_everybody_until_it_is_opened() {
        let close = |emergency_passes| ConsentFact::from(RecordClosed { emergency_passes });
        let closed = bars([close(true), close(false)]);
        for reader in [Reader::doctor(BO), Reader::doctor(EVE), MEMBER] {
            assert_eq!(closed.unlinked(reader), Some(Shut::RecordClosed));
            assert_eq!(closed.shut(reader, REPORT), Some(Shut::RecordClosed));
        }
        assert_eq!(closed.closed(), Some(Bar { emergency_passes: false }), "what was said last");
        let opened = bars([close(true), RecordOpened {}.into()]);
        assert_eq!((opened.closed(), opened.unlinked(MEMBER)), (None, None));
    }

    #[test]
    fn a_bar_is_against_a_doctor_in_every_session_and_against_a_practice_in_sessions_for_it() {
        let (bo, eve) = (Reader::doctor(BO), Reader::doctor(EVE));
        let doctor = bars([bar(DOCTOR)]);
        assert_eq!(doctor.unlinked(bo), Some(Shut::Barred(DOCTOR)));
        assert_eq!(doctor.unlinked(MEMBER), Some(Shut::Barred(DOCTOR)));
        assert_eq!(doctor.unlinked(eve), None);
        let practice = bars([bar(Grantee::Practice(PRACTICE))]);
        assert_eq!(practice.unlinked(bo), None);
        let met = Some(Shut::Barred(Grantee::Practice(PRACTICE)));
        assert_eq!(practice.unlinked(MEMBER), met);
        let lifted = bars([bar(DOCTOR), BarLifted { barred: DOCTOR }.into()]);
        assert_eq!((lifted.unlinked(bo), lifted.against(DOCTOR)), (None, None));
        assert_eq!(doctor.count(), 1);
    }

    #[test]
    fn a_hidden_report_is_shut_for_whom_it_is_hidden_from_and_nothing_else_is() {
        let hide = ReportHidden { report: REPORT, from: DOCTOR, emergency_passes: false };
        let hidden = bars([hide.clone().into()]);
        let bo = Reader::doctor(BO);
        assert_eq!(hidden.shut(bo, REPORT), Some(Shut::ReportHidden(DOCTOR)));
        assert_eq!(hidden.unlinked(bo), None);
        assert_eq!(hidden.shut(bo, OTHER_REPORT), None);
        assert_eq!(hidden.shut(Reader::doctor(EVE), REPORT), None);
        assert!(hidden.hiding(REPORT, DOCTOR).is_some());
        let shown = ReportUnhidden { report: REPORT, from: DOCTOR };
        assert_eq!(bars([hide.into(), shown.into()]).shut(bo, REPORT), None);
    }
}
