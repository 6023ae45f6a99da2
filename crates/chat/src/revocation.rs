//! What follows when devices are revoked: their sessions end, everybody concerned hears of it.
//!
//! A revoked device hears that it is, and only then that its session ended: the other way round it
//! would tell its person to sign in again.

use protocol::socket::{DeviceEvent, server};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{
    app::App,
    cluster::Notice,
    error::Result,
    session::Session,
    store::{members, nodes, sessions},
};

/// Ends the sessions and sockets of revoked devices (but never the session that revokes), tells
/// the person's others, and asks a device of each room to remove them.
///
/// # Errors
/// When the database fails.
pub async fn follow(app: &App, session: &Session, revoked: &[Uuid]) -> Result<()> {
    if revoked.is_empty() {
        return Ok(());
    }
    let user = session.user_id;
    tell_here(app, user, None, revoked);
    let mut ended = Vec::new();
    let mut db = app.pool.begin().await?;
    for device in revoked {
        // Notices of one transaction arrive in their order.
        let told = told(user, *device)?;
        app.cluster.notify_within(&mut *db, told).await?;
        ended.extend(sessions::remove_of_device(&mut *db, *device, session.session_id).await?);
    }
    db.commit().await?;
    app.hub.end_sessions(user, &ended);
    close(app, user, revoked).await
}

/// The same after keys were reset, where the devices' sessions ended with the change itself; each
/// was announced by [`announce`].
///
/// # Errors
/// When the database fails.
pub async fn follow_reset(
    app: &App,
    session: &Session,
    revoked: &[Uuid],
    ended: &[Uuid],
) -> Result<()> {
    let user = session.user_id;
    tell_here(app, user, Some(session.session_id), revoked);
    app.hub.end_sessions(user, ended);
    close(app, user, revoked).await
}

/// Tells every node of a revoked device when the transaction commits, this one too: for sessions
/// that end in the same transaction, afterwards. What the database tells of those may be here before
/// the code behind the commit runs.
///
/// # Errors
/// When the database fails.
pub async fn announce(db: impl PgExecutor<'_>, user: Uuid, device: Uuid) -> Result<()> {
    let notice = told(user, device)?.by_nobody();
    nodes::notify(db, &[notice.map_err(anyhow::Error::from)?]).await?;
    Ok(())
}

/// Asks a device of each room to remove revoked ones.
///
/// # Errors
/// When the database fails.
pub async fn want_removals(app: &App, devices: &[Uuid]) -> Result<()> {
    for device in devices {
        for room in members::rooms_with_removals(&app.pool, *device).await? {
            app.log.want_removals(room).await?;
        }
    }
    Ok(())
}

/// The event, as nodes tell it each other.
fn told(user: Uuid, device: Uuid) -> anyhow::Result<Notice> {
    Ok(Notice::Event {
        user,
        except: None,
        name: server::DEVICE_REVOKED.to_owned(),
        payload: serde_json::to_value(event(device))?,
    })
}

fn tell_here(app: &App, user: Uuid, except: Option<Uuid>, revoked: &[Uuid]) {
    for device in revoked {
        let hub = &app.hub;
        hub.emit_to_user_except(user, except, server::DEVICE_REVOKED, &event(*device));
    }
}

async fn close(app: &App, user: Uuid, revoked: &[Uuid]) -> Result<()> {
    for device in revoked {
        tracing::info!(%user, %device, "a device was revoked");
        if let Some(connection) = app.hub.of_device(*device) {
            connection.close();
        }
        app.cluster.relay(Notice::Revoked { device: *device });
    }
    want_removals(app, revoked).await
}

fn event(device: Uuid) -> DeviceEvent {
    DeviceEvent {
        device_id: device.into(),
    }
}
