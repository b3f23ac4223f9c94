//! The made-up colleagues who have a past in the demo. They have no factors, so nobody signs in as one of them who was not
//! invited.

/// What somebody does here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Post {
    Staff,
    Finance,
    Contractor,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Colleague {
    pub(crate) login: &'static str,
    pub(crate) display: &'static str,
    pub(crate) post: Post,
    /// From where they come: an address of those that are kept for examples (RFC 5737).
    pub(crate) source: &'static str,
    pub(crate) agent: &'static str,
}

const fn of(
    login: &'static str,
    display: &'static str,
    post: Post,
    source: &'static str,
    agent: &'static str,
) -> Colleague {
    Colleague { login, display, post, source, agent }
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15";
/// With which somebody tries one page after another.
pub(super) const SCRIPT: &str = "python-requests/2.32.5";
/// From where passwords are guessed.
pub(super) const STRANGER: &str = "198.51.100.23";

pub(crate) const COLLEAGUES: [Colleague; 12] = [
    of("mara", "Mara Okafor", Post::Staff, "192.0.2.11", FIREFOX),
    of("jonas", "Jonas Whitfield", Post::Staff, "192.0.2.12", CHROME),
    of("lucia", "Lucía Ferrer", Post::Staff, "192.0.2.13", SAFARI),
    of("tomasz", "Tomasz Bielak", Post::Staff, "192.0.2.14", FIREFOX),
    of("amelie", "Amélie Roux", Post::Staff, "203.0.113.40", SAFARI),
    of("kenji", "Kenji Morita", Post::Staff, "192.0.2.16", CHROME),
    of("priya", "Priya Raman", Post::Staff, "192.0.2.17", CHROME),
    of(NOOR, "Noor El-Amin", Post::Finance, "192.0.2.21", CHROME),
    of(INES, "Inês Duarte", Post::Finance, "192.0.2.22", FIREFOX),
    of("walter", "Walter Brandt", Post::Finance, "203.0.113.41", CHROME),
    of(TESS, "Tess Halloran", Post::Contractor, "203.0.113.60", SAFARI),
    of(VIKTOR, "Viktor Anders", Post::Contractor, "203.0.113.61", FIREFOX),
];

/// Whose password somebody guessed at, on a day some days ago.
pub(super) const NOOR: &str = "noor";
/// Who works long days.
pub(super) const INES: &str = "ines";
/// Whose script asks for what it may not have.
pub(super) const TESS: &str = "tess";
/// Who went through payroll page by page, and was disabled.
pub(super) const VIKTOR: &str = "viktor";

/// Which of them has this login name.
pub(super) fn who(login: &str) -> usize {
    COLLEAGUES.iter().position(|colleague| colleague.login == login).unwrap_or_default()
}
