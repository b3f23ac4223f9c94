//! Shows that a program which breaks a rule of the types is refused, for that reason and no other.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Runs every `*.rs` of a folder through `rustc` against the crates that the running test was linked with.
///
/// A file `NAME.rs` must be refused: each line that ends in `//~ E0451` must be the place of an error with that
/// code, and there must be no other error. Its twin `NAME.pass.rs`, which differs in the offending line alone, must
/// be accepted; so the refusal has its reason and no other.
#[derive(Debug)]
pub struct CompileFail {
    crates: Vec<String>,
}

impl CompileFail {
    /// Makes these library crates (named as in `use`) available to the programs.
    #[must_use]
    pub fn with_crates(crates: &[&str]) -> Self {
        Self { crates: crates.iter().map(|name| (*name).to_owned()).collect() }
    }

    /// Checks every pair of programs in the folder.
    ///
    /// # Errors
    /// One text for each thing that is not as it should be.
    pub fn check(&self, folder: &Path) -> Result<usize, Vec<String>> {
        let mut problems = Vec::new();
        let mut pairs = 0;
        let mut libraries = self.builds()?;
        let Ok(listing) = std::fs::read_dir(folder) else {
            return Err(vec![format!("{} cannot be read", folder.display())]);
        };
        let mut files: Vec<PathBuf> = listing.filter_map(Result::ok).map(|entry| entry.path()).collect();
        files.sort();
        for file in files {
            let name = file.to_string_lossy().into_owned();
            if !name.ends_with(".rs") || name.ends_with(".pass.rs") {
                continue;
            }
            pairs += 1;
            let twin = PathBuf::from(name.replace(".rs", ".pass.rs"));
            // A folder of builds holds each library in several forms, of which only those of one build fit together.
            // The twin must compile, so it finds them; the next pair begins with what fitted last.
            let fits =
                |build: &Vec<PathBuf>| self.errors_of(&twin, build).is_ok_and(|errors| errors.is_empty());
            let fitting = libraries.iter().position(fits).unwrap_or(0);
            libraries.swap(0, fitting);
            let build = libraries.first().cloned().unwrap_or_default();
            match self.errors_of(&twin, &build) {
                Ok(errors) if errors.is_empty() => {}
                Ok(errors) => {
                    problems.push(format!("{} should compile, but: {errors:?}", twin.display()));
                }
                Err(problem) => problems.push(problem),
            }
            match (expected(&file), self.errors_of(&file, &build)) {
                (Ok(wanted), Ok(found)) if wanted.is_empty() => {
                    problems.push(format!("{name} marks no line with `//~ CODE`; found {found:?}"));
                }
                (Ok(wanted), Ok(found)) if wanted != found => {
                    problems.push(format!("{name}: expected {wanted:?}, found {found:?}"));
                }
                (Ok(_), Ok(_)) => {}
                (Err(problem), _) | (_, Err(problem)) => problems.push(problem),
            }
        }
        if pairs == 0 {
            problems.push(format!("{} holds no programs", folder.display()));
        }
        if problems.is_empty() { Ok(pairs) } else { Err(problems) }
    }

    /// The forms in which the libraries may fit together, the newest first; at most 64.
    fn builds(&self) -> Result<Vec<Vec<PathBuf>>, Vec<String>> {
        let deps = deps().map_err(|problem| vec![problem])?;
        let mut builds: Vec<Vec<PathBuf>> = vec![Vec::new()];
        for name in &self.crates {
            let forms = forms(&deps, name);
            if forms.is_empty() {
                return Err(vec![format!("no library of {name} in {}", deps.display())]);
            }
            builds = forms
                .iter()
                .flat_map(|form| {
                    builds.iter().map(move |build| [build.as_slice(), std::slice::from_ref(form)].concat())
                })
                .take(64)
                .collect();
        }
        Ok(builds)
    }

    fn errors_of(&self, program: &Path, build: &[PathBuf]) -> Result<Vec<(u64, String)>, String> {
        let deps = deps()?;
        let mut rustc = Command::new("rustc");
        rustc.args([
            "--edition",
            "2024",
            "--crate-name",
            "program",
            "--crate-type",
            "lib",
            "--emit",
            "metadata",
            "--error-format",
            "json",
        ]);
        // To standard output, which is read and dropped: rustc replaces a file that it is told to write, and run as
        // root it would put a plain file in the place of `/dev/null`.
        rustc.args(["-A", "warnings", "-o", "-"]);
        rustc.arg("-L").arg(format!("dependency={}", deps.display()));
        for (name, library) in self.crates.iter().zip(build) {
            rustc.arg("--extern").arg(format!("{name}={}", library.display()));
        }
        let output = rustc.arg(program).output().map_err(|error| format!("rustc: {error}"))?;
        let mut errors = Vec::new();
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
            let code = message.pointer("/code/code").and_then(Value::as_str).unwrap_or("-");
            let place = message
                .get("spans")
                .and_then(Value::as_array)
                .and_then(|spans| {
                    spans.iter().find(|span| span.get("is_primary") == Some(&Value::Bool(true)))
                })
                .and_then(|span| span.get("line_start").and_then(Value::as_u64));
            if message.get("level").is_some_and(|level| level == "error") {
                if let Some(place) = place {
                    errors.push((place, code.to_owned()));
                } else if errors.is_empty() && !output.status.success() {
                    errors
                        .push((0, message.get("message").and_then(Value::as_str).unwrap_or("?").to_owned()));
                }
            }
        }
        errors.sort();
        errors.dedup();
        Ok(errors)
    }
}

fn expected(file: &Path) -> Result<Vec<(u64, String)>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut errors: Vec<(u64, String)> = text
        .lines()
        .zip(1..)
        .filter_map(|(line, number)| {
            line.split_once("//~ ").map(|(_, code)| (number, code.trim().to_owned()))
        })
        .collect();
    errors.sort();
    Ok(errors)
}

/// The folder of the libraries that the running test was linked with.
fn deps() -> Result<PathBuf, String> {
    let exe = std::env::current_exe().map_err(|error| error.to_string())?;
    exe.parent().map(Path::to_path_buf).ok_or_else(|| String::from("the test has no folder"))
}

/// The builds of a library, the newest first.
fn forms(deps: &Path, name: &str) -> Vec<PathBuf> {
    let prefix = format!("lib{name}-");
    let mut found: Vec<_> = std::fs::read_dir(deps)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| {
            let file = entry.file_name().to_string_lossy().into_owned();
            file.starts_with(&prefix) && file.ends_with(".rlib")
        })
        .map(|entry| (entry.metadata().and_then(|meta| meta.modified()).ok(), entry.path()))
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}
