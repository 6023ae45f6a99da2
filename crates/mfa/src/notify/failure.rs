//! Why something was not sent, and what that means for the next attempt.

use std::time::Duration;

use crate::telegram::Refusal;

/// Why something was not sent. The texts are ours: servers quote addresses in theirs.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Another attempt may work.
    #[error("{0}")]
    Temporary(String),
    /// Another attempt may work, but not before this time has passed.
    #[error("{1}")]
    Pause(Duration, String),
    /// No attempt will work.
    #[error("{0}")]
    Permanent(String),
    /// The person cannot be reached this way until they do something.
    #[error("{0}")]
    Unreachable(String),
}

/// The class of a fault that ended a message: what its status tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its time was over before it was sent.
    Expired,
    /// Its row does not open any more.
    Unreadable,
    /// The server of the other side refused it for good.
    Refused,
    /// The person takes no messages this way.
    Unreachable,
    /// All attempts failed.
    Exhausted,
}

impl Reason {
    /// As it is stored and told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Unreadable => "unreadable",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Exhausted => "exhausted",
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::Busy(seconds) => Self::Pause(Duration::from_secs(seconds), text),
            Refusal::Blocked => Self::Unreachable(text),
            Refusal::Refused(_) => Self::Permanent(text),
            Refusal::NoAnswer | Refusal::Broken(_) | Refusal::UnknownBot | Refusal::Conflict => {
                Self::Temporary(text)
            }
        }
    }
}
