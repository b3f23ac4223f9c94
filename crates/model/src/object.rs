//! The kinds of things that decisions depend on.

/// The kind of a stored object. Everything that decisions depend on is an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A person; named by a random id, personal attributes sealed.
    User,
    /// People and groups.
    Group,
    /// An application behind the gateway.
    App,
    /// A program that people sign in to with us.
    Client,
    /// An identity provider of somebody else, at which people of ours sign in.
    Provider,
    /// A Cedar policy.
    Policy,
    /// A sign-in. Short-lived: its history is compacted.
    Session,
    /// A way to prove a session: the digest of a cookie or token. Short-lived.
    Credential,
    /// What can be spent once: the code of an app's sign-in, a link; named by its digest. Short-lived.
    Code,
    /// Which factors a person has, and how far they are used up; their secrets are elsewhere. Short-lived history.
    Factors,
    /// An enrolled device.
    Device,
    /// How risky a person's behaviour looks. Short-lived.
    Risk,
    /// A public key to which events are sealed.
    SealingKey,
    /// A public key that verifies assertions to upstreams. Short-lived.
    AssertionKey,
    /// What a sign-in has given to a client. Short-lived.
    ClientGrant,
    /// That a person agreed that a client learns about them.
    Consent,
    /// A public key that verifies what the OpenID provider issues; its private half is a secret.
    SigningKey,
    /// An enforcement point that joined; named by the random id that it gave itself.
    Point,
    /// With what a machine becomes an enforcement point, once; named by the digest of its secret. Short-lived.
    JoinToken,
}

impl ObjectKind {
    /// Every kind.
    pub const ALL: [Self; 19] = [
        Self::User,
        Self::Group,
        Self::App,
        Self::Client,
        Self::Provider,
        Self::Policy,
        Self::Session,
        Self::Credential,
        Self::Code,
        Self::Factors,
        Self::Device,
        Self::Risk,
        Self::SealingKey,
        Self::AssertionKey,
        Self::ClientGrant,
        Self::Consent,
        Self::SigningKey,
        Self::Point,
        Self::JoinToken,
    ];

    /// The kind as commands, files and the store spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::App => "app",
            Self::Client => "client",
            Self::Provider => "provider",
            Self::Policy => "policy",
            Self::Session => "session",
            Self::Credential => "credential",
            Self::Code => "code",
            Self::Factors => "factors",
            Self::Device => "device",
            Self::Risk => "risk",
            Self::SealingKey => "sealing-key",
            Self::AssertionKey => "assertion-key",
            Self::ClientGrant => "client-grant",
            Self::Consent => "consent",
            Self::SigningKey => "signing-key",
            Self::Point => "point",
            Self::JoinToken => "join-token",
        }
    }

    /// Whether old revisions are kept for good (configuration) or compacted after a day.
    #[must_use]
    pub const fn keeps_history(self) -> bool {
        match self {
            Self::User
            | Self::Group
            | Self::App
            | Self::Client
            | Self::Provider
            | Self::Policy
            | Self::Device
            | Self::SealingKey
            | Self::SigningKey
            | Self::Point => true,
            Self::Session
            | Self::Credential
            | Self::Code
            | Self::Factors
            | Self::Risk
            | Self::AssertionKey
            | Self::ClientGrant
            | Self::Consent
            | Self::JoinToken => false,
        }
    }
}

impl std::fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
