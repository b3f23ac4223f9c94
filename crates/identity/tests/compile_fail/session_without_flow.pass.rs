use bartizan_identity::{Attempt, Flow, Visit};
use bartizan_model::Secret;

pub async fn begin(flow: Flow, attempt: Attempt, code: Secret<String>, visit: Visit) {
    let _ = flow.second_totp(&attempt, &code, &visit).await;
}
