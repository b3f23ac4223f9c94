use bartizan_enforce::Caller;
use bartizan_gateway::{CanonicalRequest, Head};
use bartizan_model::AccessRequest;

// What is asked is compared, so that only libraries of one build fit here, as in the program that must not compile.
pub fn mine(head: std::sync::Arc<Head>, access: AccessRequest, caller: Caller) -> Option<CanonicalRequest> {
    (caller.subject == access.subject && asks::<CanonicalRequest>(head.path())).then_some(None)?
}

fn asks<T: bartizan_enforce::Ask>(path: &str) -> bool {
    path.is_empty()
}
