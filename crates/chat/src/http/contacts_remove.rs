//! `POST /api/contacts/remove`: parts two people and closes their room.

use axum::extract::State;
use http::StatusCode;
use protocol::{Code, rest::people::UserRequest, socket::ContactChange};
use service::Json;

use crate::{
    app::App,
    error::Result,
    session::Session,
    store::{contacts, rooms},
};

/// 204; 403 `not-a-contact`. What was not delivered yet is dropped; what the other person has
/// stays theirs.
pub async fn remove(
    State(app): State<App>,
    session: Session,
    Json(body): Json<UserRequest>,
) -> Result<StatusCode> {
    let (me, other) = (session.user_id, body.user_id.0);
    let mut db = app.pool.begin().await?;
    let mine = contacts::one(&mut *db, me, other)
        .await?
        .ok_or(Code::NotAContact)?;
    let theirs = contacts::one(&mut *db, other, me)
        .await?
        .ok_or(Code::NotAContact)?;
    // The row first: a room that is being made holds it and is closed here once it stands.
    if !contacts::remove(&mut *db, me, other).await? {
        return Err(Code::NotAContact.into());
    }
    rooms::close_direct(&mut db, me, other).await?;
    db.commit().await?;
    app.presence.emit(other, theirs, ContactChange::Removed);
    app.presence.emit(me, mine, ContactChange::Removed);
    Ok(StatusCode::NO_CONTENT)
}
