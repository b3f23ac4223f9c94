//! What the command of ours gets: a token for the console (RFC 8707), as people make them on the page of their account. It
//! hangs on the same sign-in, and on the family of the code that it was given for.

use std::collections::BTreeSet;

use bartizan_enforce::Caller;
use bartizan_model::ClientGrantId;
use serde_json::{Value, json};

use super::Provider;
use super::exchange::{Exchange, denied};
use super::refusal::{Code, Refusal};
use super::standing::Stands;
use crate::error::Error;
use crate::token::TokenRequest;
use crate::web::Ports;

impl Provider {
    /// Browsers and programs reach the hosts of this deployment at these ports.
    pub fn reached_at(&self, ports: Ports) {
        *self.ports.write() = Some(ports);
    }

    /// The origin of the console, if it is known where that is.
    pub(super) fn console(&self) -> Option<String> {
        self.origin_of_app(CONSOLE)
    }

    /// The origin of a host of ours, by the name of its app.
    pub(super) fn origin_of_app(&self, name: &str) -> Option<String> {
        let world = self.enforcer.world()?;
        let app = world.apps().find(|app| app.name.as_str() == name)?;
        Some(self.ports.read().as_ref()?.origin_of(&app.host))
    }

    /// A token for the console, if the person may have one.
    pub(super) async fn console_token(
        &self,
        exchange: &Exchange<'_>,
        stands: &Stands,
        caller: &Caller,
        grant: ClientGrantId,
        resources: &BTreeSet<String>,
    ) -> Result<Value, Refusal> {
        let console = self.console();
        if console.is_none() || resources.iter().ne(console.iter()) {
            let why =
                "this client gets tokens for the console: name its address, and no other, in `resource`";
            return Err(Refusal::new(Code::InvalidTarget, why));
        }
        if exchange.jkt.is_some() {
            let why = "tokens for the console are not bound to keys: ask without a proof";
            return Err(Refusal::new(Code::InvalidDpopProof, why));
        }
        let app = CONSOLE.parse().map_err(|_form| Error::Damaged { what: "app", name: CONSOLE.into() })?;
        let asked = TokenRequest::new(caller, app, self.clock.as_ref(), self.entropy.as_ref());
        let live = self.enforcer.admit(asked).await.map_err(|denial| denied(&denial, &stands.client.name))?;
        let ends = stands.session.absolute_end;
        let issued = self.flow.sign_ins().issue_client_token(&[live], ends, grant).await?;
        Ok(json!({
            "access_token": issued.text.expose(Clone::clone),
            "token_type": "Bearer",
            "expires_in": ends.since(self.clock.now()).as_secs(),
            "scope": "",
        }))
    }
}

/// The app that the command works with.
const CONSOLE: &str = "console";
