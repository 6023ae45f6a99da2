//! The batcher's connection to the database, kept between batches: the pool asks whether one lives
//! before it gives it out and when it comes back, which is two round trips more than the commit.

use std::time::{Duration, Instant};

use sqlx::{Error, PgPool, Postgres, Result, pool::PoolConnection};

use crate::store::messages::{self, Appended, Batch};

/// One that was used so recently is taken to live.
const FRESH: Duration = Duration::from_secs(1);

/// Writes batches, one after the other.
pub(super) struct Writer {
    pool: PgPool,
    held: Option<(PoolConnection<Postgres>, Instant)>,
}

impl Writer {
    /// Takes a connection when there is something to write.
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool, held: None }
    }

    /// As [`messages::append`]. When the connection that was kept turns out to be dead, the batch
    /// goes over another one: what was stored all the same is found by its `client_id`s. After an
    /// error, or when it is not waited for, a connection goes back to the pool, which looks at it.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) async fn append(&mut self, batch: &Batch<'_>) -> Result<Vec<Appended>> {
        let fresh = |(_, used): &(_, Instant)| used.elapsed() < FRESH;
        if let Some((kept, _)) = self.held.take().filter(fresh) {
            match self.append_over(kept, batch).await {
                Err(error) if is_cut(&error) => {}
                result => return result,
            }
        }
        let connection = self.pool.acquire().await?;
        self.append_over(connection, batch).await
    }

    async fn append_over(
        &mut self,
        mut connection: PoolConnection<Postgres>,
        batch: &Batch<'_>,
    ) -> Result<Vec<Appended>> {
        let answers = messages::append(&mut *connection, batch).await?;
        self.held = Some((connection, Instant::now()));
        Ok(answers)
    }
}

/// Whether a connection ended: by itself, or by class 57 of PostgreSQL's errors (an operator's
/// intervention) in which its server says goodbye.
fn is_cut(error: &Error) -> bool {
    match error {
        Error::Io(_) => true,
        Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}
