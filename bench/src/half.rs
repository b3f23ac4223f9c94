//! How long an answer takes when there is as much to do as can be done in half of the time.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Options;
use crate::demo::Demo;
use crate::load::{self, Exchange, Target, Use, ask};
use crate::peer::{self, ENVOY, HAPROXY, NGINX, Peer};
use crate::table::{Spread, Table};
use crate::upstream::Upstream;

/// Connections over which the requests are spread.
const CLIENTS: u32 = 32;

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let length = options.size(Duration::from_secs(4), Duration::from_millis(300));
    let upstream = Upstream::start()?;
    let demo = Demo::start(upstream.address)?;
    let mut targets = Vec::new();
    let peers = [
        ("nginx, plain proxy", NGINX, include_str!("../peers/nginx-proxy.conf")),
        ("HAProxy, plain proxy", HAPROXY, include_str!("../peers/haproxy.cfg")),
        ("Envoy, plain proxy", ENVOY, include_str!("../peers/envoy.yaml")),
    ];
    let mut running = Vec::new();
    for (name, program, template) in peers {
        let Some(peer) = Peer::start(program, template, upstream.address)? else { continue };
        let tls = load::tls(&peer.certificate, b"http/1.1", Exchange::Classic)?;
        let target = Target { address: peer.address, host: peer::HOST.to_owned(), tls, token: None };
        targets.push((name, target));
        running.push(peer);
    }
    targets.push((
        "bartizan",
        Target {
            address: demo.running.address()?,
            host: format!("{}:{}", demo.host()?, demo.running.address()?.port()),
            tls: load::tls(&demo.authority()?, b"http/1.1", Exchange::Classic)?,
            token: Some(demo.bob()?.to_owned()),
        },
    ));
    let mut rows: Vec<[Vec<f64>; 4]> = targets.iter().map(|_| Default::default()).collect();
    for _ in 0..options.rounds() {
        for ((_, target), row) in targets.iter().zip(&mut rows) {
            let done = load::run(target, "/small", Use::KeepAlive, CLIENTS as usize, length / 2, || ())?;
            let half = done.requests as f64 / done.seconds / 2.0;
            let mut took = at_rate(target, half, length)?;
            took.sort_by(f64::total_cmp);
            let at = |share: f64| took[(took.len() as f64 * share) as usize];
            for (values, value) in row.iter_mut().zip([half, at(0.5), at(0.99), at(0.999)]) {
                values.push(value);
            }
        }
    }
    println!(
        "1 KB over {CLIENTS} kept connections, at half of the rate that each reached just before; times from when a request was due.\n"
    );
    let table = Table::new(&["server", "requests/s", "p50, ms", "p99, ms", "p99.9, ms"]);
    for ((name, _), row) in targets.iter().zip(rows) {
        let [rate, middle, late, latest] = row.map(|values| Spread::of(values).to_string());
        table.row(&[(*name).to_owned(), rate, middle, late, latest]);
    }
    table.end();
    Ok(())
}

/// Asks at a rate, whether answers come or not; how long each took from when it was due, in milliseconds.
fn at_rate(target: &Target, rate: f64, length: Duration) -> anyhow::Result<Vec<f64>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let request = target.request("/small", false);
        let mut open = Vec::new();
        for _ in 0..CLIENTS {
            let mut stream = target.connect().await?;
            ask(&mut stream, &request, &mut Vec::with_capacity(4 << 10)).await?;
            open.push(stream);
        }
        let began = Instant::now();
        let pause = Duration::from_secs_f64(f64::from(CLIENTS) / rate);
        let mut tasks = JoinSet::new();
        for (mut stream, number) in open.into_iter().zip(0_u32..) {
            let request = request.clone();
            tasks.spawn(async move {
                let (mut took, mut buffer) = (Vec::new(), Vec::with_capacity(4 << 10));
                // One after the other, so that they do not come all at once.
                let mut due = began + pause * number / CLIENTS;
                while due < began + length {
                    tokio::time::sleep_until(due.into()).await;
                    ask(&mut stream, &request, &mut buffer).await?;
                    took.push(due.elapsed().as_secs_f64() * 1000.0);
                    due += pause;
                }
                Ok::<_, anyhow::Error>(took)
            });
        }
        let mut all = Vec::new();
        while let Some(done) = tasks.join_next().await {
            all.extend(done??);
        }
        Ok(all)
    })
}
