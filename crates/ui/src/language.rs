//! The languages that pages are written in, and which of them a reader wants.

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Language {
    /// What is written first, and what is shown where nothing else is wanted.
    #[default]
    English,
    /// Said to people as "Sie".
    German,
    /// Said to people as "vous".
    French,
    /// Said to people as "usted".
    Spanish,
    /// English, drawn from right to left: shows whoever works on a page what a reader of Arabic or Hebrew would see.
    /// Asked for as `ar-XB`, as other systems call it.
    Mirrored,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::English, Self::German, Self::French, Self::Spanish, Self::Mirrored];

    /// Those that are offered to people.
    pub const OFFERED: [Self; 4] = [Self::English, Self::German, Self::French, Self::Spanish];

    /// What it is called by who reads it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English | Self::Mirrored => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
        }
    }

    /// The language that is offered under exactly this tag.
    #[must_use]
    pub fn offered(tag: &str) -> Option<Self> {
        Self::OFFERED.into_iter().find(|language| language.tag() == tag)
    }

    /// Its tag (BCP 47), as in `lang`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Mirrored => "ar-XB",
        }
    }

    /// The way that it is written, as in `dir`.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::English | Self::German | Self::French | Self::Spanish => "ltr",
            Self::Mirrored => "rtl",
        }
    }

    /// The language that a reader wants most of those there are (RFC 9110, 12.5.4); English if none, or if what
    /// they say cannot be read.
    #[must_use]
    pub fn accepted(header: Option<&str>) -> Self {
        let ranges = header.unwrap_or_default().split(',').take(MOST_RANGES).filter_map(range);
        let mut wanted: Vec<(Self, u16)> = ranges.filter(|(_, weight)| *weight > 0).collect();
        // What is wanted equally stays in the order in which it was said.
        wanted.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
        wanted.first().map_or(Self::English, |(language, _)| *language)
    }

    /// The language of this tag; regions are one to us.
    fn of(tag: &str) -> Option<Self> {
        let tag = tag.trim();
        if tag.eq_ignore_ascii_case(Self::Mirrored.tag()) {
            return Some(Self::Mirrored);
        }
        let primary = tag.split('-').next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" | "*" => Some(Self::English),
            "de" => Some(Self::German),
            "fr" => Some(Self::French),
            "es" => Some(Self::Spanish),
            _ => None,
        }
    }
}

/// A language and its weight in thousandths, if it is one of ours and the weight can be read.
fn range(text: &str) -> Option<(Language, u16)> {
    let (tag, weight) = text.split_once(';').unwrap_or((text, "q=1"));
    let weight = weight.trim().strip_prefix("q=")?;
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let thousandths = match (whole, part.len()) {
        ("1", _) if part.bytes().all(|digit| digit == b'0') => 1000,
        ("0", 0) => 0,
        ("0", 1..=3) if part.bytes().all(|digit| digit.is_ascii_digit()) => {
            format!("{part:0<3}").parse().ok()?
        }
        _ => return None,
    };
    Some((Language::of(tag)?, thousandths))
}

/// 16 ranges of a header are read: browsers send fewer.
const MOST_RANGES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_wanted_most_is_taken() {
        for (header, expected) in [
            ("", Language::English),
            ("de", Language::German),
            ("de-CH, fr;q=0.9", Language::German),
            ("fr;q=0.5, es;q=0.8", Language::Spanish),
            ("pt, fr;q=0.1, *;q=0.05", Language::French),
            ("*", Language::English),
            ("de;q=0, en;q=0.1", Language::English),
            ("de;q=0", Language::English),
            ("ar-XB", Language::Mirrored),
            ("ar", Language::English),
            ("fr;q=2, de;q=0.1", Language::German),
            ("fr;q=-1, de;q=0.001", Language::German),
            ("FR-fr ; q=1.000", Language::French),
            (";;;q=,,=", Language::English),
        ] {
            assert_eq!(Language::accepted(Some(header)), expected, "{header}");
        }
        assert_eq!(Language::accepted(None), Language::English);
    }

    #[test]
    fn only_what_is_offered_can_be_chosen() {
        assert_eq!(Language::offered("fr"), Some(Language::French));
        for tag in ["", "FR", "fr-FR", "ar-XB", "pt", "*", "en "] {
            assert_eq!(Language::offered(tag), None, "{tag}");
        }
    }

    #[test]
    fn a_header_without_end_costs_little() {
        let header = "xx,".repeat(100_000) + "de";
        assert_eq!(Language::accepted(Some(&header)), Language::English);
    }
}
