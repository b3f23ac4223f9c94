//! Passwords: which are accepted, and how they are kept and checked.
//!
//! After NIST SP 800-63B-4, 3.1.1: the whole password counts, in Unicode and whatever is in it; nobody has to change it; what
//! is easily guessed is refused with the reason.
//!
//! At least 8 characters, as 3.1.1.2 permits for passwords "only used as part of multi-factor authentication"; alone it would
//! take 15. It holds for everybody here, in two ways:
//!
//! - By a password alone nothing begins. A session takes a [`StrongProof`](crate::factors::StrongProof), and a right password
//!   gives a [`PasswordProof`](crate::factors::PasswordProof), which is worth a first factor and nothing else.
//! - Nobody has a password and no second factor. A claim makes password and app at once; later a password is set only beside an
//!   app or a passkey, and neither of them is taken away so that a password is left alone: see
//!   [`NotChanged`](crate::factors::NotChanged).

mod hashing;

use std::collections::BTreeSet;
use std::sync::Arc;

use bartizan_model::{Entropy, Secret};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization as _;

use self::hashing::{Hashing, OUTPUT_LEN, SALT_LEN};
use crate::error::Error;

/// Why a password is not accepted: by what the person does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    /// Make it longer.
    #[error("Use at least 8 characters.")]
    TooShort,
    /// Make it shorter.
    #[error("Use at most 128 characters.")]
    TooLong,
    /// Leave out what others know of you.
    #[error(
        "Leave out your name, your mail address and the name of your organisation: they are guessed first."
    )]
    AboutYou,
    /// Choose another.
    #[error(
        "This password is easy to guess. Use several words that do not belong together, or a password manager."
    )]
    Guessable,
}

/// Whether a password may be chosen by a person of whom others know these texts (login, names, organisation).
///
/// It takes up to some tens of milliseconds: on a thread that may block.
///
/// # Errors
/// [`PasswordProblem`], for the person.
pub fn acceptable(password: &Secret<String>, about: &[&str]) -> Result<(), PasswordProblem> {
    let normal = password.expose(|text| normal(text)).ok_or(PasswordProblem::TooLong)?;
    normal.expose(|text| {
        if text.chars().count() < MIN_CHARS {
            return Err(PasswordProblem::TooShort);
        }
        let guesses = |about: &[&str]| zxcvbn::zxcvbn(text, about).guesses_log10();
        let words: BTreeSet<String> = about
            .iter()
            .flat_map(|text| {
                std::iter::once(*text).chain(text.split(|letter: char| !letter.is_alphanumeric()))
            })
            .filter(|word| word.chars().count() > 2)
            .map(str::to_lowercase)
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if guesses(&words) >= MIN_GUESSES_LOG10 {
            return Ok(());
        }
        if guesses(&[]) >= MIN_GUESSES_LOG10 {
            return Err(PasswordProblem::AboutYou);
        }
        Err(PasswordProblem::Guessable)
    })
}

/// A stored password: Argon2id in PHC form.
pub(crate) type PasswordText = Secret<String>;

/// How a password compares with the stored one.
#[derive(Debug)]
pub(crate) enum Checked {
    /// It is another.
    Wrong,
    /// It is the same; if the stored form is not what would be made today, here is a new one.
    Right(Option<PasswordText>),
}

/// Makes and checks password hashes, few at a time: each takes 19 MiB and some tens of milliseconds of a core.
#[derive(Debug)]
pub(crate) struct Passwords {
    entropy: Arc<dyn Entropy>,
    /// Who may wait or run.
    admitted: Arc<Semaphore>,
    /// Who runs.
    running: Arc<Semaphore>,
    /// What is checked for people who have no password: the same work, and no password is right.
    nobody: Arc<PasswordText>,
    hashing: Arc<Hashing>,
}

impl Passwords {
    pub(crate) fn new(entropy: Arc<dyn Entropy>) -> Self {
        let parallel = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_PARALLEL);
        let (mut salt, mut output) = ([0; SALT_LEN], [0; OUTPUT_LEN]);
        entropy.fill(&mut salt);
        // Random bits in the place of a hash: there is no password to it.
        entropy.fill(&mut output);
        Self {
            entropy,
            admitted: Arc::new(Semaphore::new(parallel + MAX_WAITING)),
            running: Arc::new(Semaphore::new(parallel)),
            nobody: Arc::new(hashing::stored(&salt, &output)),
            hashing: Arc::default(),
        }
    }

    /// How many hashes were computed since the start.
    pub(crate) fn hashes(&self) -> u64 {
        self.hashing.computed()
    }

    /// The stored form of a password that somebody chose, if it is acceptable.
    pub(crate) async fn choose(
        &self,
        password: &Secret<String>,
        about: Vec<String>,
    ) -> Result<Result<PasswordText, PasswordProblem>, Error> {
        let password = password.clone();
        let salt = self.salt();
        self.run(move |hashing| {
            let about: Vec<&str> = about.iter().map(String::as_str).collect();
            if let Err(problem) = acceptable(&password, &about) {
                return Ok(Err(problem));
            }
            let normal = password.expose(|text| normal(text));
            let Some(normal) = normal else { return Ok(Err(PasswordProblem::TooLong)) };
            hashing.hash(&normal, salt).map(Ok)
        })
        .await
    }

    /// Checks a password against the stored one; against nobody's, if there is none.
    pub(crate) async fn check(
        &self,
        stored: Option<PasswordText>,
        password: &Secret<String>,
    ) -> Result<Checked, Error> {
        // Nobody has a password that is longer than can be chosen; the answer depends on what was typed alone.
        let Some(normal) = password.expose(|text| normal(text)) else { return Ok(Checked::Wrong) };
        let salt = self.salt();
        let nobody = Arc::clone(&self.nobody);
        self.run(move |hashing| {
            let known = stored.is_some();
            let stored = stored.unwrap_or_else(|| nobody.as_ref().clone());
            let (right, current) = stored.expose(|text| hashing.verify(text, &normal))?;
            if !right || !known {
                return Ok(Checked::Wrong);
            }
            if current {
                return Ok(Checked::Right(None));
            }
            Ok(Checked::Right(Some(hashing.hash(&normal, salt)?)))
        })
        .await
    }

    /// Runs hashing on a thread of its own, or says that there are too many already. The permit goes with the work, not
    /// with who waits for it: work that nobody waits for any more still takes its core.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Hashing) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let closed = |_closed| Error::Busy;
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_full| Error::Busy)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(closed)?;
        let permits: [OwnedSemaphorePermit; 2] = [admitted, running];
        let hashing = Arc::clone(&self.hashing);
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&hashing);
            drop(permits);
            result
        });
        done.await.map_err(|_cancelled| Error::Busy)?
    }

    fn salt(&self) -> [u8; SALT_LEN] {
        let mut salt = [0; SALT_LEN];
        self.entropy.fill(&mut salt);
        salt
    }
}

/// The form in which passwords are compared: what looks the same on two keyboards is the same. `None` if it is longer
/// than any password can be.
fn normal(text: &str) -> Option<Secret<String>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    // NFKC makes a text at most 18 times as long; of the final length from the start, so that no copy is left behind.
    let mut normal = String::with_capacity(text.len().saturating_mul(18));
    normal.extend(text.nfkc());
    let normal = Secret::new(normal);
    normal.expose(|text| text.chars().count() <= MAX_CHARS).then_some(normal)
}

/// NIST SP 800-63B-4, 3.1.1.2: 15 if the password were the only factor.
pub(crate) const MIN_CHARS: usize = 8;

/// More than anybody types, and no way to make us hash a megabyte.
pub(crate) const MAX_CHARS: usize = 128;
const MAX_BYTES: usize = 512;

/// A guess costs an attacker who has the hashes 27 ms of a core: 10^8 take a month.
const MIN_GUESSES_LOG10: f64 = 8.0;

/// 4 × 19 MiB: what hashing may take of memory, and of cores that others need, too.
const MAX_PARALLEL: usize = 4;

/// About a second of waiting on one core.
const MAX_WAITING: usize = 32;

#[cfg(test)]
mod tests {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};

    use super::*;

    #[derive(Debug)]
    struct Zero;
    impl Entropy for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    fn passwords() -> Passwords {
        Passwords::new(Arc::new(Zero))
    }

    #[test]
    fn what_is_guessed_is_refused_with_the_reason() {
        use PasswordProblem::{AboutYou, Guessable, TooLong, TooShort};
        let about = ["ada", "Ada Martenquist", "ada@example.org", "Bartizan Rowing Club"];
        for (password, expected) in [
            ("short", Err(TooShort)),
            ("", Err(TooShort)),
            ("password", Err(Guessable)),
            ("P@ssw0rd1", Err(Guessable)),
            ("qwertyuiop", Err(Guessable)),
            ("aaaaaaaaaaaaaaaa", Err(Guessable)),
            ("20261124", Err(Guessable)),
            ("martenquist", Err(AboutYou)),
            ("correct horse battery staple", Ok(())),
            ("v7#kQ2mz!x", Ok(())),
            ("übermorgen fährt kein zug", Ok(())),
        ] {
            assert_eq!(acceptable(&secret(password), &about), expected, "{password}");
        }
        assert_eq!(acceptable(&secret(&"ab1 ".repeat(33)), &about), Err(TooLong));
        assert_eq!(acceptable(&secret(&"ü".repeat(300)), &about), Err(TooLong));
        assert!(!TooShort.to_string().is_empty());
    }

    #[tokio::test]
    async fn a_password_is_right_whichever_way_it_is_typed() {
        let passwords = passwords();
        let stored = passwords.choose(&secret("zürich fährt ｗide"), Vec::new()).await.unwrap().unwrap();
        assert!(stored.expose(|text| text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")));
        for (typed, right) in [
            ("zürich fährt ｗide", true),
            ("zu\u{308}rich fa\u{308}hrt wide", true),
            ("zürich fährt wide ", false),
            ("Zürich fährt wide", false),
            ("", false),
        ] {
            let checked = passwords.check(Some(stored.clone()), &secret(typed)).await.unwrap();
            assert_eq!(matches!(checked, Checked::Right(None)), right, "{typed}");
        }
        assert!(!format!("{stored:?}").contains("argon2"));
    }

    #[tokio::test]
    async fn nobody_has_a_password_and_it_costs_the_same() {
        let passwords = passwords();
        let stored = passwords.choose(&secret("nobody expects this"), Vec::new()).await.unwrap().unwrap();
        let before = passwords.hashes();
        passwords.check(Some(stored), &secret("wrong")).await.unwrap();
        let known = passwords.hashes() - before;
        let checked = passwords.check(None, &secret("wrong")).await.unwrap();
        assert!(matches!(checked, Checked::Wrong));
        assert_eq!(passwords.hashes() - before - known, known);
    }

    #[tokio::test]
    async fn an_older_form_is_made_anew_when_the_password_is_right() {
        let passwords = passwords();
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let old = old.hash_password_with_salt(b"an older password", &[1; 16]).unwrap().to_string();
        let checked = passwords.check(Some(secret(&old)), &secret("an older password")).await.unwrap();
        let Checked::Right(Some(new)) = checked else { panic!("{checked:?}") };
        let again = passwords.check(Some(new), &secret("an older password")).await.unwrap();
        assert!(matches!(again, Checked::Right(None)));
        let wrong = passwords.check(Some(secret(&old)), &secret("another")).await.unwrap();
        assert!(matches!(wrong, Checked::Wrong));
    }

    #[tokio::test]
    async fn too_many_at_once_are_refused_and_not_queued() {
        let passwords = Arc::new(passwords());
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..60 {
            let passwords = Arc::clone(&passwords);
            asking.spawn(async move { passwords.check(None, &secret("x")).await });
        }
        let answers = asking.join_all().await;
        let busy = answers.iter().filter(|answer| matches!(answer, Err(Error::Busy))).count();
        assert!((20..60).contains(&busy), "{busy}");
    }
}
