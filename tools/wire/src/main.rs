//! Generates the code of the wire form between control and enforcement points from its `.proto` file.

use std::path::Path;

/// `wire PROTO_FOLDER OUT_FOLDER`
fn main() -> anyhow::Result<()> {
    let mut args = std::env::args_os().skip(1);
    let (Some(from), Some(to)) = (args.next(), args.next()) else {
        anyhow::bail!("say the folder of the .proto files, and where to write");
    };
    let files = protox::compile([Path::new(&from).join("bartizan/point/v1/point.proto")], [&from])?;
    tonic_prost_build::configure()
        .build_transport(false)
        .emit_rerun_if_changed(false)
        .out_dir(&to)
        .compile_fds(files)?;
    Ok(())
}
