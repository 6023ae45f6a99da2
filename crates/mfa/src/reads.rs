//! What every answer to a challenge has to read, in batches. Each request has its own read: a batch
//! starts after its requests came in.

use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    batch::Batcher,
    store::{
        accounts::Account,
        apps::{self, App, Who},
        challenges::{self, Challenge},
        factors::{self, Factor},
    },
};

/// The reads that requests share.
pub struct Reads {
    /// Who asks. A disabled application is out at once.
    pub apps: Batcher<Who, Option<App>>,
    /// An application's challenge and whose it is.
    pub challenges: Batcher<(Uuid, Uuid), Option<(Challenge, Account)>>,
    /// The factors of an account that are active or may still become it, oldest first.
    pub factors: Batcher<(Uuid, OffsetDateTime), Vec<Factor>>,
}

impl Reads {
    /// Starts the tasks that read.
    pub fn start(pool: &PgPool) -> Self {
        let [one, two, three] = [pool, pool, pool].map(Clone::clone);
        Self {
            apps: Batcher::start("applications", move |batch: Vec<Who>| {
                let pool = one.clone();
                async move { apps::find(&pool, &batch).await }
            }),
            challenges: Batcher::start("challenges", move |batch: Vec<(Uuid, Uuid)>| {
                let pool = two.clone();
                async move { challenges::find(&pool, &batch).await }
            }),
            factors: Batcher::start("factors", move |batch: Vec<(Uuid, OffsetDateTime)>| {
                let pool = three.clone();
                async move {
                    let (accounts, times): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
                    let Some(now) = times.into_iter().max() else {
                        return Ok(Vec::new());
                    };
                    factors::list_all(&pool, &accounts, now).await
                }
            }),
        }
    }
}
