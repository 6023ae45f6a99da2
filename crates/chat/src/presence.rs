//! Who is seen as online: told at once when somebody comes, after a pause when they go, so that a
//! reload or a short cut of the network tells nobody anything.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use protocol::{
    rest::people::Contact,
    socket::{ContactChange, ContactsUpdated, server},
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    error::Masked,
    hub::Hub,
    store::{contacts, users},
};

/// How long somebody may be away before their contacts hear of it.
const PAUSE: Duration = Duration::from_secs(5);

/// Who is seen as online. Cheap to clone.
#[derive(Clone)]
pub struct Presence(Arc<Shared>);

struct Shared {
    pool: PgPool,
    hub: Arc<Hub>,
    pause: Duration,
    seen: Mutex<HashSet<Uuid>>,
}

impl Presence {
    /// Nobody is online.
    pub fn new(pool: PgPool, hub: Arc<Hub>) -> Self {
        Self(Arc::new(Shared {
            pool,
            hub,
            pause: PAUSE,
            seen: Mutex::default(),
        }))
    }

    /// A person's first socket has signed in.
    pub fn came(&self, user: Uuid) {
        if self.seen().insert(user) {
            let this = self.clone();
            tokio::spawn(async move { this.tell(user, ContactChange::Online).await });
        }
    }

    /// A person's last socket has gone.
    pub fn went(&self, user: Uuid) {
        let this = self.clone();
        tokio::spawn(async move {
            if let Err(error) = users::was_seen(&this.0.pool, user).await {
                tracing::warn!(error = %Masked(&error), "cannot note when somebody was last seen");
            }
            tokio::time::sleep(this.0.pause).await;
            // Under the lock of what is seen: a coming in between is told after this, or not needed.
            let gone = {
                let mut seen = this.seen();
                !this.0.hub.is_online(user) && seen.remove(&user)
            };
            if gone {
                this.tell(user, ContactChange::Offline).await;
            }
        });
    }

    /// Fills in who of these contacts is online.
    pub fn fill(&self, contacts: &mut [Contact]) {
        let seen = self.seen();
        for contact in contacts {
            contact.online = seen.contains(&contact.user_id.0);
            if contact.online {
                contact.last_seen = None;
            }
        }
    }

    /// Tells the contacts of a person, those who are connected, what changed about them.
    pub async fn tell(&self, user: Uuid, change: ContactChange) {
        let seen_by = match contacts::seen_by(&self.0.pool, user, None).await {
            Ok(seen_by) => seen_by,
            Err(error) => {
                tracing::warn!(error = %Masked(&error), "cannot tell contacts of a change");
                return;
            }
        };
        for (owner, contact) in seen_by {
            self.emit(owner, contact, change);
        }
    }

    /// Tells one person of a change of one contact.
    pub fn emit(&self, owner: Uuid, contact: Contact, change: ContactChange) {
        let mut contact = [contact];
        self.fill(&mut contact);
        let [contact] = contact;
        let event = ContactsUpdated { contact, change };
        self.0
            .hub
            .emit_to_user(owner, server::CONTACTS_UPDATED, &event);
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, HashSet<Uuid>> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
