//! The text format of Prometheus, version 0.0.4 (prometheus.io, "Exposition formats").

use std::fmt::{Display, Write as _};

/// The media type.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a number does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It only grows while the process runs.
    Counter,
    Gauge,
}

/// Families of samples, in the order in which they are written.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    /// A number without labels.
    pub(super) fn number(&mut self, kind: Kind, name: &str, help: &str, value: impl Display) {
        self.family(kind, name, help).sample(&[], value);
    }

    /// Several numbers that differ by their labels.
    pub(super) fn family<'t>(&'t mut self, kind: Kind, name: &'t str, help: &str) -> Family<'t> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        self.head(kind, name, help);
        Family { text: self, name }
    }

    /// How many were at most so large, for each of some limits in their order, and the number and the sum of all.
    pub(super) fn histogram(
        &mut self,
        name: &str,
        help: &str,
        at_most: impl IntoIterator<Item = (f64, u64)>,
        (all, sum): (u64, f64),
    ) {
        self.head("histogram", name, help);
        for (limit, count) in at_most {
            self.line(&format!("{name}_bucket"), &[("le", &limit.to_string())], count);
        }
        self.line(&format!("{name}_bucket"), &[("le", "+Inf")], all);
        self.line(&format!("{name}_sum"), &[], sum);
        self.line(&format!("{name}_count"), &[], all);
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }

    fn head(&mut self, kind: &str, name: &str, help: &str) {
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        self.write(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.write(format_args!("{name}"));
        for (place, (label, value)) in labels.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            let value = value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
            self.write(format_args!("{before}{label}=\"{value}\""));
        }
        let after = if labels.is_empty() { "" } else { "}" };
        self.write(format_args!("{after} {value}\n"));
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        // A string takes whatever is written to it.
        let _ = self.0.write_fmt(text);
    }
}

/// Samples of one name.
#[derive(Debug)]
pub(super) struct Family<'t> {
    text: &'t mut Text,
    name: &'t str,
}

impl Family<'_> {
    pub(super) fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) -> &mut Self {
        self.text.line(self.name, labels, value);
        self
    }
}

/// Reads the format back, as far as it is written here.
#[cfg(test)]
pub(super) mod reading {
    use std::collections::BTreeMap;

    /// Samples by name and labels, and the type of each family. Panics at what is not in the format.
    #[derive(Debug, Default)]
    pub(in crate::health) struct Read {
        pub(in crate::health) samples: BTreeMap<(String, BTreeMap<String, String>), f64>,
        pub(in crate::health) kinds: BTreeMap<String, String>,
        pub(in crate::health) helps: BTreeMap<String, String>,
    }

    impl Read {
        pub(in crate::health) fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
            let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let key = (name.to_owned(), labels.collect());
            *self.samples.get(&key).unwrap_or_else(|| panic!("there is no {key:?}"))
        }
    }

    pub(in crate::health) fn read(text: &str) -> Read {
        assert!(text.ends_with('\n'), "the last line ends, too");
        let mut read = Read::default();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                assert!(read.helps.insert(name.to_owned(), unescaped(help)).is_none(), "{name} twice");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert!(read.kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} twice");
            } else {
                let (name, labels, value) = sample(line);
                let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
                let family = family.filter(|family| read.kinds.contains_key(*family)).unwrap_or(&name);
                assert!(read.kinds.contains_key(family), "{name} before its type");
                assert!(read.helps.contains_key(family), "{name} before its help");
                assert!(read.samples.insert((name, labels), value).is_none(), "twice: {line}");
            }
        }
        read
    }

    fn sample(line: &str) -> (String, BTreeMap<String, String>, f64) {
        let named = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let end = line.find(|c| !named(c)).unwrap();
        let (name, mut rest) = line.split_at(end);
        let mut labels = BTreeMap::new();
        if let Some(inner) = rest.strip_prefix('{') {
            rest = inner;
            loop {
                let (label, after) = rest.split_once("=\"").unwrap();
                assert!(label.chars().all(named), "{label}");
                let mut escaped = false;
                let end = after.find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                let (value, after) = after.split_at(end.unwrap());
                labels.insert(label.to_owned(), unescaped(value));
                let after = after.strip_prefix('"').unwrap();
                match after.strip_prefix(',') {
                    Some(more) => rest = more,
                    None => {
                        rest = after.strip_prefix('}').unwrap();
                        break;
                    }
                }
            }
        }
        (name.to_owned(), labels, rest.strip_prefix(' ').unwrap().parse().unwrap())
    }

    fn unescaped(text: &str) -> String {
        let (mut out, mut chars) = (String::new(), text.chars());
        while let Some(c) = chars.next() {
            out.push(match c {
                '\\' => match chars.next() {
                    Some('n') => '\n',
                    Some(other) => other,
                    None => panic!("an escape of nothing: {text}"),
                },
                c => c,
            });
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::reading::read;
    use super::*;

    #[test]
    fn what_is_written_is_read_back_whatever_is_in_it() {
        let odd = "a \"b\" \\ c\nd, e} {f=\"";
        let mut text = Text::default();
        text.number(Kind::Gauge, "x", odd, 0.25);
        text.family(Kind::Counter, "y_total", "Y").sample(&[("one", odd), ("two", "")], 7).sample(&[], 8);
        text.histogram("z_seconds", "Z", [(0.001, 1), (60.0, 2)], (3, 1.5));
        let text = text.into_string();
        let read = read(&text);
        assert_eq!(read.helps["x"], odd);
        assert_eq!((read.kinds["x"].as_str(), read.kinds["y_total"].as_str()), ("gauge", "counter"));
        assert_eq!(read.value("x", &[]).to_string(), "0.25");
        assert_eq!(read.value("y_total", &[("one", odd), ("two", "")]).to_string(), "7");
        assert_eq!(read.value("y_total", &[]).to_string(), "8");
        let expected = "# HELP z_seconds Z\n# TYPE z_seconds histogram\nz_seconds_bucket{le=\"0.001\"} 1\n\
            z_seconds_bucket{le=\"60\"} 2\nz_seconds_bucket{le=\"+Inf\"} 3\nz_seconds_sum 1.5\nz_seconds_count 3\n";
        assert!(text.ends_with(expected), "{text}");
    }
}
