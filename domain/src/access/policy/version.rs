//! Which version of the policy judges.

use super::v1::{self, Question};
use super::{Rule, v2};
use crate::access::ground::Ground;
use crate::chart::Chart;
use crate::identity::doctor::Doctor;

/// A version of the policy: an event that names one is judged by it for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Consents and their exceptions, [`v1`].
    One,
    /// Before these, what the patient keeps shut whatever they say, [`v2`].
    Two,
}

impl Version {
    /// The version of this number, if this program knows it.
    pub const fn of(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            _ => None,
        }
    }

    /// May a new viewing be opened?
    pub fn may_open(self, chart: &Chart, doctor: &Doctor, asked: Question) -> Result<Ground, Rule> {
        match self {
            Self::One => v1::may_open(chart, doctor, asked),
            Self::Two => v2::may_open(chart, doctor, asked),
        }
    }
}
