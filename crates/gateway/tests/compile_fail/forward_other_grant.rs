use bartizan_enforce::{Ask, LiveGrant};
use bartizan_gateway::{CanonicalRequest, Downstream, Upstreams};
use bartizan_model::AccessRequest;

pub struct AdminCall(pub CanonicalRequest);

impl Ask for AdminCall {
    fn access_request(&self) -> &AccessRequest {
        self.0.access_request()
    }
}

pub async fn send(upstreams: &Upstreams, live: LiveGrant<AdminCall>, body: Downstream) {
    upstreams.forward(live, body).await; //~ E0308
}
