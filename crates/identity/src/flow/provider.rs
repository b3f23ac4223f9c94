//! An identity provider of somebody else: a browser goes there, and comes back with what the provider says of whoever it is.

use std::collections::BTreeSet;
use std::time::Duration;

use bartizan_model::{ObjectKind, ProviderName, SessionId, UserId};

use super::second::Extra;
use super::{Act, Concerns, Confirmation, FactorChange, Flow, Reason, Step, Visit, Wrong};
use crate::attempt::{Attempt, Stage};
use crate::error::Error;
use crate::factors::{Elsewhere, FirstProof, ProviderProof, SecondProof, StrongProof};
use crate::federation::away::Toward;
use crate::federation::said::{Brought, Said, Unsaid};
use crate::federation::{Arrival, Federation, IdentityProvider, Link, ProviderSpec, SecondFactor, Who};
use crate::spec::read;
use crate::throttle::{Guess, Ticket};

/// Whether a person signs in at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bond {
    /// They do.
    Linked,
    /// They do not.
    None,
}

/// What came of what a browser brought back, if it is not what a provider said.
enum Unheard {
    Because(Reason),
    Wait(u64),
}

/// What comes after somebody went to a provider to sign in there from now on.
#[derive(Debug)]
#[must_use = "the person is told"]
pub(crate) enum Linking {
    /// They do from now on.
    Linked,
    /// Nothing came of it; whyever.
    Not,
    /// Too many attempts: again after so many seconds.
    Wait(u64),
    /// There is no session any more in which it could be done, or it proved too little lately.
    StartOver,
}

impl Flow {
    /// The attempt of somebody who goes to a provider.
    pub(crate) fn leave(&self, attempt: &Attempt, provider: &ProviderName, toward: Toward) -> Attempt {
        self.attempts.leave(attempt, provider.clone(), toward)
    }

    /// Somebody has come back to sign in. The caller has seen that it is the browser that left.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`], [`Error::NotWritten`].
    pub(crate) async fn come_back(
        &self,
        federation: &Federation,
        attempt: &Attempt,
        brought: Brought<'_>,
        visit: &Visit,
    ) -> Result<Step, Error> {
        const ACT: Act = Act::Provider;
        let heard = self.heard(ACT, federation, (attempt, Toward::SignIn), brought, visit).await?;
        let (said, ticket) = match heard {
            Ok(heard) => heard,
            Err(Unheard::Wait(seconds)) => return Ok(Step::Wait(seconds)),
            Err(Unheard::Because(reason)) => {
                return self.start_over(ACT, reason, Concerns::default(), visit).await;
            }
        };
        let who = match self.whose(&said).await? {
            Ok(who) => who,
            Err(reason) => return self.start_over(ACT, reason, Concerns::default(), visit).await,
        };
        // Nothing is written down of somebody who may not come in anyway.
        if let Who::Linked(user) | Who::ToLink { user, .. } = &who
            && let Err(reason) = self.is_active(*user).await?
        {
            return self.start_over(ACT, reason, *user, visit).await;
        }
        let Some(user) = self.written_down(federation, who, &said, visit).await? else {
            return self.start_over(ACT, Reason::NotLinked, Concerns::default(), visit).await;
        };
        let proof = ProviderProof::new(user, self.factors.generation_or_none(user).await?, &said);
        if !proof.is_strong() && !self.has_second_factor(user).await? {
            return self.start_over(ACT, Reason::NoSecondFactor, user, visit).await;
        }
        self.ledger.ok(ACT, user.into(), visit).await?;
        self.throttle.succeeded(ticket);
        if proof.is_strong() {
            self.begin(ACT, &StrongProof::of_provider(proof)?, Extra::None, visit).await
        } else {
            Ok(Step::Next(self.proved(attempt, &FirstProof::from(proof))))
        }
    }

    /// Somebody has come back who was to prove there, anew, that they are whose session this is.
    ///
    /// # Errors
    /// As [`come_back`](Self::come_back).
    pub(crate) async fn confirm_by_provider(
        &self,
        federation: &Federation,
        (session, user): (SessionId, UserId),
        attempt: &Attempt,
        brought: Brought<'_>,
        visit: &Visit,
    ) -> Result<Confirmation, Error> {
        const ACT: Act = Act::ConfirmProvider;
        let concerns = Concerns { user: Some(user), session: Some(session) };
        if self.alive(session).await?.is_none_or(|facts| facts.user() != Some(user)) {
            return self.no_confirmation(ACT, Reason::SessionEnded, concerns, visit).await;
        }
        let generation = match self.may_begin(user).await? {
            Ok(generation) => generation,
            Err(reason) => return self.no_confirmation(ACT, reason, concerns, visit).await,
        };
        let (said, ticket) =
            match self.heard(ACT, federation, (attempt, Toward::Confirm), brought, visit).await? {
                Ok(heard) => heard,
                Err(Unheard::Wait(seconds)) => return Ok(Confirmation::Wait(seconds)),
                Err(Unheard::Because(reason)) => {
                    self.ledger.failed(ACT, reason, concerns, visit).await?;
                    return Ok(Confirmation::Wrong(Wrong::Provider));
                }
            };
        let issuer = said.provider().spec.issuer.as_str();
        let same = self.people.find_external(issuer, said.subject()).await? == Some(user);
        // Who signed in there before they were sent there has not done so anew, whatever they were asked.
        let anew = said.signed_in().is_some_and(|at| at.plus(SKEW) >= attempt.began());
        let proof = ProviderProof::new(user, generation, &said);
        let second = SecondProof::of_provider(&proof).filter(|_| same && anew);
        let Some(second) = second else {
            let reason = if same { Reason::NotNow } else { Reason::NotLinked };
            self.ledger.failed(ACT, reason, concerns, visit).await?;
            return Ok(Confirmation::Wrong(Wrong::Provider));
        };
        self.ledger.ok(ACT, concerns, visit).await?;
        self.throttle.succeeded(ticket);
        self.confirmed(ACT, session, &second, concerns, visit).await
    }

    /// Somebody has come back who wants to sign in there from now on, and has proved enough lately for such a change.
    ///
    /// # Errors
    /// As [`come_back`](Self::come_back).
    pub(crate) async fn link_provider(
        &self,
        federation: &Federation,
        (session, user): (SessionId, UserId),
        attempt: &Attempt,
        brought: Brought<'_>,
        visit: &Visit,
    ) -> Result<Linking, Error> {
        const ACT: Act = Act::LinkProvider;
        let concerns = Concerns { user: Some(user), session: Some(session) };
        if !self.is_fresh(session).await? || self.may_begin(user).await?.is_err() {
            self.ledger.failed(ACT, Reason::SessionEnded, concerns, visit).await?;
            return Ok(Linking::StartOver);
        }
        let (said, ticket) =
            match self.heard(ACT, federation, (attempt, Toward::Link), brought, visit).await? {
                Ok(heard) => heard,
                Err(Unheard::Wait(seconds)) => return Ok(Linking::Wait(seconds)),
                Err(Unheard::Because(reason)) => {
                    self.ledger.failed(ACT, reason, concerns, visit).await?;
                    return Ok(Linking::Not);
                }
            };
        let (issuer, subject) = (said.provider().spec.issuer.as_str(), said.subject());
        let taken = self.people.find_external(issuer, subject).await?.is_some();
        let who = Who::ToLink { user, issuer: issuer.to_owned(), subject: subject.to_owned() };
        // That of somebody else stays theirs.
        if taken || self.is_linked(user, issuer).await? {
            self.ledger.failed(ACT, Reason::NotLinked, concerns, visit).await?;
            return Ok(Linking::Not);
        }
        self.ledger.ok(ACT, concerns, visit).await?;
        self.throttle.succeeded(ticket);
        let written = self.written_down(federation, who, &said, visit).await?;
        Ok(if written.is_some() { Linking::Linked } else { Linking::Not })
    }

    /// Somebody does not want to sign in at a provider any more. What else began by it ends.
    ///
    /// # Errors
    /// As [`come_back`](Self::come_back).
    pub(crate) async fn part_from_provider(
        &self,
        federation: &Federation,
        (session, user): (SessionId, UserId),
        provider: &IdentityProvider,
        visit: &Visit,
    ) -> Result<FactorChange, Error> {
        const ACT: Act = Act::UnlinkProvider;
        let concerns = Concerns { user: Some(user), session: Some(session) };
        if !self.is_fresh(session).await? {
            return Ok(FactorChange::NotFresh);
        }
        let issuer = provider.spec.issuer.as_str();
        if !self.is_linked(user, issuer).await? {
            return Ok(FactorChange::Made);
        }
        let others = self.elsewhere(user, Some(issuer)).await?;
        if !self.factors.have_a_way(user, others).await? {
            self.ledger.failed(ACT, Reason::LastWay, concerns, visit).await?;
            return Ok(FactorChange::Wrong(Wrong::LastProvider));
        }
        self.ledger.ok(ACT, concerns, visit).await?;
        let arrival = Arrival {
            provider: provider.name.clone(),
            who: Who::ToPart { user, issuer: issuer.to_owned() },
            joins: BTreeSet::new(),
            leaves: provider.spec.groups.iter().map(|rule| rule.group.clone()).collect(),
            source: visit.source,
            request_id: visit.request_id,
        };
        federation.arrived(&arrival).await?;
        // An issuer may be here under several names: it is the same account there.
        let same = federation.providers().await?.into_iter();
        let same: BTreeSet<ProviderName> =
            same.filter(|other| other.spec.issuer.as_str() == issuer).map(|other| other.name).collect();
        let begun = self.sign_ins.list(Some(user)).await?.into_iter().filter(|other| {
            other.facts.id != session && other.provider.as_ref().is_some_and(|by| same.contains(by))
        });
        let begun: Vec<SessionId> = begun.map(|other| other.facts.id).collect();
        self.sign_ins.end(&begun, "provider_unlinked", &user.to_string()).await?;
        Ok(FactorChange::Made)
    }

    /// What the provider says to which an attempt has gone, for this and nothing else.
    async fn heard(
        &self,
        act: Act,
        federation: &Federation,
        (attempt, toward): (&Attempt, Toward),
        brought: Brought<'_>,
        visit: &Visit,
    ) -> Result<Result<(Said, Ticket), Unheard>, Error> {
        if let Some(reason) = self.not_at(attempt, |stage| matches!(stage, Stage::Away(_))) {
            return Ok(Err(Unheard::Because(reason)));
        }
        let Some(away) = attempt.away().filter(|away| away.toward == toward) else {
            return Ok(Err(Unheard::Because(Reason::WrongStep)));
        };
        let ticket = match self.ask(act, Guess::Link, None, visit).await? {
            Ok(ticket) => ticket,
            Err(seconds) => return Ok(Err(Unheard::Wait(seconds))),
        };
        let Some(provider) = federation.provider(&away.provider).await? else {
            return Ok(Err(Unheard::Because(Reason::NoProvider)));
        };
        Ok(match federation.said(provider, away, brought).await? {
            Ok(said) => Ok((said, ticket)),
            Err(Unsaid::Refused) => Err(Unheard::Because(Reason::ProviderRefused)),
            Err(Unsaid::Unreachable) => Err(Unheard::Because(Reason::ProviderUnreachable)),
            Err(Unsaid::NotBelieved) => Err(Unheard::Because(Reason::ProviderNotBelieved)),
        })
    }

    /// The providers at which this person signs in, or could.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub(crate) async fn providers_of(
        &self,
        federation: &Federation,
        user: UserId,
    ) -> Result<Vec<(IdentityProvider, Bond)>, Error> {
        let attributes = self.people.get(user).await?.and_then(|person| person.attributes);
        let external = attributes.and_then(|attributes| attributes.profile).map(|profile| profile.external);
        let external = external.unwrap_or_default();
        let bound = |provider: IdentityProvider| {
            let is_linked = external.contains_key(provider.spec.issuer.as_str());
            (provider, if is_linked { Bond::Linked } else { Bond::None })
        };
        Ok(federation.providers().await?.into_iter().map(bound).collect())
    }

    /// Whose account it is that a provider speaks of; or why nobody's.
    async fn whose(&self, said: &Said) -> Result<Result<Who, Reason>, Error> {
        let spec = &said.provider().spec;
        let (issuer, subject) = (spec.issuer.as_str(), said.subject());
        if let Some(user) = self.people.find_external(issuer, subject).await? {
            return Ok(Ok(Who::Linked(user)));
        }
        let known = match spec.link {
            Link::Nothing => None,
            Link::Login => match said.login() {
                Some(login) => self.people.find(&login).await?,
                None => None,
            },
            Link::ExternalId => match said.external() {
                Some((provisioner, external)) => self.people.find_external(provisioner, external).await?,
                None => None,
            },
        };
        if let Some(user) = known {
            // Who is linked with somebody there already is not linked with somebody else as well.
            if self.is_linked(user, issuer).await? {
                return Ok(Err(Reason::NotLinked));
            }
            let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
            return Ok(Ok(Who::ToLink { user, issuer, subject }));
        }
        match said.attributes().filter(|_| spec.creates) {
            Some(attributes) if self.people.find(&attributes.login).await?.is_none() => {
                Ok(Ok(Who::New(Box::new(attributes))))
            }
            Some(_) | None => Ok(Err(Reason::NotLinked)),
        }
    }

    /// What a person can prove at the providers with which they are linked; but for those of one issuer, if it is named.
    pub(crate) async fn elsewhere(&self, user: UserId, but: Option<&str>) -> Result<Elsewhere, Error> {
        let attributes = self.people.get(user).await?.and_then(|person| person.attributes);
        let external = attributes.and_then(|attributes| attributes.profile).map(|profile| profile.external);
        let linked: Vec<String> = external.unwrap_or_default().into_keys().collect();
        let mut most = Elsewhere::Nothing;
        if linked.is_empty() {
            return Ok(most);
        }
        for object in self.store.list(ObjectKind::Provider, None, MOST).await? {
            let spec: ProviderSpec = read("provider", &object)?;
            let issuer = spec.issuer.as_str();
            if !spec.disabled && Some(issuer) != but && linked.iter().any(|linked| linked == issuer) {
                most = most.max(match spec.second_factor {
                    SecondFactor::Here => Elsewhere::OneFactor,
                    SecondFactor::There | SecondFactor::Said => Elsewhere::TwoFactors,
                });
            }
        }
        Ok(most)
    }

    async fn is_linked(&self, user: UserId, issuer: &str) -> Result<bool, Error> {
        let attributes = self.people.get(user).await?.and_then(|person| person.attributes);
        let profile = attributes.and_then(|attributes| attributes.profile);
        Ok(profile.is_some_and(|profile| profile.external.contains_key(issuer)))
    }

    /// Writes down what is new of somebody who has arrived. `None` if it is not theirs any more.
    async fn written_down(
        &self,
        federation: &Federation,
        who: Who,
        said: &Said,
        visit: &Visit,
    ) -> Result<Option<UserId>, Error> {
        let (joins, leaves) = said.groups();
        let who = match who {
            // There is nothing to write.
            Who::Linked(user) if joins.is_empty() && leaves.is_empty() => return Ok(Some(user)),
            Who::New(mut attributes) => {
                let link = (said.provider().spec.issuer.as_str().to_owned(), said.subject().to_owned());
                attributes.profile.get_or_insert_default().external.extend([link]);
                Who::New(attributes)
            }
            known @ (Who::Linked(_) | Who::ToLink { .. } | Who::ToPart { .. }) => known,
        };
        let provider = said.provider().name.clone();
        let (source, request_id) = (visit.source, visit.request_id);
        federation.arrived(&Arrival { provider, who, joins, leaves, source, request_id }).await
    }

    async fn has_second_factor(&self, user: UserId) -> Result<bool, Error> {
        let enrolled = self.factors.enrolled(user).await?;
        Ok(enrolled
            .is_some_and(|has| has.totp_enrolled.is_some() || has.passkeys > 0 || has.recovery_left > 0))
    }
}

/// How far the clock of a provider may be behind ours.
const SKEW: Duration = Duration::from_secs(30);

/// There are at most as many: each is offered on one page.
const MOST: u32 = 16;
