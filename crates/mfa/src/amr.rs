//! Authentication methods references: what a person gave, as assertions name it (RFC 8176).

/// Which methods were given, in the order in which `amr` names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amr {
    /// The password.
    pub password: bool,
    /// A time-based code.
    pub totp: bool,
    /// A code by e-mail.
    pub email: bool,
    /// A code by Telegram.
    pub telegram: bool,
    /// A recovery code.
    pub recovery: bool,
    /// A passkey, and whether its owner's devices may share it.
    pub passkey: Option<bool>,
    /// The token of a device in which a second factor was given earlier.
    pub remembered: bool,
}

impl Amr {
    /// As in `amr`: RFC 8176 where it has a name. A code by e-mail or Telegram is `restricted`: who
    /// reads the mailbox or the chat has it.
    pub fn names(self) -> Vec<String> {
        let names = [
            (self.password, "pwd"),
            (self.totp, "otp"),
            (self.email, "email"),
            (self.telegram, "telegram"),
            (self.recovery, "recovery"),
            (self.passkey == Some(false), "hwk"),
            (self.passkey == Some(true), "swk"),
            (self.passkey.is_some(), "user"),
            (self.passkey.is_some(), "pop"),
            (self.remembered, "rmb"),
            (self.email || self.telegram, "restricted"),
        ];
        names
            .into_iter()
            .filter(|(given, _)| *given)
            .map(|(_, name)| name.to_owned())
            .collect()
    }

    /// `aal2` after two methods of different kind. A remembered device is none: it proves what
    /// was, not who is there.
    pub fn acr(self) -> &'static str {
        let second = self.totp || self.email || self.telegram || self.recovery;
        // A passkey is two factors at once: who has it, and the PIN or finger that opens it.
        if self.passkey.is_some() || self.password && second {
            "aal2"
        } else {
            "aal1"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_is_two_factors() {
        let passkey = |synced| Amr {
            passkey: Some(synced),
            ..Amr::default()
        };
        assert_eq!(passkey(false).names(), ["hwk", "user", "pop"]);
        assert_eq!(passkey(true).names(), ["swk", "user", "pop"]);
        assert_eq!(passkey(true).acr(), "aal2");
    }

    #[test]
    fn rule_04_mail_codes_are_marked_restricted() {
        let amr = Amr {
            password: true,
            email: true,
            ..Amr::default()
        };
        assert_eq!(amr.names(), ["pwd", "email", "restricted"]);
        let telegram = Amr {
            telegram: true,
            ..Amr::default()
        };
        assert_eq!(telegram.names(), ["telegram", "restricted"]);
        let totp = Amr {
            totp: true,
            ..Amr::default()
        };
        assert_eq!((amr.acr(), totp.acr()), ("aal2", "aal1"));
    }
}
