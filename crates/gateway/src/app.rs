//! What all handlers of the gateway share.

use std::time::Duration;

use anyhow::Context;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Config, Origin, access::Access, cors::Cors, frontend::Frontend, proxy::Upstreams,
    security::SecurityHeaders,
};

/// Built once at start; everything in it is read only.
pub(crate) struct App {
    pub(crate) public_url: Origin,
    pub(crate) access: Access,
    pub(crate) reply_within: Duration,
    pub(crate) cors: Cors,
    pub(crate) security: SecurityHeaders,
    pub(crate) chat: Upstreams,
    pub(crate) development: Option<Upstreams>,
    pub(crate) frontend: Frontend,
    pub(crate) tunnels: TaskTracker,
    pub(crate) shutdown: CancellationToken,
}

impl App {
    pub(crate) fn build(config: &Config, shutdown: CancellationToken) -> anyhow::Result<Self> {
        config.check()?;
        let development = config
            .dev_frontend
            .clone()
            .map(Upstreams::development)
            .transpose()?;
        let folder = config
            .frontend_dir
            .as_deref()
            .filter(|path| !path.as_os_str().is_empty());
        let frontend = match folder {
            Some(folder) if development.is_none() => {
                Frontend::load(folder).context("FRONTEND_DIR")?
            }
            _ => Frontend::default(),
        };
        let security = SecurityHeaders::new(
            &config.public_url,
            frontend.import_map(),
            development.is_some(),
        )?;
        Ok(Self {
            public_url: config.public_url.clone(),
            access: Access::new(config),
            reply_within: Duration::from_secs(config.upstream_timeout),
            cors: Cors::new(config.origins()?),
            security,
            chat: Upstreams::chat(&config.chat_upstreams, &config.files)?,
            development,
            frontend,
            tunnels: TaskTracker::new(),
            shutdown,
        })
    }
}
