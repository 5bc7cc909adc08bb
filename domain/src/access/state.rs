//! Tokens and viewings as their facts add up, and the rules about their lives: asked alike when a token is
//! used, when a page is shown and when both are reviewed.

use super::event::{AccessFact, RecordViewed, ViewTokenIssued, ViewingEnd};
use super::policy::Rule;
use super::policy::v1::{self, Question};
use crate::actor::Actor;
use crate::chart::Chart;
use crate::consent::grantee::Reader;
use crate::fold::Recorded;
use crate::identity::doctor::Doctor;
use crate::identity::session::Session;
use crate::ids::{DoctorId, SessionId};
use crate::time::Moment;

/// A view token.
#[derive(Debug, Clone)]
pub struct Token {
    /// As issued.
    pub issued: ViewTokenIssued,
    /// Whether it was redeemed: once is all there is.
    pub redeemed: bool,
}

/// Why a token opens nothing, whatever the policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFlaw {
    /// It was issued to another doctor, or in another session.
    OfAnother,
    /// It was used before.
    Used,
    /// It died unused.
    Expired,
}

impl Token {
    /// Whether this doctor, in this session, may use it now.
    pub fn may_be_used(
        &self,
        doctor: DoctorId,
        session: SessionId,
        now: Moment,
    ) -> Result<(), TokenFlaw> {
        if self.issued.doctor != doctor || self.issued.session != session {
            return Err(TokenFlaw::OfAnother);
        }
        if self.redeemed {
            return Err(TokenFlaw::Used);
        }
        if now >= self.issued.until {
            return Err(TokenFlaw::Expired);
        }
        Ok(())
    }
}

/// A viewing.
#[derive(Debug, Clone)]
pub struct Viewing {
    /// As opened.
    pub opened: RecordViewed,
    /// Why it ended, if an event says so; its time may be over without one.
    pub ended: Option<ViewingEnd>,
}

impl Viewing {
    /// Whether it may go on: its own life first, then the session, then the policy.
    pub fn may_go_on(
        &self,
        (chart, doctor, session): (&Chart, &Doctor, &Session),
        now: Moment,
    ) -> Result<(), Rule> {
        match self.ended {
            Some(ViewingEnd::Closed | ViewingEnd::RuleFailed) => return Err(Rule::ViewingEnded),
            Some(ViewingEnd::Expired) => return Err(Rule::ViewingExpired),
            None if now >= self.opened.until => return Err(Rule::ViewingExpired),
            None => {}
        }
        if !session.is_open_for(Actor::Doctor(self.opened.doctor), now) {
            return Err(Rule::OnlyAnOpenSession);
        }
        v1::may_continue(chart, doctor, self.question(now), self.opened.ground)
    }

    /// What its reader asks at every page.
    pub const fn question(&self, now: Moment) -> Question {
        let RecordViewed { doctor, report, purpose, .. } = self.opened;
        Question { reader: Reader::doctor(doctor), report, purpose, now }
    }
}

impl Chart {
    /// What a fact of access does to a patient's chart.
    pub(crate) fn take_access(&mut self, fact: &AccessFact, recorded: &Recorded) {
        match fact {
            AccessFact::TokenIssued(issued) => {
                let token = Token { issued: issued.clone(), redeemed: false };
                self.tokens.insert(issued.token_hash, token);
            }
            AccessFact::Refused(refused) => {
                self.refusals.insert((refused.doctor, refused.rule), recorded.time);
            }
            AccessFact::Viewed(viewed) => {
                if let Some(token) = self.tokens.get_mut(&viewed.token_hash) {
                    token.redeemed = true;
                }
                let consent = viewed.ground.consent();
                if let Some(consent) = consent.and_then(|id| self.consents.get_mut(&id)) {
                    consent.views = consent.views.saturating_add(1);
                }
                let viewing = Viewing { opened: viewed.clone(), ended: None };
                self.viewings.insert(viewed.viewing, viewing);
            }
            AccessFact::ViewingEnded(ended) => {
                if let Some(viewing) = self.viewings.get_mut(&ended.viewing) {
                    viewing.ended.get_or_insert(ended.reason);
                }
            }
            AccessFact::ListShown(shown) => {
                let key = (shown.viewer, shown.session, shown.list);
                self.lists_shown.insert(key, (recorded.time, recorded.id));
            }
            AccessFact::PageShown(_) | AccessFact::Downloaded(_) => {}
        }
    }
}
