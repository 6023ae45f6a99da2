//! `POST /api/contacts/remove`: parts two people and closes their room.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    rest::people::{Contact, UserRequest},
    socket::ContactChange,
};
use service::Json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::App,
    error::Result,
    session::Session,
    store::{archive, contacts, rooms},
};

/// 204; 403 `not-a-contact`. What was not delivered yet is dropped, and my archive of the
/// conversation; what the other person has stays theirs.
#[utoipa::path(
    post,
    path = "/api/contacts/remove",
    operation_id = "remove_contact",
    tag = "people",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotAContact]))),
)]
pub async fn remove(
    State(app): State<App>,
    session: Session,
    Json(body): Json<UserRequest>,
) -> Result<StatusCode> {
    let (me, other) = (session.user_id, body.user_id.0);
    let mut db = app.pool.begin().await?;
    let parted = part(&mut db, me, other).await?.ok_or(Code::NotAContact)?;
    db.commit().await?;
    parted.tell(&app, me, other).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Two people who are no contacts any more, as each saw the other.
pub struct Parted {
    mine: Contact,
    theirs: Contact,
}

impl Parted {
    /// Tells both that the other is gone.
    pub async fn tell(self, app: &App, me: Uuid, other: Uuid) {
        app.presence
            .emit(other, self.theirs, ContactChange::Removed)
            .await;
        app.presence
            .emit(me, self.mine, ContactChange::Removed)
            .await;
    }
}

/// Parts two people: closes their room with what was not delivered and drops the archive of
/// `me`. `None` when they were no contacts.
///
/// # Errors
/// When the database fails.
pub async fn part(db: &mut PgConnection, me: Uuid, other: Uuid) -> Result<Option<Parted>> {
    let mine = contacts::one(&mut *db, me, other).await?;
    let theirs = contacts::one(&mut *db, other, me).await?;
    // The row first: a room that is being made holds it and is closed here once it stands.
    if !contacts::remove(&mut *db, me, other).await? {
        return Ok(None);
    }
    rooms::close_direct(db, me, other).await?;
    archive::forget_direct(db, me, other).await?;
    Ok(mine
        .zip(theirs)
        .map(|(mine, theirs)| Parted { mine, theirs }))
}
