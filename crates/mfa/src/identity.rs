//! Addresses, names and labels as they come in, parsed once.

use lettre::Address;
use protocol::{
    Code,
    limits::{EMAIL_MAX, NAME_MAX},
};
use service::Problem;
use unicode_normalization::UnicodeNormalization;

/// Longest username of any application, in characters; chat's own rule is stricter.
const USERNAME_MAX: usize = 64;
/// Longest label of a factor, in characters.
const LABEL_MAX: usize = 64;

/// An e-mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// As it was typed, without spaces around it.
    pub address: String,
    /// As it is compared: lower-cased.
    pub key: String,
}

impl Email {
    /// Parses what was typed.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let address = typed.trim();
        let wrong = || invalid("email", "format", "This is no e-mail address.");
        if address.len() > EMAIL_MAX {
            return Err(invalid("email", "too-long", "This address is too long."));
        }
        let parsed: Address = address.parse().map_err(|_| wrong())?;
        // ASCII only: beyond it, different addresses can look or fold the same.
        let plain = address
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"');
        let domain = parsed.domain();
        if !plain || !(domain.contains('.') || domain == "localhost") {
            return Err(wrong());
        }
        Ok(Self {
            address: address.to_owned(),
            key: address.to_lowercase(),
        })
    }
}

/// A username as it is compared: NFKC, lower-cased. It never looks like an address, holds nothing
/// that one cannot see, and does not borrow single letters from a script that looks alike.
pub fn parse_username(typed: &str) -> Result<String, Problem> {
    let username = fold_username(typed);
    let length = username.chars().count();
    if length == 0 {
        return Err(invalid("username", "required", "Choose a username."));
    }
    if length > USERNAME_MAX {
        return Err(invalid(
            "username",
            "too-long",
            "This username is too long.",
        ));
    }
    let plain = |c: char| c.is_alphanumeric() || ".-_+'".contains(c);
    if !username.chars().all(plain) {
        let message = "Use letters, digits and . - _ + ' only.";
        return Err(invalid("username", "format", message));
    }
    if mixes_scripts(&username) {
        let message = "Use letters of one alphabet: others look the same.";
        return Err(invalid("username", "look-alike", message));
    }
    Ok(username)
}

/// Latin letters beside those of the alphabets that have twins of them: Greek, Cyrillic, Armenian,
/// Cherokee (Unicode Technical Standard 39, section 5.1).
fn mixes_scripts(name: &str) -> bool {
    let twin = |c: char| {
        matches!(c, '\u{370}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}' | '\u{1c80}'..='\u{1c8f}'
            | '\u{1f00}'..='\u{1fff}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}'
            | '\u{ab70}'..='\u{abbf}')
    };
    let latin = |c: char| c.is_alphabetic() && c < '\u{250}';
    name.chars().any(twin) && name.chars().any(latin)
}

/// The same without judging: what somebody types to sign in.
pub fn fold_username(typed: &str) -> String {
    storable(&typed.trim().nfkc().collect::<String>().to_lowercase())
}

/// The same for an address.
pub fn fold_email(typed: &str) -> String {
    storable(&typed.trim().to_lowercase())
}

/// Without what PostgreSQL takes in no text: a name with it is nobody's.
pub fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A name for mails, or nothing.
pub fn parse_name(typed: Option<&str>) -> Result<Option<String>, Problem> {
    let name = typed.map(str::trim).filter(|name| !name.is_empty());
    match name {
        Some(name) if name.chars().count() > NAME_MAX => {
            Err(invalid("name", "too-long", "This name is too long."))
        }
        Some(name) if name.chars().any(char::is_control) => {
            Err(invalid("name", "format", "Leave out control characters."))
        }
        name => Ok(name.map(str::to_owned)),
    }
}

/// What the owner calls a factor.
pub fn parse_label(typed: &str) -> Result<String, Problem> {
    text("label", typed, LABEL_MAX)
}

/// A short text of an application's own: 1 to `most` characters on one line.
pub fn text(field: &str, typed: &str, most: usize) -> Result<String, Problem> {
    let text = typed.trim();
    if text.is_empty() {
        return Err(invalid(field, "required", "This field is required."));
    }
    if text.chars().count() > most {
        return Err(invalid(
            field,
            "too-long",
            &format!("Use at most {most} characters."),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(invalid(field, "format", "Leave out control characters."));
    }
    Ok(text.to_owned())
}

/// 422 `invalid-body` about one field.
pub fn invalid(field: &str, code: &str, message: &str) -> Problem {
    Problem::new(Code::InvalidBody).field(field, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let email = Email::parse(" Ann.B@Example.org ").unwrap();
        assert_eq!(
            (&*email.address, &*email.key),
            ("Ann.B@Example.org", "ann.b@example.org")
        );
        for wrong in [
            "",
            "ann",
            "ann@",
            "@example.org",
            "ann@example",
            "a b@example.org",
            "ann@example.org\nbcc: x@example.org",
            "ann@exa mple.org",
            "élise@example.org",
            "ann@exämple.org",
            "Ann <ann@example.org>",
            "ann@example.org, bob@example.org",
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(Email::parse(&format!("{}@example.org", "a".repeat(260))).is_err());
    }

    #[test]
    fn usernames_never_look_like_addresses() {
        assert_eq!(parse_username(" Ann ").unwrap(), "ann");
        for wrong in ["", "  ", "a@b.c", "a b", "a\u{7}b", &"x".repeat(65)] {
            assert!(parse_username(wrong).is_err(), "{wrong:?}");
        }
        // Twins: wide letters fold, invisible and turning marks and borrowed letters are refused.
        assert_eq!(parse_username("\u{ff21}nn").unwrap(), "ann");
        for twin in [
            "an\u{200b}n",
            "an\u{202e}n",
            "an\u{2060}n",
            "\u{430}nn",
            "ann\u{3bf}",
            "a/nn",
            "a<b>",
        ] {
            assert!(parse_username(twin).is_err(), "{twin:?}");
        }
        for name in ["o'neil", "élise", "анна", "άννα", "小明", "ann-b_c.d+1"] {
            assert!(parse_username(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn labels_and_names_are_one_line() {
        assert_eq!(parse_label(" My phone ").unwrap(), "My phone");
        assert!(parse_label("a\nb").is_err() && parse_label("").is_err());
        assert_eq!(parse_name(Some("  ")).unwrap(), None);
        assert!(parse_name(Some("a\r\nBcc: x")).is_err());
    }
}
