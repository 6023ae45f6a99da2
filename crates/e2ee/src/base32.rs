//! Crockford's base 32: what people read, type and scan.
//!
//! Look-alikes are folded when it is read: small letters, `O` as `0`, `I` and `L` as `1`, and `U`,
//! which it does not have, as `V`.

use zeroize::Zeroizing;

const ALPHABET: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J',
    'K', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Y', 'Z',
];

/// The character of a number under 32; higher bits are ignored.
pub(crate) fn character(symbol: u8) -> char {
    let place = usize::from(symbol & 31);
    ALPHABET.get(place).copied().unwrap_or('0')
}

/// The number of a character; `None` when it is no look-alike of any.
pub(crate) fn symbol(character: char) -> Option<u8> {
    let folded = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        'U' => 'V',
        other => other,
    };
    let place = ALPHABET.iter().position(|known| *known == folded)?;
    u8::try_from(place).ok()
}

/// Bytes as numbers of five bits, the last one filled with zeros.
pub(crate) fn split(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut symbols = Zeroizing::new(Vec::with_capacity((bytes.len() * 8).div_ceil(5)));
    let (mut bits, mut count) = (0_u16, 0);
    for byte in bytes {
        bits = bits << 8 | u16::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            symbols.push((bits >> count) as u8 & 31);
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        symbols.push((bits << (5 - count)) as u8 & 31);
    }
    symbols
}

/// The bytes behind numbers of five bits; `None` when [`split`] gives other numbers for them.
pub(crate) fn join(symbols: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(symbols.len() * 5 / 8));
    let (mut bits, mut count) = (0_u16, 0);
    for symbol in symbols {
        bits = bits << 5 | u16::from(symbol & 31);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (count < 5 && bits == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(bytes: &[u8]) -> String {
        split(bytes).iter().copied().map(character).collect()
    }

    #[test]
    fn examples_stand() {
        // The bits of "snug", cut by hand: 01110 01101 10111 00111 01010 11001 11(000).
        assert_eq!(written(b"snug"), "EDQ7ASR");
        assert_eq!(written(&[0xff; 5]), "ZZZZZZZZ");
        assert_eq!(written(&[0]), "00");
        assert_eq!(written(&[]), "");
    }

    #[test]
    fn look_alikes_are_folded() {
        for (typed, meant) in [('o', '0'), ('O', '0'), ('l', '1'), ('i', '1'), ('u', 'V')] {
            assert_eq!(symbol(typed), symbol(meant));
        }
        assert_eq!(symbol('z'), Some(31));
        assert_eq!(symbol('é'), None);
        assert_eq!(symbol('-'), None);
    }

    #[test]
    fn only_one_text_stands_for_the_same_bytes() {
        assert!(join(&[0, 0]).is_some());
        assert!(join(&[0, 1]).is_none(), "bits beyond the last byte");
        assert!(join(&[0, 0, 0]).is_none(), "a number too many");
    }

    proptest! {
        #[test]
        fn every_bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(join(&split(&bytes)).map(|back| back.to_vec()), Some(bytes));
        }
    }
}
