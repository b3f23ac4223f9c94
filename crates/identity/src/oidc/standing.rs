//! May this person, through this client, get or use a credential now? One answer for every path: a code, a refresh token, an
//! access token, a sign-in that goes on. Whatever a path checks beside it, it asks here, each time anew: of what is
//! looked up, nothing is older than the question ([`Newest`](crate::newest::Newest)).

use bartizan_model::{ClientName, ObjectKind, SessionFacts, SessionId, UserId, UserState};

use super::Provider;
use super::chain::Chain;
use crate::clients::{Client, ClientAuth, GrantType, is_cli};
use crate::error::Error;
use crate::spec::{generation_of, session_facts, user_state};

/// What a credential of a client hangs on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HangsOn<'a> {
    pub(crate) client: &'a ClientName,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    /// Which factors the person had when it was given; `None` for a sign-in that has given nothing yet.
    pub(crate) factors: Option<u64>,
}

/// That it may, and what was found.
#[derive(Debug)]
pub(crate) struct Stands {
    pub(crate) client: Client,
    pub(crate) session: SessionFacts,
    /// Which factors the person has.
    pub(crate) factors: u64,
}

/// Why it may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Falls {
    /// The client is disabled, or gone.
    Client,
    /// The person is disabled, or gone.
    Person,
    /// The sign-in has ended, or was never theirs.
    Session,
    /// The person signs in with something else by now.
    Factors,
}

impl Provider {
    /// The answer of this moment.
    pub(crate) async fn standing(&self, on: HangsOn<'_>) -> Result<Result<Stands, Falls>, Error> {
        let Some(client) = self.client(on.client).await? else { return Ok(Err(Falls::Client)) };
        let user = on.user.to_string();
        let person = self.newest.get(ObjectKind::User, &user).await?;
        let state = person.and_then(|person| user_state(&person.spec)).map(|(state, ..)| state);
        if state != Some(UserState::Active) {
            return Ok(Err(Falls::Person));
        }
        let name = on.session.to_string();
        let object = self.newest.get(ObjectKind::Session, &name).await?;
        let session = object.and_then(|object| session_facts(&object.name, &object.spec));
        let session =
            session.filter(|session| session.user() == Some(on.user) && session.ends() > self.clock.now());
        let Some(session) = session else { return Ok(Err(Falls::Session)) };
        let factors = self.newest.get(ObjectKind::Factors, &user).await?;
        let Some(factors) = factors.as_deref().and_then(generation_of) else {
            return Ok(Err(Falls::Factors));
        };
        if on.factors.is_some_and(|given| given != factors) {
            return Ok(Err(Falls::Factors));
        }
        Ok(Ok(Stands { client, session, factors }))
    }

    /// The same of a service, whose tokens hang on a sign-in of its own.
    pub(crate) async fn service_standing(
        &self,
        client: &ClientName,
        session: SessionId,
    ) -> Result<Result<(Client, SessionFacts), Falls>, Error> {
        let client = self.client(client).await?;
        let may = |client: &Client| client.spec.grants.contains(&GrantType::ClientCredentials);
        let Some(client) = client.filter(may) else { return Ok(Err(Falls::Client)) };
        let session = self.alive_service(&client.name, session).await?;
        Ok(session.map(|session| (client, session)).ok_or(Falls::Session))
    }

    /// Those who act by a token, who holds it first, if each may still bring what it brought; `origin` is who the sign-in gave
    /// it to.
    pub(super) async fn acting(
        &self,
        chain: &Chain,
        origin: &ClientName,
    ) -> Result<Option<Vec<Client>>, Error> {
        let mut actors = Vec::new();
        for (actor, from) in chain.links(origin) {
            let actor = self.client(actor).await?.filter(|actor| actor.brings(from));
            let Some(actor) = actor else { return Ok(None) };
            actors.push(actor);
        }
        Ok(Some(actors))
    }

    /// The session of a service, if it has not ended.
    pub(super) async fn alive_service(
        &self,
        client: &ClientName,
        session: SessionId,
    ) -> Result<Option<SessionFacts>, Error> {
        let object = self.newest.get(ObjectKind::Session, &session.to_string()).await?;
        let facts = object.and_then(|object| session_facts(&object.name, &object.spec));
        Ok(facts.filter(|facts| facts.subject.service() == Some(client) && facts.ends() > self.clock.now()))
    }

    /// A client that may act: there is one, and it is not disabled.
    pub(crate) async fn client(&self, name: &ClientName) -> Result<Option<Client>, Error> {
        let mut client = self.clients.get(name).await?.filter(|client| !client.spec.disabled);
        if let Some(cli) = client.as_mut().filter(|client| is_cli(&client.name)) {
            cli.spec.audiences.extend(self.console());
        }
        Ok(client)
    }
}

impl Client {
    /// Whether it may bring tokens of this client to get its own for them. One that proves nothing may not, since anybody could
    /// in its name; nor may one of which people are to be asked first, since nobody is there to be asked.
    pub(super) fn brings(&self, from: &ClientName) -> bool {
        self.spec.grants.contains(&GrantType::TokenExchange)
            && self.spec.auth != ClientAuth::None
            && !self.spec.consent
            && self.spec.exchanges_from.contains(from)
    }
}
