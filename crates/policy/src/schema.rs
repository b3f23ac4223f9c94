//! The schema: what a policy may speak about.

use std::str::FromStr;

use cedar_policy::{Entities, EntityId, EntityTypeName, EntityUid, Schema, Validator};

use bartizan_model::{Action, Resource, Subject};

/// The published Cedar schema. Policies are validated against it strictly.
#[must_use]
pub const fn schema_text() -> &'static str {
    include_str!("schema.cedarschema")
}

/// The schema, read, and the Cedar names of our subjects, actions and resources.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    pub(crate) validator: Validator,
    /// The actions and their groups; each decision adds the subject.
    pub(crate) actions: Entities,
    user: EntityTypeName,
    service: EntityTypeName,
    anonymous: EntityTypeName,
    group: EntityTypeName,
    app: EntityTypeName,
    client: EntityTypeName,
    admin: EntityTypeName,
    action: EntityTypeName,
}

impl Vocabulary {
    /// Reads the schema that this crate was built with.
    pub(crate) fn new() -> Result<Self, String> {
        let (schema, _) = Schema::from_cedarschema_str(schema_text()).map_err(|error| error.to_string())?;
        let actions = schema.action_entities().map_err(|error| error.to_string())?;
        let name = |text: &str| EntityTypeName::from_str(text).map_err(|error| error.to_string());
        Ok(Self {
            validator: Validator::new(schema),
            actions,
            user: name("User")?,
            service: name("Service")?,
            anonymous: name("Anonymous")?,
            group: name("Group")?,
            app: name("App")?,
            client: name("Client")?,
            admin: name("Admin")?,
            action: name("Action")?,
        })
    }

    pub(crate) fn subject(&self, subject: &Subject) -> EntityUid {
        let kind = match subject {
            Subject::User(_) => &self.user,
            Subject::Service(_) => &self.service,
            Subject::Anonymous => &self.anonymous,
        };
        EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(subject.id()))
    }

    pub(crate) fn group(&self, name: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(self.group.clone(), EntityId::new(name))
    }

    pub(crate) fn resource(&self, resource: &Resource) -> EntityUid {
        let kind = match resource {
            Resource::App(_) => &self.app,
            Resource::Client(_) => &self.client,
            Resource::Admin(_) => &self.admin,
        };
        EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(resource.name()))
    }

    pub(crate) fn action(&self, action: Action) -> EntityUid {
        EntityUid::from_type_name_and_id(self.action.clone(), EntityId::new(action.as_str()))
    }
}
