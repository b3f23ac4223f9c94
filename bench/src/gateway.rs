//! Processor time per request, beside what people run today.

use std::time::{Duration, Instant};

use crate::Options;
use crate::cpu::Cpu;
use crate::demo::Demo;
use crate::load::{self, Exchange, Target, Use};
use crate::peer::{self, ENVOY, HAPROXY, NGINX, Peer};
use crate::table::{Spread, Table, number};
use crate::upstream::Upstream;

/// One server, and how it is asked.
struct Contender {
    name: &'static str,
    pid: u32,
    target: Target,
    cpu: Vec<f64>,
    index: Vec<f64>,
    later: Vec<f64>,
    rate: Vec<f64>,
}

impl Contender {
    fn new(name: &'static str, pid: u32, target: Target) -> Self {
        Self { name, pid, target, cpu: Vec::new(), index: Vec::new(), later: Vec::new(), rate: Vec::new() }
    }

    fn round(&mut self, work: &Work, length: Duration) -> anyhow::Result<()> {
        let mut before = Cpu::default();
        let done = load::run(&self.target, work.path, work.usage, work.clients, length, || {
            before = Cpu::of(self.pid)
        })?;
        let during = Cpu::of(self.pid).since(before);
        let all = settled(self.pid).since(before);
        let requests = done.requests as f64;
        self.cpu.push(all.all / requests);
        self.index.push(all.sqlite / requests);
        self.later.push((all.all - during.all) / requests);
        self.rate.push(requests / done.seconds);
        Ok(())
    }
}

struct Work {
    name: &'static str,
    path: &'static str,
    usage: Use,
    clients: usize,
}

const WORK: [Work; 3] = [
    Work { name: "1 KB, connections kept", path: "/small", usage: Use::KeepAlive, clients: 32 },
    Work { name: "1 MiB, connections kept", path: "/large", usage: Use::KeepAlive, clients: 16 },
    Work { name: "1 KB, a full handshake for each", path: "/small", usage: Use::Once, clients: 16 },
];

/// What was put off is part of the price: events are put in the log and indexed after the answer.
fn settled(pid: u32) -> Cpu {
    let began = Instant::now();
    let (mut used, mut quiet) = (Cpu::of(pid), 0);
    while quiet < 3 && began.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(100));
        let now = Cpu::of(pid);
        quiet = if now.all - used.all <= 10_000.0 { quiet + 1 } else { 0 };
        used = now;
    }
    used
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let length = options.size(Duration::from_millis(2_500), Duration::from_millis(200));
    let upstream = Upstream::start()?;
    let start = |program, template| Peer::start(program, template, upstream.address);
    let plain = start(NGINX, include_str!("../peers/nginx-proxy.conf"))?;
    let asking = start(NGINX, include_str!("../peers/nginx-auth-request.conf"))?;
    let buffers = start(NGINX, include_str!("../peers/nginx-proxy-buffers.conf"))?;
    let others = [
        ("HAProxy, plain proxy", start(HAPROXY, include_str!("../peers/haproxy.cfg"))?),
        ("Envoy, plain proxy", start(ENVOY, include_str!("../peers/envoy.yaml"))?),
    ];
    let demo = Demo::start(upstream.address)?;
    let ours = |exchange| -> anyhow::Result<Target> {
        Ok(Target {
            address: demo.running.address()?,
            host: format!("{}:{}", demo.host()?, demo.running.address()?.port()),
            tls: load::tls(&demo.authority()?, b"http/1.1", exchange)?,
            token: Some(demo.bob()?.to_owned()),
        })
    };
    let theirs = |nginx: &Peer| -> anyhow::Result<Target> {
        let tls = load::tls(&nginx.certificate, b"http/1.1", Exchange::Classic)?;
        Ok(Target { address: nginx.address, host: peer::HOST.to_owned(), tls, token: None })
    };
    for work in &WORK {
        let mut contenders = Vec::new();
        if let Some(plain) = &plain {
            contenders.push(Contender::new("nginx, plain proxy", plain.pid(), theirs(plain)?));
        }
        if let Some(buffers) = buffers.as_ref().filter(|_| work.path == "/large") {
            contenders.push(Contender::new(
                "nginx, plain proxy, 1.25 MiB of buffers",
                buffers.pid(),
                theirs(buffers)?,
            ));
        }
        if let Some(asking) = asking.as_ref().filter(|_| work.path == "/small") {
            contenders.push(Contender::new("nginx, `auth_request` to a 204", asking.pid(), theirs(asking)?));
        }
        for (name, peer) in &others {
            if let Some(peer) = peer {
                contenders.push(Contender::new(name, peer.pid(), theirs(peer)?));
            }
        }
        let pid = demo.running.pid();
        contenders.push(Contender::new("bartizan", pid, ours(Exchange::Classic)?));
        if work.usage == Use::Once {
            contenders.push(Contender::new("bartizan, X25519MLKEM768", pid, ours(Exchange::PostQuantum)?));
        }
        for _ in 0..options.rounds() {
            for contender in &mut contenders {
                contender.round(work, length)?;
            }
        }
        report(work, &contenders);
    }
    Ok(())
}

fn report(work: &Work, contenders: &[Contender]) {
    println!("{}, {} clients.\n", work.name, work.clients);
    let table = Table::new(&[
        "server",
        "CPU per request, µs",
        "× the first",
        "of it index (SQLite), µs",
        "of it after the answer, µs",
        "requests/s",
    ]);
    let spread = |values: &[f64]| Spread::of(values.iter().copied());
    for contender in contenders {
        let ratio = contender.cpu.iter().zip(&contenders[0].cpu).map(|(own, first)| own / first);
        table.row(&[
            contender.name.to_owned(),
            spread(&contender.cpu).to_string(),
            Spread::of(ratio).to_string(),
            number(spread(&contender.index).median),
            number(spread(&contender.later).median),
            spread(&contender.rate).to_string(),
        ]);
    }
    table.end();
}
