//! `POST`, `GET` and `DELETE /api/archive`: my history, sealed on my devices.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code, Problem, limits,
    rest::archive::{ArchivePage, ArchiveStored, ArchiveUpload},
    socket::ArchiveEntry,
};
use service::{Json, Query};

use super::{
    queries::{self, page_limit},
    rooms::device_of,
};
use crate::{
    app::App,
    caller::Caller,
    error::Result,
    session::{Session, require_fresh_factor},
    store::archive::{self, Upload},
};

/// Entries that are dropped at once: an upload gets its turn in between.
const ENTRIES: i64 = 5_000;

/// 200; 403 `device-required`, and `not-a-member` for a room or place that I could not read and
/// for a conversation with somebody who is no contact any more; 409 `archive-full`, `archive-off`; 413.
#[utoipa::path(
    post,
    path = "/api/archive",
    operation_id = "archive",
    tag = "archive",
    responses((status = 200, body = ArchiveStored)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::DeviceRequired, Code::NotAMember, Code::ArchiveFull, Code::ArchiveOff,
    ]))),
)]
pub async fn store(
    State(app): State<App>,
    session: Session,
    Json(body): Json<ArchiveUpload>,
) -> Result<Json<ArchiveStored>> {
    let (user, room) = (session.user_id, body.room_id.0);
    if body.entries.len() > limits::ARCHIVE_UPLOAD {
        return Err(invalid(
            "entries",
            "too-long",
            "Send at most 100 at a time.",
        ));
    }
    if body
        .entries
        .iter()
        .any(|entry| entry.blob.0.len() > limits::ARCHIVE_BLOB)
    {
        return Err(Problem::new(Code::BodyTooLarge)
            .detail("A sealed message may have 72 KiB.")
            .into());
    }
    // A session alone, whoever got hold of it, is not to write over a history.
    device_of(&app, &session).await?;
    let mut seqs: Vec<i64> = Vec::with_capacity(body.entries.len());
    for entry in &body.entries {
        seqs.push(i64::try_from(entry.seq).unwrap_or(i64::MAX));
    }
    let mut places = seqs.clone();
    places.sort_unstable();
    places.dedup();
    if places.len() < seqs.len() {
        return Err(invalid("entries", "duplicate", "Give each place once."));
    }
    let mut db = app.pool.begin().await?;
    let blobs: Vec<&[u8]> = body.entries.iter().map(|entry| &*entry.blob.0).collect();
    let quota = limits::ARCHIVE_QUOTA as i64;
    let entries = (&*seqs, &*blobs);
    let stored = match archive::store(&mut db, user, room, entries, body.replace, quota).await? {
        Upload::Stored(stored) => stored,
        Upload::Full => return Err(Code::ArchiveFull.into()),
        Upload::Off => return Err(Code::ArchiveOff.into()),
        Upload::Unreadable => return Err(Code::NotAMember.into()),
    };
    db.commit().await?;
    metrics::counter!("chat_archived_total").increment(stored);
    Ok(Json(ArchiveStored {
        stored: u32::try_from(stored).unwrap_or(u32::MAX),
    }))
}

/// 200: the newest first page, then what lies before; empty for a room that I kept nothing of.
#[utoipa::path(
    get,
    path = "/api/archive",
    operation_id = "archived",
    tag = "archive",
    params(queries::Archive),
    responses((status = 200, body = ArchivePage)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::InvalidBody]))),
)]
pub async fn load(
    State(app): State<App>,
    session: Session,
    Query(which): Query<queries::Archive>,
) -> Result<Json<ArchivePage>> {
    let limit = page_limit(which.limit)?;
    let (room, before) = (which.room_id, which.before());
    let entries = archive::before(&app.pool, session.user_id, room.0, before, limit + 1).await?;
    let (entries, has_more) = budget(entries, limit as usize);
    Ok(Json(ArchivePage {
        room_id: room,
        entries,
        has_more,
    }))
}

/// 204: what I kept of one room, or of all, is gone, also when there was nothing; 403
/// `step-up-required`.
#[utoipa::path(
    delete,
    path = "/api/archive",
    operation_id = "forget_archive",
    tag = "archive",
    params(queries::Forget),
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::InvalidBody, Code::StepUpRequired, Code::MfaUnavailable,
    ]))),
)]
pub async fn forget(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Query(what): Query<queries::Forget>,
) -> Result<StatusCode> {
    require_fresh_factor(&app, &session, &caller).await?;
    let (user, room) = (session.user_id, what.room_id.map(|room| room.0));
    while archive::forget(&app.pool, user, room, ENTRIES).await? >= ENTRIES as u64 {}
    app.audit.own("archive-removed", user, &caller);
    Ok(StatusCode::NO_CONTENT)
}

/// The newest entries that a page holds: at least one, at most `limit` or 512 KiB.
fn budget(mut entries: Vec<ArchiveEntry>, limit: usize) -> (Vec<ArchiveEntry>, bool) {
    let mut bytes = 0;
    let fits = |entry: &&ArchiveEntry| {
        bytes += entry.blob.0.len();
        bytes <= limits::PAGE_BYTES
    };
    let count = entries.iter().rev().take(limit).take_while(fits).count();
    let cut = entries.len() - count.max(1).min(entries.len());
    entries.drain(..cut);
    (entries, cut > 0)
}

fn invalid(field: &str, code: &str, message: &str) -> crate::error::Error {
    Problem::new(Code::InvalidBody)
        .field(field, code, message)
        .into()
}
