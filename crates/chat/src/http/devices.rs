//! `DELETE /api/devices/{id}`: revokes a device of mine.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    socket::{ContactChange, DeviceEvent, server},
};
use service::Path;
use uuid::Uuid;

use crate::{
    app::App,
    caller::Caller,
    cluster::Notice,
    error::Result,
    session::{Session, require_fresh_factor},
    store::{devices, members, sessions},
};

/// 204; 403 `step-up-required`; 404. It is refused at once; its removal is due in every room.
#[utoipa::path(
    delete,
    path = "/api/devices/{id}",
    operation_id = "revoke_device",
    tag = "keys",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::StepUpRequired, Code::MfaUnavailable]))),
)]
pub async fn revoke(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    let device = devices::find(&app.pool, id).await?;
    if device.is_none_or(|device| device.user_id != session.user_id) {
        return Err(Code::NotFound.into());
    }
    require_fresh_factor(&app, &session, &caller).await?;
    let mut db = app.pool.begin().await?;
    let revoked = devices::revoke(&mut db, session.user_id, &[id]).await?;
    db.commit().await?;
    after_revocation(&app, &session, &revoked).await?;
    app.audit.own("device-revoked", session.user_id, &caller);
    app.presence
        .tell(session.user_id, ContactChange::Keys)
        .await;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the sessions and sockets of revoked devices (but never the session that revokes), tells
/// the person's others, and asks a device of each room to remove them.
///
/// # Errors
/// When the database fails.
pub async fn after_revocation(app: &App, session: &Session, revoked: &[Uuid]) -> Result<()> {
    let user = session.user_id;
    for device in revoked {
        let ended = sessions::remove_of_device(&app.pool, *device, session.session_id).await?;
        app.hub.end_sessions(user, &ended);
        tracing::info!(%user, %device, "a device was revoked");
        if let Some(connection) = app.hub.of_device(*device) {
            connection.close();
        }
        app.cluster.relay(Notice::Revoked { device: *device });
        let event = DeviceEvent {
            device_id: (*device).into(),
        };
        app.cluster
            .emit_to_user(user, server::DEVICE_REVOKED, &event);
    }
    for device in revoked {
        for room in members::rooms_with_removals(&app.pool, *device).await? {
            app.log.want_removals(room).await?;
        }
    }
    Ok(())
}
