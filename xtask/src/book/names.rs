//! Names in the documentation that code has to have, too: the tests that tables promise, and the reasons of the contract.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Whose tables name tests.
const TABLES: [&str; 2] = ["docs/book/failures.md", "docs/threat-model.md"];

/// Where the reasons are.
const CONTRACT: &str = "docs/book/contract.md";

/// Every name that is not there, and every refusal of a request's form that the contract does not tell.
pub(super) fn wrong(root: &Path) -> Result<Vec<String>> {
    let mut code = String::new();
    for folder in ["crates", "e2e"] {
        source(&root.join(folder), &mut code)?;
    }
    let read =
        |name: &str| fs::read_to_string(root.join(name)).with_context(|| format!("cannot read {name}"));
    let mut wrong = Vec::new();
    for table in TABLES {
        let named = in_code(&read(table)?).into_iter().filter(|name| is_test(name));
        let missing = named.filter(|name| !code.contains(&format!("fn {name}(")));
        wrong.extend(missing.map(|name| format!("{table}: there is no test `{name}`")));
    }
    let contract = read(CONTRACT)?;
    let reasons = section(&contract, "## Reasons");
    let told = in_code(reasons);
    let forms: BTreeSet<String> = literals(&code, "\"bad_request.").collect();
    for name in told.iter().filter(|name| name.chars().all(|c| c == '_' || c.is_ascii_lowercase())) {
        if !forms.contains(name) && !code.contains(&format!("\"{name}\"")) && name != "reason" {
            wrong.push(format!("{CONTRACT}: nothing is refused with `{name}`"));
        }
    }
    let untold = forms.iter().filter(|form| !told.contains(*form));
    wrong.extend(untold.map(|form| format!("{CONTRACT}: it does not tell `bad_request.{form}`")));
    Ok(wrong)
}

/// All Rust that there is below a folder.
fn source(folder: &Path, code: &mut String) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("node_modules") {
            source(&path, code)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            code.push_str(&fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// What stands between backticks.
fn in_code(text: &str) -> BTreeSet<String> {
    let lines = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    lines.map(str::to_owned).collect()
}

/// Tests are sentences, metrics begin with whose they are.
fn is_test(name: &str) -> bool {
    let metric = name.starts_with("bartizan_");
    !metric && name.matches('_').count() >= 3 && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}

/// A part of a page, up to the next of its kind.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let from = page.split_once(heading).map_or("", |(_, rest)| rest);
    from.split_once("\n## ").map_or(from, |(part, _)| part)
}

/// How literals go on that begin so.
fn literals<'a>(code: &'a str, begin: &'a str) -> impl Iterator<Item = String> + 'a {
    let rest = code.split(begin).skip(1).filter_map(|rest| rest.split_once('"'));
    let names = rest.map(|(name, _)| name.to_owned());
    names.filter(|name| !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::{in_code, is_test, literals, section};

    #[test]
    fn names_are_what_stands_in_code() {
        let page = "# A\n## Reasons\n`one` and `two_words`\n## Next\n`three`\n";
        let named = in_code(section(page, "## Reasons"));
        assert_eq!(named.into_iter().collect::<Vec<_>>(), ["one", "two_words"]);
        assert!(is_test("what_is_wrong_is_said") && !is_test("lease_expired") && !is_test("a_b_c_d.rs"));
        let code = r#"x => "bad_request.host", "bad_request.{form}", "bad_request.path_x""#;
        assert_eq!(literals(code, "\"bad_request.").collect::<Vec<_>>(), ["host", "path_x"]);
    }
}
