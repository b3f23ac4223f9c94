//! What is taken out of texts that may hold something of somebody's.

use std::net::IpAddr;

use toml::{Table, Value};

/// A configuration without its comments, with the values of keys that sound secret, and credentials in addresses, replaced.
pub(super) fn configuration(text: &str) -> Result<String, String> {
    let mut table: Table =
        text.parse().map_err(|_invalid| String::from("it cannot be read (see doctor.json)"))?;
    for (key, value) in &mut table {
        value_of(key, value);
    }
    toml::to_string(&table).map_err(|error| error.to_string())
}

fn value_of(key: &str, value: &mut Value) {
    match value {
        Value::Table(table) => table.iter_mut().for_each(|(key, value)| value_of(key, value)),
        Value::Array(values) => values.iter_mut().for_each(|value| value_of(key, value)),
        Value::String(text) if sounds_secret(key) || text.contains("PRIVATE KEY") => {
            *text = String::from(REPLACED)
        }
        Value::String(text) => *text = credentials_in_address(text),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_)
            if sounds_secret(key) =>
        {
            *value = Value::String(String::from(REPLACED));
        }
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

/// A path to a key is none; what stands under such a name itself may be one.
fn sounds_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let names_a_file = ["file", "path", "dir"].iter().any(|end| key.ends_with(end));
    let words =
        ["secret", "password", "passphrase", "token", "credential", "hmac", "private", "api_key", "eab"];
    !names_a_file && words.iter().any(|word| key.contains(word))
}

/// `https://name:password@host` is `https://[redacted]@host`.
fn credentials_in_address(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest.get(..end).and_then(|authority| authority.rfind('@')).and_then(|at| rest.get(at..)) {
        Some(host) => format!("{scheme}://{REPLACED}{host}"),
        None => text.to_owned(),
    }
}

/// A line of a log without network addresses, mail addresses and credentials.
pub(super) fn line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut word = String::new();
    for character in line.chars() {
        // What can be in the middle of an address or of a credential.
        if character.is_ascii_alphanumeric() || "._-:@+%~[]".contains(character) || !character.is_ascii() {
            word.push(character);
        } else {
            out.push_str(&replaced(&word));
            word.clear();
            out.push(character);
        }
    }
    out.push_str(&replaced(&word));
    out
}

fn replaced(word: &str) -> String {
    let bare = word.trim_end_matches([':', '.', ']']).trim_start_matches('[');
    let host = bare.rsplit_once(':').map(|(host, _port)| host.trim_end_matches(']'));
    let address =
        |text: &str| text.parse::<IpAddr>().is_ok_and(|ip| !ip.is_loopback() && !ip.is_unspecified());
    let scoped = bare.split_once('%').is_some_and(|(ip, _zone)| address(ip));
    if address(bare) || scoped || host.is_some_and(address) {
        return String::from("[address]");
    }
    let mail = word.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.'));
    // Ours begin with `bz` and a letter; 43 characters are 256 bits.
    let ours =
        word.find("bz").and_then(|at| word.get(at..)).is_some_and(|rest| rest.chars().nth(3) == Some('_'));
    let id = word.len() == 36 && word.split('-').count() == 5;
    let random = !id && word.len() >= 40 && !word.contains("::");
    if mail || ours || random {
        return String::from(REPLACED);
    }
    word.to_owned()
}

const REPLACED: &str = "[redacted]";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_configuration_keeps_what_helps() {
        let text = "# the password is x\ndomain = \"access.example.com\" # comment\n[acme]\neab_hmac = \"Zm9v\"\nkey_file = \"/etc/k.pem\"\n\
                    directory = \"https://me:pw@acme.example.com/dir\"\n[[listener]]\naddress = \"0.0.0.0:443\"\napi_token = 7\n";
        let shown = configuration(text).unwrap();
        for gone in ["password", "comment", "Zm9v", "me:pw", "7"] {
            assert!(!shown.contains(gone), "{gone}: {shown}");
        }
        for kept in
            ["access.example.com", "/etc/k.pem", "https://[redacted]@acme.example.com/dir", "0.0.0.0:443"]
        {
            assert!(shown.contains(kept), "{kept}: {shown}");
        }
        assert!(configuration("a = [").is_err());
    }

    #[test]
    fn a_line_keeps_what_helps() {
        for (from, to) in [
            ("WARN x::y: slow peer=192.0.2.7:443 app=wiki", "WARN x::y: slow peer=[address] app=wiki"),
            ("{\"peer\":\"[2001:db8::1]:443\"}", "{\"peer\":\"[address]\"}"),
            ("from ada@example.com,", "from [redacted],"),
            (
                "to 127.0.0.1:8443 at 2026-11-25T00:50:33.000001Z",
                "to 127.0.0.1:8443 at 2026-11-25T00:50:33.000001Z",
            ),
            (
                "request_id=0192f0c1-2b3c-7d4e-8f50-112233445566",
                "request_id=0192f0c1-2b3c-7d4e-8f50-112233445566",
            ),
            ("token=bzn_AAAAAAAAAAAAAAAA!", "token=[redacted]!"),
        ] {
            assert_eq!(line(from), to);
        }
    }

    proptest! {
        #[test]
        fn no_address_and_no_credential_gets_through(
            ip: std::net::IpAddr, port: u16, secret in "[A-Za-z0-9_-]{43}", before in "[a-z=\" ({]{0,8}[=\" ({]", after in "[\" )},;][a-z]{0,4}"
        ) {
            let ip = std::net::IpAddr::V6(match ip { std::net::IpAddr::V6(ip) => ip, std::net::IpAddr::V4(ip) => ip.to_ipv6_mapped() });
            prop_assume!(!ip.is_loopback() && !ip.is_unspecified());
            for text in [ip.to_string(), format!("[{ip}]:{port}"), secret] {
                let shown = line(&format!("{before}{text}{after}"));
                prop_assert!(!shown.contains(&text), "{}", shown);
            }
        }
    }
}
