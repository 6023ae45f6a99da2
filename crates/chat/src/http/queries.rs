//! The parameters after the `?`, and what is made of them. They stand alone, so that `fuzz/` reads
//! them too.

use protocol::{Code, DeviceId, Problem, RoomId, UserId, limits};
use serde::Deserialize;

/// A page of a room's log.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Messages {
    /// The place behind which it begins; from the first one unless told.
    #[serde(default)]
    pub after: u64,
    /// The most envelopes, up to 50; 50 unless told.
    pub limit: Option<u32>,
}

impl Messages {
    /// The place behind which the page begins.
    pub fn after(&self) -> i64 {
        place(self.after)
    }
}

/// Which ratchet tree.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// Of which epoch; of the current one unless told.
    pub epoch: Option<u64>,
}

impl Tree {
    /// Of which epoch.
    pub fn epoch(&self) -> Option<i64> {
        self.epoch.map(place)
    }
}

/// A page of an archive.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// The room.
    pub room_id: RoomId,
    /// The place before which it ends; the newest page unless told.
    pub before_seq: Option<u64>,
    /// The most entries, up to 50; 50 unless told.
    pub limit: Option<u32>,
}

impl Archive {
    /// The place before which the page ends.
    pub fn before(&self) -> i64 {
        self.before_seq.map_or(i64::MAX, place)
    }
}

/// What of an archive is to be dropped.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Forget {
    /// All rooms, if none is named.
    pub room_id: Option<RoomId>,
}

/// Which key packages are counted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct KeyPackages {
    /// Whose.
    pub device_id: DeviceId,
    /// The MLS ciphersuite; 3 unless told.
    pub suite: Option<u16>,
}

/// Who is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// The beginning of a username or name, or what is inside; an `@` in front is left out.
    pub q: String,
}

impl People {
    /// What is looked for, in lower case; `None` when it is longer than any name.
    ///
    /// # Errors
    /// 422 `invalid-body` when it is too short.
    pub fn text(&self) -> Result<Option<String>, Box<Problem>> {
        let in_front = |c: char| c == '@' || c.is_whitespace();
        let text = storable(self.q.trim_start_matches(in_front).trim_end()).to_lowercase();
        let length = text.chars().count();
        if length < limits::SEARCH_MIN {
            return Err(invalid("q", "too-short", "Type at least two characters."));
        }
        Ok((length <= limits::NAME_MAX).then_some(text))
    }
}

/// A page of accounts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// What their usernames begin with.
    #[serde(default)]
    pub q: String,
    /// The username behind which it begins.
    #[serde(default)]
    pub after: String,
    /// The most accounts, up to 100; 100 unless told.
    pub limit: Option<u32>,
}

impl Accounts {
    /// What their usernames begin with, in lower case.
    pub fn beginning(&self) -> String {
        storable(self.q.trim()).to_lowercase()
    }

    /// The username behind which the page begins.
    pub fn after(&self) -> String {
        storable(&self.after)
    }

    /// The most accounts.
    pub fn limit(&self) -> i64 {
        admin_limit(self.limit)
    }
}

/// A page of the trail.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// To whom something was done.
    pub subject: Option<UserId>,
    /// What was done.
    pub action: Option<String>,
    /// The entry before which it ends.
    pub before: Option<i64>,
    /// The most entries, up to 100; 100 unless told.
    pub limit: Option<u32>,
}

impl Trail {
    /// What was done.
    pub fn action(&self) -> Option<String> {
        self.action.as_deref().map(storable)
    }

    /// The most entries.
    pub fn limit(&self) -> i64 {
        admin_limit(self.limit)
    }
}

/// How many envelopes or entries a page may have.
///
/// # Errors
/// 422 `invalid-body` for zero.
pub fn page_limit(limit: Option<u32>) -> Result<i64, Box<Problem>> {
    let most = limits::PAGE_ENVELOPES as i64;
    match limit {
        Some(0) => Err(invalid("limit", "too-small", "Ask for at least one.")),
        Some(limit) => Ok(i64::from(limit).min(most)),
        None => Ok(most),
    }
}

fn admin_limit(limit: Option<u32>) -> i64 {
    let most = limits::ADMIN_PAGE as i64;
    limit.map_or(most, |limit| i64::from(limit).clamp(1, most))
}

/// A place or epoch as the database counts; it has none beyond.
fn place(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Without what PostgreSQL takes in no text: a name with it is nobody's.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn invalid(field: &str, code: &str, message: &str) -> Box<Problem> {
    Box::new(Problem::new(Code::InvalidBody).field(field, code, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(q: &str) -> Result<Option<String>, Box<Problem>> {
        People { q: q.to_owned() }.text()
    }

    #[test]
    fn people_are_looked_for_by_what_a_name_may_hold() {
        assert_eq!(people(" @Ana B ").unwrap().unwrap(), "ana b");
        assert_eq!(people("@ @ana").unwrap().unwrap(), "ana");
        assert_eq!(people("a\0").unwrap().unwrap(), "a\u{fffd}");
        assert_eq!(people(&"x".repeat(81)).unwrap(), None);
        for short in ["", "a", " @a ", "\u{a0}@\u{2003}"] {
            assert_eq!(people(short).unwrap_err().errors[0].code, "too-short");
        }
    }

    #[test]
    fn texts_of_admins_fit_the_database() {
        let which = Accounts {
            q: " An\0 ".to_owned(),
            after: "\0".to_owned(),
            limit: Some(0),
        };
        assert_eq!(which.beginning(), "an\u{fffd}");
        assert_eq!((which.after().as_str(), which.limit()), ("\u{fffd}", 1));
        let trail = Trail {
            subject: None,
            action: Some("a\0".to_owned()),
            before: None,
            limit: Some(u32::MAX),
        };
        assert_eq!(trail.action().unwrap(), "a\u{fffd}");
        assert_eq!(trail.limit(), 100);
    }

    #[test]
    fn pages_and_places_have_bounds() {
        assert!(page_limit(Some(0)).is_err());
        for (asked, limit) in [(None, 50), (Some(1), 1), (Some(u32::MAX), 50)] {
            assert_eq!(page_limit(asked).unwrap(), limit);
        }
        let page = Messages {
            after: u64::MAX,
            limit: None,
        };
        assert_eq!(page.after(), i64::MAX);
    }
}
