//! What this server is, in its own documents (RFC 7643, 5, 6 and 7). They are made of the table that everything else reads, so
//! what is announced is what is done.

use serde_json::{Value, json};

use super::attribute::{Attribute, Changes, Holds};
use super::list::listed;
use super::{Kind, MAX_BODY, MAX_COUNT, MAX_OPERATIONS};

/// What is supported (RFC 7643, 5).
#[must_use]
pub fn service_provider_config(base: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": true, "maxOperations": MAX_OPERATIONS, "maxPayloadSize": MAX_BODY },
        "filter": { "supported": true, "maxResults": MAX_COUNT },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of this deployment whose audience is `auth`, in the Authorization field",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": meta("ServiceProviderConfig", &format!("{base}/ServiceProviderConfig")),
    })
}

/// The types of resources (RFC 7643, 6).
#[must_use]
pub fn resource_types(base: &str) -> Value {
    let all: Vec<Value> = Kind::ALL.into_iter().map(|kind| resource_type_of(kind, base)).collect();
    let total = all.len();
    listed(&all, total, 0)
}

/// One of them, by its name.
#[must_use]
pub fn resource_type(name: &str, base: &str) -> Option<Value> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name)?;
    Some(resource_type_of(kind, base))
}

fn resource_type_of(kind: Kind, base: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": kind.name(),
        "name": kind.name(),
        "description": about(kind),
        "endpoint": kind.endpoint(),
        "schema": kind.schema(),
        "meta": meta("ResourceType", &format!("{base}/ResourceTypes/{}", kind.name())),
    })
}

/// The schemas (RFC 7643, 7).
#[must_use]
pub fn schemas(base: &str) -> Value {
    let all: Vec<Value> = Kind::ALL.into_iter().map(|kind| schema_of(kind, base)).collect();
    let total = all.len();
    listed(&all, total, 0)
}

/// One of them, by its URN.
#[must_use]
pub fn schema(urn: &str, base: &str) -> Option<Value> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.schema() == urn)?;
    Some(schema_of(kind, base))
}

fn schema_of(kind: Kind, base: &str) -> Value {
    let attributes: Vec<Value> = kind.attributes().iter().map(attribute).collect();
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": kind.schema(),
        "name": kind.name(),
        "description": about(kind),
        "attributes": attributes,
        "meta": meta("Schema", &format!("{base}/Schemas/{}", kind.schema())),
    })
}

fn attribute(attribute: &Attribute) -> Value {
    let mut document = json!({
        "name": attribute.name,
        "type": match attribute.holds {
            Holds::Text => "string",
            Holds::Boolean => "boolean",
            Holds::Time => "dateTime",
            Holds::Reference(_) => "reference",
            Holds::Complex(_) => "complex",
        },
        "multiValued": attribute.many,
        "description": attribute.about,
        "required": attribute.required,
        "caseExact": attribute.case_exact,
        "mutability": match attribute.changes {
            Changes::ReadOnly => "readOnly",
            Changes::ReadWrite => "readWrite",
            Changes::Immutable => "immutable",
        },
        "returned": "default",
        "uniqueness": if attribute.unique { "server" } else { "none" },
    });
    let mut put = |name: &str, value: Value| {
        if let Some(fields) = document.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    };
    if !attribute.canonical.is_empty() {
        put("canonicalValues", json!(attribute.canonical));
    }
    if let Holds::Reference(types) = attribute.holds {
        put("referenceTypes", json!(types));
    }
    if !attribute.parts().is_empty() {
        put("subAttributes", attribute.parts().iter().map(self::attribute).collect());
    }
    document
}

const fn about(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "A person",
        Kind::Group => "A group of people and of groups",
    }
}

fn meta(kind: &str, location: &str) -> Value {
    json!({ "resourceType": kind, "location": location })
}
