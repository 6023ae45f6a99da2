//! Hears what other nodes, triggers and operators tell through the database, and does here what it
//! means.

use std::time::Duration;

use protocol::{
    limits,
    socket::{Done, KeyPackagesLow, WelcomeEvent, server},
};
use sqlx::{PgPool, postgres::PgListener};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::notice::{Notice, Sent};
use crate::{
    app::App,
    database::Trust,
    error::Masked,
    store::{members, nodes, welcomes},
    sweep,
};

/// A node that does not hear itself for so long listens anew: it says every ten seconds that it is
/// alive.
const SILENCE: Duration = Duration::from_secs(35);
/// Pause before the next try.
const RETRY: Duration = Duration::from_millis(500);

/// Listens, over a connection of its own.
///
/// # Errors
/// When the database is not there.
pub(super) async fn begin(pool: &PgPool) -> sqlx::Result<PgListener> {
    let mut listener = PgListener::connect_with(pool).await?;
    // A new one is made instead, so that it is known that there was a gap.
    listener.eager_reconnect(false);
    listener.listen(nodes::CHANNEL).await?;
    Ok(listener)
}

/// Does what is told for as long as it is polled.
pub(super) async fn run(app: App, (pool, trust): (PgPool, Trust), first: PgListener) {
    let mut listener = first;
    loop {
        hear(&app, listener).await;
        trust.lost();
        tracing::warn!("the connection that brings notices was lost");
        listener = loop {
            match begin(&pool).await {
                Ok(listener) => break listener,
                Err(_) => sleep(RETRY).await,
            }
        };
        after_a_gap(&app).await;
    }
}

/// Until the connection is lost.
async fn hear(app: &App, mut listener: PgListener) {
    loop {
        let told = match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(told))) => told,
            Ok(Ok(None) | Err(_)) => return,
            Err(_) if app.cluster.is_alone() => continue,
            Err(_) => return,
        };
        match serde_json::from_str::<Sent>(told.payload()) {
            // What we told the others was done here at once.
            Ok(sent) if sent.from == Some(app.cluster.node()) => {}
            Ok(sent) => {
                if let Err(error) = obey(app, sent.notice).await {
                    tracing::warn!(error = %Masked(&error), "a notice could not be followed");
                }
            }
            Err(error) => tracing::debug!(%error, "a notice is not understood"),
        }
    }
}

/// Whatever was told meanwhile is in the tables: clients that come again find it.
async fn after_a_gap(app: &App) {
    if app.cluster.is_alone() {
        // Only operators tell a single node anything.
        if let Err(error) = sweep::end_sessions(app).await {
            tracing::warn!(error = %Masked(&error), "sessions that ended meanwhile end later");
        }
        return;
    }
    let open = app.hub.all();
    tracing::warn!(
        sockets = open.len(),
        "notices may have been missed: sockets resume"
    );
    for connection in open {
        connection.close();
    }
}

async fn obey(app: &App, notice: Notice) -> sqlx::Result<()> {
    match notice {
        Notice::SessionEnded { user, session } => app.hub.end_sessions(user, &[session]),
        Notice::Event {
            user,
            except,
            name,
            payload,
        } => app.hub.emit_to_user_except(user, except, &name, &payload),
        Notice::Contact { user, change } => app.presence.tell_here(&[user], change).await,
        Notice::Welcomes { room, seq } => welcome(app, room, seq).await?,
        Notice::Listen { room, device } => listen(app, room, device).await?,
        Notice::Claim { device, socket } => {
            if let Some(connection) = app.hub.of_device(device)
                && connection.is_displaced_by(socket)
            {
                connection.close_with(server::DISPLACED, &Done {});
            }
        }
        Notice::Revoked { device } => {
            if let Some(connection) = app.hub.of_device(device) {
                connection.close();
            }
        }
        Notice::KeyPackagesLow {
            device,
            left,
            suite,
        } => {
            if let Some(connection) = app.hub.of_device(device)
                && (left as usize) < limits::KEY_PACKAGES_LOW
            {
                connection.emit(server::KEY_PACKAGES_LOW, &KeyPackagesLow { left, suite });
            }
        }
        Notice::Left { room, user } => app.hub.deafen(room, user),
        Notice::Removals { room } => app.log.ask_here(room),
        Notice::Subscribed => app.push.expect_subscribers(),
        Notice::Look => app.cluster.wanted_look().notify_one(),
        Notice::Alive => {}
    }
    Ok(())
}

/// Hands welcomes to those of the invited devices that are here.
async fn welcome(app: &App, room: Uuid, seq: i64) -> sqlx::Result<()> {
    let invited = welcomes::devices(&app.pool, room, seq).await?;
    for device in invited {
        let Some(connection) = app.hub.of_device(device) else {
            continue;
        };
        if let Some(welcome) = welcomes::find(&app.pool, room, device).await? {
            connection.emit(server::WELCOME, &WelcomeEvent::from(welcome));
        }
    }
    Ok(())
}

/// Lets a device that is here hear a room that it has entered.
async fn listen(app: &App, room: Uuid, device: Uuid) -> sqlx::Result<()> {
    let Some(connection) = app.hub.of_device(device) else {
        return Ok(());
    };
    let member = members::find(&app.pool, room, device).await?;
    let present = member.filter(|member| member.left_seq.is_none() && !member.welcome);
    if let Some(member) = present {
        let local = app.hub.join(room, member.kind.into(), &connection);
        let sent = member.acked_seq.max(member.joined_seq).max(0) as u64;
        local.go_live(connection.id, sent, member.head.max(0) as u64);
    }
    Ok(())
}
