//! Rounds of a measurement, and what is told of the times in one.

/// Odd, so that the median is one of them.
pub(super) const ROUNDS: usize = 3;

/// The time below which this share of them lies.
pub(super) fn share(times: &mut [f64], share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let last = times.len().saturating_sub(1) as f64;
    times.get((last * share) as usize).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_times_is_one_of_them() {
        let mut times: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!((share(&mut times, 0.5), share(&mut times, 0.99)), (50.0, 99.0));
        assert!(share(&mut [], 0.5).is_nan());
    }
}
