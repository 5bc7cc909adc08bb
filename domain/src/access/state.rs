//! Tokens and viewings as their facts add up. The rules about their lives stand with the policy.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::event::{AccessFact, ClinicalList, RecordViewed, ViewTokenIssued, ViewingEnd};
use super::policy::Rule;
use crate::actor::Actor;
use crate::fold::Recorded;
use crate::ids::{DoctorId, EventId, SessionId, TokenHash, ViewingId};
use crate::time::Moment;

/// A view token.
#[derive(Debug, Clone)]
pub struct Token {
    /// As issued.
    pub issued: ViewTokenIssued,
    /// Whether it was redeemed: once is all there is.
    pub redeemed: bool,
}

/// A viewing.
#[derive(Debug, Clone)]
pub struct Viewing {
    /// As opened.
    pub opened: RecordViewed,
    /// Why it ended, if an event says so; its time may be over without one.
    pub ended: Option<ViewingEnd>,
    /// The pages shown in it of which an event says that they were not drawn, or not whole.
    pub not_drawn: BTreeSet<EventId>,
}

/// What became of access to one patient's reports.
#[derive(Debug, Clone, Default)]
pub struct Accesses {
    /// View tokens.
    pub tokens: HashMap<TokenHash, Token>,
    /// Viewings.
    pub viewings: HashMap<ViewingId, Viewing>,
    /// The tokens of each doctor that were of use when the newest of them was issued.
    of_use: HashMap<DoctorId, Vec<TokenHash>>,
    /// Lists with clinical text that were shown to others: the newest event for each.
    pub lists_shown: BTreeMap<(Actor, SessionId, ClinicalList), (Moment, EventId)>,
    /// The newest refusal of each doctor under each rule: they are recorded once a minute.
    pub refusals: BTreeMap<(DoctorId, Rule), Moment>,
}

impl Accesses {
    /// How many tokens a doctor could redeem now.
    pub fn unused_tokens(&self, doctor: DoctorId, now: Moment) -> usize {
        let of_use = self.of_use.get(&doctor).into_iter().flatten();
        of_use.filter(|hash| self.is_of_use(hash, now)).count()
    }

    fn is_of_use(&self, hash: &TokenHash, now: Moment) -> bool {
        self.tokens.get(hash).is_some_and(|token| !token.redeemed && now < token.issued.until)
    }

    /// Takes in the next fact of access.
    pub(crate) fn take(&mut self, fact: &AccessFact, recorded: &Recorded) {
        match fact {
            AccessFact::TokenIssued(issued) => {
                let token = Token { issued: issued.clone(), redeemed: false };
                self.tokens.insert(issued.token_hash, token);
                let mut of_use = self.of_use.remove(&issued.doctor).unwrap_or_default();
                of_use.retain(|hash| self.is_of_use(hash, recorded.time));
                of_use.push(issued.token_hash);
                self.of_use.insert(issued.doctor, of_use);
            }
            AccessFact::Refused(refused) => {
                self.refusals.insert((refused.doctor, refused.rule), recorded.time);
            }
            AccessFact::Viewed(viewed) => {
                if let Some(token) = self.tokens.get_mut(&viewed.token_hash) {
                    token.redeemed = true;
                }
                let not_drawn = BTreeSet::new();
                let viewing = Viewing { opened: viewed.clone(), ended: None, not_drawn };
                self.viewings.insert(viewed.viewing, viewing);
            }
            AccessFact::PageNotDrawn(page) => {
                if let Some(viewing) = self.viewings.get_mut(&page.viewing) {
                    viewing.not_drawn.insert(page.shown);
                }
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
