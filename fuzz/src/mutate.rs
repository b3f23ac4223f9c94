//! Changes to an input: flips, cuts, repeats, splices.

use bartizan_testkit::SeededEntropy;

/// A changed copy of `input`; pieces of `other` may get into it.
#[must_use]
pub fn mutate(input: &[u8], other: &[u8], random: &SeededEntropy) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len().max(1)).min(bytes.len());
        let to = at + random.below(bytes.len() - at + 1);
        match random.below(7) {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            1 => bytes.truncate(at),
            2 => {
                bytes.drain(at..to);
            }
            3 => {
                let piece: Vec<u8> = bytes.get(at..to).unwrap_or_default().to_vec();
                bytes.splice(at..at, piece);
            }
            4 => {
                let from = random.below(other.len().max(1)).min(other.len());
                let piece = other.get(from..).unwrap_or_default().iter().take(random.below(64)).copied();
                bytes.splice(at..at, piece.collect::<Vec<_>>());
            }
            5 => {
                let interesting = [0, 1, 9, 10, 13, 32, 34, 37, 40, 43, 47, 92, 123, 127, 128, 255];
                bytes.insert(at, interesting.get(random.below(interesting.len())).copied().unwrap_or(0));
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(random.below(256)).unwrap_or(0);
                }
            }
        }
        bytes.truncate(1 << 16);
    }
    bytes
}
