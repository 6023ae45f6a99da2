//! Codes for the camera or the clipboard: a label, then bytes with a checksum in base 32.
//!
//! ```text
//! SNUG-<label>: base 32 of (bytes | first 4 bytes of SHA-256(label | bytes))
//! ```
//! Every character is in the alphanumeric mode of QR codes (ISO/IEC 18004, section 7.4.4). The
//! checksum tells a text that was cut or mistyped from a code that says something else.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::base32;

const CHECKSUM: usize = 4;
/// Longer texts are no codes of ours.
const LONGEST: usize = 1_024;

/// The text of a code. It is wiped, because some codes are secret.
pub(crate) fn write(label: &str, bytes: &[u8]) -> Zeroizing<String> {
    let symbols = base32::split(&Zeroizing::new([bytes, &checksum(label, bytes)].concat()));
    let mut text = Zeroizing::new(String::with_capacity(label.len() + 1 + symbols.len()));
    text.push_str(label);
    text.push(':');
    text.extend(symbols.iter().copied().map(base32::character));
    text
}

/// The bytes of a code; `None` when it is none under this label. White space and the case of
/// letters do not matter.
pub(crate) fn read(label: &str, text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let (head, body) = text.split_at_checked(label.len())?;
    let body = body.strip_prefix(':')?;
    if !head.eq_ignore_ascii_case(label) {
        return None;
    }
    let mut symbols = Zeroizing::new(Vec::with_capacity(body.len()));
    for character in body.chars().filter(|character| !character.is_whitespace()) {
        symbols.push(base32::symbol(character)?);
    }
    let mut bytes = base32::join(&symbols)?;
    let (content, sum) = bytes.split_last_chunk::<CHECKSUM>()?;
    if *sum != checksum(label, content) {
        return None;
    }
    let length = content.len();
    bytes.truncate(length);
    Some(bytes)
}

fn checksum(label: &str, bytes: &[u8]) -> [u8; CHECKSUM] {
    let hash: [u8; 32] = Sha256::new()
        .chain_update(label)
        .chain_update(bytes)
        .finalize()
        .into();
    let [a, b, c, d, ..] = hash;
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LABEL: &str = "SNUG-TEST";

    #[test]
    fn pasted_codes_are_read() {
        let text = write(LABEL, b"content");
        let read = |text: &str| read(LABEL, text).map(|bytes| bytes.to_vec());
        assert_eq!(read(&text), Some(b"content".to_vec()));
        let pasted = format!("\n {} \n", text.to_lowercase());
        assert_eq!(read(&pasted), Some(b"content".to_vec()));
        let (one, two) = text.split_at(LABEL.len() + 5);
        let wrapped = format!("{one}\r\n{two}");
        assert_eq!(read(&wrapped), Some(b"content".to_vec()));
        assert_eq!(super::read("SNUG-TOAST", &text), None);
        assert_eq!(super::read("SNUG-TEAT", &text), None);
        assert_eq!(read(&"Z".repeat(LONGEST + 1)), None);
    }

    #[test]
    fn a_code_that_was_cut_or_mistyped_is_none() {
        let text = write(LABEL, &[7; 33]);
        for place in 0..text.len() {
            assert_eq!(read(LABEL, &text[..place]), None, "cut at {place}");
            let mut typed = text.to_string();
            let other = if typed[place..].starts_with('9') {
                "8"
            } else {
                "9"
            };
            typed.replace_range(place..=place, other);
            assert_eq!(read(LABEL, &typed), None, "changed at {place}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused(text in "(SNUG-TEST:)?\\PC{0,80}") {
            prop_assert_eq!(read(LABEL, &text), None);
        }

        #[test]
        fn every_content_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let back = read(LABEL, &write(LABEL, &bytes));
            prop_assert_eq!(back.map(|bytes| bytes.to_vec()), Some(bytes));
        }
    }
}
