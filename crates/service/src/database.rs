//! What a database error means: an outage that passes, a constraint, and nothing that quotes a row.

use sqlx::postgres::{PgDatabaseError, PgSeverity};

/// Whether the database is gone, starting, stopping or full, as opposed to a fault of a query.
pub fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // Connection, resources, operator intervention, system error, read-only, lock time-out,
        // deadlock, and whatever ended the connection: all of them may be over at the next try.
        sqlx::Error::Database(error) => {
            let fatal = error
                .try_downcast_ref::<PgDatabaseError>()
                .is_some_and(|error| {
                    matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)
                });
            fatal
                || error.code().is_some_and(|code| {
                    ["08", "53", "57", "58"]
                        .iter()
                        .any(|class| code.starts_with(class))
                        || ["25006", "55P03", "40P01"].contains(&&*code)
                })
        }
        _ => false,
    }
}

/// Whether a statement ran into this constraint or unique index.
pub fn violates(error: &sqlx::Error, constraint: &str) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.constraint() == Some(constraint))
}

/// A database error without values: the server's message can quote a row.
pub struct Masked<'a>(pub &'a sqlx::Error);

impl std::fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            sqlx::Error::Database(error) => write!(
                f,
                "code {}, table {}, constraint {}",
                error.code().as_deref().unwrap_or("-"),
                error.table().unwrap_or("-"),
                error.constraint().unwrap_or("-"),
            ),
            other => other.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_from_a_fault() {
        assert!(is_outage(&sqlx::Error::PoolTimedOut));
        assert!(is_outage(&sqlx::Error::WorkerCrashed));
        assert!(!is_outage(&sqlx::Error::RowNotFound));
        assert!(!violates(&sqlx::Error::RowNotFound, "users_pkey"));
    }
}
