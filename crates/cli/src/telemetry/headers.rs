//! The fields that each request to the collector carries, from a file of their own: a vendor's token is a secret.

use bartizan_model::Secret;
use tonic::metadata::{Ascii, MetadataKey, MetadataMap, MetadataValue};

use crate::certificates;
use crate::config::LocatedPath;

/// Names and values.
#[derive(Clone, Default)]
pub(super) struct Headers(Vec<(MetadataKey<Ascii>, MetadataValue<Ascii>)>);

impl std::fmt::Debug for Headers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Headers {
    /// Reads `name: value`, one a line. What is wrong with the file, and what mends it, never repeats what stands there.
    pub(super) fn read(file: &LocatedPath) -> Result<Self, (String, String)> {
        let path = file.path.display();
        let wrong = |why: &str, help: &str| (format!("`{path}` {why}"), help.to_owned());
        let bytes = certificates::contents(&file.path)
            .map_err(|why| wrong(&why, "name a file that whoever runs bartizan can read"))?;
        if let Some(mode) = certificates::open_mode(&file.path) {
            let why = format!("is open to others (mode {mode:03o}), and what is in it is a secret");
            return Err(wrong(&why, &format!("chmod 600 {path} (640 if its group is to read it too)")));
        }
        Self::parse(&bytes).map_err(|why| wrong(&why, "write lines of the form `name: value`"))
    }

    fn parse(bytes: &Secret<Vec<u8>>) -> Result<Self, String> {
        bytes.expose(|bytes| {
            let text = str::from_utf8(bytes).map_err(|_not| String::from("is not text"))?;
            let mut fields = Vec::new();
            for (number, line) in text.lines().enumerate() {
                let line = line.trim();
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                let field = field(line).ok_or_else(|| {
                    format!("has no header field that can be sent in line {}", number.saturating_add(1))
                })?;
                fields.push(field);
            }
            match fields.len() {
                0 => Err(String::from("has no header field")),
                count if count > MOST => Err(format!("has more than {MOST} header fields")),
                _ => Ok(Self(fields)),
            }
        })
    }

    pub(super) fn add_to(&self, metadata: &mut MetadataMap) {
        for (name, value) in &self.0 {
            metadata.append(name.clone(), value.clone());
        }
    }

    /// What the collector said, without what it was told in confidence.
    pub(super) fn without(&self, text: &str) -> String {
        let values = self.0.iter().filter_map(|(_, value)| value.to_str().ok());
        let words = values.flat_map(|value| std::iter::once(value).chain(value.split_whitespace()));
        words.filter(|word| word.len() >= SHORTEST).fold(text.to_owned(), |text, word| {
            if text.contains(word) { text.replace(word, "[redacted]") } else { text }
        })
    }
}

fn field(line: &str) -> Option<(MetadataKey<Ascii>, MetadataValue<Ascii>)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim().to_ascii_lowercase();
    let ours = ["te", "host", "content-type", "content-length", "user-agent", "connection"];
    if ours.contains(&name.as_str()) || name.starts_with("grpc-") {
        return None;
    }
    let mut value: MetadataValue<Ascii> = value.trim().parse().ok()?;
    value.set_sensitive(true);
    let name = MetadataKey::from_bytes(name.as_bytes()).ok()?;
    (!value.is_empty()).then_some((name, value))
}

/// More than any vendor asks for.
const MOST: usize = 32;

/// What is shorter is a word such as `Bearer`, or gives nothing away.
const SHORTEST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Headers, String> {
        Headers::parse(&Secret::new(text.as_bytes().to_vec()))
    }

    #[test]
    fn fields_are_read_and_not_shown() {
        let headers =
            parse("# of the vendor\nAuthorization: Bearer Zibebe-1234\r\n\nx-scope: a:b\n").unwrap();
        let mut metadata = MetadataMap::new();
        headers.add_to(&mut metadata);
        assert_eq!(metadata.get("authorization").unwrap(), "Bearer Zibebe-1234");
        assert_eq!(metadata.get("x-scope").unwrap(), "a:b");
        assert!(!format!("{headers:?} {metadata:?}").contains("Zibebe"));
        assert_eq!(headers.without("bad token: Zibebe-1234!"), "bad token: [redacted]!");
    }

    #[test]
    fn what_cannot_be_sent_is_said_without_repeating_it() {
        for bad in [
            "",
            "# nothing",
            "Zibebe",
            "x y: Zibebe",
            "te: Zibebe",
            "grpc-timeout: 1S",
            "x-bin: Zibebe",
            "x:",
            "x: \u{1}Zibebe",
        ] {
            let why = parse(bad).unwrap_err();
            assert!(why.contains("header field") && !why.contains("Zibebe"), "{bad}: {why}");
        }
    }
}
