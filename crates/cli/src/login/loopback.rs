//! A sign-in in a browser on this machine, which brings its answer back to a port of ours (RFC 8252, 7.3).

use std::ffi::{OsStr, OsString};
use std::net::Ipv4Addr;
use std::process::Stdio;
use std::time::Duration;

use bartizan_identity::CLI_CLIENT;
use bartizan_model::{Entropy as _, Secret};
use bartizan_pki::sha256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::provider::{Given, Provider, Refused, form};
use crate::output::{DENIED, FAILED, Failure, talk};
use crate::system::SystemEntropy;

/// What shows an address to whoever sits at this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Browser(OsString);

impl Browser {
    /// The one that `BROWSER` names, or that the desktop opens addresses with; none where there is no screen.
    pub(crate) fn of_user() -> Option<Self> {
        Self::of(std::env::var_os)
    }

    fn of(variable: impl Fn(&'static str) -> Option<OsString>) -> Option<Self> {
        let said = |name| variable(name).filter(|value| !value.is_empty());
        if let Some(named) = said("BROWSER") {
            return Some(Self(named));
        }
        if cfg!(target_os = "macos") {
            return Some(Self("open".into()));
        }
        let screen = said("DISPLAY").or_else(|| said("WAYLAND_DISPLAY"));
        screen.map(|_| Self("xdg-open".into()))
    }

    /// Shows it this address. It says nothing to the terminal, and is not waited for.
    fn open(&self, address: &str) -> std::io::Result<()> {
        let (program, address): (&OsStr, &OsStr) = (&self.0, address.as_ref());
        let mut command = std::process::Command::new(program);
        command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(drop)
    }
}

/// Opens the browser, and waits until it comes back. `None` if it cannot be opened.
pub(crate) async fn in_the_browser(provider: &Provider, browser: &Browser) -> Result<Option<Given>, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let redirect_uri = format!("http://127.0.0.1:{}{CALLBACK}", listener.local_addr()?.port());
    let (state, verifier) = (random(), random());
    let challenge = verifier.expose(|verifier| URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes())));
    let asked = state.expose(|state| {
        form(&[
            ("response_type", "code"),
            ("client_id", CLI_CLIENT),
            ("redirect_uri", &redirect_uri),
            ("state", state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("resource", &provider.resource),
        ])
    });
    let address = format!("{}/oauth2/authorize?{asked}", provider.issuer);
    if let Err(error) = browser.open(&address) {
        tracing::debug!(%error, "no browser");
        return Ok(None);
    }
    talk(&format!("Sign in with the browser that has opened. If none has, open\n\n    {address}\n"));
    let comes = answered(&listener, &state, &provider.issuer);
    let code = tokio::time::timeout(PATIENCE, comes).await.map_err(|_late| {
        let why = "nobody has signed in in time: run `bartizan login` again, or with --no-browser";
        Failure::new(FAILED, why)
    })??;
    let (code, verifier) = (code.expose(Clone::clone), verifier.expose(Clone::clone));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", verifier.as_str()),
        ("redirect_uri", redirect_uri.as_str()),
        ("resource", provider.resource.as_str()),
    ];
    let answer = provider.call("/oauth2/token", &fields).await?.map_err(Refused::failure)?;
    Given::read(&answer).map(Some)
}

/// Waits for the browser. Others on this machine may call as well: only what brings our state is listened to.
async fn answered(
    listener: &TcpListener,
    state: &Secret<String>,
    issuer: &str,
) -> Result<Secret<String>, Failure> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        let Ok(Some(target)) = tokio::time::timeout(ONE_CALL, target(&mut stream)).await else { continue };
        let answer = Answer::read(&target, state, issuer);
        let (status, text) = match &answer {
            Some(Answer::Code(_)) => {
                ("200 OK", "Signed in. Go back to the terminal; this page can be closed.")
            }
            Some(Answer::Refused(..)) => {
                ("200 OK", "Not signed in. The terminal says why; this page can be closed.")
            }
            None => ("404 Not Found", "Nothing is here."),
        };
        let length = text.len();
        let said = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {length}\r\n\
             cache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n{text}"
        );
        // Whether they read it changes nothing.
        let _ = tokio::time::timeout(ONE_CALL, async {
            stream.write_all(said.as_bytes()).await?;
            stream.shutdown().await
        })
        .await;
        match answer {
            Some(Answer::Code(code)) => return Ok(code),
            Some(Answer::Refused(error, why)) => {
                let code = if error == "access_denied" { DENIED } else { FAILED };
                return Err(Failure::new(code, format!("the sign-in was refused: {why} ({error})")));
            }
            None => {}
        }
    }
}

/// The target of a request, if it is a GET whose head is short.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut part).await.ok().filter(|count| *count > 0)?;
        head.extend_from_slice(part.get(..count)?);
        if head.len() > LONGEST_HEAD {
            return None;
        }
    }
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("GET"), Some(target), Some(_version), None) => Some(target.to_owned()),
        _ => None,
    }
}

/// What a browser brings.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Code(Secret<String>),
    Refused(String, String),
}

impl Answer {
    /// Reads it, if it is an answer of this issuer to what was asked with this state (RFC 6749, 4.1.2; RFC 9207).
    fn read(target: &str, state: &Secret<String>, issuer: &str) -> Option<Self> {
        let query = target.strip_prefix(CALLBACK)?.strip_prefix('?')?;
        let pairs: Vec<(&str, String)> = query
            .split('&')
            .filter_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                Some((name, decoded(value)?))
            })
            .collect();
        let one = |name: &str| {
            let mut found = pairs.iter().filter(|(known, _)| *known == name);
            found.next().filter(|_| found.next().is_none()).map(|(_, value)| value.clone())
        };
        if Secret::new(one("state")?) != *state || one("iss")? != issuer {
            return None;
        }
        match (one("code"), one("error")) {
            (Some(code), None) => Some(Self::Code(Secret::new(code))),
            (None, Some(error)) => Some(Self::Refused(error, one("error_description").unwrap_or_default())),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            b'+' => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    // It is printed: nothing in it moves the cursor.
    (!text.chars().any(char::is_control)).then_some(text)
}

/// 256 random bits.
fn random() -> Secret<String> {
    let mut bytes = [0; 32];
    SystemEntropy.fill(&mut bytes);
    Secret::new(URL_SAFE_NO_PAD.encode(bytes))
}

/// Where the answer comes, as the provider knows it of this client.
const CALLBACK: &str = "/callback";

/// Time to sign in, with a phone to look for.
const PATIENCE: Duration = Duration::from_secs(600);

/// Time for a request from this machine.
const ONE_CALL: Duration = Duration::from_secs(2);

/// A code, a state, an issuer, and the fields of a browser.
const LONGEST_HEAD: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_of_our_issuer_to_what_we_asked() {
        let (state, issuer) = (Secret::new(String::from("s")), "https://auth.example.org:8443");
        let iss = "iss=https%3A%2F%2Fauth.example.org%3A8443";
        let read = |target: &str| Answer::read(target, &state, issuer);
        let code = Some(Answer::Code(Secret::new("bzc_x".into())));
        assert_eq!(read(&format!("/callback?code=bzc_x&state=s&{iss}")), code);
        let refused = Some(Answer::Refused("access_denied".into(), "no way".into()));
        assert_eq!(
            read(&format!("/callback?error=access_denied&error_description=no+way&state=s&{iss}")),
            refused
        );
        for other in [
            format!("/callback?code=bzc_x&state=t&{iss}"),
            format!("/callback?code=bzc_x&{iss}"),
            String::from("/callback?code=bzc_x&state=s"),
            String::from("/callback?code=bzc_x&state=s&iss=https%3A%2F%2Fauth.example.com"),
            format!("/callback?code=bzc_x&code=bzc_y&state=s&{iss}"),
            format!("/callback?code=bzc_x&error=x&state=s&{iss}"),
            format!("/callback?code=%1b%5b2J&state=s&{iss}"),
            format!("/callback?code=%zz&state=s&{iss}"),
            format!("/other?code=bzc_x&state=s&{iss}"),
            String::from("/favicon.ico"),
        ] {
            assert_eq!(read(&other), None, "{other}");
        }
    }

    #[test]
    fn a_browser_is_opened_where_there_is_a_screen_or_it_is_named() {
        let of = |known: &[(&str, &str)]| {
            Browser::of(|name| known.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
        };
        assert_eq!(of(&[("BROWSER", "/bin/b"), ("DISPLAY", ":0")]), Some(Browser("/bin/b".into())));
        if !cfg!(target_os = "macos") {
            assert_eq!(of(&[]), None);
            assert_eq!(of(&[("BROWSER", ""), ("DISPLAY", "")]), None);
            assert_eq!(of(&[("WAYLAND_DISPLAY", "wayland-0")]), Some(Browser("xdg-open".into())));
        }
    }
}
