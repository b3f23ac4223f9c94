//! Which certificates end when, as far as this process knows them. Those that it has renewed by itself are none of them.

use bartizan_model::Timestamp;
use parking_lot::RwLock;

/// The certificates that end unless somebody does something.
#[derive(Debug)]
pub struct Endings {
    authority: Timestamp,
    supplied: RwLock<Vec<Ending>>,
}

/// A certificate that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The hosts that it is for; none if it is the authority's own.
    pub names: Vec<String>,
    /// When it ends.
    pub ends: Timestamp,
}

impl Endings {
    /// Of an authority that ends then.
    #[must_use]
    pub const fn of(authority: Timestamp) -> Self {
        Self { authority, supplied: RwLock::new(Vec::new()) }
    }

    /// These certificates were supplied, and no others any more.
    pub fn supplied(&self, supplied: Vec<Ending>) {
        *self.supplied.write() = supplied;
    }

    /// All of them, the one that ends first before others.
    #[must_use]
    pub fn all(&self) -> Vec<Ending> {
        let mut all = self.supplied.read().clone();
        all.push(Ending { names: Vec::new(), ends: self.authority });
        all.sort_by_key(|ending| ending.ends);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_first_is_first_and_what_is_supplied_takes_the_place_of_what_was() {
        let at = Timestamp::from_micros;
        let of = |name: &str, ends| Ending { names: vec![name.to_owned()], ends: at(ends) };
        let own = Ending { names: Vec::new(), ends: at(5) };
        let endings = Endings::of(at(5));
        assert_eq!(endings.all(), std::slice::from_ref(&own));
        endings.supplied(vec![of("late", 9), of("soon", 2)]);
        assert_eq!(endings.all(), [of("soon", 2), own.clone(), of("late", 9)]);
        endings.supplied(vec![of("renewed", 7)]);
        assert_eq!(endings.all(), [own, of("renewed", 7)]);
    }
}
