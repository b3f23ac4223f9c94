//! Certificates by a public authority.
