//! Comparing keys: the number and the code of two people, and the mark that they are the same.

use e2ee::{
    AccountPublicKey,
    safety::{self, Side},
};
use protocol::{Base64, Code, Problem, UserId};

use crate::{Comparison, Notice, Text, engine::Step};

impl Step<'_> {
    pub(crate) fn show_safety(&mut self, user: UserId) {
        self.session.shown.insert(user);
        if self.state.people.get(user).is_some() {
            self.tell_safety(user);
        } else {
            self.session.looked_up.remove(&user);
            self.session.lookups.insert(user);
        }
    }

    /// The server was asked for the keys of somebody whose number is to be shown.
    pub(crate) fn answer_safety(&mut self, user: UserId) {
        if self.session.shown.contains(&user) && self.state.people.get(user).is_none() {
            self.session.shown.remove(&user);
            let problem = Problem::new(Code::NotFound).detail("There are no keys to compare yet.");
            self.refuse(None, &problem);
        }
    }

    /// Tells the number again when it is shown.
    pub(crate) fn tell_safety(&mut self, user: UserId) {
        if !self.session.shown.contains(&user) {
            return;
        }
        let (Some((me, them)), Some(person)) =
            (self.sides(user, false), self.state.people.get(user))
        else {
            return;
        };
        let notice = Notice::Safety {
            user_id: user,
            number: safety::number(&me, &them),
            code: safety::code(&me, &them),
            account_key: them.account_key.as_bytes().to_vec().into(),
            claimed: person.changed.is_some(),
            verified: person.changed.is_none() && person.verified_at.is_some(),
        };
        self.notify(notice);
    }

    /// Me and a person: by the key that is claimed for them now, or by the pinned one.
    fn sides(&self, user: UserId, pinned: bool) -> Option<(Side, Side)> {
        let account = self.state.account.get()?;
        let keys = self.keys.as_ref()?;
        let person = self.state.people.get(user)?;
        if account.user_id == user {
            return None;
        }
        let claimed = person.changed.as_ref().filter(|_| !pinned);
        let key = claimed.unwrap_or(&person.account_key);
        let me = Side {
            user: account.user_id.0,
            account_key: keys.account.public(),
        };
        let them = Side {
            user: user.0,
            account_key: AccountPublicKey::parse(key.as_ref()).ok()?,
        };
        Some((me, them))
    }

    pub(crate) fn compare_code(&mut self, user: UserId, text: &Text) {
        let result = self.compared(user, &text.0);
        if result == Comparison::Same
            && let Some((_, them)) = self.sides(user, false)
        {
            let key = Base64::from(them.account_key.as_bytes().to_vec());
            self.set_verified(user, &key, true);
        }
        self.notify(Notice::Compared {
            user_id: user,
            result,
        });
    }

    fn compared(&self, user: UserId, text: &str) -> Comparison {
        let now = self.sides(user, false);
        let Some((me, them)) = now else {
            return Comparison::Unreadable;
        };
        let (result, previous) = match digits(text) {
            Some(number) if number.len() != 60 => return Comparison::Unreadable,
            Some(number) => {
                let compare = |them: &Side| match safety::number(&me, them) == number {
                    true => Comparison::Same,
                    false => Comparison::Different,
                };
                let before = self.sides(user, true);
                (compare(&them), before.map(|(_, them)| compare(&them)))
            }
            None => {
                let compare = |them: &Side| safety::compare(text, &me, them).into();
                let before = self.sides(user, true);
                (compare(&them), before.map(|(_, them)| compare(&them)))
            }
        };
        match (result, previous) {
            (Comparison::Different, Some(Comparison::Same)) => Comparison::Previous,
            (result, _) => result,
        }
    }

    pub(crate) fn set_verified(&mut self, user: UserId, account_key: &Base64, verified: bool) {
        if verified && self.is_claimed(user, account_key) {
            self.take_keys(user, account_key, None);
        }
        let at = self.server_seconds();
        let person = self.state.people.get(user);
        let own = self.state.account.get().map(|account| account.user_id);
        let marks = person.is_some_and(|person| {
            person.account_key == *account_key && person.verified_at.is_some() != verified
        });
        if marks
            && own != Some(user)
            && let Some(person) = self.state.people.edit(user)
        {
            person.verified_at = verified.then_some(at);
            person.revision = person.revision.saturating_add(1);
            self.session.pins_changed = true;
        }
        self.trust_changed(user);
    }
}

/// The digits of a text that has nothing else, spaces left out.
fn digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    let all = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    all.then_some(digits)
}

impl From<safety::Comparison> for Comparison {
    fn from(comparison: safety::Comparison) -> Self {
        match comparison {
            safety::Comparison::Same => Self::Same,
            safety::Comparison::Different => Self::Different,
            safety::Comparison::Own => Self::Own,
            safety::Comparison::OtherPerson => Self::OtherPerson,
            safety::Comparison::Newer => Self::Newer,
            safety::Comparison::Unreadable => Self::Unreadable,
        }
    }
}
