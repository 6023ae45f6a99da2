//! Several messages in one input: each behind its length in two bytes, the last one without.

/// The first `N - 1` parts and the rest; `None` when the input is too short.
pub fn cut<const N: usize>(mut bytes: &[u8]) -> Option<[&[u8]; N]> {
    let mut parts = [bytes; N];
    let (last, heads) = parts.split_last_mut()?;
    for part in heads {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        (*part, bytes) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    }
    *last = bytes;
    Some(parts)
}

/// What [`cut`] cuts.
pub fn join(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        if number + 1 < parts.len() {
            let length = u16::try_from(part.len()).expect("a short part");
            bytes.extend_from_slice(&length.to_be_bytes());
        }
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back() {
        let parts: [&[u8]; 3] = [b"one", b"", b"three"];
        assert_eq!(cut(&join(&parts)), Some(parts));
        assert_eq!(cut::<2>(&[0, 2, 1]), None);
    }
}
