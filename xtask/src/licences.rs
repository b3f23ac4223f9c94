//! Which licences come in with the binary.

use anyhow::{Result, bail};
use serde_json::Value;

use crate::run::output;

/// Licences that may be combined with ours and shipped in one binary.
const ACCEPTED: [&str; 16] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MPL-2.0",
    "MPL-2.0+",
    "Unicode-3.0",
    "Zlib",
    "0BSD",
    "Unlicense",
    "CC0-1.0",
    "BSL-1.0",
    // Of data: the roots that Mozilla trusts.
    "CDLA-Permissive-2.0",
];

pub(crate) fn run() -> Result<()> {
    let metadata: Value =
        serde_json::from_str(&output("cargo", &["metadata", "--format-version", "1", "--locked"])?)?;
    let packages = metadata.get("packages").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut refused = Vec::new();
    for package in &packages {
        let text = |field: &str| package.get(field).and_then(Value::as_str).unwrap_or_default();
        if !accepted(text("license")) {
            refused.push(format!("{} {}: `{}`", text("name"), text("version"), text("license")));
        }
    }
    for package in &refused {
        println!("licences: {package}");
    }
    if !refused.is_empty() {
        bail!("a licence is not among those that are accepted");
    }
    println!("licences: {} packages, all accepted", packages.len());
    Ok(())
}

/// Reads an SPDX expression: of alternatives one must do, of conjunctions all.
pub(crate) fn accepted(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    any(&expression)
}

fn any(expression: &str) -> bool {
    split(expression, " OR ").iter().any(|part| split(part, " AND ").iter().all(|part| single(part)))
}

fn single(part: &str) -> bool {
    let part = part.trim();
    match part.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => any(inner),
        None => ACCEPTED.contains(&part),
    }
}

/// Splits outside of parentheses.
fn split<'a>(text: &'a str, by: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 && at >= from && text.get(at..).is_some_and(|rest| rest.starts_with(by)) => {
                parts.extend(text.get(from..at));
                from = at + by.len();
            }
            _ => {}
        }
    }
    parts.extend(text.get(from..));
    parts
}

#[cfg(test)]
mod tests {
    use super::accepted;

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        for good in [
            "MIT OR GPL-3.0",
            "MIT/Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "ISC AND (Apache-2.0 OR ISC)",
        ] {
            assert!(accepted(good), "{good}");
        }
        for bad in
            ["", "GPL-3.0", "MIT AND GPL-3.0", "(GPL-2.0 OR GPL-3.0) AND MIT", "MIT AND (ISC AND OpenSSL)"]
        {
            assert!(!accepted(bad), "{bad}");
        }
    }
}
