//! The code that people type (RFC 8628, 6.1): eight consonants, of which none makes a word with the others.

use std::fmt;

use bartizan_model::Entropy;

/// Eight letters of an alphabet of twenty: 34 bits, of which a person may try some dozens a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UserCode([u8; LENGTH]);

impl UserCode {
    /// A new one. Each letter is as likely as any other.
    pub(crate) fn random(entropy: &dyn Entropy) -> Self {
        let mut letters = [0; LENGTH];
        for letter in &mut letters {
            *letter = loop {
                let mut byte = [0];
                entropy.fill(&mut byte);
                let [byte] = byte;
                // 240 is the largest multiple of 20 that a byte holds.
                if byte < 240
                    && let Some(letter) = ALPHABET.get(usize::from(byte) % ALPHABET.len())
                {
                    break *letter;
                }
            };
        }
        Self(letters)
    }

    /// What somebody typed: in small letters or large, with or without the stroke, with gaps.
    pub(crate) fn parse(typed: &str) -> Option<Self> {
        if typed.len() > MAX_TYPED {
            return None;
        }
        let mut letters = [0; LENGTH];
        let mut typed = typed.chars().filter(|letter| !matches!(letter, '-' | '\u{2010}'..='\u{2015}' | ' '));
        for place in &mut letters {
            let letter = u8::try_from(typed.next()?.to_ascii_uppercase()).ok()?;
            *place = *ALPHABET.iter().find(|known| **known == letter)?;
        }
        typed.next().is_none().then_some(Self(letters))
    }

    pub(super) const fn letters(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, letter) in self.0.iter().enumerate() {
            let stroke = if at == LENGTH / 2 { "-" } else { "" };
            write!(f, "{stroke}{}", char::from(*letter))?;
        }
        Ok(())
    }
}

/// No vowel, so no words; and no `Y`, which is one in some languages.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

const LENGTH: usize = 8;

/// Eight letters, and what people put between them.
const MAX_TYPED: usize = 64;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bartizan_testkit::SeededEntropy;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = UserCode::parse("WDJB-MJHT").unwrap();
        for typed in ["wdjbmjht", " WDJB MJHT ", "w-d-j-b-m-j-h-t", "WDJB\u{2013}MJHT"] {
            assert_eq!(UserCode::parse(typed), Some(code), "{typed}");
        }
        assert_eq!(code.to_string(), "WDJB-MJHT");
        for other in ["", "WDJB-MJH", "WDJB-MJHTT", "WDJA-MJHT", "WDJ8-MJHT", "WDJB_MJHT", "\u{174}DJB-MJHT"]
        {
            assert_eq!(UserCode::parse(other), None, "{other}");
        }
        assert_eq!(UserCode::parse(&"W".repeat(100_000)), None);
    }

    #[test]
    fn every_letter_comes_as_often_as_any_other() {
        let entropy = SeededEntropy::new(1);
        let mut counts = [0_u32; 256];
        let mut all = BTreeSet::new();
        for _ in 0..5000 {
            let code = UserCode::random(&entropy);
            all.insert(code.to_string());
            code.0.iter().for_each(|letter| counts[usize::from(*letter)] += 1);
        }
        assert_eq!(all.len(), 5000);
        for letter in ALPHABET {
            // 2000 are expected; five standard deviations are 218.
            assert!((1780..2220).contains(&counts[usize::from(*letter)]), "{}", char::from(*letter));
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_a_code_or_none(typed: String) {
            if let Some(code) = UserCode::parse(&typed) {
                prop_assert_eq!(UserCode::parse(&code.to_string()), Some(code));
            }
        }
    }
}
