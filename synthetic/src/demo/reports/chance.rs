//! Chance that can be repeated: splitmix64, seeded by the demo's seed and a name.

/// A stream of numbers that its seed determines wholly.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for every person of one demo (FNV-1a over the name).
    pub(super) fn for_person(seed: u64, name: &str) -> Self {
        let mix = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(name.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, mix))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, without, `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// From `low` to `high`, every value as likely as any other.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Around the middle of `low` and `high`, now and then a little outside.
    pub(super) fn around(&mut self, low: f64, high: f64) -> f64 {
        let bell = (0..3).map(|_| self.between(-1.0, 1.0)).sum::<f64>() / 3.0;
        (low + high) / 2.0 + bell * (high - low) * 0.85
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A day in the year before the demo's clinic opens.
    pub(super) fn date(&mut self) -> String {
        format!("2026-{:02}-{:02}", 1 + self.below(10), 1 + self.below(28))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_generator() {
        let mut chance = Chance::new(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973];
        assert_eq!([chance.next(), chance.next()], expected);
    }

    #[test]
    fn a_range_is_kept() {
        let mut chance = Chance::new(5);
        assert!((0..1_000).all(|_| (2.0..=3.0).contains(&chance.between(2.0, 3.0))));
        assert!((0..1_000).all(|_| chance.below(7) < 7));
    }
}
