//! What this machine gives, measured beside what its disk could give in the same run.

pub mod append;
pub(super) mod command;
mod lived_in;
mod rebuild;
mod verify;
mod view;

use serde::Serialize;

/// One measured figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// What was measured.
    pub name: &'static str,
    /// How many callers asked at once.
    pub callers: usize,
    /// The figure: the median of the rounds.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What it is held against, measured in the same rounds.
    pub baseline: Option<f64>,
    /// Median of each round's value over that round's baseline.
    pub ratio: Option<f64>,
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
        }
    }

    /// The median of rounds that are held against nothing.
    pub fn alone(name: &'static str, callers: usize, unit: &'static str, rounds: &[f64]) -> Self {
        let value = median(rounds.iter().copied());
        Self { name, callers, value, unit, baseline: None, ratio: None }
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
}
