//! An identity provider as stored, and the forms that its parts have.

use std::collections::BTreeSet;

use bartizan_model::{GroupName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::clients::RedirectUri;
use crate::words;

/// An identity provider of somebody else, and what its word counts for here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSpec {
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The issuer, as it stands in `iss`: `https`, or `http` on a loopback address.
    pub issuer: RedirectUri,
    /// What it calls us.
    pub client_id: String,
    /// How we prove there who we are.
    pub auth: ProviderAuth,
    /// What we ask for beside `openid`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub scopes: BTreeSet<String>,
    /// Where the second factor is asked for.
    #[serde(default)]
    pub second_factor: SecondFactor,
    /// The `acr` that say that there was one.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub acr: BTreeSet<String>,
    /// The `amr` (RFC 8176) any of which says so.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub amr: BTreeSet<String>,
    /// By what an account that is there already becomes that of somebody who comes for the first time.
    #[serde(default)]
    pub link: Link,
    /// Whether those get an account who have none.
    #[serde(default)]
    pub creates: bool,
    /// The claim that says their login name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_claim: Option<String>,
    /// The domains of which it may name people, where a login name is an address.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub domains: BTreeSet<String>,
    /// Whether such a login name is what stands before the `@`.
    #[serde(default)]
    pub short_login: bool,
    /// The claim that says what a directory calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_claim: Option<String>,
    /// The subject that keeps people for that directory, such as `service:entra`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_of: Option<String>,
    /// Which groups they are in by what it says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupRule>,
    /// Whether nobody signs in there at the moment.
    #[serde(default)]
    pub disabled: bool,
    /// When the secret was stored by which we prove ourselves, if there is one. No file says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_set: Option<Timestamp>,
}

/// Whoever has this value in that claim is in this group, and nobody else who comes from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    /// The claim: a text, or an array of them.
    pub claim: String,
    /// The value.
    pub value: String,
    /// The group.
    pub group: GroupName,
}

words! {
    /// How we prove who we are at the provider (OpenID Connect Core 1.0, 9).
    ProviderAuth {
        /// By a secret, in the field `Authorization`.
        #[default]
        ClientSecretBasic = "client_secret_basic",
        /// By a secret, in the form.
        ClientSecretPost = "client_secret_post",
        /// By a signature with a key of ours, which are published (RFC 7523).
        PrivateKeyJwt = "private_key_jwt",
        /// Not at all.
        None = "none",
    }
}

impl ProviderAuth {
    /// Whether it takes a secret that the provider made.
    #[must_use]
    pub const fn takes_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

words! {
    /// Where the second factor is asked for.
    SecondFactor {
        /// Here: what the provider says is one factor, whatever it asked for.
        #[default]
        Here = "here",
        /// There, always: an administrator of it has seen to that.
        There = "there",
        /// There, if it says so, and else here.
        Said = "said",
    }
}

words! {
    /// By what an account that is there already becomes that of somebody who comes for the first time.
    Link {
        /// By nothing: its owner, or an invitation, links them.
        #[default]
        Nothing = "nothing",
        /// By the login name that the provider says.
        Login = "login",
        /// By what a directory calls them that keeps people here.
        ExternalId = "external_id",
    }
}
