//! Who people are, and their sign-ins.
//!
//! A person is an object with a random name; login name, display name and mail are sealed under the person's own key,
//! so that destroying the key erases them from every revision. A session is one sign-in; a credential is a way to prove
//! it, stored by digest. A session begins in one place, [`Flow`], and takes two proofs: of a first and of a second
//! factor, which exist only where something was checked.

mod attempt;
mod base32;
mod clients;
mod codes;
mod credentials;
mod device_marks;
mod error;
mod factors;
mod federation;
mod flow;
mod issuers;
pub mod jose;
mod made_once;
mod newest;
mod oidc;
mod pages;
mod passkeys;
mod passwords;
mod people;
mod place;
mod recovery;
pub mod scim;
mod services;
mod sessions;
mod signing_keys;
mod spec;
mod sweep;
mod texts;
mod throttle;
mod token;
mod totp;
pub mod web;

pub use attempt::{Asks, Attempt, Attempts, Coming, Opening};
pub use clients::{
    CLI_CLIENT, Client, ClientAuth, ClientSpec, Clients, GrantType, IdTokenAlg, RedirectUri,
    RedirectUriError, Trust, built_in_client, secret_of,
};
pub use codes::{CodePurpose, Codes};
pub use credentials::IssuedCredential;
pub use device_marks::{DeviceMark, DeviceMarks, LIVES_FOR as DEVICE_MARK_LIVES_FOR};
pub use error::Error;
pub use factors::{
    EnrolProblem, Enrolled, Enrolment, Factors, FirstProof, LinkProof, NewFactors, NoProof, NotAdded,
    NotChanged, PasskeyProof, PasswordProof, SecondProof,
};
pub use federation::{
    Arrival, Arrivals, Examined, Federation, GroupRule, IdentityProvider, Link, ProviderAuth, ProviderSpec,
    SecondFactor, Who, secret_of_provider,
};
pub use flow::{Claimant, Confirmation, FactorChange, Flow, Over, PasskeyAsk, SignedIn, Step, Visit, Wrong};
pub use issuers::{Fetch, MAX_FETCHED, Question};
pub use oidc::Provider;
pub use oidc::logout::{Family, Notice};
pub use passkeys::{MAX_PASSKEYS, NotAKey, Passkey, PasskeyKey, RelyingParty};
pub use passwords::{PasswordProblem, acceptable};
pub use people::{Attributes, Email, Erasure, NewPerson, People, Person, Profile, StoredPerson, login_name};
pub use place::Place;
pub use recovery::RecoveryCodes;
pub use services::{KEY_LIVES, MAX_LABEL, NoKey, ServiceKey, WantedKey};
pub use sessions::{Ended, SessionLifetimes, SessionRecord, SignIns};
pub use signing_keys::{KeyFacts, KeyStage, Rotation, SigningKeys};
pub use spec::{session_facts, user_key_secret, user_state};
pub use sweep::{Sweeper, Swept};
pub use throttle::{Guess, Throttle, Ticket, Wait};
pub use token::TokenRequest;
pub use totp::{TotpSecret, TotpStep};
