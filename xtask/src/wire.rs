//! The code of the wire form, made anew from its `.proto` file by a program that is no part of the workspace.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// Makes it; or, to `check`, finds whether what is there is what would be made.
pub(crate) fn run(check: bool) -> Result<()> {
    let folder = Path::new("target/tools/wire/made");
    std::fs::create_dir_all(folder)?;
    let status = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "--locked",
            "--manifest-path",
            "tools/wire/Cargo.toml",
            "--target-dir",
            "target/tools/wire",
        ])
        .args(["--", "crates/enforce/proto"])
        .arg(folder)
        .status()?;
    let file = folder.join("bartizan.point.v1.rs");
    if !status.success()
        || !Command::new("rustfmt").args(["--edition", "2024"]).arg(&file).status()?.success()
    {
        bail!("the generator failed");
    }
    let made = std::fs::read_to_string(file)?;
    let place = Path::new("crates/enforce/src/wire/generated.rs");
    if !check {
        return std::fs::write(place, made).with_context(|| format!("cannot write {}", place.display()));
    }
    if std::fs::read_to_string(place)? != made {
        bail!("{} is not what its .proto file makes: run `cargo xtask wire`", place.display());
    }
    Ok(())
}
