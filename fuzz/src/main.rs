//! `cargo xtask fuzz`: every target against changed inputs for a while. What makes it fail is left in `fuzz/crashes`.

#![expect(clippy::print_stdout, reason = "it talks to who runs it")]
#![expect(clippy::disallowed_methods, reason = "how long it runs is measured on the machine's clock")]

use std::path::Path;
use std::time::{Duration, Instant};

use bartizan_testkit::SeededEntropy;
use fuzz::{TARGETS, mutate, seeds};

fn main() -> std::io::Result<()> {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(60);
    let only = std::env::args().nth(2).filter(|name| name != "all");
    let seed = std::env::args().nth(3).and_then(|text| text.parse().ok()).unwrap_or(0x5eed);
    let crashes = Path::new(env!("CARGO_MANIFEST_DIR")).join("crashes");
    for (name, target) in TARGETS.iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == name)) {
        let random = SeededEntropy::new(seed);
        let pool: Vec<Vec<u8>> = seeds(name)?.into_iter().map(|(_, bytes)| bytes).collect();
        let (began, mut runs) = (Instant::now(), 0u64);
        while began.elapsed() < Duration::from_secs(seconds) {
            let pick =
                |random: &SeededEntropy| pool.get(random.below(pool.len())).map_or(&[][..], Vec::as_slice);
            let input = mutate(pick(&random), pick(&random), &random);
            // Written before it is tried, so that it is there even if the process is not.
            if std::panic::catch_unwind(|| target(&input)).is_err() {
                std::fs::create_dir_all(&crashes)?;
                let file = crashes.join(format!("{name}-{runs}"));
                std::fs::write(&file, &input)?;
                println!("{name}: fails on {}", file.display());
                return Err(std::io::Error::other("a target fails"));
            }
            runs += 1;
        }
        println!("{name}: {runs} inputs, none fails (seed {seed})");
    }
    Ok(())
}
