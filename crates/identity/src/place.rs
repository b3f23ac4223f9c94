//! Where a session began: for its person to recognise it by, and sealed to them.

use std::net::IpAddr;

use bartizan_model::SessionId;
use bartizan_pki::{SealingKeyPair, seal_once};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::flow::Visit;

/// An address, and the browser as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The network address.
    pub source: IpAddr,
    /// What the browser is called. Of sessions of earlier releases, with the system under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// What the system under it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
}

impl Place {
    pub(crate) fn of(visit: &Visit) -> Self {
        Self::new(visit.source, visit.user_agent.as_deref())
    }

    /// This address, and the browser as it describes itself.
    #[must_use]
    pub fn new(source: IpAddr, user_agent: Option<&str>) -> Self {
        let (browser, system) = user_agent.map(called).unwrap_or_default();
        Self { source, browser: browser.map(str::to_owned), system: system.map(str::to_owned) }
    }

    /// As pages tell it: browser, system and address.
    #[must_use]
    pub fn told(&self) -> (Option<&str>, Option<&str>, String) {
        (self.browser.as_deref(), self.system.as_deref(), self.source.to_string())
    }

    pub(crate) fn seal(&self, public: &[u8; 32], session: SessionId) -> Result<String, Error> {
        // INVARIANT: plain data with string keys always has a JSON form.
        let plain = serde_json::to_vec(self).unwrap_or_default();
        Ok(URL_SAFE_NO_PAD.encode(seal_once(public, session.as_bytes(), &plain)?))
    }

    pub(crate) fn open(key: &SealingKeyPair, session: SessionId, sealed: &str) -> Result<Self, Error> {
        let damaged = || Error::Damaged { what: "session", name: session.to_string() };
        let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_form| damaged())?;
        let plain = key.open(&sealed, session.as_bytes())?;
        serde_json::from_slice(&plain).map_err(|_form| damaged())
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.browser, &self.system) {
            (Some(browser), Some(system)) => write!(f, "{browser} on {system}, {}", self.source),
            (Some(one), None) | (None, Some(one)) => write!(f, "{one}, {}", self.source),
            (None, None) => write!(f, "{}", self.source),
        }
    }
}

/// What people call the browser that describes itself so, and the system under it. The order matters: most claim to be
/// others as well.
fn called(user_agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    const BROWSERS: [(&str, &str); 7] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let name = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    (name(&BROWSERS), name(&SYSTEMS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_called_what_people_call_them() {
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        for (user_agent, browser, system) in [
            (windows, Some("Chrome"), Some("Windows")),
            (&format!("{windows} Edg/156.0"), Some("Edge"), Some("Windows")),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                Some("Firefox"),
                Some("Linux"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1",
                Some("Safari"),
                Some("iPhone"),
            ),
            ("curl/7.88.1", Some("curl"), None),
            ("<script>", None, None),
        ] {
            assert_eq!(called(user_agent), (browser, system), "{user_agent}");
        }
    }

    #[test]
    fn a_place_of_an_earlier_release_is_still_read() {
        let older = r#"{"source":"192.0.2.1","browser":"Chrome on Windows"}"#;
        let place: Place = serde_json::from_str(older).unwrap();
        assert_eq!(place.to_string(), "Chrome on Windows, 192.0.2.1");
        let newer = Place { browser: Some("Chrome".into()), system: Some("Windows".into()), ..place };
        assert_eq!(newer.to_string(), "Chrome on Windows, 192.0.2.1");
    }
}
