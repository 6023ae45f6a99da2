//! A node's lease: while it holds, who is connected here is online; nodes whose lease has run out
//! are buried by the others, and their people with them.

use std::time::Duration;

use protocol::socket::ContactChange;
use tokio::time::sleep;

use super::notice::Notice;
use crate::{app::App, error::Masked, store::nodes};

/// How often the lease is renewed.
const PERIOD: Duration = Duration::from_secs(10);
/// How long it holds.
const LIFE: i32 = 30;
/// How long the lease of a node that stops holds on: its people are on their way to another one.
const LAST: i32 = 5;
/// Looks at which another node must have been seen before somebody is told: one that crashed is
/// seen until its lease has run out.
const SIGHTINGS: u32 = 5;

/// Takes the first lease.
///
/// # Errors
/// When the database fails.
pub(super) async fn begin(app: &App) -> sqlx::Result<()> {
    nodes::renew(&app.pool, app.cluster.node(), LIFE, 0)
        .await
        .map(|_| ())
}

/// Renews it for as long as it is polled.
pub(super) async fn run(app: App) {
    let mut sightings = 0;
    loop {
        sleep(PERIOD).await;
        if let Err(error) = renew(&app, &mut sightings).await {
            tracing::warn!(error = %Masked(&error), "the node's lease was not renewed");
        }
    }
}

/// Lets it end soon.
pub(super) async fn end(app: &App) {
    let last = nodes::renew(&app.pool, app.cluster.node(), LAST, 0);
    let _ = tokio::time::timeout(Duration::from_secs(2), last).await;
}

async fn renew(app: &App, sightings: &mut u32) -> sqlx::Result<()> {
    let node = app.cluster.node();
    let connections = i64::try_from(app.hub.count()).unwrap_or(i64::MAX);
    let renewed = nodes::renew(&app.pool, node, LIFE, connections).await?;
    if app.cluster.is_alone() {
        let others = nodes::are_others(&app.pool, node).await?;
        *sightings = if others { *sightings + 1 } else { 0 };
        if *sightings == SIGHTINGS {
            tracing::error!(
                "another node is on this database: set REDIS_URL on all, or people at one do not \
                 hear at once what happens at the other"
            );
        }
        nodes::bury(&app.pool).await?;
        return Ok(());
    }
    if !renewed {
        tracing::warn!("this node was taken for gone; it says again who is here");
        app.presence.say_again();
    }
    for user in nodes::bury(&app.pool).await? {
        app.presence.tell(user, ContactChange::Offline).await;
    }
    app.cluster.relay(Notice::Alive);
    Ok(())
}
