//! A sign-in by way of another device (RFC 8628): for machines without a browser.

use std::time::Duration;

use serde_json::Value;

use super::provider::{Given, Provider};
use crate::output::{FAILED, Failure, talk};

/// Prints address and code, and waits until somebody has decided.
pub(crate) async fn on_another_device(provider: &Provider) -> Result<Given, Failure> {
    let asked = [("resource", provider.resource.as_str())];
    let begun = provider.call("/oauth2/device_authorization", &asked).await?;
    let begun = begun.map_err(super::provider::Refused::failure)?;
    let text = |name: &str| begun.get(name).and_then(Value::as_str);
    let (Some(device_code), Some(user_code), Some(address)) =
        (text("device_code"), text("user_code"), text("verification_uri"))
    else {
        return Err(Failure::new(FAILED, "the provider gave no code"));
    };
    talk(&format!("Open {address} on any device, and type this code:\n\n    {user_code}\n"));
    if let Some(complete) = text("verification_uri_complete") {
        talk(&format!("Or open {complete}"));
    }
    talk("Waiting for somebody to decide. Ctrl-C gives up.");
    let number = |name: &str, usual| begun.get(name).and_then(Value::as_u64).unwrap_or(usual);
    let (mut interval, lives) = (number("interval", 5).clamp(1, 60), number("expires_in", 600).min(3600));
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", device_code),
        ("resource", provider.resource.as_str()),
    ];
    let poll = async {
        loop {
            tokio::time::sleep(Duration::from_secs(interval)).await;
            match provider.call("/oauth2/token", &fields).await? {
                Ok(answer) => return Given::read(&answer),
                Err(refused) => match refused.error.as_str() {
                    "authorization_pending" => {}
                    "slow_down" => interval = interval.saturating_add(5),
                    _ => return Err(refused.failure()),
                },
            }
        }
    };
    match tokio::time::timeout(Duration::from_secs(lives), poll).await {
        Ok(given) => given,
        Err(_late) => Err(Failure::new(FAILED, "nobody has decided in time: run `bartizan login` again")),
    }
}
