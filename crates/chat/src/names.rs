//! Usernames and display names: their form, and which names look alike.

use protocol::{Code, Problem, limits};

use crate::error::Result;

/// A username as it is stored: 3 to 32 of `a-z 0-9 . _ -`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// Lowers upper case and checks the form.
    ///
    /// # Errors
    /// 422 `invalid-body` that names the field and what is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        let name = text.trim().to_ascii_lowercase();
        let refuse = |code: &str, message: &str| {
            Err(Problem::new(Code::InvalidBody)
                .field("username", code, message)
                .into())
        };
        if name
            .chars()
            .any(|c| !matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-'))
        {
            return refuse(
                "format",
                "Use letters a to z, digits, dots, dashes and underscores.",
            );
        }
        if name.len() < limits::USERNAME_MIN {
            return refuse("too-short", "Use at least 3 characters.");
        }
        if name.len() > limits::USERNAME_MAX {
            return refuse("too-long", "Use at most 32 characters.");
        }
        if !name.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            return refuse("format", "Use at least one letter or digit.");
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name with look-alikes folded: two names with the same look are too easy to confuse.
    pub fn look(&self) -> String {
        look(&self.0)
    }
}

/// Folds `0` to `o`, `1` to `l`, `rn` to `m` and `vv` to `w`.
pub fn look(username: &str) -> String {
    username
        .replace('0', "o")
        .replace('1', "l")
        .replace("rn", "m")
        .replace("vv", "w")
}

/// A display name: trimmed, without control characters, up to 80 characters; empty is none.
///
/// # Errors
/// 422 `invalid-body` that names the field.
pub fn display_name(text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let refuse = |code: &str, message: &str| {
        Err(Problem::new(Code::InvalidBody)
            .field("name", code, message)
            .into())
    };
    // Direction overrides and invisible characters would let a name pretend to be another.
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    // Emoji sequences are joined by U+200D.
    if text.chars().any(|c| c != '\u{200d}' && hidden(c)) {
        return refuse("format", "Leave out invisible characters.");
    }
    if text.chars().count() > limits::NAME_MAX {
        return refuse("too-long", "Use at most 80 characters.");
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usernames_are_lowered_and_checked() {
        assert_eq!(Username::parse(" Ann_B.1 ").unwrap().as_str(), "ann_b.1");
        for (text, code) in [
            ("ab", "too-short"),
            ("ann b", "format"),
            ("änn", "format"),
            ("аnn", "format"), // a Cyrillic letter
            ("...", "format"),
            ("a".repeat(33).as_str(), "too-long"),
        ] {
            let problem = Username::parse(text).unwrap_err().into_problem();
            assert_eq!(problem.code, Code::InvalidBody);
            assert_eq!(problem.errors[0].code, code, "{text}");
        }
    }

    #[test]
    fn look_alikes_look_alike() {
        for (one, other) in [("b0b", "bob"), ("pau1", "paul"), ("bernard", "bemard")] {
            assert_eq!(look(one), look(other));
        }
        assert_ne!(look("ali"), look("all"));
    }

    #[test]
    fn display_names_hide_nothing() {
        assert_eq!(
            display_name(Some(" Ann 👩‍🔬 ")).unwrap().as_deref(),
            Some("Ann 👩‍🔬")
        );
        assert_eq!(display_name(Some("  ")).unwrap(), None);
        assert!(display_name(Some("a\u{202e}b")).is_err());
        assert!(display_name(Some(&"x".repeat(81))).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_typed_a_username_fits_the_database(text in ".{0,40}") {
            if let Ok(name) = Username::parse(&text) {
                let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
                prop_assert!(name.as_str().chars().all(fits));
                prop_assert!((3..=32).contains(&name.as_str().len()));
                prop_assert_eq!(look(&name.look()), name.look());
            }
            if let Ok(Some(name)) = display_name(Some(&text)) {
                prop_assert!((1..=80).contains(&name.chars().count()));
            }
        }
    }
}
