//! Chance that comes out the same each time: a day is drawn by its date, so the same day is always the same.

/// SplitMix64 (Steele, Lea, Flood 2014). Nothing that must not be guessed is drawn here.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` on, and less than `end`.
    pub(super) fn between(&mut self, least: i64, end: i64) -> i64 {
        let choices = u64::try_from(end.saturating_sub(least)).unwrap_or(0).max(1);
        least.saturating_add(i64::try_from(self.next() % choices).unwrap_or(0))
    }

    /// Whether something of which this many in a hundred happen happens.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.between(0, 100) < percent
    }

    /// One of several, of which the first is as good as any.
    pub(super) fn one_of(&mut self, of: &[&'static str]) -> &'static str {
        let at = usize::try_from(self.between(0, i64::try_from(of.len()).unwrap_or(1))).unwrap_or(0);
        of.get(at).or_else(|| of.first()).copied().unwrap_or_default()
    }
}
