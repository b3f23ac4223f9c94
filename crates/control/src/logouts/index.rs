//! Which families of tokens there are, by what ends them.

use std::collections::{BTreeSet, HashMap};

use bartizan_identity::Family;
use bartizan_model::{ClientGrantId, SessionId, UserId};

/// The families whose sign-ins go on.
#[derive(Debug, Default)]
pub(super) struct Index {
    all: HashMap<ClientGrantId, Family>,
    of_session: HashMap<SessionId, BTreeSet<ClientGrantId>>,
    of_user: HashMap<UserId, BTreeSet<ClientGrantId>>,
}

impl Index {
    /// There is this one. A family does not change whose it is.
    pub(super) fn put(&mut self, family: Family) {
        self.of_session.entry(family.session).or_default().insert(family.id);
        self.of_user.entry(family.user).or_default().insert(family.id);
        self.all.insert(family.id, family);
    }

    /// There is none any more of this name.
    pub(super) fn remove(&mut self, name: &str) {
        if let Ok(id) = name.parse() {
            self.take(id);
        }
    }

    /// All that hang on a sign-in; they are gone then.
    pub(super) fn take_of_session(&mut self, session: SessionId) -> Vec<Family> {
        let ids = self.of_session.get(&session).cloned().unwrap_or_default();
        ids.into_iter().filter_map(|id| self.take(id)).collect()
    }

    /// All of a person; they are gone then.
    pub(super) fn take_of_user(&mut self, user: UserId) -> Vec<Family> {
        let ids = self.of_user.get(&user).cloned().unwrap_or_default();
        ids.into_iter().filter_map(|id| self.take(id)).collect()
    }

    fn take(&mut self, id: ClientGrantId) -> Option<Family> {
        let family = self.all.remove(&id)?;
        if let Some(ids) = self.of_session.get_mut(&family.session) {
            ids.remove(&id);
            if ids.is_empty() {
                self.of_session.remove(&family.session);
            }
        }
        if let Some(ids) = self.of_user.get_mut(&family.user) {
            ids.remove(&id);
            if ids.is_empty() {
                self.of_user.remove(&family.user);
            }
        }
        Some(family)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(id: u8, user: u8, session: u8) -> Family {
        Family {
            id: ClientGrantId::from_bytes([id; 16]),
            client: "web".parse().unwrap(),
            user: UserId::from_bytes([user; 16]),
            session: SessionId::from_bytes([session; 16]),
        }
    }

    #[test]
    fn what_is_taken_is_gone_from_everywhere() {
        let mut index = Index::default();
        let all = [family(1, 1, 1), family(2, 1, 1), family(3, 1, 2), family(4, 2, 3)];
        all.iter().cloned().for_each(|family| index.put(family));
        index.put(all[0].clone());
        assert_eq!(index.take_of_session(all[0].session), all[..2]);
        assert_eq!(index.take_of_session(all[0].session), []);
        index.remove(&all[3].id.to_string());
        index.remove("nonsense");
        assert_eq!(index.take_of_user(all[3].user), []);
        assert_eq!(index.take_of_user(all[0].user), all[2..3]);
        assert!(index.all.is_empty() && index.of_session.is_empty() && index.of_user.is_empty());
    }
}
