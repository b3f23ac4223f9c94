//! The parsers.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bartizan_control::files::{Files, named, policy_cases, renamed, suppose};
use bartizan_control::plan::{Missing, Stored, plan};
use bartizan_control::{AppSpec, GroupSpec, PolicySpec};
use bartizan_gateway::{Connection, announced, canonical, read_request};
use bartizan_model::{Event, PresentedCredential, RequestId, Revision, Timestamp, Upstream, WireRules};
use bartizan_pki::age::{Decryptor, Identity, Recipient};
use bartizan_policy::{Engine, PolicySource, World, split_file};
use bartizan_testkit::SeededEntropy;
use futures_util::FutureExt as _;

/// A parser under a name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("credential", credential),
    ("request", request),
    ("http1", http1),
    ("proxy", proxy),
    ("upstream", upstream),
    ("timestamp", timestamp),
    ("policy", policy),
    ("spool", spool),
    ("log_checkpoint", log_checkpoint),
    ("log_bundle", log_bundle),
    ("log_proof", log_proof),
    ("log_entry", log_entry),
    ("log_key", log_key),
    ("object", object),
    ("object_file", object_file),
    ("scim", scim),
    ("policy_test", policy_test),
    ("policy_person", policy_person),
    ("age_key", age_key),
    ("age_file", age_file),
    ("token", token),
];

/// A signed token in the first line, and the keys of who is said to have signed it.
fn token(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let (token, keys) = text.split_once('\n').unwrap_or((text, ""));
    bartizan_identity::jose::read_anything(token, keys);
}

/// A filter, or the path of a change, in the first line; what a directory sends in the rest.
fn scim(bytes: &[u8]) {
    use bartizan_identity::scim::{
        Bulk, Fields, Kind, Patch, Projection, Record, Search, json, read_anything,
    };
    let Ok(text) = str::from_utf8(bytes) else { return };
    let (line, sent) = text.split_once('\n').unwrap_or((text, ""));
    read_anything(line);
    let Ok(sent) = json(sent.as_bytes()) else { return };
    let _ = Bulk::read(&sent).map(|bulk| bulk.in_order().len());
    for kind in Kind::ALL {
        if let Ok(fields) = Fields::of_body(&sent) {
            let _ = (Search::read(kind, &fields), Projection::read(kind, &fields));
        }
        let record = Record::sent(kind, &sent);
        if let Ok(record) = &record {
            let again = Record::of(kind, &record.object("https://auth.test/scim/v2"));
            assert_eq!(again.as_ref(), Ok(record), "what is shown reads the same");
        }
        let (Ok(patch), Some(empty)) =
            (Patch::read(kind, &sent), sent.get("to").and_then(|to| to.as_object()))
        else {
            continue;
        };
        let _ = patch.apply(empty).map(|object| Record::of(kind, &object).is_ok());
    }
}

/// The bytes of an HTTP/1.1 connection.
fn http1(bytes: &[u8]) {
    if let Ok(Some((head, body))) = read_request(bytes) {
        assert!(body.len() < bytes.len(), "a body is a part of what came");
        same_to_another(bytes, &head);
        canonical_request(head);
    }
}

/// What a connection begins with that a proxy announces.
fn proxy(bytes: &[u8]) {
    // All of it is there, so nothing is waited for.
    let Some(Ok(Some(source))) = announced(bytes).now_or_never() else { return };
    assert_eq!(source, source.to_canonical(), "an address has one form");
}

/// A key as people keep it.
fn age_key(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(recipient) = text.parse::<Recipient>() {
        assert_eq!(recipient.to_string(), text, "a key has one form");
    }
    let _ = Recipient::read_file(text);
    let _ = Identity::read_file(text);
}

/// A sealed file.
fn age_file(bytes: &[u8]) {
    let Ok(identity) = IDENTITY.parse::<Identity>() else { return };
    let Ok(mut file) = Decryptor::new(bytes, &[identity]) else { return };
    let mut plain = Vec::new();
    let read = file.read_to_end(&mut plain);
    assert!(plain.len() < bytes.len(), "what is in a file is a part of it");
    assert!(read.is_ok() || file.read(&mut [0]).is_err(), "after an error there is nothing more");
}

/// To whom the file of the corpus is sealed; it opens nothing else.
const IDENTITY: &str = "AGE-SECRET-KEY-1M3QQ2WWCRJ8NKXY6PD6LNL4XS54E3589AK9XGL6KAJN4KMZFAH7SUWFXSG";

/// What our reader reads, another reads alike.
fn same_to_another(bytes: &[u8], head: &http::request::Parts) {
    let mut fields = vec![httparse::EMPTY_HEADER; 256];
    let mut other = httparse::Request::new(&mut fields);
    let read = other.parse(bytes);
    assert!(read.is_ok_and(|status| status.is_complete()), "the other reader refuses it");
    assert_eq!(other.method, Some(head.method.as_str()), "the method");
    let (ours, theirs) = (head.uri.to_string(), other.path.unwrap_or_default());
    // A scheme is spelled in small letters, whoever wrote it; a target without path is one with `/`.
    let same = if theirs.starts_with('/') {
        ours == theirs
    } else {
        let bare = |target: &str| target.replacen("/?", "?", 1).trim_end_matches('/').to_ascii_lowercase();
        bare(&ours) == bare(theirs)
    };
    assert!(same, "the target: {ours} for {theirs}");
    assert_eq!(other.headers.len(), head.headers.len(), "as many fields");
    for field in other.headers.iter() {
        let values = head.headers.get_all(field.name);
        assert!(values.iter().any(|value| value.as_bytes() == field.value), "the field `{}`", field.name);
    }
}

/// A request head as HTTP/2 has it: a line with method and target, then fields.
fn request(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut line = lines.next().unwrap_or_default().splitn(2, |byte| *byte == b' ');
    let (Some(method), Some(target)) = (line.next(), line.next()) else { return };
    let mut request = http::Request::builder().method(method).uri(target).version(http::Version::HTTP_11);
    for field in lines {
        let at = field.iter().position(|byte| *byte == b':').unwrap_or(field.len());
        let (name, value) = field.split_at(at);
        request = request.header(name, value.strip_prefix(b":").unwrap_or(value).trim_ascii());
    }
    if let Ok(request) = request.body(()) {
        canonical_request(request.into_parts().0);
    }
}

fn canonical_request(head: http::request::Parts) {
    let connection = Connection {
        tls_host: "wiki.test".into(),
        source: IpAddr::V4(Ipv4Addr::LOCALHOST),
        proxies: Arc::default(),
        strict_transport: false,
    };
    let Ok(head) = canonical(head, &connection, &WireRules::default(), RequestId::from_bytes([7; 16])) else {
        return;
    };
    assert_eq!(head.host(), "wiki.test", "the host of the connection");
    let server = head.path() == "*" && head.method() == http::Method::OPTIONS;
    assert!(server || head.path().starts_with('/') && !head.path().contains("//"), "{}", head.path());
    assert!(head.path().split('/').all(|segment| segment != ".." && segment != "."), "{}", head.path());
    assert!(!head.path().contains([';', '\\', '\0', '\r', '\n']), "{}", head.path());
    for (name, value) in head.headers() {
        let value = value.as_bytes();
        assert!(name != "bartizan-token" && !name.as_str().starts_with("x-forwarded"), "{name} passes");
        let ours = |pair: &[u8]| {
            let name = pair.trim_ascii_start();
            name.get(..15).is_some_and(|name| name.eq_ignore_ascii_case(b"__Host-bartizan"))
        };
        let cookie = name == http::header::COOKIE && value.split(|byte| *byte == b';').any(ours);
        assert!(!cookie, "a cookie of ours passes: {}", String::from_utf8_lossy(value));
    }
    // What an upstream is sent is read the same once more.
    let again = http::Request::builder().method(head.method()).uri(head.target()).header("host", "wiki.test");
    let again = again.body(()).ok().and_then(|request| {
        canonical(request.into_parts().0, &connection, &WireRules::default(), RequestId::from_bytes([7; 16]))
            .ok()
    });
    let again = again.map(|again| (again.path().to_owned(), again.target()));
    assert_eq!(again, Some((head.path().to_owned(), head.target())));
}

fn credential(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(presented) = PresentedCredential::parse(&text) {
        assert!(text.starts_with(presented.kind().prefix()), "a credential of a kind has its prefix");
        assert_eq!(text.len(), 47, "a prefix and 43 characters");
    }
}

fn upstream(bytes: &[u8]) {
    if let Ok(upstream) = String::from_utf8_lossy(bytes).parse::<Upstream>() {
        assert_eq!(upstream.to_string().parse(), Ok(upstream), "what was read is read again the same");
    }
}

fn timestamp(bytes: &[u8]) {
    if let Ok(time) = String::from_utf8_lossy(bytes).parse::<Timestamp>() {
        assert_eq!(time.to_string().parse(), Ok(time), "what was read is read again the same");
    }
}

fn policy(bytes: &[u8]) {
    if let Ok(sources) = split_file("fuzz.cedar", &String::from_utf8_lossy(bytes)) {
        let _ = Engine::compile(Revision::new(1), &sources, None);
    }
}

fn spool(bytes: &[u8]) {
    let mut records = 0;
    if let Ok(content) = bartizan_enforce::spool::read_segment(bytes, |_, _| records += 1) {
        assert_eq!(content.records, records, "every record is handed over once");
        assert!(content.end <= u64::try_from(bytes.len()).unwrap_or(u64::MAX), "within the file");
    }
    let _ = bartizan_enforce::spool::decode_record(bytes, &[0; 16], 1);
}

fn log_checkpoint(bytes: &[u8]) {
    if let Ok(checkpoint) = bartizan_evidence::Checkpoint::parse(&String::from_utf8_lossy(bytes)) {
        assert_eq!(bartizan_evidence::Checkpoint::parse(&checkpoint.text()).ok(), Some(checkpoint));
    }
}

fn log_bundle(bytes: &[u8]) {
    for entries in [1, 7, 256] {
        let _ = bartizan_evidence::parse_bundle(bytes, entries);
    }
}

fn log_proof(bytes: &[u8]) {
    let _ = bartizan_evidence::Proof::parse(&String::from_utf8_lossy(bytes));
}

fn log_entry(bytes: &[u8]) {
    let _ = bartizan_evidence::StoredEntry::parse(bytes);
}

fn log_key(bytes: &[u8]) {
    let _ = bartizan_pki::NoteVerifier::parse(&String::from_utf8_lossy(bytes));
}

fn object(bytes: &[u8]) {
    let _ = serde_json::from_slice::<AppSpec>(bytes);
    let _ = serde_json::from_slice::<GroupSpec>(bytes);
    let _ = serde_json::from_slice::<PolicySpec>(bytes);
    let _ = serde_json::from_slice::<Event>(bytes);
}

fn object_file(bytes: &[u8]) {
    let file = [(String::from("fuzz.toml"), String::from_utf8_lossy(bytes).into_owned())];
    let (files, findings) = Files::read_what_is_right(&file);
    assert!(
        findings.iter().all(|finding| finding.line > 0 && finding.column > 0),
        "every finding has a place"
    );
    let _ = suppose(&files);
    let _ = plan(&Stored::default(), &files, Missing::Delete { caller: None }, &SeededEntropy::new(1));
}

fn policy_test(bytes: &[u8]) {
    let Ok(cases) = policy_cases("fuzz.test.toml", &String::from_utf8_lossy(bytes)) else { return };
    let Ok(engine) = Engine::compile(Revision::new(1), &[], None) else { return };
    let supposed = bartizan_control::files::Supposed { world: World::new(), people: BTreeMap::new() };
    for case in cases.iter().take(4) {
        assert!(case.run(&engine, &supposed).is_some(), "nothing is as expected where there is nothing");
    }
}

fn policy_person(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(id) = "fuzz".parse() else { return };
    let names: BTreeMap<String, String> = named(&PolicySource::new(id, "fuzz.cedar", text.clone()))
        .into_iter()
        .map(|person| (person.text.clone(), person.text))
        .collect();
    assert_eq!(renamed(&text, &names), text, "with the same names it is the same text");
}
