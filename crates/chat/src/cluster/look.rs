//! Looking at the tables for what no hint told: every second without a broker, and once when it is
//! back.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use protocol::socket::{Receipt, server};
use uuid::Uuid;

use super::Cluster;
use crate::{
    error::Masked,
    store::{marks, rooms},
};

/// How often the tables are looked at without a broker.
const PERIOD: Duration = Duration::from_secs(1);
/// Marks that moved so long before the last look may have been committed after it.
const SLACK: Duration = Duration::from_secs(10);
/// Rooms in one question.
const ROOMS: usize = 1_000;
/// Marks told that are remembered, so that a look does not tell them again.
const TOLD: usize = 100_000;

/// Looks for as long as it is polled.
pub(super) async fn run(cluster: Cluster) {
    let mut link = cluster.link();
    let mut whole = Instant::now();
    let mut told = HashMap::new();
    let mut failed = false;
    loop {
        let up = *link.borrow_and_update();
        if up {
            tokio::select! {
                _ = link.changed() => {}
                () = cluster.wanted_look().notified() => {}
            }
        } else {
            let wait = tokio::time::timeout(PERIOD, link.changed());
            let _ = wait.await;
        }
        let started = Instant::now();
        let missed = whole.max(cluster.heard_itself()).elapsed();
        match look(&cluster, missed + SLACK, &mut told).await {
            Ok(()) => {
                (whole, failed) = (started, false);
                if up && *link.borrow() || told.len() > TOLD {
                    told.clear();
                }
            }
            Err(error) if !failed => {
                failed = true;
                tracing::warn!(error = %Masked(&error), "cannot look for what is new in rooms");
            }
            Err(_) => {}
        }
    }
}

/// Delivered and read of a person in a room.
type Told = HashMap<(Uuid, Uuid), (i64, i64)>;

async fn look(cluster: &Cluster, window: Duration, told: &mut Told) -> sqlx::Result<()> {
    let here = cluster.hub().rooms_here();
    metrics::counter!("chat_looks_total").increment(1);
    for some in here.chunks(ROOMS) {
        for head in rooms::heads(cluster.pool(), some).await? {
            if let Some(local) = cluster.hub().room(head.room_id) {
                local.advance(head.seq.max(0) as u64);
            }
        }
        for mark in marks::marks_moved(cluster.pool(), some, window.as_secs_f64()).await? {
            let key = (mark.room_id, mark.user_id);
            let known = told.entry(key).or_default();
            let news = [
                (server::DELIVERED, mark.delivered_seq, known.0),
                (server::READ, mark.read_seq, known.1),
            ];
            *known = (mark.delivered_seq, mark.read_seq);
            let Some(local) = cluster.hub().room(mark.room_id) else {
                continue;
            };
            for (event, seq, before) in news {
                if seq > before {
                    let receipt = Receipt {
                        room_id: mark.room_id.into(),
                        user_id: mark.user_id.into(),
                        seq: seq.max(0) as u64,
                    };
                    local.emit_except(mark.user_id, event, &receipt);
                }
            }
        }
    }
    Ok(())
}
