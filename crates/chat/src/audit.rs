//! Notes what matters for security, with request and address, without anybody waiting for it.

use sqlx::PgPool;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    caller::Caller,
    error::Masked,
    store::audit::{self, Entry},
};

/// Entries that may wait to be written. Beyond, they are only logged: a flood of refusals must not
/// hold up the rest.
const QUEUE: usize = 4096;
/// Entries written at once.
const BATCH: usize = 256;

/// The way into the trail. Cheap to clone.
#[derive(Clone)]
pub struct Audit(mpsc::Sender<Entry>);

impl Audit {
    /// Starts the task that writes; it ends when all senders are gone.
    pub fn start(pool: PgPool) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(pool, queue));
        Self(sender)
    }

    /// Notes that somebody did something that concerns themselves.
    pub fn own(&self, action: &'static str, user: Uuid, caller: &Caller) {
        self.note(action, Some(user), Some(user), "ok", caller);
    }

    /// Notes what somebody did to somebody, or tried to.
    pub fn note(
        &self,
        action: &'static str,
        actor: Option<Uuid>,
        subject: Option<Uuid>,
        outcome: &'static str,
        caller: &Caller,
    ) {
        let entry = Entry {
            action,
            actor,
            subject,
            outcome,
            request_id: Some(caller.request_id.clone()),
            address: Some(caller.address.to_string()),
        };
        if self.0.try_send(entry).is_err() {
            metrics::counter!("chat_queue_full_total", "queue" => "audit").increment(1);
            tracing::warn!(security = action, outcome, request_id = %caller.request_id, address = %caller.address, "too much to note; this line is all there is of it");
        }
    }
}

async fn run(pool: PgPool, mut queue: mpsc::Receiver<Entry>) {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        if let Err(error) = audit::add(&pool, &batch).await {
            tracing::warn!(error = %Masked(&error), entries = batch.len(), "the audit trail could not be written");
        }
        batch.clear();
    }
}
