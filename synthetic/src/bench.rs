//! What this machine gives, measured beside what its disk could give in the same run.

pub mod append;
mod digest;
pub mod log;
pub mod rebuild;
mod rounds;
mod synthetic_log;
mod test_bed;
pub mod verify;
pub mod view;

use serde::Serialize;

pub use self::synthetic_log::{SOURCE, fill};
pub use self::test_bed::{LogToFill, MeasuredInstallation, PublishedTree, TestBed, Verifying};

/// One measured figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// What was measured.
    pub name: &'static str,
    /// How many callers asked at once.
    pub callers: usize,
    /// The figure: the median of the rounds.
    pub value: f64,
    /// As it is printed behind the figure.
    pub unit: &'static str,
    /// What it is held against, measured in the same rounds.
    pub baseline: Option<f64>,
    /// Median of each round's value over that round's baseline.
    pub ratio: Option<f64>,
    /// What it must reach, if that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<Floor>,
}

/// What a figure must reach, and whether it does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Floor {
    /// What.
    #[serde(flatten)]
    pub bound: FloorBound,
    /// Whether.
    pub met: bool,
}

/// On which side of a floor a figure must lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FloorBound {
    /// A rate.
    AtLeast(f64),
    /// A time.
    AtMost(f64),
}

impl Measured {
    /// Medians over rounds of (value, baseline).
    pub fn against(
        name: &'static str,
        callers: usize,
        unit: &'static str,
        rounds: &[(f64, f64)],
    ) -> Self {
        Self {
            name,
            callers,
            value: median(rounds.iter().map(|(value, _)| *value)),
            unit,
            baseline: Some(median(rounds.iter().map(|(_, baseline)| *baseline))),
            ratio: Some(median(rounds.iter().map(|(value, baseline)| value / baseline))),
            floor: None,
        }
    }

    /// The median of rounds that are held against nothing.
    pub fn alone(name: &'static str, callers: usize, unit: &'static str, rounds: &[f64]) -> Self {
        let value = median(rounds.iter().copied());
        Self { name, callers, value, unit, baseline: None, ratio: None, floor: None }
    }

    /// The same figure, held against what it must reach at least.
    #[must_use]
    pub fn at_least(mut self, least: f64) -> Self {
        self.floor = Some(Floor { bound: FloorBound::AtLeast(least), met: self.value >= least });
        self
    }

    /// The same figure, held against what it may be at most.
    #[must_use]
    pub fn at_most(mut self, most: f64) -> Self {
        self.floor = Some(Floor { bound: FloorBound::AtMost(most), met: self.value <= most });
        self
    }
}

/// The middle value; of an even number the upper of the two.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_taken_within_its_round() {
        let rounds = [(10.0, 1.0), (30.0, 10.0), (20.0, 10.0)];
        let measured = Measured::against("x", 4, "1/s", &rounds);
        assert_eq!((measured.value, measured.baseline), (20.0, Some(10.0)));
        assert_eq!(measured.ratio, Some(3.0));
        assert_eq!(Measured::alone("x", 1, "1/s", &[3.0, 1.0, 2.0]).value, 2.0);
    }

    #[test]
    fn a_floor_is_met_or_not() {
        let figure = Measured::alone("x", 1, "1/s", &[2.0]);
        let met = |figure: Measured| figure.floor.map(|floor| floor.met);
        assert_eq!(met(figure.clone()), None);
        assert_eq!(met(figure.clone().at_least(2.0)), Some(true));
        assert_eq!(met(figure.clone().at_least(2.1)), Some(false));
        assert_eq!(met(figure.clone().at_most(2.0)), Some(true));
        let missed = figure.at_most(1.9);
        let json = serde_json::to_value(&missed).unwrap();
        assert_eq!(json["floor"], serde_json::json!({ "at_most": 1.9, "met": false }));
    }
}
