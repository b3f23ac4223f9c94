//! Time-based codes of an authenticator app (RFC 6238): SHA-1, six digits, thirty seconds, as all apps read them.

use bartizan_model::{Entropy, Secret, Timestamp};
use totp_rs::{Algorithm, Builder};

use crate::base32;

/// The secret that an authenticator app shares with us.
#[derive(Debug, Clone)]
pub struct TotpSecret(Secret<[u8; LEN]>);

impl TotpSecret {
    /// A new secret (RFC 4226, 4, R6: 160 bits).
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; LEN];
        entropy.fill(&mut bytes);
        Self(Secret::new(bytes))
    }

    /// The secret that was kept; `None` if these bytes are none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Secret::new(bytes)))
    }

    /// The bytes, for keeping.
    #[must_use]
    pub fn to_bytes(&self) -> Secret<Vec<u8>> {
        self.0.expose(|bytes| Secret::new(bytes.to_vec()))
    }

    /// The text that a person types into an app that cannot scan.
    #[must_use]
    pub fn base32(&self) -> Secret<String> {
        self.0.expose(|bytes| Secret::new(base32::encode(bytes, base32::RFC_4648)))
    }

    /// The address that apps scan as a QR code.
    #[must_use]
    pub fn url(&self, issuer: &str, login: &str) -> Secret<String> {
        let (issuer, login) = (percent_encoded(issuer), percent_encoded(login));
        self.base32().expose(|secret| {
            Secret::new(format!(
                "otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
            ))
        })
    }

    /// The code of a step, as the app shows it.
    #[must_use]
    pub fn code(&self, step: TotpStep) -> Secret<String> {
        let seconds = u64::try_from(step.0).unwrap_or(0).saturating_mul(PERIOD.unsigned_abs());
        let bytes = self.0.expose(|bytes| bytes.to_vec());
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_step_duration(PERIOD.unsigned_abs())
            .with_secret(bytes)
            // The form is fixed above and the length by the type, so there is nothing left to refuse.
            .build_noncompliant();
        Secret::new(totp.generate(seconds).to_string())
    }

    /// What a typed code is, when steps up to `used` were accepted before.
    pub(crate) fn check(&self, typed: &Secret<String>, now: Timestamp, used: TotpStep) -> TotpCheck {
        let typed = typed.expose(|text| {
            let digits = text.chars().filter(|letter| !letter.is_whitespace()).take(DIGITS.into());
            let mut digits: String = digits.collect();
            // More than that is no code.
            if text.chars().filter(|letter| !letter.is_whitespace()).count() > DIGITS.into() {
                digits.clear();
            }
            Secret::new(digits)
        });
        // All three are looked at, whichever it is: the time that it takes tells nothing.
        let now = TotpStep::at(now);
        [now.plus(-1), now, now.plus(1)].into_iter().fold(TotpCheck::Wrong, |found, step| {
            match (self.code(step) == typed, found) {
                (false, found) | (true, found @ TotpCheck::Right(_)) => found,
                (true, _) if step <= used => TotpCheck::Used,
                (true, _) => TotpCheck::Right(step),
            }
        })
    }
}

/// What a typed code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TotpCheck {
    /// The code of this step.
    Right(TotpStep),
    /// A code of a step that is not newer than one accepted before (RFC 6238, 5.2: accepted once).
    Used,
    /// No code of now.
    Wrong,
}

/// A step of thirty seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotpStep(i64);

impl TotpStep {
    /// The step of this instant.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self(now.as_secs().div_euclid(PERIOD))
    }

    /// The step with this number.
    #[must_use]
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The step that many later.
    #[must_use]
    pub const fn plus(self, steps: i64) -> Self {
        Self(self.0.saturating_add(steps))
    }
}

/// All but unreserved characters (RFC 3986, 2.3).
fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

const LEN: usize = 20;
const DIGITS: u8 = 6;
const PERIOD: i64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn typed(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    const NEVER: TotpStep = TotpStep(0);

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, of whose eight digits the last six are ours.
        let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
        for (seconds, eight) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let step = TotpStep::at(at(seconds));
            let six = eight.split_at(2).1;
            assert!(secret.code(step) == typed(six), "{seconds}");
            assert_eq!(secret.check(&typed(six), at(seconds), NEVER), TotpCheck::Right(step), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_right_one_step_around_now_and_once() {
        let secret = TotpSecret::from_bytes(&[3; 20]).unwrap();
        let now = at(1_795_507_200);
        let step = TotpStep::at(now);
        for (shift, right) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let of = step.plus(shift);
            let expected = if right { TotpCheck::Right(of) } else { TotpCheck::Wrong };
            assert_eq!(secret.check(&secret.code(of), now, NEVER), expected, "{shift}");
        }
        assert_eq!(secret.check(&secret.code(step), now, step), TotpCheck::Used);
        assert_eq!(secret.check(&secret.code(step.plus(-1)), now, step), TotpCheck::Used);
        assert_eq!(secret.check(&secret.code(step.plus(1)), now, step), TotpCheck::Right(step.plus(1)));
    }

    #[test]
    fn codes_are_read_with_spaces_and_nothing_else_is_a_code() {
        let secret = TotpSecret::from_bytes(&[3; 20]).unwrap();
        let now = at(1_795_507_200);
        let code = secret.code(TotpStep::at(now)).expose(Clone::clone);
        let (left, right) = code.split_at(3);
        let spaced = format!(" {left} {right} ");
        assert!(matches!(secret.check(&typed(&spaced), now, NEVER), TotpCheck::Right(_)));
        let longer = format!("{code}0");
        for other in ["", "+12345", "12345", longer.as_str(), "١٢٣٤٥٦", &"9".repeat(10_000)] {
            assert_eq!(secret.check(&typed(other), now, NEVER), TotpCheck::Wrong, "{other}");
        }
    }

    #[test]
    fn the_address_is_percent_encoded_and_not_printed() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
        let url = secret.url("Köln & Co", "ada@example.org");
        assert_eq!(
            url.expose(Clone::clone),
            "otpauth://totp/K%C3%B6ln%20%26%20Co:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=K%C3%B6ln%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
        assert!(!format!("{secret:?} {url:?}").contains("GEZD"));
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
    fn codes_are_those_of_oathtool() {
        let secret = TotpSecret::from_bytes(&[9; 20]).unwrap();
        for seconds in (0..40).map(|n| 1_700_000_000 + n * 97_531) {
            let base32 = secret.base32().expose(Clone::clone);
            let mut oathtool = std::process::Command::new("oathtool");
            oathtool.args(["--totp", "-b", &base32, "--now", &format!("@{seconds}")]);
            let Ok(output) = oathtool.output() else {
                eprintln!("SKIPPED: oathtool is not installed");
                return;
            };
            let theirs = String::from_utf8(output.stdout).unwrap();
            assert!(secret.code(TotpStep::at(at(seconds))) == typed(theirs.trim()), "{seconds}");
        }
    }
}
