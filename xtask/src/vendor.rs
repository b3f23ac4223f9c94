//! What is vendored of others' scripts: made by npm and esbuild from a lock file, and committed, so that nobody needs
//! either to build Bartizan. A manifest names each file by its digest, and each package that is in it by version,
//! licence and source.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::licences::accepted;
use crate::run::{exists, shown};

/// What the folder holds, as `MANIFEST.toml` says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// What made the bundle.
    bundler: String,
    /// Each file, by name: the SHA-256 of what is in it.
    files: BTreeMap<String, String>,
    /// What is in the bundle.
    package: Vec<Package>,
}

/// A package of which something is in the bundle.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Package {
    name: String,
    version: String,
    licence: String,
    source: String,
    integrity: String,
}

/// What building came to.
#[derive(Debug)]
struct Built {
    bundle: Vec<u8>,
    licences: String,
    manifest: String,
}

/// Makes everything anew and writes it.
pub(crate) fn write() -> Result<()> {
    let built = build()?;
    let folder = Path::new(FOLDER);
    std::fs::write(folder.join(BUNDLE), &built.bundle)?;
    std::fs::write(folder.join(LICENCES), &built.licences)?;
    std::fs::write(folder.join(MANIFEST), &built.manifest)?;
    check()
}

/// Whether what is committed is what is named: each file by its digest, each package with a licence that is accepted and
/// at the version of the lock file. Needs no network.
pub(crate) fn check() -> Result<()> {
    let folder = Path::new(FOLDER);
    let text = std::fs::read_to_string(folder.join(MANIFEST)).context("there is no manifest")?;
    let manifest: Manifest = toml::from_str(&text)?;
    let mut problems = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != MANIFEST && !manifest.files.contains_key(&name) {
            problems.push(format!("{name} is not named"));
        }
    }
    for (name, digest) in &manifest.files {
        match std::fs::read(folder.join(name)) {
            Ok(bytes) if sha256(&bytes) == *digest => {}
            Ok(_) => problems.push(format!("{name} is not what was vendored")),
            Err(error) => problems.push(format!("{name}: {error}")),
        }
    }
    let locked = Lock::read()?;
    for package in &manifest.package {
        let Package { name, version, licence, .. } = package;
        if !accepted(licence) {
            problems.push(format!("{name} {version}: the licence `{licence}` is not accepted"));
        }
        if locked.package(name)? != *package {
            problems.push(format!("{name} {version} is not what the lock file says"));
        }
    }
    if manifest.package.is_empty() {
        problems.push(String::from("no package is named"));
    }
    for problem in &problems {
        println!("vendor: {problem}");
    }
    if !problems.is_empty() {
        bail!("{FOLDER} is not in order; `cargo xtask vendor` makes it anew");
    }
    println!("vendor: {} files of {} packages, all as named", manifest.files.len(), manifest.package.len());
    Ok(())
}

/// Whether making everything anew comes to what is committed; nothing if this machine cannot make it.
pub(crate) fn compare() -> Result<Option<()>> {
    if !exists("npm") {
        println!("SKIPPED making what is vendored anew: there is no npm");
        return Ok(None);
    }
    let built = build()?;
    let folder = Path::new(FOLDER);
    let same = std::fs::read(folder.join(BUNDLE))? == built.bundle
        && std::fs::read_to_string(folder.join(LICENCES))? == built.licences
        && std::fs::read_to_string(folder.join(MANIFEST))? == built.manifest;
    if !same {
        bail!("what is made anew is not what is in {FOLDER}; `cargo xtask vendor` writes it");
    }
    println!("vendor: made anew, it is the same");
    Ok(Some(()))
}

/// Bundles in a folder of its own, with the packages of the lock file and nothing else.
fn build() -> Result<Built> {
    let vendor = Path::new(FOLDER);
    let made = tempfile::tempdir()?;
    for name in [ENTRY, PACKAGE, LOCK] {
        std::fs::copy(vendor.join(name), made.path().join(name)).with_context(|| String::from(name))?;
    }
    let place = made.path().to_str().context("the folder for what is made has an unusual name")?;
    // No script of a package runs: what is bundled is only read.
    let quiet = ["--ignore-scripts", "--silent", "--no-audit", "--no-fund"];
    shown("npm", &[&["ci", "--prefix", place][..], &quiet].concat())?;
    let (locked, modules) = (Lock::read()?, made.path().join("node_modules"));
    let meta = "meta.json";
    esbuild(made.path(), &["--metafile=meta.json", "--outfile=measured.js"])?;
    let meta: Value = serde_json::from_slice(&std::fs::read(made.path().join(meta))?)?;
    let mut package = Vec::new();
    for name in bundled(&meta) {
        package.push(locked.package(&name)?);
    }
    let licences = licences(&package, &modules)?;
    let banner = format!("--banner:js=/*!\n{licences}*/");
    esbuild(made.path(), &[&banner, &format!("--outfile={BUNDLE}")])?;
    let bundle = std::fs::read(made.path().join(BUNDLE))?;
    let mut files = BTreeMap::new();
    for name in [ENTRY, PACKAGE, LOCK] {
        files.insert(String::from(name), sha256(&std::fs::read(vendor.join(name))?));
    }
    files.insert(String::from(BUNDLE), sha256(&bundle));
    files.insert(String::from(LICENCES), sha256(licences.as_bytes()));
    let bundler = format!("esbuild {}", locked.package("esbuild")?.version);
    let manifest = toml::to_string(&Manifest { bundler, files, package })?;
    Ok(Built { bundle, licences, manifest: format!("# Written by `cargo xtask vendor`.\n{manifest}") })
}

fn esbuild(place: &Path, more: &[&str]) -> Result<()> {
    let mut command = Command::new(place.join("node_modules/.bin/esbuild"));
    command.current_dir(place).arg(ENTRY).args(HOW).args(more).stdin(Stdio::null());
    let ended = command.status().context("esbuild does not start")?;
    if !ended.success() {
        bail!("esbuild ended with {ended}");
    }
    Ok(())
}

/// The packages of which something is in the bundle.
fn bundled(meta: &Value) -> Vec<String> {
    let inputs = meta.get("inputs").and_then(Value::as_object);
    let mut names: Vec<String> =
        inputs.iter().flat_map(|inputs| inputs.keys()).filter_map(|path| package_of(path)).collect();
    names.sort();
    names.dedup();
    names
}

/// The package that a file is of: `node_modules/@lezer/common/dist/index.js` is of `@lezer/common`.
fn package_of(path: &str) -> Option<String> {
    let mut parts = path.split("node_modules/").last().filter(|rest| *rest != path)?.split('/');
    let first = parts.next()?;
    Some(if first.starts_with('@') { format!("{first}/{}", parts.next()?) } else { first.to_owned() })
}

/// The texts of the licences, each once, under the packages that it is of.
fn licences(packages: &[Package], modules: &Path) -> Result<String> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Package { name, version, .. } in packages {
        let text = std::fs::read_to_string(modules.join(name).join("LICENSE"))
            .with_context(|| format!("{name} comes without its licence"))?;
        if text.contains("*/") {
            bail!("the licence of {name} does not fit into a comment");
        }
        texts.entry(text.trim().to_owned()).or_default().push(format!("{name} {version}"));
    }
    Ok(texts.iter().map(|(text, of)| format!("{}\n\n{text}\n\n", of.join(", "))).collect())
}

/// The lock file.
#[derive(Debug)]
struct Lock(Value);

impl Lock {
    fn read() -> Result<Self> {
        let text = std::fs::read_to_string(Path::new(FOLDER).join(LOCK))?;
        // Where this machine has its packages from is nobody's business.
        if text.contains("\"resolved\"") {
            bail!(
                "{LOCK} says where packages were fetched from: make it with `npm install --omit-lockfile-registry-resolved`"
            );
        }
        Ok(Self(serde_json::from_str(&text)?))
    }

    fn package(&self, name: &str) -> Result<Package> {
        let locked = self.0.get("packages").and_then(|packages| packages.get(format!("node_modules/{name}")));
        let text = |field: &str| locked.and_then(|package| package.get(field)).and_then(Value::as_str);
        let said = |field: &str| {
            text(field).map(str::to_owned).with_context(|| format!("{LOCK} says no {field} of {name}"))
        };
        let (version, file) = (said("version")?, name.rsplit('/').next().unwrap_or(name));
        Ok(Package {
            source: format!("https://registry.npmjs.org/{name}/-/{file}-{version}.tgz"),
            licence: said("license")?,
            integrity: said("integrity")?,
            name: name.to_owned(),
            version,
        })
    }
}

fn sha256(bytes: &[u8]) -> String {
    bartizan_pki::sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

const FOLDER: &str = "crates/ui/vendor";
const MANIFEST: &str = "MANIFEST.toml";
const BUNDLE: &str = "codemirror.js";
const ENTRY: &str = "codemirror.mjs";
const LICENCES: &str = "LICENCES.txt";
const PACKAGE: &str = "package.json";
const LOCK: &str = "package-lock.json";

/// How it is bundled: a plain script, for a page's policy allows one by its digest and no more.
const HOW: [&str; 8] = [
    "--bundle",
    "--minify",
    "--format=iife",
    "--global-name=CodeMirror",
    "--target=es2022",
    "--charset=utf8",
    "--legal-comments=none",
    "--log-level=warning",
];

#[cfg(test)]
mod tests {
    use super::package_of;

    #[test]
    fn a_file_is_of_the_innermost_package() {
        for (path, package) in [
            ("codemirror.mjs", None),
            ("node_modules/crelt/index.js", Some("crelt")),
            ("node_modules/@lezer/common/dist/index.js", Some("@lezer/common")),
            ("node_modules/a/node_modules/@b/c/d.js", Some("@b/c")),
        ] {
            assert_eq!(package_of(path).as_deref(), package, "{path}");
        }
    }
}
