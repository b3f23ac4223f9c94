//! Who is at the door: what a step of a sign-in knows of the request that it came with.

use std::net::IpAddr;

use bartizan_model::{Personal, ProviderName, RequestId};

use crate::device_marks::DeviceMark;
use crate::place::Place;

/// Where a step comes from.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The address.
    pub source: IpAddr,
    /// The browser's description of itself.
    pub user_agent: Option<String>,
    /// The request.
    pub request_id: RequestId,
    /// The mark that the browser showed, if it has signed somebody in before.
    pub device: Option<DeviceMark>,
    /// The identity provider from which the browser comes back, if it comes from one.
    pub provider: Option<ProviderName>,
}

impl Visit {
    /// What a passkey is called that is made there, unless its owner says otherwise.
    pub(crate) fn device_name(&self) -> String {
        let place = Place::of(self);
        match (place.browser, place.system) {
            (Some(browser), Some(system)) => format!("{browser}, {system}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => String::from("Passkey"),
        }
    }

    /// What of it is personal.
    pub(crate) fn personal(&self) -> Personal {
        // At most 256 bytes of a description are recorded; two of them may be one character.
        let user_agent = self.user_agent.as_ref().map(|text| {
            let end = (0..=MAX_USER_AGENT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text.get(..end).unwrap_or(text).to_owned()
        });
        Personal { source: Some(self.source.to_string()), user_agent, ..Personal::default() }
    }
}

const MAX_USER_AGENT: usize = 256;
