//! Five bits a letter: secrets that people type or scan.

/// RFC 4648, 6: what authenticator apps read.
pub(crate) const RFC_4648: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Without the letters that are taken for another (after Crockford): what people read from paper.
pub(crate) const LEGIBLE: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The letters of these bytes, without padding; for lengths that are a multiple of 5 bytes.
pub(crate) fn encode(bytes: &[u8], alphabet: &[u8; 32]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let bits = chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for letter in (0..8).rev() {
            let place = usize::try_from(bits >> (letter * 5) & 31).unwrap_or(0);
            text.push(char::from(alphabet.get(place).copied().unwrap_or(b'?')));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_rfc_4648() {
        // RFC 4648, 10, and the secret of RFC 6238, appendix B.
        assert_eq!(encode(b"fooba", RFC_4648), "MZXW6YTB");
        assert_eq!(encode(b"12345678901234567890", RFC_4648), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(encode(&[0xff; 5], LEGIBLE), "zzzzzzzz");
    }
}
