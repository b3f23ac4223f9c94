//! What checking a password costs, at the cost that `identity` stores them with.

use std::time::{Duration, Instant};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};

use crate::Options;
use crate::table::{Spread, Table};

/// OWASP's first choice, as `identity` has it.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let length = options.size(Duration::from_secs(2), Duration::from_millis(100));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut rows = [Vec::new(), Vec::new()];
    for _ in 0..options.rounds() {
        for (row, threads) in rows.iter_mut().zip([1, cores]) {
            let workers: Vec<_> = (0..threads).map(|_| std::thread::spawn(move || rate(length))).collect();
            let rates: Vec<f64> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
            row.push(rates.iter().sum::<f64>() / threads as f64);
        }
    }
    let table = Table::new(&["threads", "verifications per second per thread"]);
    for (row, threads) in rows.into_iter().zip([1, cores]) {
        table.row(&[threads.to_string(), Spread::of(row).to_string()]);
    }
    table.end();
    Ok(())
}

fn rate(length: Duration) -> f64 {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap();
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let stored =
        argon.hash_password_with_salt(b"several words that do not belong", &[7; 16]).unwrap().to_string();
    let stored = PasswordHash::new(&stored).unwrap();
    let began = Instant::now();
    let mut done = 0_u32;
    while began.elapsed() < length {
        argon.verify_password(b"several words that do not belong", &stored).unwrap();
        done += 1;
    }
    f64::from(done) / began.elapsed().as_secs_f64()
}
