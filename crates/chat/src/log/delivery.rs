//! Acknowledges and fans out what a batch has stored, while the next batch is on its way to disk.

use std::collections::HashMap;

use protocol::socket::BinaryEnvelope;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::batcher::Outcome;
use crate::{cluster::Cluster, push::Push};

/// Handles batch after batch, in the order of their commits.
pub(super) async fn run(cluster: Cluster, push: Push, mut batches: mpsc::Receiver<Vec<Outcome>>) {
    while let Some(outcomes) = batches.recv().await {
        let mut rooms: HashMap<Uuid, Vec<BinaryEnvelope>> = HashMap::new();
        let stored = outcomes
            .iter()
            .filter(|one| one.result.is_ok() && one.envelope.is_some());
        metrics::counter!("chat_messages_total").increment(stored.count() as u64);
        for outcome in outcomes {
            (outcome.done)(outcome.result);
            if let Some(envelope) = outcome.envelope {
                rooms.entry(envelope.room_id.0).or_default().push(envelope);
            }
        }
        // Acknowledgements leave first: their sockets' tasks run before the others are woken.
        tokio::task::yield_now().await;
        for (room, mut envelopes) in rooms {
            push.tell(room);
            envelopes.sort_by_key(|envelope| envelope.seq);
            if let Some(last) = envelopes.last() {
                cluster.stored(room, last.seq);
            }
            if let Some(local) = cluster.hub().room(room) {
                local.publish(&envelopes);
            }
        }
    }
}
