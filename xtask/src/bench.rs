//! Measurements: builds what is measured in release, and runs it.

use anyhow::Result;
use clap::Args;

use crate::run::shown;

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// What to measure; left out, everything
    names: Vec<String>,
    /// How many interleaved rounds
    #[arg(long)]
    rounds: Option<u32>,
    /// Small and short: whether everything runs, not how fast
    #[arg(long)]
    quick: bool,
    /// Large: ten million events
    #[arg(long)]
    long: bool,
}

impl Bench {
    pub(crate) fn run(&self) -> Result<()> {
        shown("cargo", &["build", "--release", "--locked", "-p", "bartizan", "-p", "bench"])?;
        let mut args: Vec<String> = ["run", "--release", "--locked", "--quiet", "-p", "bench", "--"]
            .into_iter()
            .chain(self.names.iter().map(String::as_str))
            .map(str::to_owned)
            .collect();
        if let Some(rounds) = self.rounds {
            args.extend([String::from("--rounds"), rounds.to_string()]);
        }
        for (flag, wanted) in [("--quick", self.quick), ("--long", self.long)] {
            if wanted {
                args.push(flag.to_owned());
            }
        }
        shown("cargo", &args.iter().map(String::as_str).collect::<Vec<_>>())
    }
}
