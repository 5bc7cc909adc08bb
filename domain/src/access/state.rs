//! Tokens and viewings as their facts add up. The rules about their lives stand with the policy.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::event::{
    AccessFact, ClinicalList, PageNotDrawn, RecordViewed, ViewTokenIssued, ViewingEnd,
};
use super::page_loss::PageLoss;
use super::policy::{PARTS_OF_A_PAGE_FOR, Rule};
use crate::actor::Actor;
use crate::consent::grantee::Reader;
use crate::fold::Recorded;
use crate::ids::{DoctorId, EventId, ReportId, SessionId, TokenHash, ViewingId};
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
    /// What was missing on pages that were shown in it, by the events that say they were.
    pub not_drawn: BTreeMap<EventId, BTreeSet<PageLoss>>,
    /// The pages shown in it not long ago, by their number: the newest event of each, as it stands in the
    /// log.
    pub shown: BTreeMap<u32, Recorded>,
}

impl Viewing {
    /// One that was opened, and nothing else yet.
    pub fn new(opened: RecordViewed) -> Self {
        Self { opened, ended: None, not_drawn: BTreeMap::new(), shown: BTreeMap::new() }
    }

    /// A page was shown; those that answer for no part of themselves any more are forgotten.
    fn take_page(&mut self, page: u32, recorded: &Recorded) {
        self.shown.retain(|_, shown| recorded.time.since(shown.time) < PARTS_OF_A_PAGE_FOR);
        self.shown.insert(page, recorded.clone());
    }

    /// Something of a page was not to be seen. What was not seen at all answers for no part of itself.
    fn take_loss(&mut self, lost: &PageNotDrawn) {
        self.not_drawn.entry(lost.shown).or_insert_with(|| lost.missing.clone());
        if lost.is_of_the_whole() {
            self.shown.retain(|_, shown| shown.id != lost.shown);
        }
    }
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

    /// A viewing that this doctor opened.
    pub fn viewing_of(&self, doctor: DoctorId, viewing: ViewingId) -> Option<&Viewing> {
        self.viewings.get(&viewing).filter(|viewing| viewing.opened.doctor == doctor)
    }

    /// The viewings that no event has ended and whose time is not over, oldest first.
    pub fn open_viewings(&self, now: Moment) -> Vec<&RecordViewed> {
        let opened = self.viewings.values().filter(|viewing| viewing.ended.is_none());
        let mut open: Vec<_> = opened.map(|viewing| &viewing.opened).collect();
        open.retain(|opened| now < opened.until);
        open.sort_unstable_by_key(|opened| (opened.until, opened.viewing));
        open
    }

    /// Unused tokens that are shut are of use to nobody any more, also once what shut them is lifted: they
    /// are answered as tokens that were never issued.
    pub(crate) fn forget_tokens(&mut self, shut: impl Fn(Reader, ReportId) -> bool) {
        self.tokens.retain(|_, token| {
            let ViewTokenIssued { doctor, report, ground, .. } = token.issued;
            token.redeemed || !shut(ground.reader(doctor), report)
        });
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
                self.viewings.insert(viewed.viewing, Viewing::new(viewed.clone()));
            }
            AccessFact::PageNotDrawn(page) => {
                if let Some(viewing) = self.viewings.get_mut(&page.viewing) {
                    viewing.take_loss(page);
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
            AccessFact::PageShown(shown) => {
                if let Some(viewing) = self.viewings.get_mut(&shown.viewing) {
                    viewing.take_page(shown.page, recorded);
                }
            }
            AccessFact::Downloaded(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::access::event::PageShown;
    use crate::fact::Fact;
    use crate::ids::StreamName;
    use crate::samples::{
        self, ANA, BO, EVE, OTHER_SESSION, SESSION, TOKEN, VIEWING, noon, token, viewing,
    };
    use crate::time::minutes;

    fn take(accesses: &mut Accesses, now: Moment, fact: impl Into<Fact>) {
        let mut recorded =
            samples::recorded(StreamName::patient(ANA), Actor::Doctor(BO), fact.into());
        recorded.time = now;
        let fact = recorded.fact.access().unwrap().clone();
        accesses.take(&fact, &recorded);
    }

    fn issued(number: u32, until: Moment) -> ViewTokenIssued {
        ViewTokenIssued { token_hash: token(number), until, ..samples::view_token_issued() }
    }

    #[test]
    fn a_token_is_unused_until_it_is_redeemed_or_dies() {
        let mut accesses = Accesses::default();
        let (soon, late) = (noon().plus(minutes(1)), noon().plus(minutes(5)));
        take(&mut accesses, noon(), issued(1, soon));
        take(&mut accesses, noon(), issued(2, late));
        assert_eq!(accesses.unused_tokens(BO, noon()), 2);
        assert_eq!(accesses.unused_tokens(EVE, noon()), 0);
        assert_eq!(accesses.unused_tokens(BO, soon), 1, "a token dies at its time");
        assert_eq!(accesses.unused_tokens(BO, late), 0);
        let viewed = RecordViewed { token_hash: token(2), ..samples::record_viewed() };
        take(&mut accesses, noon(), viewed);
        assert!(accesses.tokens[&token(2)].redeemed && !accesses.tokens[&token(1)].redeemed);
        assert_eq!(accesses.unused_tokens(BO, noon()), 1);
        take(&mut accesses, soon, issued(3, late));
        assert_eq!(accesses.of_use[&BO], [token(3)], "what is of no use is forgotten");
    }

    #[test]
    fn a_viewing_keeps_why_it_ended_first() {
        let mut accesses = Accesses::default();
        take(&mut accesses, noon(), samples::record_viewed());
        assert_eq!(accesses.viewings[&VIEWING].ended, None);
        let mut other = samples::viewing_ended();
        other.viewing = viewing(9);
        take(&mut accesses, noon(), other);
        assert_eq!(accesses.viewings[&VIEWING].ended, None, "that was another");
        take(&mut accesses, noon(), samples::viewing_ended());
        take(&mut accesses, noon(), samples::viewing_stopped(Rule::ConsentRevoked));
        assert_eq!(accesses.viewings[&VIEWING].ended, Some(ViewingEnd::Closed));
        assert_eq!(accesses.viewings[&VIEWING].opened, samples::record_viewed());
        assert!(accesses.viewing_of(BO, VIEWING).is_some());
        assert!(accesses.viewing_of(EVE, VIEWING).is_none());
        assert!(!accesses.tokens.contains_key(&TOKEN));
    }

    #[test]
    fn a_viewing_knows_the_pages_of_the_last_minute_and_what_was_missing_on_them() {
        let mut accesses = Accesses::default();
        let page = |page| PageShown { page, ..samples::page_shown() };
        let seconds = |n| noon().plus(Duration::from_secs(n));
        take(&mut accesses, noon(), page(1));
        assert!(accesses.viewings.is_empty(), "of no viewing that is known");
        take(&mut accesses, noon(), samples::record_viewed());
        take(&mut accesses, noon(), page(1));
        take(&mut accesses, seconds(30), page(2));
        let shown = |accesses: &Accesses| -> Vec<(u32, Moment)> {
            let shown = accesses.viewings[&VIEWING].shown.iter();
            shown.map(|(page, recorded)| (*page, recorded.time)).collect()
        };
        assert_eq!(shown(&accesses), [(1, noon()), (2, seconds(30))]);
        take(&mut accesses, seconds(60), page(2));
        assert_eq!(shown(&accesses), [(2, seconds(60))], "the newest of each, and nothing older");
        let id = accesses.viewings[&VIEWING].shown[&2].id;
        let of = |missing| PageNotDrawn {
            missing: [missing].into(),
            shown: id,
            ..samples::page_not_drawn()
        };
        take(&mut accesses, seconds(61), of(PageLoss::Letters));
        assert_eq!(accesses.viewings[&VIEWING].not_drawn[&id], [PageLoss::Letters].into());
        assert_eq!(shown(&accesses).len(), 1, "it was seen, but for a part");
        take(&mut accesses, seconds(61), of(PageLoss::Heavy));
        assert_eq!(shown(&accesses), [], "what was not seen answers for nothing");
        assert_eq!(accesses.viewings[&VIEWING].not_drawn[&id], [PageLoss::Letters].into());
    }

    #[test]
    fn the_newest_list_and_the_newest_refusal_are_kept_for_each() {
        let mut accesses = Accesses::default();
        let later = noon().plus(minutes(3));
        for now in [noon(), later] {
            take(&mut accesses, now, samples::clinical_list_shown());
            take(&mut accesses, now, samples::view_refused());
        }
        let key = |session| (Actor::Doctor(BO), session, ClinicalList::ReportTitles);
        assert_eq!(accesses.lists_shown[&key(SESSION)].0, later);
        assert!(!accesses.lists_shown.contains_key(&key(OTHER_SESSION)));
        assert_eq!(accesses.refusals[&(BO, Rule::NoConsent)], later);
        assert_eq!(accesses.refusals.len(), 1);
    }
}
