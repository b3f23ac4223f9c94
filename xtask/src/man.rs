//! The manual: a page for each command, from its own help, and `bartizan.toml(5)`, from the book.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::run::{build_tested, shown};

/// Where the pages are written.
pub(crate) const FOLDER: &str = "target/man";

/// Writes all pages, with a binary that is made for it.
pub(crate) fn run() -> Result<()> {
    build_tested()?;
    write("target/debug/bartizan", Path::new(FOLDER))
}

/// Writes all pages with this binary.
pub(crate) fn write(binary: &str, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let text = folder.to_str().context("the folder's name is no text")?;
    shown(binary, &["man", "--dir", text])?;
    let book = fs::read_to_string("docs/book/configuration.md")?;
    fs::write(folder.join("bartizan.toml.5"), configuration(&book))?;
    println!("man: {} pages in {text}", fs::read_dir(folder)?.count());
    Ok(())
}

/// A page of section 5 of a chapter of the book.
fn configuration(book: &str) -> String {
    let mut page = String::from(
        ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n.TH bartizan.toml 5 \"\" \"bartizan\" \"Bartizan\"\n\
         .SH NAME\nbartizan.toml \\- what boots a Bartizan process\n",
    );
    let mut lines = book.lines().peekable();
    let mut section = "DESCRIPTION".to_owned();
    let mut fresh = true;
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title.to_uppercase();
            fresh = true;
        } else if line.starts_with("# ") || line.trim().is_empty() {
        } else {
            if fresh {
                let _ = writeln!(page, ".SH {}", roff(&section));
                fresh = false;
            }
            if line.starts_with("```") {
                let _ = writeln!(page, ".PP\n.nf\n.RS 4");
                for code in lines.by_ref().take_while(|code| !code.starts_with("```")) {
                    let _ = writeln!(page, "{}", verbatim(code));
                }
                let _ = writeln!(page, ".RE\n.fi");
            } else if line.starts_with('|') {
                if let Some([key, meaning, default]) = cells(line) {
                    let default = if default == "required" { default } else { format!("default: {default}") };
                    let _ = writeln!(page, ".TP\n{}\n{} ({}).", roff(&key), roff(&meaning), roff(&default));
                }
            } else {
                let mut paragraph = line.to_owned();
                while let Some(more) =
                    lines.next_if(|more| !more.trim().is_empty() && !more.starts_with(['#', '|', '`']))
                {
                    let _ = write!(paragraph, " {more}");
                }
                let _ = writeln!(page, ".PP\n{}", roff(&paragraph));
            }
        }
    }
    page.push_str(
        ".SH SEE ALSO\n.BR bartizan (1),\n.BR bartizan\\-serve (1),\n.BR bartizan\\-config\\-check (1)\n",
    );
    page
}

/// The cells of a row of a table with three columns, unless it is the head or the line under it.
fn cells(row: &str) -> Option<[String; 3]> {
    let cells: Vec<String> = row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let cells: [String; 3] = cells.try_into().ok()?;
    let head = cells[0] == "key" || cells[0].starts_with("---");
    (!head).then_some(cells)
}

/// Text as it is.
fn verbatim(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    // A dot at the beginning of a line would be a request.
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}

/// Text with code, emphasis and links.
fn roff(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    // What a link leads to is in the book; here its text is enough.
    while let Some((before, after)) = rest.split_once("](") {
        let (label, behind) = (before, after.split_once(')').map_or("", |(_, behind)| behind));
        plain.push_str(&label.replacen('[', "", 1));
        rest = behind;
    }
    plain.push_str(rest);
    let mut out = String::new();
    for (at, part) in verbatim(&plain).split('`').enumerate() {
        if at % 2 == 1 {
            let _ = write!(out, "\\fB{part}\\fR");
        } else {
            out.push_str(&part.replace("**", ""));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::configuration;

    #[test]
    fn a_chapter_becomes_a_page() {
        let page = configuration(
            "# Title\n\nSome `code` and a [link](x.md).\nMore.\n\n| key | meaning | default |\n|---|---|---|\n| `a` | what it is | `\"b-c\"` |\n\n## Part\n\n```toml\n.x = 'y'\n```\n",
        );
        assert!(page.contains(".SH DESCRIPTION\n.PP\nSome \\fBcode\\fR and a link. More.\n"), "{page}");
        assert!(page.contains(".TP\n\\fBa\\fR\nwhat it is (default: \\fB\"b\\-c\"\\fR).\n"), "{page}");
        assert!(page.contains(".SH PART\n.PP\n.nf\n.RS 4\n\\&.x = \\(aqy\\(aq\n.RE\n.fi\n"), "{page}");
    }
}
