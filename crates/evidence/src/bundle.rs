//! Entry bundles: entries one after the other, each behind its length (c2sp.org/tlog-tiles, "Log entries").

/// Bytes that are no entry bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}: {found}")]
pub struct BundleError {
    /// Where.
    pub offset: usize,
    /// What is there.
    pub found: &'static str,
}

/// The entries of a bundle that is to hold this many, each with the offset of its length.
///
/// # Errors
/// When there are more or fewer, or one is cut off.
pub fn parse_bundle(bytes: &[u8], count: usize) -> Result<Vec<(usize, &[u8])>, BundleError> {
    let mut entries = Vec::with_capacity(count.min(crate::merkle::TILE));
    let mut rest = bytes;
    while !rest.is_empty() {
        let offset = bytes.len() - rest.len();
        if entries.len() == count {
            return Err(BundleError { offset, found: "more than the bundle should hold" });
        }
        let cut_off = BundleError { offset, found: "an entry that is cut off" };
        let (len, after) = rest.split_first_chunk().ok_or(cut_off)?;
        let (entry, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*len))).ok_or(cut_off)?;
        entries.push((offset, entry));
        rest = after;
    }
    if entries.len() < count {
        return Err(BundleError { offset: bytes.len(), found: "the end, before the last entry" });
    }
    Ok(entries)
}

/// Adds an entry to a bundle; `false` if it is too long for any.
pub(crate) fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> bool {
    let Ok(len) = u16::try_from(entry.len()) else { return false };
    bundle.extend_from_slice(&len.to_be_bytes());
    bundle.extend_from_slice(entry);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bundle_is_read_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
            let mut bundle = Vec::new();
            for entry in &entries {
                prop_assert!(push_entry(&mut bundle, entry));
            }
            let read = parse_bundle(&bundle, entries.len()).unwrap();
            prop_assert_eq!(read.iter().map(|(_, entry)| entry.to_vec()).collect::<Vec<_>>(), entries.clone());
            prop_assert!(parse_bundle(&bundle, entries.len() + 1).is_err());
            if !entries.is_empty() {
                prop_assert!(parse_bundle(&bundle, entries.len() - 1).is_err());
                prop_assert!(parse_bundle(&bundle[..bundle.len() - 1], entries.len()).is_err());
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, count in 0_usize..300) {
            let _ = parse_bundle(&bytes, count);
        }
    }

    #[test]
    fn an_entry_of_64_kib_does_not_fit() {
        assert!(!push_entry(&mut Vec::new(), &[0; 65_536]));
        assert!(push_entry(&mut Vec::new(), &[0; 65_535]));
    }
}
