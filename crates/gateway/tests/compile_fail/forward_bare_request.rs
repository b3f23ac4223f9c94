use bartizan_enforce::LiveGrant;
use bartizan_gateway::{CanonicalRequest, Downstream, Upstreams};

pub async fn send(upstreams: &Upstreams, request: CanonicalRequest, live: LiveGrant<CanonicalRequest>, body: Downstream) {
    let _decided = &live;
    upstreams.forward(request, body).await; //~ E0308
}
