//! Tells those who wrote something that it has arrived or was read. Nobody else needs to know: in a
//! room of a thousand, everybody would hear of a thousand places for each message.

use protocol::socket::Receipt;
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    cluster::{Audience, Cluster},
    error::Masked,
    store::marks,
};

/// How far a person has come in a room.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The room.
    pub room: Uuid,
    /// The person.
    pub user: Uuid,
    /// They had come to here before.
    pub low: i64,
    /// And are here now.
    pub high: i64,
}

/// Tells an event, `delivered` or `read`, to those who wrote what somebody came past. When the
/// database fails, nobody hears of what only it knows; the marks of a room tell it later.
pub async fn tell(pool: &PgPool, cluster: &Cluster, event: &str, progress: &[Progress]) {
    let mut unknown = Vec::new();
    for one in progress {
        let local = cluster.hub().room(one.room);
        let (low, high) = (one.low.max(0) as u64, one.high.max(0) as u64);
        match local.and_then(|local| local.writers(low, high)) {
            Some(writers) => tell_one(cluster, event, one, writers),
            None => unknown.push(*one),
        }
    }
    if unknown.is_empty() {
        return;
    }
    let rooms: Vec<Uuid> = unknown.iter().map(|one| one.room).collect();
    let lows: Vec<i64> = unknown.iter().map(|one| one.low).collect();
    let highs: Vec<i64> = unknown.iter().map(|one| one.high).collect();
    match marks::writers(pool, &rooms, &lows, &highs).await {
        Ok(found) => {
            for (one, writers) in unknown.iter().zip(found) {
                tell_one(cluster, event, one, writers);
            }
        }
        Err(error) => {
            tracing::warn!(error = %Masked(&error), event, "receipts could not be told");
        }
    }
}

fn tell_one(cluster: &Cluster, event: &str, one: &Progress, mut writers: Vec<Uuid>) {
    writers.retain(|writer| *writer != one.user);
    if writers.is_empty() {
        return;
    }
    let receipt = Receipt {
        room_id: one.room.into(),
        user_id: one.user.into(),
        seq: one.high.max(0) as u64,
    };
    cluster.tell_room(one.room, Audience::Only(writers), event, &receipt);
}
