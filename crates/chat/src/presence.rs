//! Who is seen as online: told at once when somebody comes, after a pause when they go, so that a
//! reload or a short cut of the network tells nobody anything.
//!
//! With several nodes, whoever is connected to one has a row there, and counts as online while that
//! node's lease holds.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use protocol::{
    rest::people::Contact,
    socket::{ContactChange, ContactsUpdated, server},
};
use sqlx::PgPool;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    cluster::{Cluster, Notice},
    error::Masked,
    seen::Seen,
    store::{contacts, nodes},
};

/// How long somebody may be away before their contacts hear of it.
const PAUSE: Duration = Duration::from_secs(5);
/// Pause before what the database did not take is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// People in one question about contacts.
const PEOPLE: usize = 256;

/// Who is seen as online. Cheap to clone.
#[derive(Clone)]
pub struct Presence(Arc<Shared>);

struct Shared {
    pool: PgPool,
    cluster: Cluster,
    last_seen: Seen,
    pause: Duration,
    people: Mutex<People>,
    /// Somebody has come or gone.
    moved: Arc<Notify>,
}

#[derive(Default)]
struct People {
    /// Who is seen as online here.
    seen: HashSet<Uuid>,
    /// Who has come or gone and whose contacts do not know yet.
    moved: HashSet<Uuid>,
    /// Whose contacts know, and who has a row where there are several nodes.
    told: HashSet<Uuid>,
}

impl Presence {
    /// Nobody is online. Starts the task that tells; it ends with this value.
    pub fn start(pool: PgPool, cluster: Cluster, last_seen: Seen) -> Self {
        let moved = Arc::new(Notify::new());
        let this = Self(Arc::new(Shared {
            pool,
            cluster,
            last_seen,
            pause: PAUSE,
            people: Mutex::default(),
            moved: moved.clone(),
        }));
        tokio::spawn(run(Arc::downgrade(&this.0), moved));
        this
    }

    /// A person's first socket has signed in.
    pub fn came(&self, user: Uuid) {
        let mut people = self.0.people();
        if people.seen.insert(user) {
            people.moved.insert(user);
            self.0.moved.notify_one();
        }
    }

    /// A person's last socket has gone.
    pub fn went(&self, user: Uuid) {
        self.0.last_seen.person(user);
        let this = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(this.0.pause).await;
            // Under the lock of what is seen: a coming in between is told after this, or not needed.
            let mut people = this.0.people();
            if !this.0.cluster.hub().is_online(user) && people.seen.remove(&user) {
                people.moved.insert(user);
                this.0.moved.notify_one();
            }
        });
    }

    /// The rows of this node are gone: all who are here come once more.
    pub fn say_again(&self) {
        let mut people = self.0.people();
        people.told.clear();
        people.moved = people.seen.clone();
        self.0.moved.notify_one();
    }

    /// Which of these people are online.
    pub async fn online(&self, users: &[Uuid]) -> HashSet<Uuid> {
        let here: HashSet<Uuid> = {
            let people = self.0.people();
            let seen = |user: &&Uuid| people.seen.contains(user);
            users.iter().filter(seen).copied().collect()
        };
        if self.0.cluster.is_alone() {
            return here;
        }
        match nodes::online(&self.0.pool, users).await {
            Ok(online) => online.into_iter().chain(here).collect(),
            Err(error) => {
                tracing::warn!(error = %Masked(&error), "cannot tell who is online at other nodes");
                here
            }
        }
    }

    /// Fills in who of these contacts is online.
    pub async fn fill(&self, contacts: &mut [Contact]) {
        let users: Vec<Uuid> = contacts.iter().map(|contact| contact.user_id.0).collect();
        let online = self.online(&users).await;
        for contact in contacts {
            contact.online = online.contains(&contact.user_id.0);
            if contact.online {
                contact.last_seen = None;
            }
        }
    }

    /// Tells the contacts of a person, those who are connected, what changed about them.
    pub async fn tell(&self, user: Uuid, change: ContactChange) {
        self.0.cluster.relay(Notice::Contact { user, change });
        self.tell_here(&[user], change).await;
    }

    /// The same for contacts who are connected to this node.
    pub async fn tell_here(&self, users: &[Uuid], change: ContactChange) {
        let seen_by = match contacts::seen_by(&self.0.pool, users, None).await {
            Ok(seen_by) => seen_by,
            Err(error) => {
                tracing::warn!(error = %Masked(&error), "cannot tell contacts of a change");
                return;
            }
        };
        let hub = self.0.cluster.hub();
        let (owners, mut contacts): (Vec<Uuid>, Vec<Contact>) = seen_by
            .into_iter()
            .filter(|(owner, _)| hub.is_online(*owner))
            .unzip();
        if owners.is_empty() {
            return;
        }
        self.fill(&mut contacts).await;
        for (owner, contact) in owners.into_iter().zip(contacts) {
            let event = ContactsUpdated { contact, change };
            hub.emit_to_user_except(owner, None, server::CONTACTS_UPDATED, &event);
        }
    }

    /// Tells one person of a change of one contact.
    pub async fn emit(&self, owner: Uuid, contact: Contact, change: ContactChange) {
        let mut contact = [contact];
        self.fill(&mut contact).await;
        let [contact] = contact;
        let event = ContactsUpdated { contact, change };
        self.0
            .cluster
            .emit_to_user(owner, server::CONTACTS_UPDATED, &event);
    }
}

impl Shared {
    fn people(&self) -> MutexGuard<'_, People> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who has come and who has gone since the last call.
    fn take_moved(&self) -> (Vec<Uuid>, Vec<Uuid>) {
        let mut people = self.people();
        let People { seen, moved, told } = &mut *people;
        let (mut come, mut gone): (Vec<Uuid>, Vec<Uuid>) =
            moved.drain().partition(|user| seen.contains(user));
        come.retain(|user| told.insert(*user));
        gone.retain(|user| told.remove(user));
        (come, gone)
    }

    /// The database did not take it: once more, whatever has happened meanwhile.
    fn put_back(&self, come: &[Uuid], gone: &[Uuid]) {
        let mut people = self.people();
        for user in come {
            people.told.remove(user);
        }
        people.told.extend(gone);
        people.moved.extend(come.iter().chain(gone));
    }

    /// Writes the rows; leaves those whose contacts have something to hear.
    async fn write(&self, come: &mut Vec<Uuid>, gone: &mut Vec<Uuid>) -> sqlx::Result<()> {
        if self.cluster.is_alone() {
            return Ok(());
        }
        let (pool, node) = (&self.pool, self.cluster.node());
        nodes::arrive(pool, node, come).await?;
        nodes::leave(pool, node, gone).await?;
        let elsewhere = nodes::came_from_elsewhere(pool, node, come).await?;
        come.retain(|user| !elsewhere.contains(user));
        let elsewhere = nodes::online(pool, gone).await?;
        gone.retain(|user| !elsewhere.contains(user));
        Ok(())
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.moved.notify_one();
    }
}

/// Writes and tells, in order, whatever has come together while the last was written.
async fn run(shared: Weak<Shared>, moved: Arc<Notify>) {
    loop {
        moved.notified().await;
        let Some(this) = shared.upgrade().map(Presence) else {
            return;
        };
        let (mut come, mut gone) = this.0.take_moved();
        let all = (come.clone(), gone.clone());
        if let Err(error) = this.0.write(&mut come, &mut gone).await {
            tracing::warn!(error = %Masked(&error), "who is online could not be written");
            this.0.put_back(&all.0, &all.1);
            tokio::time::sleep(RETRY).await;
            moved.notify_one();
            continue;
        }
        for (users, change) in [
            (come, ContactChange::Online),
            (gone, ContactChange::Offline),
        ] {
            for user in users.iter().copied() {
                this.0.cluster.relay(Notice::Contact { user, change });
            }
            for some in users.chunks(PEOPLE) {
                this.tell_here(some, change).await;
            }
        }
    }
}
