//! Answers with time-based codes share commits.

use sqlx::PgPool;
use time::OffsetDateTime;

use crate::{
    batch::Batcher,
    budget::{Guess, MOST},
    store::settlements::{self, Answer, Budget, Outcome},
};

/// Judges answers: an answer is charged, accepted once and written down when it returns.
pub type Settler = Batcher<(Answer, OffsetDateTime), Outcome>;

/// Starts the task that writes the batches.
pub fn start(pool: PgPool) -> Settler {
    let budget = Budget {
        free: Guess::Totp.free(),
        most: MOST,
    };
    Batcher::start("answers", move |batch: Vec<(Answer, OffsetDateTime)>| {
        let pool = pool.clone();
        async move {
            // The latest of them: a step or a lock must not be judged by an older time than another.
            let Some(now) = batch.iter().map(|(_, now)| *now).max() else {
                return Ok(Vec::new());
            };
            let answers: Vec<_> = batch.into_iter().map(|(answer, _)| answer).collect();
            settlements::settle(&pool, &answers, budget, now).await
        }
    })
}
