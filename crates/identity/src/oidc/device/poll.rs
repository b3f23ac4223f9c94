//! A device asks whether somebody has decided yet (RFC 8628, 3.4 and 3.5).

use bartizan_model::PresentedCredential;
use bartizan_pki::credential_digest;
use serde_json::Value;

use super::{Decided, DeviceRequest};
use crate::codes::CodePurpose;
use crate::oidc::Provider;
use crate::oidc::exchange::{Exchange, Spent};
use crate::oidc::refusal::{Code, Refusal};
use crate::oidc::request::{once, resources};
use crate::oidc::standing::HangsOn;

impl Provider {
    /// The tokens, if the person has allowed it; or what the device does next.
    pub(in crate::oidc) async fn poll(&self, exchange: &Exchange<'_>) -> Result<Value, Refusal> {
        let form = exchange.form;
        let code = once(form, "device_code")?
            .ok_or_else(|| Refusal::new(Code::InvalidRequest, "`device_code` is missing"))?;
        let code = PresentedCredential::parse(code).map_err(|_form| Refusal::grant())?;
        let (CodePurpose::Device(request), ends, spending) = self.brought(&code).await? else {
            return Err(Refusal::grant());
        };
        let DeviceRequest { client, scopes, resources: given, jkt, until, decided, .. } = &*request;
        if *client != exchange.client.name || jkt.as_deref().is_some_and(|jkt| exchange.jkt != Some(jkt)) {
            // Brought by another client, or without the key that its device has: it has been seen by others, and is worth
            // nothing any more.
            self.flow.codes().commit(spending.write(), "system").await?;
            return Err(Refusal::grant());
        }
        if *until <= self.clock.now() {
            return Err(Refusal::new(Code::ExpiredToken, "nobody has decided in time: ask for a new code"));
        }
        match decided {
            Decided::NotYet if self.pace.is_kept(credential_digest(&code), self.clock.boot()) => {
                Err(Refusal::new(Code::AuthorizationPending, "nobody has decided yet"))
            }
            Decided::NotYet => {
                Err(Refusal::new(Code::SlowDown, "asked too soon: wait 5 seconds longer from now on"))
            }
            Decided::Denied => Err(Refusal::new(Code::AccessDenied, "the person does not allow it")),
            Decided::Allowed { user, session, factors } => {
                let asked = resources(form, given)?;
                let on = HangsOn { client, user: *user, session: *session, factors: Some(*factors) };
                let stands = self.standing(on).await?.map_err(|_falls| Refusal::grant())?;
                let spent = Spent { code: &code, spending: &spending, ends, on, scopes, resources: given };
                self.spend(exchange, &stands, spent, &asked, None).await
            }
        }
    }
}
