//! Which form of the protocol two sides speak with each other.

use super::WireError;
use super::generated as pb;

/// The forms that one side speaks, from the oldest to the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The oldest.
    pub lowest: u32,
    /// The newest.
    pub highest: u32,
}

impl Versions {
    /// What this release speaks. A release that speaks a new form goes on speaking the one before, so that control and its
    /// points may be brought up to date in either order.
    pub const OURS: Self = Self { lowest: 1, highest: 1 };

    /// The newest form that both speak; none if there is none.
    #[must_use]
    pub fn common(self, other: Self) -> Option<u32> {
        let newest = self.highest.min(other.highest);
        (newest >= self.lowest.max(other.lowest)).then_some(newest)
    }

    pub(super) const fn encode(self) -> pb::Versions {
        pb::Versions { lowest: self.lowest, highest: self.highest }
    }

    pub(super) fn decode(versions: Option<pb::Versions>) -> Result<Self, WireError> {
        let pb::Versions { lowest, highest } = super::given("versions", versions)?;
        if lowest == 0 || highest < lowest {
            return Err(WireError::new("versions", format_args!("{lowest} to {highest}")));
        }
        Ok(Self { lowest, highest })
    }
}

impl std::fmt::Display for Versions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { lowest, highest } = self;
        if lowest == highest { lowest.fmt(f) } else { write!(f, "{lowest} to {highest}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_that_are_one_release_apart_understand_each_other_and_strangers_do_not() {
        let of = |lowest, highest| Versions { lowest, highest };
        assert_eq!(of(1, 1).common(of(1, 1)), Some(1));
        assert_eq!(of(1, 2).common(of(1, 1)), Some(1), "a newer control, an older point");
        assert_eq!(of(2, 3).common(of(1, 2)), Some(2));
        assert_eq!(of(1, 2).common(of(2, 3)), Some(2), "an older control, a newer point");
        assert_eq!(of(3, 4).common(of(1, 2)), None);
        assert_eq!(of(1, 2).common(of(3, 4)), None);
        for (lowest, highest) in [(0, 0), (0, 3), (3, 2)] {
            assert!(Versions::decode(Some(pb::Versions { lowest, highest })).is_err());
        }
        assert!(Versions::decode(None).is_err());
        assert_eq!((of(1, 1).to_string(), of(1, 2).to_string()), ("1".into(), "1 to 2".into()));
    }
}
