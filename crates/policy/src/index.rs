//! Which policies a request has to be decided on: those whose scope can include it, and no others.
//!
//! Cedar walks every policy that it is given, 17 ms at 10,000 of them. Here each policy stands in exactly one place,
//! under the resource and then the subject of its scope; what names none of them, or what is not understood, stands
//! where every request finds it. A policy that is left out has a scope that the request does not meet, so Cedar would
//! find it neither satisfied nor in error: leaving it out changes nothing, for `forbid` as for `permit`.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_model::{AccessRequest, ClientName, GroupName, Resource, Subject, UserId};

use crate::scope::{Actions, Scope, What, Whom};

/// The number of a policy in its engine.
pub(crate) type Number = usize;

/// Where to find policies by what they are about.
#[derive(Debug, Default)]
pub(crate) struct Index {
    any: Shelf,
    apps: Shelf,
    clients: Shelf,
    areas: Shelf,
    resources: BTreeMap<Resource, Shelf>,
}

/// The policies about one kind of resource, by subject.
#[derive(Debug, Default)]
struct Shelf {
    everybody: Vec<(Actions, Number)>,
    users: Vec<(Actions, Number)>,
    services: Vec<(Actions, Number)>,
    anonymous: Vec<(Actions, Number)>,
    by_user: BTreeMap<UserId, Vec<(Actions, Number)>>,
    by_service: BTreeMap<ClientName, Vec<(Actions, Number)>>,
    by_group: BTreeMap<GroupName, Vec<(Actions, Number)>>,
}

impl Index {
    pub(crate) fn new<'a>(scopes: impl IntoIterator<Item = (Number, &'a Scope)>) -> Self {
        let mut index = Self::default();
        for (number, scope) in scopes {
            let shelf = match &scope.what {
                What::Any => &mut index.any,
                What::Apps => &mut index.apps,
                What::Clients => &mut index.clients,
                What::Areas => &mut index.areas,
                What::One(resource) => index.resources.entry(resource.clone()).or_default(),
            };
            let place = match &scope.whom {
                Whom::Any => &mut shelf.everybody,
                Whom::Users => &mut shelf.users,
                Whom::Services => &mut shelf.services,
                Whom::Anonymous => &mut shelf.anonymous,
                Whom::User(user) => shelf.by_user.entry(*user).or_default(),
                Whom::Service(client) => shelf.by_service.entry(client.clone()).or_default(),
                Whom::Group(group) => shelf.by_group.entry(group.clone()).or_default(),
            };
            place.push((scope.actions, number));
        }
        index
    }

    /// The policies that can apply to the request, of a subject in these groups; in order.
    pub(crate) fn candidates(&self, request: &AccessRequest, groups: &BTreeSet<GroupName>) -> Vec<Number> {
        let mut found = Vec::new();
        for shelf in self.shelves(&request.resource) {
            let mut take = |place: &[(Actions, Number)]| {
                found.extend(
                    place
                        .iter()
                        .filter(|(actions, _)| actions.includes(request.action))
                        .map(|(_, number)| *number),
                );
            };
            take(&shelf.everybody);
            match &request.subject {
                Subject::Anonymous => take(&shelf.anonymous),
                Subject::Service(client) => {
                    take(&shelf.services);
                    if let Some(place) = shelf.by_service.get(client) {
                        take(place);
                    }
                }
                Subject::User(user) => {
                    take(&shelf.users);
                    if let Some(place) = shelf.by_user.get(user) {
                        take(place);
                    }
                    if shelf.by_group.len() < groups.len() {
                        for (_, place) in shelf.by_group.iter().filter(|(group, _)| groups.contains(*group)) {
                            take(place);
                        }
                    } else {
                        for place in groups.iter().filter_map(|group| shelf.by_group.get(group)) {
                            take(place);
                        }
                    }
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// The policies that are about this resource, whoever asks and whatever for; in order.
    pub(crate) fn about(&self, resource: &Resource) -> Vec<Number> {
        let mut found = Vec::new();
        for shelf in self.shelves(resource) {
            let places = [&shelf.everybody, &shelf.users, &shelf.services, &shelf.anonymous].into_iter();
            let named =
                shelf.by_user.values().chain(shelf.by_service.values()).chain(shelf.by_group.values());
            for place in places.chain(named) {
                found.extend(place.iter().map(|(_, number)| *number));
            }
        }
        found.sort_unstable();
        found
    }

    fn shelves(&self, resource: &Resource) -> impl Iterator<Item = &Shelf> {
        let of_kind = match resource {
            Resource::App(_) => &self.apps,
            Resource::Client(_) => &self.clients,
            Resource::Admin(_) => &self.areas,
        };
        self.resources.get(resource).into_iter().chain([of_kind, &self.any])
    }
}
