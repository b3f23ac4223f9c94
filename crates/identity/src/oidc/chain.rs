//! Who acts for whom: the claim `act` of a token that was got for another (RFC 8693, 4.1). Each who acts is a service of ours,
//! and stands in the claim of the one that acts by what it got. The first of them holds the token.

use bartizan_model::{ClientName, Subject};
use serde_json::{Map, Value, json};

use crate::jose::Claims;

/// Those who act, who holds the token first. None, if it is of the client that the sign-in gave it to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chain(Vec<ClientName>);

impl Chain {
    /// The chain of a token; `None` if there is something in its place that we do not write.
    pub(super) fn of(claims: &Claims) -> Option<Self> {
        if claims.within("act", "sub") == Ok(None) {
            return Some(Self::default());
        }
        let mut chain = Vec::new();
        let mut next = claims.clone().into_members().remove("act");
        while let Some(act) = next {
            let Value::Object(mut act) = act else { return None };
            let sub = act.remove("sub")?;
            chain.push(Subject::service_of(sub.as_str()?)?);
            next = act.remove("act");
            if !act.is_empty() || chain.len() > LONGEST {
                return None;
            }
        }
        Some(Self(chain))
    }

    /// The same with one more who acts by it; `None` if it would be too long.
    pub(super) fn with(&self, actor: &ClientName) -> Option<Self> {
        (self.0.len() < LONGEST).then(|| Self([std::slice::from_ref(actor), &self.0].concat()))
    }

    /// Who holds the token, if that is not the client that it was first given to.
    pub(super) fn holder(&self) -> Option<&ClientName> {
        self.0.first()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each who acts, with the one whose token it brought; the last brought that of `origin`.
    pub(super) fn links<'a>(
        &'a self,
        origin: &'a ClientName,
    ) -> impl Iterator<Item = (&'a ClientName, &'a ClientName)> {
        self.0.iter().zip(self.0.iter().skip(1).chain([origin]))
    }

    /// The claim; none if nobody acts.
    pub(super) fn claim(&self) -> Option<Value> {
        self.0.iter().rev().fold(None, |inner, actor| {
            let mut act = Map::new();
            act.insert("sub".into(), json!(Subject::Service(actor.clone()).distinct_id()));
            act.extend(inner.map(|inner| ("act".to_owned(), inner)));
            Some(Value::Object(act))
        })
    }
}

/// A request that goes through more services than this in one sign-in's name has been sent in a circle.
const LONGEST: usize = 4;
