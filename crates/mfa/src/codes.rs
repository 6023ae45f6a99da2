//! Codes that people type: six digits by mail, recovery codes on paper.

use rand::{CryptoRng, RngExt};

/// Recovery codes in a set.
pub const RECOVERY_CODES: usize = 10;

/// Crockford's base 32: without letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Six digits, each value equally likely.
pub fn six_digits(rng: &mut impl CryptoRng) -> String {
    format!("{:06}", rng.random_range(0..1_000_000_u32))
}

/// The digits of a code as it was typed, or `None` when it is no six-digit code.
pub fn parse_six_digits(typed: &str) -> Option<String> {
    parse_digits(typed, 6)
}

/// The same for a code of any length.
pub fn parse_digits(typed: &str, length: u8) -> Option<String> {
    let digits: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    (digits.len() == usize::from(length) && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then_some(digits)
}

/// A recovery code of 80 random bits: `xxxx-xxxx-xxxx-xxxx`.
pub fn recovery_code(rng: &mut impl CryptoRng) -> String {
    let mut code = String::with_capacity(19);
    for position in 0..16 {
        if position > 0 && position % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[rng.random_range(0..32)]));
    }
    code
}

/// The 16 characters of a recovery code as it was typed: spaces, dashes and case do not matter,
/// letters count as the digits that they look like.
pub fn parse_recovery_code(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect();
    (code.len() == 16 && code.bytes().all(|byte| ALPHABET.contains(&byte))).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_04_codes_have_six_digits() {
        let mut rng = rand::rng();
        for _ in 0..1_000 {
            let code = six_digits(&mut rng);
            assert_eq!(parse_six_digits(&code).as_deref(), Some(&*code));
        }
        assert_eq!(parse_six_digits(" 123 456 ").as_deref(), Some("123456"));
        for wrong in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"] {
            assert_eq!(parse_six_digits(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn rule_06_recovery_codes_have_80_bits_and_forgive_typing() {
        let code = recovery_code(&mut rand::rng());
        assert_eq!(code.len(), 19);
        let plain = code.replace('-', "");
        assert_eq!(parse_recovery_code(&code).as_deref(), Some(&*plain));
        let shouted = code
            .to_uppercase()
            .replace('0', "O")
            .replace('1', "l")
            .replace('-', " ");
        assert_eq!(parse_recovery_code(&shouted).as_deref(), Some(&*plain));
        assert_eq!(parse_recovery_code(&plain[1..]), None);
        assert_eq!(parse_recovery_code("uuuu-uuuu-uuuu-uuuu"), None);
    }
}
