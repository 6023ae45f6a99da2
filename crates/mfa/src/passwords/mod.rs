//! Passwords: what is accepted, and how it is hashed.

pub mod argon2id;
mod hasher;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

pub use hasher::{Hasher, Place, QueueFull, Verdict, measure_passes};
use protocol::{
    FieldError,
    limits::{PASSWORD_MAX, PASSWORD_MIN},
};

const COMMON: &str = include_str!("common.txt");

/// Shortest local part of an address that a password must not contain.
const LOCAL_PART_MIN: usize = 4;

/// A password as it is hashed: NFKC, so that every keyboard types the same bytes.
pub fn normalise(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfkc().collect())
}

/// Checks a new password, [normalised](normalise), against the rules: length in characters, not
/// among the common ones, free of username and address.
pub fn check(password: &str, username: Option<&str>, email: &str) -> Result<(), FieldError> {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return Err(fault(
            "too-short",
            &format!("Use at least {PASSWORD_MIN} characters."),
        ));
    }
    if length > PASSWORD_MAX {
        return Err(fault(
            "too-long",
            &format!("Use at most {PASSWORD_MAX} characters."),
        ));
    }
    let lowered = Zeroizing::new(password.to_lowercase());
    if COMMON.lines().any(|common| common == *lowered) {
        return Err(fault(
            "common",
            "Too many people use this password. Choose another one.",
        ));
    }
    let email = email.to_lowercase();
    let local = email
        .split('@')
        .next()
        .filter(|local| local.len() >= LOCAL_PART_MIN);
    let names = [username.map(str::to_lowercase), local.map(str::to_owned)];
    if names
        .iter()
        .flatten()
        .any(|name| !name.is_empty() && lowered.contains(&**name))
    {
        return Err(fault(
            "contains-name",
            "Leave out your username and your e-mail address.",
        ));
    }
    Ok(())
}

fn fault(code: &str, message: &str) -> FieldError {
    FieldError {
        field: "password".to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(password: &str) -> Option<String> {
        check(&normalise(password), Some("marie"), "m.curie@example.org")
            .err()
            .map(|e| e.code)
    }

    #[test]
    fn rule_08_length_is_counted_in_characters() {
        assert_eq!(code("1sd.7k!").as_deref(), Some("too-short"));
        assert_eq!(code(&"é".repeat(7)).as_deref(), Some("too-short"));
        assert_eq!(code("пароль-д"), None);
        assert_eq!(code(&"ü7".repeat(64)), None);
        assert_eq!(code(&"x".repeat(129)).as_deref(), Some("too-long"));
    }

    #[test]
    fn rule_08_common_passwords_and_names_are_refused() {
        for common in [
            "password",
            "12345678",
            "Password1",
            "qwertyuiop",
            "iloveyou",
            "jennifer",
        ] {
            assert_eq!(code(common).as_deref(), Some("common"), "{common}");
        }
        assert_eq!(code("xxMARIExx99").as_deref(), Some("contains-name"));
        assert_eq!(code("1m.curie1!").as_deref(), Some("contains-name"));
        assert_eq!(code("radium and polonium"), None);
    }

    #[test]
    fn rule_08_at_least_ten_thousand_common_passwords() {
        let entries = COMMON.lines().filter(|line| !line.starts_with('#'));
        assert!(entries.clone().count() >= 10_000);
        assert!(entries.clone().all(|entry| entry.len() >= PASSWORD_MIN));
    }

    #[test]
    fn rule_08_nfkc_makes_keyboards_equal() {
        assert_eq!(normalise("cafe\u{301} ﬁne"), normalise("café fine"));
    }
}
