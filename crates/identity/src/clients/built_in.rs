//! The client that every deployment has: its own command, `bartizan login`.

use bartizan_model::ClientName;

use super::spec::{ClientAuth, ClientSpec, GrantType};

/// The `client_id` of `bartizan login`. What it gets is a token for the console, and nobody can change what it is.
pub const CLI_CLIENT: &str = "bartizan-cli";

/// What is known of this client, if it is one that every deployment has.
#[must_use]
pub fn built_in_client(name: &str) -> Option<ClientSpec> {
    (name == CLI_CLIENT).then(|| ClientSpec {
        title: Some(String::from("bartizan login")),
        // RFC 8252, 7.3: on any port.
        redirect_uris: CALLBACKS.iter().filter_map(|uri| uri.parse().ok()).collect(),
        grants: [GrantType::AuthorizationCode, GrantType::DeviceCode].into(),
        auth: ClientAuth::None,
        // RFC 8252, 8.6: any program of this machine can say that it is this one, so the person is asked each time.
        consent: true,
        ..ClientSpec::default()
    })
}

/// Whether a client is the command of ours.
pub(crate) fn is_cli(name: &ClientName) -> bool {
    name.as_str() == CLI_CLIENT
}

const CALLBACKS: [&str; 2] = ["http://127.0.0.1/callback", "http://[::1]/callback"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_answered_on_this_machine_alone_and_proves_nothing() {
        let spec = built_in_client(CLI_CLIENT).unwrap();
        let admits = |uri: &str| spec.redirect_uris.iter().any(|known| known.admits(uri));
        assert!(admits("http://127.0.0.1:51234/callback") && admits("http://[::1]:1/callback"));
        for other in
            ["http://127.0.0.1:51234/", "http://localhost:51234/callback", "https://example.org/callback"]
        {
            assert!(!admits(other), "{other}");
        }
        assert!(spec.consent && spec.auth == ClientAuth::None && spec.scopes.is_empty());
        assert_eq!(built_in_client("web"), None);
        assert!(CLI_CLIENT.parse::<ClientName>().is_ok());
    }
}
