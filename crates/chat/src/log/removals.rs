//! Asks devices to remove others that were revoked: one device of a room at a time, ten seconds
//! each.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use protocol::socket::{CommitWanted, server};
use sqlx::PgPool;
use uuid::Uuid;

use super::Log;
use crate::{
    error::{Masked, Result},
    hub::Hub,
    store::members,
};

/// How long a device has to commit.
const LEASE: Duration = Duration::from_secs(10);

/// The rooms in which somebody is being asked.
pub(super) type Asking = Arc<Mutex<HashSet<Uuid>>>;

impl Log {
    /// Sees to it that the removals that are due in a room are committed, as long as one of its
    /// devices is connected here. The next that connects is asked again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn want_removals(&self, room: Uuid) -> Result<()> {
        if members::removals_due(&self.pool, room).await?.is_empty() {
            return Ok(());
        }
        if lock(&self.asking).insert(room) {
            let (pool, hub) = (self.pool.clone(), self.hub.clone());
            let asking = self.asking.clone();
            tokio::spawn(async move {
                ask_in_turn(&pool, &hub, room).await;
                lock(&asking).remove(&room);
            });
        }
        Ok(())
    }
}

async fn ask_in_turn(pool: &PgPool, hub: &Hub, room: Uuid) {
    let mut asked = HashSet::new();
    loop {
        let due = match members::removals_due(pool, room).await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%room, error = %Masked(&error), "cannot ask for removals");
                return;
            }
        };
        let Some(local) = hub.room(room).filter(|_| !due.is_empty()) else {
            return;
        };
        let next = local.live().into_iter().find(|connection| {
            connection
                .device()
                .is_some_and(|device| !due.contains(&device))
                && !asked.contains(&connection.id)
        });
        let Some(connection) = next else { return };
        asked.insert(connection.id);
        let remove = due.into_iter().map(Into::into).collect();
        connection.emit(
            server::COMMIT_WANTED,
            &CommitWanted {
                room_id: room.into(),
                remove,
            },
        );
        tokio::time::sleep(LEASE).await;
    }
}

fn lock(asking: &Asking) -> std::sync::MutexGuard<'_, HashSet<Uuid>> {
    asking.lock().unwrap_or_else(PoisonError::into_inner)
}
