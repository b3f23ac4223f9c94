//! Bounded memories. What is forgotten is found again; nothing here is needed for a right answer.

use std::collections::HashMap;
use std::hash::Hash;

use bartizan_model::{Action, Resource, SessionId, Subject};
use bartizan_policy::Remembered;
use parking_lot::Mutex;

/// A map of at most `2 × generation` entries: when the young generation is full it becomes the old one, and what was
/// old and not asked for since is forgotten.
#[derive(Debug)]
pub(crate) struct Generations<K, V> {
    generation: usize,
    maps: Mutex<(HashMap<K, V>, HashMap<K, V>)>,
}

impl<K: Eq + Hash + Clone, V: Clone> Generations<K, V> {
    pub(crate) fn new(generation: usize) -> Self {
        Self { generation, maps: Mutex::new((HashMap::new(), HashMap::new())) }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let mut maps = self.maps.lock();
        if let Some(value) = maps.0.get(key) {
            return Some(value.clone());
        }
        let value = maps.1.remove(key)?;
        Self::put(&mut maps, self.generation, key.clone(), value.clone());
        Some(value)
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        Self::put(&mut self.maps.lock(), self.generation, key, value);
    }

    pub(crate) fn remove(&self, key: &K) {
        let mut maps = self.maps.lock();
        maps.0.remove(key);
        maps.1.remove(key);
    }

    pub(crate) fn clear(&self) {
        *self.maps.lock() = (HashMap::new(), HashMap::new());
    }

    fn put(maps: &mut (HashMap<K, V>, HashMap<K, V>), generation: usize, key: K, value: V) {
        if maps.0.len() >= generation && !maps.0.contains_key(&key) {
            maps.1 = std::mem::take(&mut maps.0);
        }
        maps.0.insert(key, value);
    }
}

/// What a remembered verdict is looked up by; whether it answers is for the policy engine to say.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct VerdictKey {
    pub(crate) subject: Subject,
    pub(crate) session: Option<SessionId>,
    pub(crate) resource: Resource,
    pub(crate) action: Action,
}

/// Verdicts that may answer again. Only permits are remembered: a denial is worth its time.
pub(crate) type Verdicts = Generations<VerdictKey, std::sync::Arc<Remembered>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_stays_within_two_generations_and_keeps_what_is_used() {
        let memory = Generations::new(10);
        for number in 0..1000 {
            memory.insert(number, number);
            assert!(memory.get(&0).is_some(), "what is asked for again and again stays");
            let maps = memory.maps.lock();
            assert!(maps.0.len() + maps.1.len() <= 20);
        }
        assert_eq!(memory.get(&500), None);
        memory.remove(&0);
        assert_eq!(memory.get(&0), None);
        memory.clear();
        assert_eq!(memory.get(&999), None);
    }
}
