//! Links of the documentation: between its files, into them, and to chapters that the table of contents forgot.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result};

/// What people read that is not in the book: their links are looked at, too.
const BESIDE: [&str; 6] =
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs"];

const BOOK: &str = "docs/book";

/// A page: where its links lead, and where one can lead to in it.
#[derive(Debug, Default)]
struct Page {
    links: Vec<(usize, String)>,
    anchors: BTreeSet<String>,
}

/// Every link that leads nowhere, with the line on which it stands.
pub(super) fn wrong(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for name in BESIDE {
        find(&root.join(name), &mut files)?;
    }
    let mut pages = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(&file).to_owned();
        pages.insert(name, read(&text));
    }
    let mut wrong = Vec::new();
    for (name, page) in &pages {
        for (line, link) in &page.links {
            if let Some(why) = leads_nowhere(root, &pages, name, link) {
                wrong.push(format!("{}:{line}: `{link}` {why}", name.display()));
            }
        }
    }
    wrong.extend(unlisted(&pages));
    Ok(wrong)
}

fn find(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            find(&entry?.path(), files)?;
        }
    } else if path.extension().is_some_and(|end| end == "md") {
        files.push(path.to_owned());
    }
    Ok(())
}

/// Why a link leads nowhere, if it does.
fn leads_nowhere(root: &Path, pages: &BTreeMap<PathBuf, Page>, from: &Path, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let folder = from.parent().unwrap_or(Path::new(""));
    let to = if path.is_empty() { from.to_owned() } else { plain(&folder.join(path)) };
    // A chapter is read where the rest of the source is not: as a page, and from the Debian package.
    if from.starts_with(BOOK) && !to.starts_with(BOOK) {
        return Some("leads out of the book".into());
    }
    if !root.join(&to).exists() {
        return Some("leads to no file".into());
    }
    let anchor = anchor?;
    let there = pages.get(&to).is_some_and(|page| page.anchors.contains(anchor));
    (!there).then(|| "leads to no heading".into())
}

/// The same place without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

/// Chapters that are not in the table of contents.
fn unlisted(pages: &BTreeMap<PathBuf, Page>) -> Vec<String> {
    let summary = Path::new(BOOK).join("SUMMARY.md");
    let listed: BTreeSet<PathBuf> = pages
        .get(&summary)
        .map(|page| page.links.iter().map(|(_, link)| Path::new(BOOK).join(link)).collect())
        .unwrap_or_default();
    let chapters = pages.keys().filter(|name| name.starts_with(BOOK) && **name != summary);
    let missing = chapters.filter(|name| !listed.contains(*name));
    missing.map(|name| format!("{}: it is not in SUMMARY.md", name.display())).collect()
}

/// Reads what is no code.
fn read(text: &str) -> Page {
    let mut page = Page::default();
    let mut fence = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fence = !fence;
        } else if !fence {
            let prose = without_code(line);
            page.links.extend(links(&prose).map(|link| (number.saturating_add(1), link)));
            if let Some(heading) = line.strip_prefix('#') {
                let anchor = anchor_of(heading.trim_start_matches('#').trim());
                let again = (1..).map(|number| format!("{anchor}-{number}"));
                let free = std::iter::once(anchor.clone()).chain(again);
                page.anchors.extend(free.into_iter().find(|anchor| !page.anchors.contains(anchor)));
            }
        }
    }
    page
}

/// The line with its code left out: what stands there is no link.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// Where `](…)` leads, of links and of pictures.
fn links(prose: &str) -> impl Iterator<Item = String> {
    prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link.to_owned())
}

/// How a heading is called in an address, by mdBook and by those who show Markdown.
fn anchor_of(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{BOOK, read, wrong};

    #[test]
    fn a_link_is_read_where_it_is_no_code_and_a_heading_by_its_anchor() {
        let page = read(
            "# One `two`, three\n\nA [link](a.md#b) and `[code](x.md)`, ![picture](p.png).\n```\n[no](n.md)\n```\n## Same\n## Same\n",
        );
        assert_eq!(page.links, [(3, "a.md#b".into()), (3, "p.png".into())]);
        assert_eq!(page.anchors.into_iter().collect::<Vec<_>>(), ["one-two-three", "same", "same-1"]);
    }

    #[test]
    fn what_leads_nowhere_is_named_with_its_line() {
        let root = std::env::temp_dir().join(format!("bartizan-links-{}", std::process::id()));
        let book = root.join(BOOK);
        std::fs::create_dir_all(&book).unwrap();
        for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"] {
            std::fs::write(root.join(name), "[in](docs/book/a.md#there)\n").unwrap();
        }
        std::fs::write(book.join("SUMMARY.md"), "[a](a.md)\n").unwrap();
        std::fs::write(
            book.join("a.md"),
            "# There\n[x](gone.md) [y](#nowhere) [z](../../README.md) [w](https://x.y/z)\n",
        )
        .unwrap();
        std::fs::write(book.join("b.md"), "# Forgotten\n").unwrap();
        let found = wrong(&root).unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(
            found,
            [
                "docs/book/a.md:2: `gone.md` leads to no file",
                "docs/book/a.md:2: `#nowhere` leads to no heading",
                "docs/book/a.md:2: `../../README.md` leads out of the book",
                "docs/book/b.md: it is not in SUMMARY.md",
            ]
        );
    }
}
