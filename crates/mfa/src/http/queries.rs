//! The parameters after the `?`, and what is made of them. They stand alone, so that `fuzz/` reads
//! them too.

use protocol::{Timestamp, limits::AUDIT_PAGE};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Which entries of the audit trail.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Audit {
    /// Entries of one account.
    pub account_id: Option<Uuid>,
    /// Entries of one action, such as `login`.
    pub action: Option<String>,
    /// Entries from this time on.
    pub from: Option<Timestamp>,
    /// Entries before this time.
    pub until: Option<Timestamp>,
    /// Entries before this one: `next` of the page before.
    pub before: Option<i64>,
    /// Entries on a page, up to 200; 50 when absent.
    pub limit: Option<u32>,
}

impl Audit {
    /// Entries of one action. Without what PostgreSQL takes in no text: an action with it is none.
    pub fn action(&self) -> Option<String> {
        let action = self.action.as_deref()?;
        Some(action.replace('\0', "\u{fffd}"))
    }

    /// Entries on a page; `None` when that is none, or more than a page has.
    pub fn limit(&self) -> Option<u32> {
        let limit = self.limit.unwrap_or(50);
        (1..=AUDIT_PAGE).contains(&limit).then_some(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_bounds_and_actions_fit_the_database() {
        let asked = |limit| Audit {
            account_id: None,
            action: Some("log\0in".to_owned()),
            from: None,
            until: None,
            before: None,
            limit,
        };
        for (limit, granted) in [(None, Some(50)), (Some(0), None), (Some(201), None)] {
            assert_eq!(asked(limit).limit(), granted);
        }
        assert_eq!(asked(Some(200)).limit(), Some(200));
        assert_eq!(asked(None).action().unwrap(), "log\u{fffd}in");
    }
}
