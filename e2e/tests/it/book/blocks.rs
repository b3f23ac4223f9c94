//! What stands in fences in a page of Markdown.

use std::path::{Path, PathBuf};

/// A block of code, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// The page, from the folder of the source.
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) language: String,
    /// The heading of second order that it stands under.
    pub(crate) section: String,
    pub(crate) text: String,
    /// As which file the sentence before it has it saved.
    pub(crate) saved_as: Option<String>,
}

/// A command, and what the page shows that it prints.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) text: String,
    pub(crate) shown: Vec<String>,
}

/// The folder of the source.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A page of the source.
pub(crate) fn page(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The chapters of the book, in its order.
pub(crate) fn chapters() -> Vec<String> {
    let summary = page("docs/book/SUMMARY.md");
    let links = summary.split("](").skip(1).map(|rest| rest.split_once(')').unwrap().0);
    links.map(|link| format!("docs/book/{link}")).collect()
}

/// All blocks of a page, from top to bottom.
pub(crate) fn blocks(file: &str) -> Vec<Block> {
    let text = page(file);
    let (mut blocks, mut section, mut before) = (Vec::new(), String::new(), "");
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let code: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| !line.starts_with("```")).collect();
            blocks.push(Block {
                file: file.to_owned(),
                line: number + 1,
                language: language.to_owned(),
                section: section.clone(),
                text: code.join("\n") + "\n",
                saved_as: saved_as(before),
            });
        } else if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut section);
        }
        if !line.trim().is_empty() {
            before = line;
        }
    }
    blocks
}

/// The file that a sentence names at its end: ``save this as `access/wiki.toml`:``.
fn saved_as(sentence: &str) -> Option<String> {
    let name = sentence.strip_suffix("`:")?.rsplit('`').next()?;
    let known = Path::new(name).extension().is_some_and(|end| end == "toml" || end == "cedar");
    known.then(|| name.to_owned())
}

/// The commands of a block: behind `$`, or `#` where the administrator of the machine gives them.
pub(crate) fn commands(block: &Block) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for line in block.text.lines() {
        match line.strip_prefix("$ ").or_else(|| line.strip_prefix("# ")) {
            Some(text) => commands.push(Command { text: text.to_owned(), shown: Vec::new() }),
            None => commands
                .last_mut()
                .unwrap_or_else(|| panic!("{}:{}: it begins with no command", block.file, block.line))
                .shown
                .push(line.to_owned()),
        }
    }
    commands
}

/// What stands between backticks in the prose and tables of a page.
pub(crate) fn inline(file: &str) -> Vec<String> {
    let text = page(file);
    let mut fence = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            fence = !fence;
        } else if !fence {
            found.extend(line.split('`').skip(1).step_by(2).map(|code| code.replace("\\|", "|")));
        }
    }
    found
}
