//! Who people are, and their sign-ins.
//!
//! A person is an object with a random name; login name, display name and mail are sealed under the person's own key,
//! so that destroying the key erases them from every revision. A session is one sign-in; a credential is a way to prove
//! it, stored by digest.

mod credentials;
mod error;
mod people;
mod sessions;
mod spec;
mod token;
pub mod web;

pub use credentials::IssuedCredential;
pub use error::Error;
pub use people::{Attributes, NewPerson, People, Person, StoredPerson, login_name};
pub use sessions::{Ended, SessionLifetimes, SessionRecord, SignIn, SignIns};
pub use spec::{session_facts, user_key_secret, user_state};
pub use token::TokenRequest;
