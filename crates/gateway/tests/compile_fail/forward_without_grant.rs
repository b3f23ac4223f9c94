use bartizan_enforce::LiveGrant;
use bartizan_gateway::{CanonicalRequest, Downstream, Upstreams};

pub async fn send(upstreams: &Upstreams, live: LiveGrant<CanonicalRequest>, body: Downstream) {
    drop(live);
    upstreams.forward(body).await; //~ E0061
}
