//! Why a token or a key is not believed.

/// What is wrong. No text of it repeats what came, which may be somebody's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// It is longer than any token that we read.
    #[error("it is longer than 16 KiB")]
    TooLong,
    /// It has not three parts. Five would be an encrypted token (RFC 7516), which nobody sends us.
    #[error("it is no signed token of three parts")]
    NotThreeParts,
    /// A part is no base64url, or not in the one spelling that its bytes have.
    #[error("a part is not in base64url without padding")]
    Base64,
    /// A part is no JSON object.
    #[error("a part is no JSON object")]
    NotAnObject,
    /// An object has a member twice; readers differ in which one they take.
    #[error("a JSON object has one member twice")]
    DuplicateMember,
    /// The header asks for what we do not do: an extension, another encoding, encryption.
    #[error("the header has `{0}`, which is not supported here")]
    Unsupported(&'static str),
    /// The header brings a key, or says where one is.
    #[error("the header has `{0}`: keys are not taken from a token")]
    ForeignKey(&'static str),
    /// The header names another algorithm than the key has, or none.
    #[error("the algorithm is not that of the key")]
    Algorithm,
    /// The token is of another type than is expected here.
    #[error("its type is not the one that is expected here")]
    Type,
    /// No key has the id, or there is none in the header and more than one key.
    #[error("no single key is named by it")]
    NoSuchKey,
    /// Two keys of a set have one id.
    #[error("two keys have the same id")]
    DuplicateKey,
    /// A key is none that we verify with.
    #[error("the key is not supported: {0}")]
    Key(&'static str),
    /// The signature is not of this key over this content.
    #[error("the signature does not verify")]
    Signature,
    /// A claim is missing.
    #[error("the claim `{0}` is missing")]
    Missing(&'static str),
    /// A claim has a type that it cannot have.
    #[error("the claim `{0}` has the wrong type")]
    WrongType(&'static str),
    /// Somebody else says it.
    #[error("the issuer is another")]
    Issuer,
    /// It is said to somebody else.
    #[error("the audience is another")]
    Audience,
    /// It is for another sign-in.
    #[error("the `nonce` is another")]
    Nonce,
    /// Its time is over.
    #[error("it has expired")]
    Expired,
    /// Its time has not come.
    #[error("it is not valid yet")]
    TooEarly,
    /// It would be valid for longer than such a token may be.
    #[error("it is valid for too long")]
    TooLongLived,
}
