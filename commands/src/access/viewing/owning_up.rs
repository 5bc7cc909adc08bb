//! What was not to be seen of a page is written down before anything is handed out.

use std::collections::BTreeSet;

use domain::access::page_loss::PageLoss;
use domain::access::policy::AccessPermit;
use domain::actor::Actor;
use domain::chart::Chart;
use domain::ids::{EventId, StreamName};
use domain::journal::Position;

use super::{ShownPage, ViewingError, ViewingFlow};
use crate::access::note_page_not_drawn::NotePageNotDrawn;
use crate::access::show_page::ShowPage;
use crate::execute::{Caller, Outcome};
use crate::ports::rasteriser::DrawnPage;

/// The event that says a page was shown, and whether it was written for what is shown now.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShownEvent {
    event: EventId,
    position: Position,
    is_of_this: bool,
}

impl ShownEvent {
    pub(super) fn of(permitted: &Outcome<AccessPermit>) -> Self {
        let Outcome { done, position, .. } = permitted;
        let is_of_this = position.is_some();
        Self { event: done.event(), position: done.position(), is_of_this }
    }
}

impl ViewingFlow {
    /// Records what was not to be seen of a page that the log says was shown. Only then is it handed out, or
    /// told why there is nothing. Of a page that an earlier event speaks of something was seen, whatever
    /// became of this part of it.
    pub(super) async fn own_up(
        &self,
        order: &ShowPage,
        shown: ShownEvent,
        drawn: Result<DrawnPage, ViewingError>,
    ) -> Result<ShownPage, ViewingError> {
        let (missing, end) = match drawn {
            Err(error) => (BTreeSet::from([error.loss()]), Err(error.told())),
            // It took a while: what was taken back meanwhile is not handed out.
            Ok(page) => match self.executor.would(order).await {
                Ok(()) => (page.missing.clone(), Ok(page)),
                Err(no) => (BTreeSet::from([PageLoss::Withheld]), Err(no.into())),
            },
        };
        let shown = match (&end, shown.is_of_this) {
            (Err(_), false) => shown,
            // A part of it may have been seen while it was drawn: then it cannot be said that nothing was.
            (Err(_), true) if !self.fates.is_lost(shown.event, self.fresh.now()) => shown,
            (Ok(_) | Err(_), true) => self.note(order, shown, missing).await?,
            (Ok(_), false) => self.note_of_a_part(order, shown, missing).await?,
        };
        let page = end?;
        let ShownEvent { event, position, .. } = shown;
        // What was noted took a while, too.
        if !page.missing.is_empty() {
            self.executor.would(order).await?;
        }
        Ok(ShownPage { page, event, position })
    }

    /// Says of the event that something of its page was not to be seen.
    async fn note(
        &self,
        order: &ShowPage,
        shown: ShownEvent,
        missing: BTreeSet<PageLoss>,
    ) -> Result<ShownEvent, ViewingError> {
        if !missing.is_empty() {
            let ShowPage { patient, doctor, viewing, page, .. } = *order;
            let shown = shown.event;
            let note = NotePageNotDrawn { patient, doctor, viewing, page, shown, missing };
            let caller = Caller::new(Actor::Doctor(doctor), self.fresh.request());
            self.executor.execute(&note, caller).await?;
        }
        Ok(shown)
    }

    /// What is missing on a part, and is not said of its page yet, is said of an event of its own. So is a
    /// part of a page of which it is being said that nothing was seen.
    async fn note_of_a_part(
        &self,
        order: &ShowPage,
        shown: ShownEvent,
        missing: BTreeSet<PageLoss>,
    ) -> Result<ShownEvent, ViewingError> {
        let chart = self.executor.state::<Chart>(&StreamName::patient(order.patient)).await?;
        let viewing = chart.access.viewings.get(&order.viewing);
        let known = viewing.and_then(|viewing| viewing.not_drawn.get(&shown.event));
        let is_known = missing.is_empty() || known.is_some_and(|known| missing.is_subset(known));
        drop(chart);
        if is_known && self.fates.answers(shown.event, self.fresh.now()) {
            return Ok(shown);
        }
        let whole = ShowPage { region: None, ..order.clone() };
        let caller = Caller::new(Actor::Doctor(order.doctor), self.fresh.request());
        let shown = ShownEvent::of(&self.executor.execute(&whole, caller).await?);
        self.note(order, shown, missing).await
    }
}
