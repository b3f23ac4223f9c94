//! A folder of object files, and findings in it as people read them.

use std::path::Path;

use bartizan_policy::{Finding, Severity};

use crate::args::Global;
use crate::output::{Ended, FAILED, Failure, USAGE, data};

/// Files by name, relative to the folder, in order.
pub(crate) type Texts = Vec<(String, String)>;

/// Reads all files below a folder whose names end like this.
pub(crate) fn read(folder: &Path, endings: &[&str]) -> Result<Texts, Failure> {
    let mut texts = Texts::new();
    walk(folder, "", endings, &mut texts, 0)?;
    texts.sort();
    Ok(texts)
}

/// Reads one file, under its name as it was given.
pub(crate) fn read_file(path: &Path) -> Result<(String, String), Failure> {
    let text = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let text = String::from_utf8(text)
        .map_err(|error| Failure::new(FAILED, format!("`{}` is not text: {error}", path.display())))?;
    Ok((path.display().to_string(), text))
}

fn walk(
    folder: &Path,
    within: &str,
    endings: &[&str],
    texts: &mut Texts,
    depth: usize,
) -> Result<(), Failure> {
    if depth > MAX_DEPTH {
        let message = format!("`{}` lies more than {MAX_DEPTH} folders deep", folder.display());
        return Err(Failure::new(USAGE, message));
    }
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if name.starts_with('.') {
            continue;
        }
        let shown = format!("{within}{name}");
        if path.is_dir() {
            walk(&path, &format!("{shown}/"), endings, texts, depth.saturating_add(1))?;
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            texts.push((shown, read_file(&path)?.1));
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(FAILED, format!("`{}` cannot be read: {error}", path.display()))
}

/// Prints findings: as data for programs; for people with the line and a mark under the place.
pub(crate) fn print_findings(global: &Global, findings: &[Finding], texts: &Texts) -> Ended {
    if global.is_json() {
        return data(&serde_json::to_string(findings)?);
    }
    for finding in findings {
        data(&rendered(finding, texts))?;
    }
    Ok(())
}

/// A finding with the line that it is about.
pub(crate) fn rendered(finding: &Finding, texts: &Texts) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "advice",
    };
    let Finding { file, line, column, message, .. } = finding;
    let mut shown = format!("{severity}: {message}\n  --> {file}:{line}:{column}");
    let index = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let text = texts.iter().find(|(name, _)| name == file).and_then(|(_, text)| text.lines().nth(index));
    if let Some(text) = text {
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let before = usize::try_from(column.saturating_sub(1)).unwrap_or(0);
        // Tabs stay tabs, so that the mark stands where the eye looks for it.
        let indent: String = text.chars().take(before).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        shown = format!("{shown}\n {margin} |\n {number} | {text}\n {margin} | {indent}^");
    }
    if let Some(help) = &finding.help {
        shown = format!("{shown}\n  help: {help}");
    }
    shown
}

/// Deeper folders are more likely a loop of links than a configuration.
const MAX_DEPTH: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_shows_its_line_and_a_mark_under_the_place() {
        let finding = Finding {
            file: String::from("apps.toml"),
            line: 2,
            column: 2,
            severity: Severity::Error,
            message: String::from("unknown key `hots` in [[app]]"),
            help: Some(String::from("did you mean `host`?")),
        };
        let texts = vec![(String::from("apps.toml"), String::from("[[app]]\n\thots = \"x\"\n"))];
        assert_eq!(
            rendered(&finding, &texts),
            "error: unknown key `hots` in [[app]]\n  --> apps.toml:2:2\n   |\n 2 | \thots = \"x\"\n   | \t^\n  help: did you mean `host`?"
        );
    }
}
