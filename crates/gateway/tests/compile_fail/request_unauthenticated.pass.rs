use bartizan_enforce::Caller;
use bartizan_gateway::{CanonicalRequest, Head};
use bartizan_model::AccessRequest;

pub fn mine(head: std::sync::Arc<Head>, access: AccessRequest, caller: Caller) -> Option<CanonicalRequest> {
    None
}
