//! What the review of accesses says: one verdict, counts, findings, and what it did not look at.

use std::collections::BTreeMap;
use std::fmt;

use domain::access::review::further::{Clause, WhatIf, WouldBeRefused};
use domain::access::review::{Count, Refusals, Review, UnpermittedAccess};
use serde::Serialize;

use crate::terminal::OneLine;

/// Most findings that a table shows; JSON has up to a thousand.
const SHOWN: usize = 20;

/// The outcome of a review.
#[derive(Serialize)]
pub struct Access {
    /// One sentence.
    pub verdict: String,
    /// Whether every access had a permit; absent where it cannot be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permitted: Option<bool>,
    /// Events taken in.
    events: u64,
    /// Accesses judged.
    judged: u64,
    /// By type.
    accesses: BTreeMap<&'static str, Count>,
    /// Those with a permit, by what it stood on.
    grounds: BTreeMap<&'static str, u64>,
    refusals: Refusals,
    /// The first is the first in the log.
    findings: Vec<UnpermittedAccess>,
    findings_not_listed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_if: Option<Changed>,
    checked: Vec<String>,
    not_checked: Vec<String>,
}

/// What a further rule would have changed.
#[derive(Serialize)]
struct Changed {
    viewings: u64,
    viewings_refused: u64,
    pages_of_these: u64,
    pages_refused: u64,
    by_clause: BTreeMap<Clause, u64>,
    refused: Vec<WouldBeRefused>,
    refused_not_listed: u64,
}

impl Changed {
    fn of(what_if: &WhatIf) -> Self {
        let all = what_if.viewings_refused + what_if.pages_refused;
        Self {
            viewings: what_if.viewings,
            viewings_refused: what_if.viewings_refused,
            pages_of_these: what_if.pages_of_these,
            pages_refused: what_if.pages_refused,
            by_clause: what_if.by_clause.clone(),
            refused: what_if.refused.clone(),
            refused_not_listed: all - what_if.refused.len() as u64,
        }
    }
}

impl Access {
    /// Of a review that took in everything, or all before `broken`.
    pub(super) fn of(review: &Review, broken: Option<String>) -> Self {
        let judged = review.judged();
        let without = review.without_permit();
        let verdict = match (review.findings.first(), &broken) {
            (Some(first), _) => {
                format!("NOT every access had a permit: {without} of {judged} had none. {first}")
            }
            (None, Some(broken)) => {
                format!("NOT every access could be judged: {judged} had a permit, up to {broken}.")
            }
            (None, None) if judged == 0 => "There is no access to judge.".to_owned(),
            (None, None) => format!(
                "Every access had a permit in force at its position: {judged} accesses in {} events.",
                review.events
            ),
        };
        let mut access = Self {
            verdict,
            permitted: Some(without == 0 && broken.is_none()),
            events: review.events,
            judged,
            accesses: review.accesses.clone(),
            grounds: review.grounds.clone(),
            refusals: review.refusals,
            findings: review.findings.clone(),
            findings_not_listed: without - review.findings.len() as u64,
            what_if: review.what_if().map(Changed::of),
            checked: vec![CHECKED.to_owned()],
            not_checked: Vec::new(),
        };
        access.not_checked(review, broken);
        access
    }

    /// Where the events that a judgement needs are not all there.
    pub(super) fn cannot_be_judged(why: String) -> Self {
        Self {
            verdict: format!("Whether the accesses had a permit cannot be judged: {why}."),
            permitted: None,
            events: 0,
            judged: 0,
            accesses: BTreeMap::new(),
            grounds: BTreeMap::new(),
            refusals: Refusals::default(),
            findings: Vec::new(),
            findings_not_listed: 0,
            what_if: None,
            checked: Vec::new(),
            not_checked: vec!["the accesses".to_owned()],
        }
    }

    fn not_checked(&mut self, review: &Review, broken: Option<String>) {
        let mut say = |what: String| self.not_checked.push(what);
        if let Some(broken) = broken {
            say(format!("everything from {broken} on"));
        }
        if review.unknown > 0 {
            let unknown = review.unknown;
            say(format!("what {unknown} events of types or actors unknown to us say"));
        }
        if review.refusals.not_judged > 0 {
            let refusals = review.refusals.not_judged;
            say(format!("{refusals} refusals for a session, which they do not name"));
        }
        for what in NOT_CHECKED {
            say(what.to_owned());
        }
    }

    /// How many events were taken in, if every access had a permit.
    ///
    /// # Errors
    /// With the verdict, if not.
    pub fn permits(&self) -> anyhow::Result<u64> {
        anyhow::ensure!(self.permitted == Some(true), "{}", self.verdict);
        Ok(self.events)
    }
}

const CHECKED: &str = "at the place of every token, viewing, page, list of clinical text and download: \
                       the actor, the doctor's standing, the session, the token and its one use, the \
                       policy it was decided by (consent, exceptions, purpose, period, maximum), and \
                       that no page came after a revoke, a suspension, a logout or the viewing's end";

const NOT_CHECKED: [&str; 4] = [
    "an access that was never logged, which no log can show: that the event comes before the page is \
     the program's doing",
    "whether the times are true: they are the operator's claim, held against each other only",
    "whether it was the doctor who held the session, and the patient who gave the consent",
    "lists of names, which ask for no consent",
];

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\naccesses: {}", OneLine(&self.verdict))?;
        for further in self.findings.iter().skip(1).take(SHOWN) {
            writeln!(f, "  also: {}", OneLine(further))?;
        }
        let left = self.findings.len().saturating_sub(SHOWN + 1) as u64 + self.findings_not_listed;
        if left > 0 {
            writeln!(f, "  and {left} more")?;
        }
        for (kind, Count { permitted, without }) in &self.accesses {
            writeln!(f, "{kind:28} {permitted} with a permit, {without} without")?;
        }
        for (ground, permitted) in &self.grounds {
            writeln!(f, "{:28} {permitted} with a permit", format!("on the ground {ground}"))?;
        }
        let Refusals { agreed, by_another_rule, should_have_been_yes, not_judged } = self.refusals;
        writeln!(
            f,
            "refusals                     {agreed} as the policy says, {by_another_rule} by another \
             rule, {should_have_been_yes} that should have been a yes, {not_judged} not judged"
        )?;
        if let Some(what_if) = &self.what_if {
            write!(f, "{what_if}")?;
        }
        for (title, list) in [("checked", &self.checked), ("not checked", &self.not_checked)] {
            writeln!(f, "{title} of the accesses:")?;
            list.iter().try_for_each(|what| writeln!(f, "  {what}"))?;
        }
        Ok(())
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { viewings, viewings_refused, pages_of_these, pages_refused, .. } = self;
        writeln!(
            f,
            "had the further rule held: {viewings_refused} of {viewings} viewings refused, with \
             {pages_of_these} pages, and {pages_refused} pages of other viewings"
        )?;
        for one in self.refused.iter().take(SHOWN) {
            writeln!(f, "  {} by {}: {}", one.access, one.clause.name(), one.access.actor)?;
        }
        let left = self.refused.len().saturating_sub(SHOWN) as u64 + self.refused_not_listed;
        if left > 0 {
            writeln!(f, "  and {left} more")?;
        }
        Ok(())
    }
}
