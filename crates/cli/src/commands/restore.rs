//! `bartizan restore`.

use std::path::Path;

use anyhow::Context as _;
use serde_json::json;

use crate::args::{Global, Restore};
use crate::backup::{Restored, bring_back, identities, write_private};
use crate::config::Config;
use crate::output::{CONFLICT, Ended, Failure, PROBLEMS, data, talk};

pub(super) async fn run(global: &Global, restore: &Restore) -> Ended {
    let dir = &std::path::absolute(&restore.to)?;
    let empty = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    if dir.exists() && !empty {
        let message = format!(
            "`{}` is not empty: move it away first; its log is worth keeping (--log {}/log)",
            dir.display(),
            dir.display()
        );
        return Err(Failure::new(CONFLICT, message));
    }
    if let Some(config) = restore.config.as_ref().filter(|config| config.exists()) {
        let message = format!("`{}` is there already, and is not replaced", config.display());
        return Err(Failure::new(CONFLICT, message));
    }
    let identities = identities(&restore.identity)?;
    let restored = bring_back(&restore.file, identities, dir, restore.log.as_deref()).await;
    let restored =
        restored.map_err(|error| Failure::new(PROBLEMS, format!("nothing was restored: {error:#}")))?;
    let config = restore.config.clone().unwrap_or_else(|| dir.join("restored.toml"));
    write_private(&config, &restored.config)
        .with_context(|| format!("`{}` cannot be written", config.display()))?;
    said(global, dir, restore.log.is_some(), &restored, &config)
}

fn said(global: &Global, dir: &Path, newer_log: bool, restored: &Restored, config: &Path) -> Ended {
    let manifest = &restored.manifest;
    if global.is_json() {
        let said = json!({
            "dir": dir, "config": config, "backup": manifest, "revision": restored.revision,
            "log_size": restored.log_size, "sessions_ended": restored.sessions_ended, "deleted": restored.deleted,
            "erased": restored.erased, "lost": restored.lost, "took_ms": restored.took.as_secs_f64() * 1000.0,
        });
        return data(&said.to_string());
    }
    data(&format!(
        "restored {} as of {} into {}, in {:.1} s",
        manifest.domain,
        manifest.time,
        dir.display(),
        restored.took.as_secs_f64()
    ))?;
    talk(&format!("  database: revision {}, goes on at {}", manifest.revision, restored.revision));
    talk(&format!("  log: {} events, verified", restored.log_size));
    talk(&format!("  {} sessions were ended: everybody signs in again", restored.sessions_ended));
    if newer_log {
        talk(&format!(
            "  {} people deleted and {} erased since the backup are so again",
            restored.deleted, restored.erased
        ));
        if restored.lost > 0 {
            let since = manifest.time;
            talk(&format!(
                "  {} other changes since the backup are lost; which: bartizan log search --kind admin.change --since {since}",
                restored.lost
            ));
        }
    } else {
        talk(
            "  who was deleted or erased since the backup is back: delete or erase them again, or restore with --log",
        );
    }
    talk("\nNext:");
    let same = Config::read("bartizan.toml", &restored.config, config.parent().unwrap_or(Path::new(".")));
    if !same.is_ok_and(|config| config.data_dir == dir) {
        talk(&format!("  set data_dir = \"{}\" in {}", dir.display(), config.display()));
    }
    talk(&format!("  bartizan doctor --config {}", config.display()));
    talk(&format!("  bartizan serve --config {}", config.display()));
    Ok(())
}
