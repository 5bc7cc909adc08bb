//! The shape of a decision: sync, pure, total. State comes from facts, time is passed in, personal text
//! stays shut.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use domain::access::policy::{AccessPermit, Durable, PersonalTextPermit};
use domain::fact::Fact;
use domain::fold::Fold;
use domain::ids::{Owner, StreamName};
use domain::time::Moment;

/// What kind of "no" it is; `api/src/refusal/kind.rs` says which statuses that gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectionKind {
    /// The request itself makes no sense.
    Invalid,
    /// Who are you?
    Unauthenticated,
    /// Known, and not allowed.
    Forbidden,
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// It does not fit what happened before.
    Conflict,
    /// What was to be made is there already, by another order.
    AlreadyThere,
    /// Not now; later.
    TooSoon,
}

impl RejectionKind {
    /// Whether the same order again is useful, where a reason does not say otherwise.
    pub const fn retry(self) -> RetryAdvice {
        match self {
            Self::Invalid | Self::NotFound | Self::Conflict | Self::AlreadyThere => {
                RetryAdvice::Never
            }
            Self::Unauthenticated | Self::Forbidden => RetryAdvice::AfterAChange,
            Self::TooSoon => RetryAdvice::AfterWaiting,
        }
    }
}

/// Whether giving the same order again, word for word, is useful.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAdvice {
    /// No: the next step is another order.
    Never,
    /// Later, by itself.
    AfterWaiting,
    /// Once something else is different: a log-in, a consent, a doctor's standing.
    AfterAChange,
    /// Once whoever runs the installation has mended something.
    AfterTheOperator,
}

impl RetryAdvice {
    /// As machines are told.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::AfterWaiting => "after_waiting",
            Self::AfterAChange => "after_a_change",
            Self::AfterTheOperator => "after_the_operator",
        }
    }
}

/// A business "no": which rule, and what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Rejection {
    /// Decides the status of the answer.
    pub kind: RejectionKind,
    /// Stable code, snake case.
    pub code: &'static str,
    /// One sentence: what refused.
    pub detail: &'static str,
    /// One sentence: what to do next.
    pub next: &'static str,
    /// Whether the same order again is useful.
    pub retry: RetryAdvice,
    /// When to try again.
    pub retry_after: Option<Duration>,
}

impl Rejection {
    /// A "no" of this kind, which says whether a retry is useful.
    pub(crate) const fn new(
        kind: RejectionKind,
        code: &'static str,
        detail: &'static str,
        next: &'static str,
    ) -> Self {
        Self { kind, code, detail, next, retry: kind.retry(), retry_after: None }
    }

    /// The same "no", of which its kind does not say whether a retry is useful.
    #[must_use]
    pub(crate) const fn retried(mut self, retry: RetryAdvice) -> Self {
        self.retry = retry;
        self
    }

    /// The same "no", with the time after which it may be a "yes".
    #[must_use]
    pub const fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

/// Declares the reasons for which a command says no: variant, kind, code, what refused, what to do next, and
/// whether a retry is useful where the kind does not say it. A reason that another list tells is named by it
/// (`=>`), so that one code has one row.
macro_rules! rejections {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$vdoc:meta])*
        $variant:ident
            $(= $kind:ident, $code:literal, $detail:literal, $next:literal $(, $retry:ident)?)?
            $(=> $told:expr)?;)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $(#[doc = $detail])? $variant,)* }

        impl $name {
            /// Every reason that this list tells, for the table of codes.
            pub const ALL: &'static [$crate::decide::Rejection] =
                &[$($($crate::decide::row!($kind, $code, $detail, $next $(, $retry)?),)?)*];

            /// The reason as callers see it.
            pub const fn rejection(self) -> $crate::decide::Rejection {
                match self {
                    $(Self::$variant => {
                        $($crate::decide::row!($kind, $code, $detail, $next $(, $retry)?))?
                        $($told)?
                    })*
                }
            }
        }

        impl From<$name> for $crate::decide::Rejection {
            fn from(reason: $name) -> Self {
                reason.rejection()
            }
        }

        impl From<$name> for $crate::decide::Refusal {
            fn from(reason: $name) -> Self {
                reason.rejection().into()
            }
        }
    };
}
pub(crate) use rejections;

/// One reason of [`rejections!`].
macro_rules! row {
    ($kind:ident, $code:literal, $detail:literal, $next:literal $(, $retry:ident)?) => {
        $crate::decide::Rejection::new(
            $crate::decide::RejectionKind::$kind,
            $code,
            $detail,
            $next,
        )$(.retried($crate::decide::RetryAdvice::$retry))?
    };
}
pub(crate) use row;

/// A "no", and the facts that say so where a refusal is worth remembering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Facts for the written stream.
    pub record: Vec<Fact>,
    /// The reason.
    pub because: Rejection,
}

impl From<Rejection> for Refusal {
    fn from(because: Rejection) -> Self {
        Self { record: Vec::new(), because }
    }
}

/// A "yes".
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "a decision is taken apart as soon as it is made")]
pub enum Decided<D> {
    /// This is added to the stream that is written, and behind it what follows from it there, all or nothing;
    /// the answer is read from the first once it is durable.
    Record(Fact, Vec<Fact>),
    /// It was done before: nothing is added, and this is the answer.
    Already(D),
}

impl<D> Decided<D> {
    /// Adds a fact.
    pub fn record(fact: impl Into<Fact>) -> Self {
        Self::Record(fact.into(), Vec::new())
    }

    /// Adds a fact, and others that follow from it.
    pub fn record_with(fact: impl Into<Fact>, following: Vec<Fact>) -> Self {
        Self::Record(fact.into(), following)
    }
}

/// What a command is answered with.
pub type Decision<D> = Result<Decided<D>, Refusal>;

/// What an order is answered with: read from the fact that was recorded for it, just now or, where the same
/// request comes again, long ago. Both ways go through here, so both answer the same.
pub trait Answer: Sized {
    /// None if the fact is another order's.
    fn read(durable: &Durable) -> Option<Self>;
}

/// Done is done.
impl Answer for () {
    fn read(_: &Durable) -> Option<Self> {
        Some(())
    }
}

impl Answer for AccessPermit {
    fn read(durable: &Durable) -> Option<Self> {
        Self::from_durable(durable)
    }
}

impl Answer for PersonalTextPermit {
    fn read(durable: &Durable) -> Option<Self> {
        Self::from_durable(durable)
    }
}

/// Says that an order is answered by the fact it records; stands with the order.
macro_rules! answered_by {
    ($body:ty) => {
        impl $crate::decide::Answer for $body {
            fn read(durable: &domain::access::policy::Durable) -> Option<Self> {
                durable.recorded().fact.body::<Self>().cloned()
            }
        }
    };
}
pub(crate) use answered_by;

/// An order: what somebody wants done.
pub trait Command: Send + Sync {
    /// The states the decision reads.
    type States: States;

    /// What whoever gave the order is answered once it is done.
    type Done: Answer;

    /// The streams of those states, in the same order. The first is the one that is written; the others
    /// must not have moved when the append happens.
    fn streams(&self) -> Vec<StreamName>;

    /// Whose key wraps the written stream's key and seals its personal text.
    fn owner(&self) -> Owner {
        self.streams().first().map_or(Owner::System, StreamName::owner)
    }

    /// Whether it may be done while the clock lies behind the log, because that is what it is about.
    fn sets_the_clock_right(&self) -> bool {
        false
    }

    /// Decides. `now` is never before the newest event of any stream read.
    fn decide(
        &self,
        states: <Self::States as States>::Refs<'_>,
        now: Moment,
    ) -> Decision<Self::Done>;
}

/// A folded state whose type is known again only to the command.
pub type AnyState = Arc<dyn Any + Send + Sync>;

/// One to four folded states, as a tuple.
pub trait States {
    /// References to them.
    type Refs<'a>;
    /// Makes the typed references; `None` if a state is of another type than the command says, which a
    /// stream's kind excludes.
    fn refs(states: &[AnyState]) -> Option<Self::Refs<'_>>;
    /// How each is folded, in order.
    fn folders() -> Vec<&'static dyn crate::folds::ErasedFold>;
}

macro_rules! states {
    ($($state:ident $index:tt),+) => {
        impl<$($state: Fold),+> States for ($($state,)+) {
            type Refs<'a> = ($(&'a $state,)+);
            fn refs(states: &[AnyState]) -> Option<Self::Refs<'_>> {
                Some(($(states.get($index)?.downcast_ref::<$state>()?,)+))
            }
            fn folders() -> Vec<&'static dyn crate::folds::ErasedFold> {
                vec![$(crate::folds::folder::<$state>()),+]
            }
        }
    };
}
states!(A 0);
states!(A 0, B 1);
states!(A 0, B 1, C 2);
states!(A 0, B 1, C 2, D 3);
