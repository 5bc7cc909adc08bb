//! The rules again, from the product's text and not from the policy's code: slow, naive, over the whole log
//! up to an event. Whatever the policy let through must hold here.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each question looks for one kind of fact in a whole log"
)]

use domain::access::event::{AccessFact, ViewingEnd};
use domain::access::ground::Ground;
use domain::actor::Actor;
use domain::consent::event::{ConsentFact, ConsentGranted};
use domain::consent::grantee::Grantee;
use domain::consent::scope::{Purpose, Scope};
use domain::fact::Fact;
use domain::fold::Recorded;
use domain::identity::event::{DoctorFact, SessionFact};
use domain::ids::{ConsentId, DoctorId, ReportId, SessionId};
use domain::records::Category;
use domain::records::event::RecordsFact;

/// Judges every token, view and page in a log; answers how many pages were shown.
pub(crate) fn judge(log: &[Recorded]) -> usize {
    let mut pages = 0;
    for (i, event) in log.iter().enumerate() {
        let before = Past { log: &log[..i], event };
        match &event.fact {
            Fact::Access(AccessFact::TokenIssued(token)) => {
                let consent = consent(token.ground);
                before.permits(token.doctor, token.session, token.report, token.purpose, consent);
                before.has_views_left(consent);
            }
            Fact::Access(AccessFact::Viewed(view)) => {
                let consent = consent(view.ground);
                before.permits(view.doctor, view.session, view.report, view.purpose, consent);
                before.has_views_left(consent);
                before.token_is_fresh(view);
            }
            Fact::Access(AccessFact::PageShown(page)) => {
                pages += 1;
                let view = before.open_viewing(page);
                assert_eq!(page.ground, view.ground, "a page stands on what its viewing stands on");
                let consent = consent(view.ground);
                before.permits(view.doctor, view.session, view.report, view.purpose, consent);
            }
            Fact::Access(AccessFact::Downloaded(download)) => {
                assert_eq!(download.ground, Ground::Own {}, "patients download their own");
            }
            Fact::Access(AccessFact::ListShown(shown)) => {
                before.granted(consent(shown.ground));
            }
            _ => {}
        }
    }
    pages
}

/// Every viewing that ended by itself had been opened, was not ended yet, and its time was over; answers how
/// many there were.
pub(crate) fn expired_in_time(log: &[Recorded]) -> usize {
    let mut expired = 0;
    for (i, event) in log.iter().enumerate() {
        let Fact::Access(AccessFact::ViewingEnded(end)) = &event.fact else { continue };
        if end.reason != ViewingEnd::Expired {
            continue;
        }
        expired += 1;
        let (mut open, mut ended) = (None, false);
        for before in log[..i].iter().filter(|before| before.stream == event.stream) {
            match &before.fact {
                Fact::Access(AccessFact::Viewed(view)) if view.viewing == end.viewing => {
                    open = Some(view);
                }
                Fact::Access(AccessFact::ViewingEnded(earlier)) => {
                    ended |= earlier.viewing == end.viewing;
                }
                _ => {}
            }
        }
        assert!(!ended && event.time >= open.expect("it was opened").until, "{event:?}");
    }
    expired
}

/// The consent that an access rests on: nobody has another ground yet.
fn consent(ground: Ground) -> ConsentId {
    match ground {
        Ground::Consent { consent } => consent,
        other => panic!("nothing gives the ground {other:?} yet"),
    }
}

/// Everything before an event.
struct Past<'a> {
    log: &'a [Recorded],
    event: &'a Recorded,
}

impl<'a> Past<'a> {
    fn here(&self) -> impl Iterator<Item = &'a Recorded> {
        let stream = &self.event.stream;
        self.log.iter().filter(move |event| event.stream == *stream)
    }

    fn granted(&self, id: ConsentId) -> &'a ConsentGranted {
        let granted = self.here().find_map(|event| match &event.fact {
            Fact::Consent(ConsentFact::Granted(granted)) if granted.consent == id => Some(granted),
            _other => None,
        });
        granted.expect("the consent was granted before, on this stream")
    }

    fn revoked(&self, id: ConsentId) -> bool {
        self.here().any(|event| {
            matches!(&event.fact, Fact::Consent(ConsentFact::Revoked(r)) if r.consent == id)
        })
    }

    fn in_force(&self, granted: &ConsentGranted) -> bool {
        let now = self.event.time;
        granted.period.from <= now && now < granted.period.until && !self.revoked(granted.consent)
    }

    fn category(&self, report: ReportId) -> Category {
        let category = self.here().find_map(|event| match &event.fact {
            Fact::Records(RecordsFact::Uploaded(up)) if up.report == report => Some(up.category),
            _other => None,
        });
        category.expect("the report was uploaded before, on this stream")
    }

    fn permits(
        &self,
        doctor: DoctorId,
        session: SessionId,
        report: ReportId,
        purpose: Purpose,
        consent: ConsentId,
    ) {
        self.doctor_is_verified(doctor);
        self.session_is_open(session, doctor);
        let category = self.category(report);
        let granted = self.granted(consent);
        assert_eq!(granted.grantee, Grantee::Doctor(doctor));
        assert_eq!(granted.purpose, purpose, "purposes match exactly");
        assert!(self.in_force(granted), "the consent was in force");
        let covered = match &granted.scope {
            Scope::Everything {} => true,
            Scope::Categories { categories } => categories.contains(&category),
            Scope::Reports { reports } => reports.contains(&report),
        };
        assert!(covered, "the scope covered the report");
        for event in self.here() {
            let Fact::Consent(ConsentFact::Granted(other)) = &event.fact else { continue };
            let mine = other.grantee == Grantee::Doctor(doctor) && self.in_force(other);
            let shut = other.exceptions.reports.contains(&report)
                || other.exceptions.categories.contains(&category);
            assert!(!(mine && shut), "a deny exception wins");
        }
    }

    fn doctor_is_verified(&self, doctor: DoctorId) {
        let stream = domain::ids::StreamName::doctor(doctor);
        let last = self.log.iter().rev().filter(|event| event.stream == stream).find_map(|event| {
            match &event.fact {
                Fact::Doctor(DoctorFact::Verified(_) | DoctorFact::Reinstated(_)) => Some(true),
                Fact::Doctor(DoctorFact::Suspended(_) | DoctorFact::Rejected(_)) => Some(false),
                _other => None,
            }
        });
        assert_eq!(last, Some(true), "the doctor was verified then");
    }

    fn session_is_open(&self, session: SessionId, doctor: DoctorId) {
        let stream = domain::ids::StreamName::session(session);
        let mut open = false;
        for event in self.log.iter().filter(|event| event.stream == stream) {
            match &event.fact {
                Fact::Session(SessionFact::Opened(opened)) => {
                    open =
                        opened.account == Actor::Doctor(doctor) && self.event.time < opened.until;
                }
                Fact::Session(SessionFact::Ended(_)) => open = false,
                _other => {}
            }
        }
        assert!(open, "the doctor's session was open then");
    }

    fn has_views_left(&self, consent: ConsentId) {
        let under = Ground::Consent { consent };
        let views = self.here().filter(|event| {
            matches!(&event.fact, Fact::Access(AccessFact::Viewed(view)) if view.ground == under)
        });
        let most = self.granted(consent).views_max;
        assert!(most.is_none_or(|most| views.count() < most as usize), "views were left");
    }

    fn token_is_fresh(&self, view: &domain::access::event::RecordViewed) {
        let mut issued = None;
        for event in self.here() {
            match &event.fact {
                Fact::Access(AccessFact::TokenIssued(token))
                    if token.token_hash == view.token_hash =>
                {
                    issued = Some(token);
                }
                Fact::Access(AccessFact::Viewed(other)) => {
                    assert_ne!(other.token_hash, view.token_hash, "a token is good once");
                }
                _other => {}
            }
        }
        let token = issued.expect("the token was issued before");
        assert!(self.event.time < token.until, "the token lived");
        let bound = (token.doctor, token.session, token.report, token.purpose);
        assert_eq!(bound, (view.doctor, view.session, view.report, view.purpose));
    }

    fn open_viewing(
        &self,
        page: &domain::access::event::PageShown,
    ) -> &'a domain::access::event::RecordViewed {
        let mut open = None;
        for event in self.here() {
            match &event.fact {
                Fact::Access(AccessFact::Viewed(view)) if view.viewing == page.viewing => {
                    open = Some(view)
                }
                Fact::Access(AccessFact::ViewingEnded(end)) => {
                    assert_ne!(end.viewing, page.viewing, "the viewing had not ended");
                }
                _other => {}
            }
        }
        let view = open.expect("the viewing was opened before");
        assert!(self.event.time < view.until, "the viewing's time was not over");
        assert_eq!((view.doctor, view.report), (page.doctor, page.report));
        view
    }
}
