//! What can go wrong in a handler, and the problem that the client gets to see.

use axum::response::{IntoResponse, Response};
use protocol::Code;
use service::Problem;
use service::database::Masked;
pub use service::database::{is_outage, violates};

use crate::{clock::WentBack, passwords::QueueFull, vault::Unsealable};

/// Ends a handler. Each variant says who can mend it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client: the problem says how.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The operator: the database is down or full. Fails closed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The operator: the clock went back.
    #[error(transparent)]
    Clock(#[from] WentBack),
    /// Nobody: there are more logins than this machine can hash.
    #[error(transparent)]
    QueueFull(#[from] QueueFull),
    /// The operator: rows were sealed with another key.
    #[error(transparent)]
    Unsealable(#[from] Unsealable),
    /// Us.
    #[error("{0:#}")]
    Internal(#[from] anyhow::Error),
}

/// What handlers return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::Problem(code.into())
    }
}

impl From<protocol::Problem> for Error {
    fn from(problem: protocol::Problem) -> Self {
        Self::Problem(problem.into())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl Error {
    /// The problem as the client sees it; what an operator has to know is logged here.
    fn into_problem(self) -> Problem {
        match self {
            Self::Problem(problem) => problem,
            Self::Database(error) if is_outage(&error) => {
                tracing::warn!(error = %Masked(&error), "the database is not available");
                Code::Unavailable.into()
            }
            Self::Database(error) => {
                tracing::error!(error = %Masked(&error), "a query failed");
                Code::Internal.into()
            }
            Self::Clock(error) => {
                tracing::error!(%error, "refusing to judge codes until the clock is right again");
                Code::Unavailable.into()
            }
            Self::QueueFull(_) => Problem::new(Code::QueueFull)
                .detail("Too many people are signing in at this moment. Try again in a second.")
                .retry_after(1),
            Self::Unsealable(error) => {
                tracing::error!(%error, "check SECRET_KEY");
                Code::Unavailable.into()
            }
            Self::Internal(error) => {
                tracing::error!(error = %format_args!("{error:#}"), "a handler failed");
                Code::Internal.into()
            }
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.into_problem().into_response()
    }
}
