//! What can go wrong, and the problem that the client gets to see.

use axum::response::{IntoResponse, Response};
use protocol::{Code, Problem};
pub use service::database::{Masked, is_outage, violates};

/// Ends a handler. Each variant says who can mend it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client: the problem says how.
    #[error(transparent)]
    Refused(Box<Problem>),
    /// The operator: the database is down or full, or a query of ours is wrong.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The operator: the place of encrypted files does not answer, or is set up wrongly.
    #[error("files: {0}")]
    Files(#[from] object_store::Error),
    /// Us.
    #[error("{0:#}")]
    Internal(#[from] anyhow::Error),
}

/// What handlers return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The problem as the client sees it; what an operator has to know is logged here, once.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Refused(problem) => *problem,
            Self::Database(error) if is_outage(&error) => {
                tracing::warn!(error = %Masked(&error), "the database is not available");
                unavailable()
            }
            Self::Database(error) => {
                tracing::error!(error = %Masked(&error), "a query failed");
                Code::Internal.into()
            }
            Self::Files(error @ object_store::Error::NotFound { .. }) => {
                tracing::error!(%error, "a file that was stored is not there");
                Code::NotFound.into()
            }
            Self::Files(error) => {
                tracing::warn!(%error, "the place of encrypted files is not available");
                metrics::counter!("chat_files_unavailable_total").increment(1);
                unavailable()
            }
            Self::Internal(error) => {
                tracing::error!(error = format!("{error:#}"), "a request failed");
                Code::Internal.into()
            }
        }
    }
}

/// 503: the database or the place of files does not answer.
pub fn unavailable() -> Problem {
    Problem::new(Code::Unavailable)
        .detail("Please try again in a moment.")
        .retry_after(2)
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Problem::new(code).into()
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Box::new(problem).into()
    }
}

impl From<Box<Problem>> for Error {
    fn from(problem: Box<Problem>) -> Self {
        Self::Refused(problem)
    }
}

impl From<service::Problem> for Error {
    fn from(problem: service::Problem) -> Self {
        problem.into_inner().into()
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        service::Problem::from(self.into_problem()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_503_with_a_hint_and_a_fault_is_500_without_details() {
        let problem = Error::from(sqlx::Error::PoolTimedOut).into_problem();
        assert_eq!(
            (problem.code, problem.retry_after),
            (Code::Unavailable, Some(2))
        );
        let problem = Error::from(sqlx::Error::RowNotFound).into_problem();
        assert_eq!(problem.code, Code::Internal);
        assert_eq!(problem.detail, Code::Internal.title());
    }
}
