//! One record: `length u32 LE · sequence u64 LE · check 16 · payload`, each check over the one before it.

/// The first 16 bytes of a SHA-256; 128 bits are ample against accident, and against who cannot also write the log.
pub type Check = [u8; 16];

/// Length, sequence and check.
pub(crate) const HEAD: usize = 4 + 8 + 16;

/// Longer than any event: an entry of the evidence log has to stay under 65,536 bytes (C2SP tlog-tiles).
pub(crate) const MAX_PAYLOAD: usize = 60_000;

/// Why bytes are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// They end before the record does, as after a crash in the middle of a write.
    #[error("the record is cut short")]
    Incomplete,
    /// Its length is one that no record has.
    #[error("the record's length is impossible")]
    Length,
    /// Its sequence number does not follow.
    #[error("the record is out of sequence")]
    Sequence,
    /// Its content is not what was written.
    #[error("the record's check does not match its content")]
    Check,
}

/// A record that was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The event in its stored form.
    pub payload: &'a [u8],
    /// The check, on which the next record's is built.
    pub check: Check,
    /// How many bytes the record takes.
    pub length: usize,
}

pub(crate) fn next_check(before: &Check, sequence: u64, payload: &[u8]) -> Check {
    let mut input = Vec::with_capacity(24 + payload.len());
    input.extend_from_slice(before);
    input.extend_from_slice(&sequence.to_le_bytes());
    input.extend_from_slice(payload);
    first_16(&bartizan_pki::sha256(&input))
}

pub(crate) fn first_16(digest: &[u8; 32]) -> Check {
    let mut check = [0; 16];
    for (to, from) in check.iter_mut().zip(digest) {
        *to = *from;
    }
    check
}

/// Appends a record to `out` and returns its check. The payload is at most [`MAX_PAYLOAD`] long.
pub(crate) fn encode_record(before: &Check, sequence: u64, payload: &[u8], out: &mut Vec<u8>) -> Check {
    let check = next_check(before, sequence, payload);
    out.extend_from_slice(&u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(&sequence.to_le_bytes());
    out.extend_from_slice(&check);
    out.extend_from_slice(payload);
    check
}

/// Reads the record with this sequence number that follows the record with the check `before`.
///
/// # Errors
/// [`ReadError`], and nothing is known of what follows.
pub fn decode_record<'a>(bytes: &'a [u8], before: &Check, sequence: u64) -> Result<Decoded<'a>, ReadError> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(ReadError::Incomplete)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if length == 0 || length > MAX_PAYLOAD {
        return Err(ReadError::Length);
    }
    let (stored, rest) = rest.split_first_chunk::<8>().ok_or(ReadError::Incomplete)?;
    if u64::from_le_bytes(*stored) != sequence {
        return Err(ReadError::Sequence);
    }
    let (check, rest) = rest.split_first_chunk::<16>().ok_or(ReadError::Incomplete)?;
    let payload = rest.get(..length).ok_or(ReadError::Incomplete)?;
    if next_check(before, sequence, payload) != *check {
        return Err(ReadError::Check);
    }
    Ok(Decoded { payload, check: *check, length: HEAD + length })
}
