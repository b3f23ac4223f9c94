//! Who may depend on whom (DESIGN.md, "Crates"; STYLE.md, 1), through other crates, too.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::run::output;

/// From the bottom to the top: a crate uses crates before it, never after.
const ORDER: [&str; 16] = [
    "model", "policy", "inspect", "store", "pki", "evidence", "ui", "enforce", "identity", "trust",
    "posture", "gateway", "tunnel", "mesh", "control", "bartizan",
];

/// The planes never use each other.
const PLANES: [&str; 4] = ["gateway", "tunnel", "mesh", "control"];

/// What a crate never reaches, not even through another.
const NEVER: [(&[&str], &[&str]); 4] = [
    (
        &["enforce", "gateway", "tunnel", "mesh"],
        &["store", "evidence", "identity", "trust", "posture", "sqlx"],
    ),
    (&["model", "policy", "inspect"], &["tokio", "hyper", "sqlx", "rustls", "socket2", "mio"]),
    (&["pki"], &["store"]),
    // Spans and lines are everybody's; how they are sent is the binary's to know.
    (
        &["enforce", "identity", "gateway", "tunnel", "mesh", "control"],
        &["opentelemetry", "opentelemetry-proto"],
    ),
];

/// What is in no build of the binary: one TLS, one set of primitives.
const NEVER_BUILT: [&str; 4] = ["openssl", "openssl-sys", "native-tls", "ring"];

/// What a crate does not name itself, though what it uses may.
const NOT_NAMED: [(&[&str], &str); 1] = [(&["gateway", "tunnel", "mesh"], "policy")];

pub(crate) fn run() -> Result<()> {
    let metadata: Value =
        serde_json::from_str(&output("cargo", &["metadata", "--format-version", "1", "--locked"])?)?;
    let graph = graph(&metadata)?;
    let mut problems = Vec::new();
    for (name, direct) in graph.iter().filter(|(name, _)| ORDER.contains(&name.as_str())) {
        let place = |of: &str| ORDER.iter().position(|known| *known == of);
        for used in direct.iter().filter(|used| ORDER.contains(&used.as_str())) {
            if place(used) >= place(name) {
                problems.push(format!("{name} uses {used}, which stands above it"));
            }
            if PLANES.contains(&name.as_str()) && PLANES.contains(&used.as_str()) {
                problems.push(format!("{name} uses {used}: planes do not use each other"));
            }
        }
        let reached = reached(&graph, name);
        for (who, what) in NEVER {
            if who.contains(&name.as_str()) {
                let found = what.iter().filter(|what| reached.contains(**what));
                problems.extend(found.map(|what| format!("{name} reaches {what}")));
            }
        }
        for (who, what) in NOT_NAMED {
            if who.contains(&name.as_str()) && direct.contains(what) {
                problems.push(format!("{name} names {what}"));
            }
        }
        if direct.contains("testkit") {
            problems.push(format!("{name} depends on testkit outside its tests"));
        }
    }
    problems.extend(built()?);
    problems.extend(minters()?);
    for problem in &problems {
        println!("layers: {problem}");
    }
    if !problems.is_empty() {
        bail!("{} broken", if problems.len() == 1 { "a layer is" } else { "layers are" });
    }
    println!(
        "layers: {} crates in order",
        graph.keys().filter(|name| ORDER.contains(&name.as_str())).count()
    );
    Ok(())
}

/// What a build of the binary takes in. `cargo metadata` also lists what an optional feature that nobody asked for would.
fn built() -> Result<Vec<String>> {
    let tree = output(
        "cargo",
        &[
            "tree",
            "-p",
            "bartizan",
            "--all-features",
            "-e",
            "normal",
            "--target",
            "all",
            "--prefix",
            "none",
            "--locked",
        ],
    )?;
    let built: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    if !built.contains("aws-lc-rs") {
        bail!("`cargo tree` does not show what the binary is made of");
    }
    let found = NEVER_BUILT.iter().filter(|name| built.contains(*name));
    Ok(found.map(|name| format!("bartizan is built with {name}")).collect())
}

/// One minter: `Minter::new` stands in `enforce` and nowhere else outside tests and `policy` itself.
fn minters() -> Result<Vec<String>> {
    let files = output("git", &["ls-files", "crates/*.rs", "bench/*.rs"])?;
    let mut problems = Vec::new();
    for file in files.lines().filter(|file| !file.contains("/tests") && !file.starts_with("crates/policy/")) {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if text.contains("Minter::new") && !file.starts_with("crates/enforce/") {
            problems.push(format!("{file} makes a minter; there is one, in enforce"));
        }
    }
    Ok(problems)
}

/// Normal dependencies of every package, by short name.
fn graph(metadata: &Value) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let list =
        |value: &Value, field: &str| value.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
    let text =
        |value: &Value, field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut names = BTreeMap::new();
    for package in list(metadata, "packages") {
        let name = text(&package, "name");
        names.insert(text(&package, "id"), name.strip_prefix("bartizan-").unwrap_or(&name).to_owned());
    }
    let resolve = metadata.get("resolve").context("cargo metadata gave no graph")?;
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in list(resolve, "nodes") {
        let uses = graph.entry(names.get(&text(&node, "id")).cloned().unwrap_or_default()).or_default();
        for dependency in list(&node, "deps") {
            let normal =
                list(&dependency, "dep_kinds").iter().any(|kind| kind.get("kind") == Some(&Value::Null));
            if normal {
                uses.extend(names.get(&text(&dependency, "pkg")).cloned());
            }
        }
    }
    Ok(graph)
}

fn reached(graph: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut todo = vec![from.to_owned()];
    while let Some(next) = todo.pop() {
        for used in graph.get(&next).into_iter().flatten() {
            if found.insert(used.clone()) {
                todo.push(used.clone());
            }
        }
    }
    found
}
