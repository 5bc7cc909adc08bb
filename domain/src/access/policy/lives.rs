//! The rules about the lives of tokens and viewings: asked alike when a token is used, when a page is shown
//! and when both are reviewed.

use super::Rule;
use super::v1::{self, Question};
use crate::access::event::{RecordViewed, ViewingEnd};
use crate::access::state::{Token, Viewing};
use crate::actor::Actor;
use crate::chart::Chart;
use crate::consent::grantee::Reader;
use crate::identity::doctor::Doctor;
use crate::identity::session::Session;
use crate::ids::{DoctorId, SessionId};
use crate::time::Moment;

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
