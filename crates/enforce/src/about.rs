//! What the running task works on, so that each of its lines in the log can say so.
//!
//! The future that answers a request runs [`within`] a place of its own, which the plane fills in as soon as the request has
//! an id, and the enforcer as soon as it is decided. Whoever writes the log asks [`now`]. That is one swap of a pointer for
//! each poll, where a span would be an allocation and a lock for each request; and no line can forget it.

use std::cell::Cell;
use std::future::Future;

use bartizan_model::{DecisionId, RequestId, Revision};

tokio::task_local! {
    static ABOUT: Cell<About>;
}

/// A request, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct About {
    /// Its id.
    pub request: Option<RequestId>,
    /// The newest decision on it.
    pub decision: Option<DecisionId>,
    /// The revision of that decision.
    pub revision: Option<Revision>,
    /// Where it is in a trace, if it is traced.
    pub trace: Option<TraceContext>,
}

/// A span of a trace, as W3C Trace Context names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace: [u8; 16],
    /// The span in it.
    pub span: [u8; 8],
}

/// Runs a future that answers one request.
///
/// Cancel safe: as the future is.
pub fn within<F: Future>(future: F) -> impl Future<Output = F::Output> {
    begun(About::default(), future)
}

/// Runs a future that goes on with what another has begun, such as the relay of a stream on a task of its own.
///
/// Cancel safe: as the future is.
pub fn begun<F: Future>(about: About, future: F) -> impl Future<Output = F::Output> {
    ABOUT.scope(Cell::new(about), future)
}

/// What the running task works on.
#[must_use]
pub fn now() -> About {
    ABOUT.try_with(Cell::get).unwrap_or_default()
}

/// The request has an id.
pub fn request(id: RequestId) {
    note(|about| About { request: Some(id), ..about });
}

/// The request is traced, and this is its span.
pub fn traced(context: TraceContext) {
    note(|about| About { trace: Some(context), ..about });
}

/// It is decided.
pub(crate) fn decision(id: DecisionId, revision: Revision) {
    note(|about| About { decision: Some(id), revision: Some(revision), ..about });
}

/// Outside of a request there is nothing to note.
fn note(change: impl FnOnce(About) -> About) {
    let _outside = ABOUT.try_with(|about| about.set(change(about.get())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_task_has_its_own() {
        let (one, two) = (RequestId::from_bytes([1; 16]), RequestId::from_bytes([2; 16]));
        let answer = |id| {
            within(async move {
                assert_eq!(now(), About::default());
                request(id);
                tokio::task::yield_now().await;
                decision(DecisionId::from_bytes(*id.as_bytes()), Revision::new(7));
                now()
            })
        };
        request(one);
        assert_eq!(now(), About::default(), "outside of a request nothing is noted");
        let (first, second) = tokio::join!(answer(one), answer(two));
        assert_eq!((first.request, second.request), (Some(one), Some(two)));
        assert_eq!(second.decision, Some(DecisionId::from_bytes([2; 16])));
        assert_eq!(begun(first, async { now() }).await, first);
    }
}
