//! `POST` and `GET /api/archive`: my history, sealed on my devices.

use axum::extract::State;
use protocol::{
    Code, Problem, RoomId, limits,
    rest::archive::{ArchivePage, ArchiveStored, ArchiveUpload},
    socket::ArchiveEntry,
};
use serde::Deserialize;
use service::{Json, Query};

use super::room_messages::page_limit;
use crate::{app::App, error::Result, session::Session, store::archive};

/// 200; 403 `not-a-member` for a room or place that I could not read; 409 `archive-full`; 413.
#[utoipa::path(
    post,
    path = "/api/archive",
    operation_id = "archive",
    tag = "archive",
    responses((status = 200, body = ArchiveStored)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotAMember, Code::ArchiveFull]))),
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
    let (first, last) = archive::readable(&mut *db, user, room)
        .await?
        .ok_or(Code::NotAMember)?;
    if !seqs.iter().all(|seq| (first + 1..=last).contains(seq)) {
        return Err(Code::NotAMember.into());
    }
    let blobs: Vec<&[u8]> = body.entries.iter().map(|entry| &*entry.blob.0).collect();
    let quota = limits::ARCHIVE_QUOTA as i64;
    let stored = archive::store(&mut db, user, room, (&seqs, &blobs), body.replace, quota)
        .await?
        .ok_or(Code::ArchiveFull)?;
    db.commit().await?;
    metrics::counter!("chat_archived_total").increment(stored);
    Ok(Json(ArchiveStored {
        stored: u32::try_from(stored).unwrap_or(u32::MAX),
    }))
}

/// The parameters of a page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    room_id: RoomId,
    before_seq: Option<u64>,
    limit: Option<u32>,
}

/// 200: the newest first page, then what lies before; empty for a room that I kept nothing of.
#[utoipa::path(
    get,
    path = "/api/archive",
    operation_id = "archived",
    tag = "archive",
    params(Which),
    responses((status = 200, body = ArchivePage)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::InvalidBody]))),
)]
pub async fn load(
    State(app): State<App>,
    session: Session,
    Query(which): Query<Which>,
) -> Result<Json<ArchivePage>> {
    let limit = page_limit(which.limit)?;
    let before = which
        .before_seq
        .map_or(i64::MAX, |seq| i64::try_from(seq).unwrap_or(i64::MAX));
    let room = which.room_id;
    let entries = archive::before(&app.pool, session.user_id, room.0, before, limit + 1).await?;
    let (entries, has_more) = budget(entries, limit as usize);
    Ok(Json(ArchivePage {
        room_id: room,
        entries,
        has_more,
    }))
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
