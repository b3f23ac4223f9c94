use bartizan_gateway::{CanonicalRequest, Head};

pub fn another(decided: CanonicalRequest, head: std::sync::Arc<Head>) -> CanonicalRequest {
    if head.path() == decided.head().path() { decided } else { CanonicalRequest { head, ..decided } } //~ E0451
}
