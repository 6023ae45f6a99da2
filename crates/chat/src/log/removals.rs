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
    cluster::{Cluster, Notice},
    error::{Masked, Result},
    store::{members, nodes},
};

/// How long a device has to commit.
const LEASE: Duration = Duration::from_secs(10);
/// How long a node's turn lasts: over before the next device is asked.
const TURN: Duration = Duration::from_secs(9);
/// How often a node looks whether it is its turn.
const LOOK: Duration = Duration::from_secs(1);

/// The rooms in which somebody is being asked.
pub(super) type Asking = Arc<Mutex<HashSet<Uuid>>>;

impl Log {
    /// Sees to it that the removals that are due in a room are committed, as long as one of its
    /// devices is connected. The next that connects is asked again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn want_removals(&self, room: Uuid) -> Result<()> {
        if members::removals_due(&self.pool, room).await?.is_empty() {
            return Ok(());
        }
        self.ask_here(room);
        self.cluster.relay(Notice::Removals { room });
        Ok(())
    }

    /// The same with the devices that are connected to this node.
    pub fn ask_here(&self, room: Uuid) {
        if lock(&self.asking).insert(room) {
            let (pool, cluster) = (self.pool.clone(), self.cluster.clone());
            let asking = self.asking.clone();
            tokio::spawn(async move {
                ask_in_turn(&pool, &cluster, room).await;
                lock(&asking).remove(&room);
            });
        }
    }
}

/// Whether this node may ask now: of several, one does at a time.
async fn has_turn(pool: &PgPool, cluster: &Cluster, room: Uuid) -> bool {
    let seconds = TURN.as_secs() as i32;
    cluster.is_alone()
        || nodes::take_removal_turn(pool, room, seconds)
            .await
            .unwrap_or(false)
}

async fn ask_in_turn(pool: &PgPool, cluster: &Cluster, room: Uuid) {
    let mut asked = HashSet::new();
    loop {
        let due = match members::removals_due(pool, room).await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%room, error = %Masked(&error), "cannot ask for removals");
                return;
            }
        };
        if due.is_empty() && !cluster.is_alone() {
            let _ = nodes::end_removal_turns(pool, room).await;
        }
        let Some(local) = cluster.hub().room(room).filter(|_| !due.is_empty()) else {
            return;
        };
        let next = local.live().into_iter().find(|connection| {
            connection
                .device()
                .is_some_and(|device| !due.contains(&device))
                && !asked.contains(&connection.id)
        });
        let Some(connection) = next else { return };
        if !has_turn(pool, cluster, room).await {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        asked.insert(connection.id);
        let absent = members::away(pool, room).await.unwrap_or_default();
        let remove = due.into_iter().map(Into::into).collect();
        connection.emit(
            server::COMMIT_WANTED,
            &CommitWanted {
                room_id: room.into(),
                remove,
                absent: absent.into_iter().map(Into::into).collect(),
            },
        );
        tokio::time::sleep(LEASE).await;
    }
}

fn lock(asking: &Asking) -> std::sync::MutexGuard<'_, HashSet<Uuid>> {
    asking.lock().unwrap_or_else(PoisonError::into_inner)
}
