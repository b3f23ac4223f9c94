//! The scope of a policy: whom, what and which actions it can be about at all.
//!
//! The index trusts these. What is not understood is [`Whom::Any`], [`What::Any`], every action.

use std::collections::BTreeSet;
use std::str::FromStr;

use bartizan_model::{Action, AdminArea, AppName, ClientName, GroupName, Resource, Subject, UserId};
use cedar_policy::{
    ActionConstraint, EntityTypeName, EntityUid, Policy, PrincipalConstraint, ResourceConstraint,
};

/// The subjects that a policy can be about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whom {
    Any,
    User(UserId),
    Group(GroupName),
    Users,
    Service(ClientName),
    Services,
    Anonymous,
}

impl Whom {
    /// Whether a policy that is about these can apply to a subject in these groups.
    pub(crate) fn includes(&self, subject: &Subject, groups: &BTreeSet<GroupName>) -> bool {
        match self {
            Self::Any => true,
            Self::User(user) => subject.user() == Some(*user),
            Self::Group(group) => groups.contains(group),
            Self::Users => subject.user().is_some(),
            Self::Service(client) => subject.service() == Some(client),
            Self::Services => subject.service().is_some(),
            Self::Anonymous => *subject == Subject::Anonymous,
        }
    }
}

/// The resources that a policy can be about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Any,
    Apps,
    Clients,
    Areas,
    One(Resource),
}

/// The actions that a policy can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Actions(u8);

impl Actions {
    const ALL: Self = Self(u8::MAX);

    const fn bit(action: Action) -> u8 {
        1 << action as u8
    }

    pub(crate) const fn includes(self, action: Action) -> bool {
        self.0 & Self::bit(action) != 0
    }
}

/// What the head of a policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) whom: Whom,
    pub(crate) what: What,
    pub(crate) actions: Actions,
}

impl Scope {
    pub(crate) fn of(policy: &Policy) -> Self {
        Self {
            whom: match policy.principal_constraint() {
                PrincipalConstraint::Any => Whom::Any,
                PrincipalConstraint::Eq(uid) | PrincipalConstraint::In(uid) => whom(&uid),
                PrincipalConstraint::Is(kind) => whom_of_type(&kind),
                // Being in the one is more telling than being of the type: nothing but a User is in a Group.
                PrincipalConstraint::IsIn(kind, uid) => match whom(&uid) {
                    Whom::Any => whom_of_type(&kind),
                    precise => precise,
                },
            },
            what: match policy.resource_constraint() {
                ResourceConstraint::Any => What::Any,
                // Resources have no parents, so what is in one is that one.
                ResourceConstraint::Eq(uid) | ResourceConstraint::In(uid) => what(&uid),
                ResourceConstraint::Is(kind) => what_of_type(&kind),
                ResourceConstraint::IsIn(kind, uid) => match what(&uid) {
                    What::Any => what_of_type(&kind),
                    precise => precise,
                },
            },
            actions: match policy.action_constraint() {
                ActionConstraint::Any => Actions::ALL,
                ActionConstraint::Eq(uid) => actions(&[uid]),
                ActionConstraint::In(uids) => actions(&uids),
            },
        }
    }
}

/// An identifier counts only in the spelling that requests have: Cedar compares texts.
fn exact<T: FromStr + ToString>(uid: &EntityUid) -> Option<T> {
    let text = uid.id().unescaped();
    text.parse::<T>().ok().filter(|parsed| parsed.to_string() == text)
}

fn whom(uid: &EntityUid) -> Whom {
    match uid.type_name().to_string().as_str() {
        "User" => exact(uid).map_or(Whom::Any, Whom::User),
        "Group" => exact(uid).map_or(Whom::Any, Whom::Group),
        "Service" => exact(uid).map_or(Whom::Any, Whom::Service),
        "Anonymous" => Whom::Anonymous,
        _ => Whom::Any,
    }
}

fn whom_of_type(kind: &EntityTypeName) -> Whom {
    match kind.to_string().as_str() {
        "User" => Whom::Users,
        "Service" => Whom::Services,
        "Anonymous" => Whom::Anonymous,
        _ => Whom::Any,
    }
}

fn what(uid: &EntityUid) -> What {
    match uid.type_name().to_string().as_str() {
        "App" => exact::<AppName>(uid).map_or(What::Any, |name| What::One(Resource::App(name))),
        "Client" => exact::<ClientName>(uid).map_or(What::Any, |name| What::One(Resource::Client(name))),
        "Admin" => AdminArea::from_str(uid.id().unescaped())
            .map_or(What::Any, |area| What::One(Resource::Admin(area))),
        _ => What::Any,
    }
}

fn what_of_type(kind: &EntityTypeName) -> What {
    match kind.to_string().as_str() {
        "App" => What::Apps,
        "Client" => What::Clients,
        "Admin" => What::Areas,
        _ => What::Any,
    }
}

/// The actions that are, or are in, one of these. A group has the name that stands before the colon of its actions,
/// as a test compares with the schema.
fn actions(uids: &[EntityUid]) -> Actions {
    let mut set = 0;
    for uid in uids {
        let id = uid.id().unescaped();
        let mut known = false;
        for action in Action::ALL {
            let name = action.as_str();
            if name == id || name.split_once(':').is_some_and(|(group, _)| group == id) {
                set |= Actions::bit(action);
                known = true;
            }
        }
        if !known {
            return Actions::ALL;
        }
    }
    Actions(set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Vocabulary;

    fn scope(head: &str) -> Scope {
        Scope::of(&Policy::parse(None, format!("permit({head});")).unwrap())
    }

    #[test]
    fn actions_and_their_groups_are_those_of_the_schema() {
        let vocabulary = Vocabulary::new().unwrap();
        let entities = &vocabulary.actions;
        let known: Vec<EntityUid> = vocabulary.validator.schema().actions().cloned().collect();
        for action in Action::ALL {
            assert!(known.contains(&vocabulary.action(action)), "{action}");
        }
        for uid in &known {
            let set = actions(std::slice::from_ref(uid));
            for action in Action::ALL {
                let action_uid = vocabulary.action(action);
                let within = *uid == action_uid || entities.is_ancestor_of(uid, &action_uid);
                assert_eq!(set.includes(action), within, "{action} in {uid}");
            }
        }
    }

    #[test]
    fn a_scope_is_as_narrow_as_it_is_understood() {
        let user = "0192f0c1-2b3c-4d4e-8f50-112233445566";
        for (head, whom, what) in [
            ("principal, action, resource", Whom::Any, What::Any),
            (
                "principal in Group::\"staff\", action, resource is App",
                Whom::Group("staff".parse().unwrap()),
                What::Apps,
            ),
            (
                "principal is User in Group::\"staff\", action, resource is Admin",
                Whom::Group("staff".parse().unwrap()),
                What::Areas,
            ),
            (
                &format!("principal == User::\"{user}\", action, resource == App::\"wiki\""),
                Whom::User(user.parse().unwrap()),
                What::One(Resource::App("wiki".parse().unwrap())),
            ),
            (
                "principal is Anonymous, action, resource in Admin::\"log\"",
                Whom::Anonymous,
                What::One(Resource::Admin(AdminArea::Log)),
            ),
            (
                "principal == Service::\"nightly\", action, resource == Client::\"nightly\"",
                Whom::Service("nightly".parse().unwrap()),
                What::One(Resource::Client("nightly".parse().unwrap())),
            ),
            ("principal is Service, action, resource", Whom::Services, What::Any),
            // Cedar compares texts: what no request spells like this is left to Cedar.
            (
                &format!(
                    "principal == User::\"{}\", action, resource == App::\"No App\"",
                    user.to_uppercase()
                ),
                Whom::Any,
                What::Any,
            ),
            ("principal in Group::\"No Group\", action, resource in Group::\"x\"", Whom::Any, What::Any),
            ("principal is User in Robot::\"x\", action, resource is Robot", Whom::Users, What::Any),
        ] {
            let scope = scope(head);
            assert_eq!((scope.whom, scope.what), (whom, what), "{head}");
        }
        let writes =
            scope("principal, action in [Action::\"http:write\", Action::\"admin\"], resource").actions;
        let included: Vec<Action> =
            Action::ALL.into_iter().filter(|action| writes.includes(*action)).collect();
        assert_eq!(included, [Action::HttpWrite, Action::AdminRead, Action::AdminWrite]);
        let unknown = scope("principal, action == Action::\"ssh:login\", resource").actions;
        assert!(Action::ALL.into_iter().all(|action| unknown.includes(action)));
    }
}
