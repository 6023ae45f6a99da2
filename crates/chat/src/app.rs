//! What every handler can reach.

use std::{ops::Deref, sync::Arc};

use sqlx::PgPool;

use crate::{
    audit::Audit, cluster::Cluster, config::Config, files::Files, hub::Hub, log::Log, mfa::Mfa,
    presence::Presence, push::Push, rates::Rates, seen::Seen,
};

/// The shared state. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// The parts of [`App`].
pub struct Shared {
    /// As started.
    pub config: Config,
    /// The origins that browsers may call from, ours first.
    pub origins: Vec<String>,
    /// The database.
    pub pool: PgPool,
    /// The MFA service.
    pub mfa: Mfa,
    /// Who is connected.
    pub hub: Arc<Hub>,
    /// The other nodes.
    pub cluster: Cluster,
    /// The durable log.
    pub log: Log,
    /// Encrypted files.
    pub files: Files,
    /// Web Push.
    pub push: Push,
    /// Who is seen as online.
    pub presence: Presence,
    /// When people, devices and sessions were last seen.
    pub seen: Seen,
    /// Rate limits.
    pub rates: Rates,
    /// What matters for security.
    pub audit: Audit,
    /// The OpenAPI document.
    pub document: serde_json::Value,
}

impl App {
    /// Shares the parts.
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
