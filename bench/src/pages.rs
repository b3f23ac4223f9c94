//! How long the lists of the console take where there is much in them.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::demo::Demo;
use crate::load::{self, Exchange, Target, Use, ask};
use crate::table::{Rounds, Table, Times};
use crate::upstream::Upstream;
use crate::{Options, watched};
use anyhow::Context as _;

/// Objects of one `apply`: a set of changes holds 10,000, and what is sent 1 MiB.
const AT_ONCE: usize = 4_000;

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let (people, apps) = (options.size(100_000, 300), options.size(10_000, 120));
    let upstream = Upstream::start()?;
    let demo = Demo::start(upstream.address)?;
    let began = Instant::now();
    fill(&demo, "app", apps, |n| {
        format!(
            "[[app]]\nname = \"a{n:05}\"\nhost = \"a{n:05}.example.org\"\nupstream = \"http://127.0.0.1:9\"\n"
        )
    })?;
    fill(&demo, "user", people, |n| format!("[[user]]\nname = \"p{n:06}\"\ndisplay = \"Person {n:06}\"\n"))?;
    fill(&demo, "group", 20, |n| {
        let members = (0..people / 100).map(|person| format!("\"p{:06}\"", person * 100 + n));
        format!("[[group]]\nname = \"g{n}\"\nmembers = [{}]\n", members.collect::<Vec<_>>().join(", "))
    })?;
    println!(
        "{people} people, {apps} apps and 20 groups of {}, applied in {:.0} s.\n",
        people / 100,
        began.elapsed().as_secs_f64()
    );
    let app = app(&demo)?;
    record(options, &app)?;
    let console = demo.running.text("/console")?;
    let target = Target {
        address: demo.running.address()?,
        host: console.strip_prefix("https://").context("no address")?.to_owned(),
        tls: load::tls(&demo.authority()?, b"http/1.1", Exchange::Classic)?,
        token: Some(demo.running.text("/admin_token")?.to_owned()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        measure(options, &target).await?;
        let length = Duration::from_secs(if options.quick { 4 } else { 60 });
        watched::run(&target, &app, demo.running.pid(), (length, options.rounds())).await
    })
}

/// Has so much happen that the log has as many events as there are to be: two for each request, its decision and its end.
fn record(options: &Options, app: &Target) -> anyhow::Result<()> {
    let events = u64::try_from(options.size(1_000_000, 2_000))?;
    let (began, mut done) = (Instant::now(), 0);
    while done * 2 < events {
        let length = Duration::from_secs(if events > 100_000 { 5 } else { 1 });
        done += load::run(app, "/small", Use::KeepAlive, 16, length, || ())?.requests;
    }
    println!("{} more events in the log, in {:.0} s.\n", done * 2, began.elapsed().as_secs_f64());
    Ok(())
}

/// An app that somebody may open.
fn app(demo: &Demo) -> anyhow::Result<Target> {
    Ok(Target {
        address: demo.running.address()?,
        host: demo.running.text("/apps/mine")?.trim_start_matches("https://").to_owned(),
        tls: load::tls(&demo.authority()?, b"http/1.1", Exchange::Classic)?,
        token: Some(demo.running.text("/people/bob/token")?.to_owned()),
    })
}

/// Applies so many objects, in parts.
fn fill(demo: &Demo, kind: &str, count: usize, object: impl Fn(usize) -> String) -> anyhow::Result<()> {
    for part in 0..count.div_ceil(AT_ONCE) {
        let folder = tempfile::tempdir()?;
        let mut text = String::new();
        for number in part * AT_ONCE..count.min((part + 1) * AT_ONCE) {
            write!(text, "{}", object(number))?;
        }
        std::fs::write(folder.path().join(format!("{kind}.toml")), text)?;
        demo.command(&["apply", "-f", folder.path().to_str().context("a folder's name is not text")?])?;
    }
    Ok(())
}

const PAGES: [(&str, &str); 21] = [
    ("overview", "/"),
    ("overview of a month", "/?span=30d"),
    ("decisions", "/decisions"),
    ("decisions of our own hosts, too", "/decisions?hosts=all"),
    ("decisions about a person", "/decisions?user=bob"),
    ("decisions about an app that denied", "/decisions?app=payroll&outcome=deny"),
    ("decisions that nothing is like", "/decisions?user=p000007&outcome=deny"),
    ("decisions of an hour, a day ago", "/decisions?since=25h&until=24h"),
    ("people, by name", "/people"),
    ("people, by last change, page 100", "/people?sort=-changed&from=5000"),
    ("people, searched", "/people?q=person+0123"),
    ("a group of 1 %", "/groups/g7"),
    ("groups, by people", "/groups?sort=-people"),
    ("apps", "/apps"),
    ("apps, searched, by host", "/apps?q=a012&sort=-host"),
    ("an app", "/apps/payroll"),
    ("policies", "/policies"),
    ("whom each policy is about", "/access"),
    ("who may open an app", "/access?app=payroll"),
    ("what a person may open", "/access?person=p000007"),
    ("find", "/find?format=json&q=person+0042"),
];

async fn measure(options: &Options, target: &Target) -> anyhow::Result<()> {
    let mut stream = target.connect().await?;
    let mut buffer = Vec::with_capacity(1 << 16);
    // The first list of people is the one that everybody has to be read for.
    let began = Instant::now();
    let people = target.request("/access?app=payroll", false);
    loop {
        match ask(&mut stream, &people, &mut buffer).await {
            Ok(_) => break,
            // Until then it says how far it is, with 503.
            Err(_) if began.elapsed() < Duration::from_secs(120) => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                stream = target.connect().await?;
            }
            Err(error) => return Err(error),
        }
    }
    println!(
        "All people were read {:.1} s after somebody first asked for them.\n",
        began.elapsed().as_secs_f64()
    );
    let table = Table::new(&["page", "bytes", "p50, ms", "p95, ms", "max, ms"]);
    let each = options.size(60, 3);
    for (name, path) in PAGES {
        let request = target.request(path, false);
        let (mut rounds, mut bytes) = (Rounds::default(), 0);
        for _ in 0..options.rounds() {
            let mut times = Times::with_room_for(each);
            for _ in 0..each {
                let began = Instant::now();
                bytes = ask(&mut stream, &request, &mut buffer).await.with_context(|| path.to_owned())?;
                times.add(began.elapsed());
            }
            rounds.add(times.quantiles());
        }
        let [p50, p95, max] =
            rounds.cells_of([|round| round.p50, |round| round.p95, |round| round.max], 1000.0);
        table.row(&[name, &bytes.to_string(), &p50, &p95, &max]);
    }
    table.end();
    Ok(())
}
