//! `bartizan support bundle`.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;
use bartizan_model::Clock as _;
use serde_json::json;

use super::config::folder_of;
use super::{folder, table};
use crate::args::{Global, Support};
use crate::output::{CONFLICT, Ended, Failure, USAGE, data, talk};
use crate::support::{LEFT_OUT, Part, gather, name_at, write};
use crate::system::SystemClock;

pub(super) async fn run(global: &Global, support: Support) -> Ended {
    let Support::Bundle { config, to, log, yes } = support;
    let to = to.unwrap_or_else(|| PathBuf::from(name_at(SystemClock.now())));
    if to.exists() {
        return Err(Failure::new(
            CONFLICT,
            format!("`{}` is there already: nothing was written", to.display()),
        ));
    }
    let (name, text) = folder::read_file(&config)?;
    let parts = gather(&name, &text, folder_of(&config), log.as_deref()).await;
    if !global.is_json() {
        contents(&parts);
    }
    if !yes && !agreed(&to)? {
        talk("nothing was written");
        return Ok(());
    }
    write(&parts, &to).with_context(|| format!("`{}` cannot be written", to.display()))?;
    if global.is_json() {
        let contents: Vec<_> = parts
            .iter()
            .map(|part| json!({ "file": part.name, "bytes": part.text.len(), "about": part.about }))
            .collect();
        return data(&json!({ "bundle": to, "contents": contents, "left_out": LEFT_OUT }).to_string());
    }
    data(&to.display().to_string())
}

fn contents(parts: &[Part]) {
    let row = |part: &Part| vec![part.name.to_owned(), part.text.len().to_string(), part.about.to_owned()];
    talk(&table(&["FILE", "BYTES", "WHAT IS IN IT"], &parts.iter().map(row).collect::<Vec<_>>()));
    talk(LEFT_OUT);
}

/// Whether whoever sits there wants it. Where nobody does, that has to be said before.
fn agreed(to: &std::path::Path) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            USAGE,
            "nothing was written: nobody is there to be asked; say --yes once you have seen what is in it",
        ));
    }
    let mut err = std::io::stderr().lock();
    write!(err, "Write it to {}? [y/N] ", to.display())?;
    err.flush()?;
    drop(err);
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()))
}
