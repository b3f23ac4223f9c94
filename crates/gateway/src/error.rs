//! What can go wrong for the gateway as a whole. What goes wrong for one request is a problem document.

use bartizan_enforce::KeysError;

/// A gateway cannot serve, or not a host.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// A thread that serves connections cannot be started.
    #[error("the threads that serve connections cannot be started")]
    Workers(#[source] std::io::Error),
    /// A key cannot be made or used.
    #[error("a key for `{host}` cannot be made or used")]
    Key {
        /// The host that it is for.
        host: String,
        /// Why.
        #[source]
        source: bartizan_pki::Error,
    },
    /// Nobody vouches for the key of a host.
    #[error("no certificate for `{host}`")]
    Certificate {
        /// The host.
        host: String,
        /// Why.
        #[source]
        source: KeysError,
    },
    /// The certificate that came back is not for this host alone, or cannot be read.
    #[error("the certificate for `{host}` {problem}")]
    WrongCertificate {
        /// The host.
        host: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// It failed a moment ago and is not tried again yet.
    #[error("no certificate for `{host}`: the last try failed less than a second ago")]
    Failing {
        /// The host.
        host: String,
    },
    /// The roots that an app's server is checked against cannot be read.
    #[error("the certificates that `{app}` is checked against cannot be read: {problem}")]
    Roots {
        /// The app.
        app: String,
        /// What is wrong with them.
        problem: String,
    },
    /// Where an app's server is cannot be written as a URI.
    #[error("the server of `{app}` cannot be named")]
    Upstream {
        /// The app.
        app: String,
        /// Why.
        source: http::Error,
    },
    /// The assertion key is not published.
    #[error("no assertion can be made")]
    Assertion(#[from] crate::assertion::AssertionError),
}
