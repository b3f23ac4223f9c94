//! The parsers.

use bartizan_control::{AppSpec, GroupSpec, PolicySpec};
use bartizan_model::{Event, PresentedCredential, Revision, Timestamp, Upstream};
use bartizan_policy::{Engine, split_file};

/// A parser under a name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("credential", credential),
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
];

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
