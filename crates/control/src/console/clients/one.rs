//! One client: what to tell it, who may sign in to it, and what it was.

use std::sync::Arc;

use axum::extract::{Path, State};
use bartizan_identity::{ClientSpec, GrantType, built_in_client};
use bartizan_model::ClientName;
use bartizan_ui::{Emphasis, Rendered, link_button};
use maud::{Markup, html};

use super::super::apps::policies_that;
use super::super::called::Called;
use super::super::frame::{Frame, Shown};
use super::super::groups::address;
use super::super::history::{Drawn, Past, Told, history, lines, past};
use super::super::policies::effect;
use super::{built_in, keys, proves, state};
use crate::api::objects::{Clients, Shown as Object};
use crate::api::service_keys::{Shown as Key, listed};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects, WriteObjects};
use crate::register::Policy;

#[derive(Debug)]
pub(in super::super) struct View {
    pub(in super::super) frame: Frame,
    pub(in super::super) name: String,
    pub(in super::super) told: Told,
    pub(in super::super) past: Past,
    pub(in super::super) issuer: String,
    /// The policies that can be about it, and what each is for.
    pub(in super::super) policies: Vec<(String, String, String)>,
    /// The keys with which it acts for itself.
    pub(in super::super) keys: Vec<Key>,
    /// Whether its reader may give it a secret, or a key.
    pub(in super::super) may_change: bool,
}

pub(in super::super) async fn show(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Shown, Failure> {
    Ok(page(&view(&admitted, &api, name, Told::Nothing).await?).into())
}

async fn view(
    admitted: &Admitted<ReadObjects>,
    api: &Arc<Api>,
    name: String,
    told: Told,
) -> Result<View, Failure> {
    let past = past::<Clients>(admitted, api, &name).await?;
    let (policies, keys) = match name.parse::<ClientName>() {
        Ok(client) => {
            let keys = listed(admitted, api, &client).await?;
            let concerns = move |policy: &Policy| policy.concerns_client(&client);
            (policies_that(api, &mut Called::new(api), concerns).await?, keys)
        }
        Err(_form) => (Vec::new(), Vec::new()),
    };
    let frame = Frame::of(api, admitted).await?;
    let may_change = admitted.may::<WriteObjects>(api);
    Ok(View { frame, name, told, past, issuer: api.auth_origin.clone(), policies, keys, may_change })
}

impl Drawn for Clients {
    const PLACE: &'static str = "/clients";

    fn text(object: &Object) -> String {
        lines(object)
    }

    async fn drawn(
        read: &Admitted<ReadObjects>,
        api: &Arc<Api>,
        name: String,
        told: Told,
    ) -> Result<Rendered, Failure> {
        Ok(page(&view(read, api, name, told).await?))
    }
}

pub(in super::super) fn page(view: &View) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let spec = view.past.changes.first().and_then(|newest| newest.spec.clone());
    let client: Option<ClientSpec> = spec.and_then(|spec| serde_json::from_value(spec).ok());
    let content = html! {
        (view.told.markup(frame))
        @match &client {
            Some(client) => (facts(view, client)),
            None => div .empty { p { (words.say("client-gone")) } },
        }
        section {
            h2 { (words.say("client-policies")) }
            @if view.policies.is_empty() {
                div .empty {
                    @if client.as_ref().is_some_and(|client| client.grants.contains(&GrantType::AuthorizationCode)) {
                        p { (words.say("client-policies-none")) }
                        p { code { "permit (principal in Group::\"staff\", action == Action::\"token:issue\", resource == Client::\"" (view.name) "\");" } }
                    } @else {
                        p { (words.say("service-policies-none")) }
                        p { code { "permit (principal == Service::\"" (view.name) "\", action in Action::\"http\", resource == App::\"wiki\");" } }
                    }
                    @if client.is_some() && view.may_change { p { a href="/policies/new" { (words.say("policy-new")) } } }
                }
            }
            ul .rows {
                @for (id, text, reason) in &view.policies {
                    li .row { a href={ "/policies/" (id) } { code { (id) } } (effect(frame, text)) span .muted { (reason) } }
                }
            }
        }
        @if client.is_some() { (keys::section(frame, &view.name, &view.keys, view.may_change)) }
        (history::<Clients>(frame, &view.name, &view.past))
    };
    frame.page("/clients", &view.name, &content)
}

fn facts(view: &View, client: &ClientSpec) -> Markup {
    let (frame, words) = (&view.frame, view.frame.words);
    html! {
        dl .facts.panel {
            dt { (words.say("client-issuer")) }
            dd { code { (view.issuer) } }
            dt { (words.say("client-id")) }
            dd { code { (view.name) } @if let Some(title) = &client.title { " " span .muted { (title) } } }
            dt { (words.say("client-proves")) }
            dd .row {
                (proves(frame, client))
                @if client.auth.takes_secret() && view.may_change {
                    (link_button(&words.say("client-new-secret"), &format!("/clients/{}/secret", view.name), Emphasis::Secondary))
                }
            }
            @for trust in &client.trust {
                dt { (words.say("client-trusts")) }
                dd {
                    code .wrap { (trust.issuer.as_str()) }
                    @for (name, text) in &trust.claims { br; code .wrap { (name) " = " (text) } }
                }
            }
            dt { (words.say("client-state")) }
            dd {
                (state(frame, client))
                @if built_in_client(&view.name).is_some() { " " (built_in(frame)) }
            }
            // Of a program that nobody signs in to there is no such thing.
            @if client.grants.contains(&GrantType::AuthorizationCode) {
                dt { (words.say("client-answered-at")) }
                dd { @for uri in &client.redirect_uris { code { (uri.as_str()) } " " } }
                @if let Some(uri) = &client.backchannel_logout_uri {
                    dt { (words.say("client-told-at")) }
                    dd { code .wrap { (uri.as_str()) } }
                }
                dt { (words.say("client-scopes")) }
                dd { code { "openid" } @for scope in &client.scopes { " " code { (scope) } } }
                dt { (words.say("app-told-groups")) }
                dd {
                    @if client.groups.is_empty() { span .muted { (words.say("list-no-one")) } }
                    @for group in &client.groups { a href=(address(group.as_str())) { (group) } " " }
                }
                dt { (words.say("client-signed")) }
                dd { code { (client.id_token_alg.as_str()) } }
            }
            @if client.grants.contains(&GrantType::TokenExchange) {
                dt { (words.say("client-exchanges")) }
                dd {
                    @if client.exchanges_from.is_empty() { span .muted { (words.say("list-no-one")) } }
                    @for from in &client.exchanges_from { a href={ "/clients/" (from) } { code { (from) } } " " }
                }
                dt { (words.say("client-audiences")) }
                dd { @for audience in &client.audiences { code .wrap { (audience) } " " } }
            }
            @if client.consent { dt { (words.say("client-consent")) } dd { (words.say("client-consent-asked")) } }
        }
    }
}
