//! The ten thousand streams once more, through a gateway on the far side of the wire.

use anyhow::Context as _;

use super::back::free;
use crate::Options;
use crate::demo::{Demo, Running};
use crate::streams;
use crate::upstream::Upstream;

pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    println!("Through `bartizan gateway`, which has joined `bartizan serve`:\n");
    streams::measured(options, options.rounds().min(3), |streams| {
        let upstream = Upstream::start()?;
        let mut demo = Demo::start_at(free()?, upstream.address)?;
        demo.stop();
        demo.serve(free()?)?;
        let gateway = join(&demo)?;
        streams::round(&demo, &gateway, streams)
    })
}

/// A gateway that has joined, and serves.
fn join(demo: &Demo) -> anyhow::Result<Running> {
    let made = demo.command(&["join-token", "create", "--role", "gateway"])?;
    let folder = demo.data().with_file_name("gateway");
    std::fs::create_dir(&folder)?;
    let token = folder.join("token");
    std::fs::write(&token, made["token"].as_str().context("no token")?)?;
    let text =
        |path: &std::path::Path| path.to_str().map(str::to_owned).context("a folder's name is not text");
    let (dir, token) = (text(&folder.join("point"))?, text(&token)?);
    Running::start(&["gateway", "--json", "--listen", "127.0.0.1:0", "--dir", &dir, "--join-file", &token])
}
