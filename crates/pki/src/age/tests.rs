use std::io::{Read as _, Write as _};

use proptest::prelude::*;

use super::*;

fn sealed(plain: &[u8], recipients: &[Recipient]) -> Vec<u8> {
    let mut encryptor = Encryptor::new(Vec::new(), recipients).unwrap();
    encryptor.write_all(plain).unwrap();
    encryptor.finish().unwrap()
}

/// What is handed on before the end or the first error, and that error.
fn opened(file: &[u8], identities: &[Identity]) -> (Vec<u8>, Option<String>) {
    let mut plain = Vec::new();
    match Decryptor::new(file, identities).map(|mut file| file.read_to_end(&mut plain)) {
        Ok(Ok(_)) => (plain, None),
        Ok(Err(error)) => (plain, Some(error.to_string())),
        Err(error) => (plain, Some(error.to_string())),
    }
}

#[test]
fn each_recipient_opens_it_and_nobody_else() {
    let identities = [(); 3].map(|()| Identity::generate().unwrap());
    let [first, second, third] = &identities;
    let file = sealed(b"secret", &[first.recipient(), second.recipient()]);
    for identity in [first, second] {
        let text = identity.to_text().expose(Clone::clone);
        assert_eq!(opened(&file, &[text.parse().unwrap()]), (b"secret".to_vec(), None));
    }
    let (plain, error) = opened(&file, std::slice::from_ref(third));
    assert_eq!((plain, error.unwrap()), (Vec::new(), AgeError::NoMatch.to_string()));
    assert_eq!(opened(&file, &identities).1, None);
    assert!(matches!(Encryptor::new(Vec::new(), &[]), Err(AgeError::Nobody)));
}

#[test]
fn a_file_of_every_length_around_a_chunk_comes_back() {
    let identity = Identity::generate().unwrap();
    const CHUNK: usize = 64 << 10;
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7] {
        let plain: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let file = sealed(&plain, &[identity.recipient()]);
        let overhead = 16 * length.div_ceil(CHUNK).max(1);
        assert!(file.ends_with(b"") && file.len() > length + overhead);
        assert!(opened(&file, std::slice::from_ref(&identity)) == (plain, None), "{length}");
    }
}

#[test]
fn what_is_cut_off_between_two_chunks_is_found_and_said() {
    let identity = Identity::generate().unwrap();
    let file = sealed(&vec![7; 3 * (64 << 10)], &[identity.recipient()]);
    let cut = &file[..file.len() - (64 << 10) - 16];
    let (plain, error) = opened(cut, std::slice::from_ref(&identity));
    assert_eq!((plain.len(), error.unwrap()), (64 << 10, AgeError::Truncated.to_string()));
    let longer = [file.as_slice(), b"x"].concat();
    assert_eq!(opened(&longer, std::slice::from_ref(&identity)).1.unwrap(), AgeError::Content.to_string());
}

#[test]
fn a_reader_that_goes_on_after_an_error_gets_nothing() {
    let identity = Identity::generate().unwrap();
    let mut file = sealed(&vec![7; 100_000], &[identity.recipient()]);
    let last = file.len() - 1;
    file[last] ^= 1;
    let mut reader = Decryptor::new(file.as_slice(), std::slice::from_ref(&identity)).unwrap();
    assert_eq!(reader.read_to_end(&mut Vec::new()).unwrap_err().kind(), std::io::ErrorKind::InvalidData);
    for _ in 0..3 {
        assert!(reader.read(&mut [0; 10]).is_err());
    }
}

#[test]
fn keys_are_read_as_they_are_written_and_no_others() {
    // From the documentation of age.
    let known = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    assert_eq!(known.parse::<Recipient>().unwrap().to_string(), known);
    let identity = Identity::generate().unwrap();
    let text = identity.to_text().expose(Clone::clone);
    assert!(text.starts_with("AGE-SECRET-KEY-1"), "another form");
    let mixed = known.replace("zvk", "ZVK");
    let damaged = known.replace("zvk", "zvq");
    for wrong in ["", "age1", &mixed, &damaged, &known.to_uppercase(), &text, &format!("{known}q")] {
        assert!(wrong.parse::<Recipient>().is_err(), "{wrong}");
    }
    for wrong in ["", known, &text.to_lowercase(), text.trim_start_matches('A'), &format!("{text}Q")] {
        assert!(wrong.parse::<Identity>().is_err());
    }
    // A point of small order: everybody would agree on the same secret.
    let zero = super::keys::encoded("age", &[0; 32]);
    assert!(zero.parse::<Recipient>().is_err(), "{zero}");
}

#[test]
fn files_of_keys_may_have_comments_and_must_have_keys() {
    let identity = Identity::generate().unwrap();
    let text = identity.to_text().expose(Clone::clone);
    let file = format!("# made for a test\n\n  {text}\n");
    assert_eq!(Identity::read_file(&file).unwrap().first().unwrap().recipient(), identity.recipient());
    let file = format!("# ours\n{}\n{}\n", identity.recipient(), Identity::generate().unwrap().recipient());
    assert_eq!(Recipient::read_file(&file).unwrap().len(), 2);
    for wrong in ["", "# nothing\n", "age1nonsense\n"] {
        assert!(Identity::read_file(wrong).is_err() && Recipient::read_file(wrong).is_err());
    }
}

#[test]
fn debug_output_shows_no_private_key() {
    let identity = Identity::generate().unwrap();
    assert_eq!(format!("{identity:?}"), format!("Identity({})", identity.recipient()));
}

#[test]
fn a_header_is_bounded() {
    let identity = Identity::generate().unwrap();
    let endless = [b"age-encryption.org/v1\n-> ".as_slice(), &vec![b'x'; 1 << 20]].concat();
    let many = ["age-encryption.org/v1\n", &"-> x\n\n".repeat(1 << 17)].concat();
    for file in [endless.as_slice(), many.as_bytes()] {
        let error = opened(file, std::slice::from_ref(&identity)).1.unwrap();
        assert!(error.contains("too long"), "{error}");
    }
}

/// The test kit of those who keep the format (<https://c2sp.org/CCTV/age>), where `cargo xtask test` could get it.
#[test]
#[expect(clippy::print_stdout, reason = "a test that was skipped says so")]
fn published_vectors() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools/age-vectors");
    let Ok(folder) = std::fs::read_dir(folder) else {
        println!("SKIPPED test kit of age: it is not there (Go fetches it)");
        return;
    };
    let mut seen = 0;
    for entry in folder {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let Some(end) = bytes.windows(2).position(|pair| pair == b"\n\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let field = |name: &str| {
            head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
        };
        let all = |name: &str| -> Vec<Identity> {
            let lines = head.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            lines.filter_map(|key| key.parse().ok()).collect()
        };
        let identities = all("identity");
        // Armour, passphrases and other kinds of keys are not read here.
        let other = ["armored", "passphrase", "compressed"].into_iter().any(|name| field(name).is_some());
        if other || identities.is_empty() {
            continue;
        }
        seen += 1;
        let (plain, error) = opened(&bytes[end + 2..], &identities);
        let expected = field("expect").unwrap();
        let hash = crate::sha256(&plain).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(error.is_none(), expected == "success", "{}: {error:?}, {expected}", path.display());
        if let Some(payload) = field("payload") {
            assert_eq!(hash, payload, "{}", path.display());
        }
    }
    assert!(seen >= 40, "{seen}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_changed_bit_and_any_cut_is_found(plain: Vec<u8>, at: prop::sample::Index, bit in 0u8..8) {
        let identity = Identity::generate().unwrap();
        let file = sealed(&plain, &[identity.recipient()]);
        let at = at.index(file.len());
        let mut changed = file.clone();
        changed[at] ^= 1 << bit;
        prop_assert!(opened(&changed, std::slice::from_ref(&identity)).1.is_some());
        prop_assert!(opened(&file[..at], std::slice::from_ref(&identity)).1.is_some());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, text in "(?s)(-> X25519 .{0,80}\n|--- .{0,50}\n|.{0,70}\n){0,6}") {
        let identity = Identity::generate().unwrap();
        let file = ["age-encryption.org/v1\n".as_bytes(), text.as_bytes(), &bytes].concat();
        prop_assert!(opened(&file, std::slice::from_ref(&identity)).1.is_some());
        prop_assert!(opened(&bytes, std::slice::from_ref(&identity)).1.is_some());
    }
}
