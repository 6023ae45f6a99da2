//! `/api/links`: a place where a new device and one in use leave each other small sealed messages.
//!
//! Their contents are the devices' own business. What is kept here is the frame: two minutes, one
//! account, each step once, and an end at the first failure.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    rest::links::{Link, LinkStep},
    socket::{LinkEvent, server},
};
use service::{Json, Path};
use uuid::Uuid;

use crate::{app::App, error::Result, session::Session, store::links};

/// 200: those of mine that are open, oldest first.
#[utoipa::path(
    get,
    path = "/api/links",
    operation_id = "links",
    tag = "keys",
    responses((status = 200, body = Vec<Link>)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Vec<Link>>> {
    Ok(Json(links::open(&app.pool, session.user_id, None).await?))
}

/// 201; 409 `too-many-links`. My other devices hear of it with its first step.
#[utoipa::path(
    post,
    path = "/api/links",
    operation_id = "create_link",
    tag = "keys",
    responses((status = 201, body = Link)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::TooManyLinks]))),
)]
pub async fn create(State(app): State<App>, session: Session) -> Result<(StatusCode, Json<Link>)> {
    let link = links::add(&app.pool, Uuid::now_v7(), session.user_id).await?;
    Ok((StatusCode::CREATED, Json(link.ok_or(Code::TooManyLinks)?)))
}

/// 200: with what was written so far; 404; 410 `link-over`.
#[utoipa::path(
    get,
    path = "/api/links/{id}",
    operation_id = "link",
    tag = "keys",
    responses((status = 200, body = Link)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::LinkOver]))),
)]
pub async fn show(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<Json<Link>> {
    Ok(Json(find(&app, session.user_id, id).await?))
}

/// 204, also for one that is over; 404. Whoever finds that something does not fit ends it.
#[utoipa::path(
    delete,
    path = "/api/links/{id}",
    operation_id = "end_link",
    tag = "keys",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn end(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    let user = session.user_id;
    if links::end(&app.pool, user, id).await? {
        tell(&app, user, id, None);
    } else if !links::is_known(&app.pool, user, id).await? {
        return Err(Code::NotFound.into());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// An open link of a person.
///
/// # Errors
/// 404 `not-found`; 410 `link-over`.
pub async fn find(app: &App, user: Uuid, id: Uuid) -> Result<Link> {
    if let Some(link) = links::open(&app.pool, user, Some(id)).await?.pop() {
        return Ok(link);
    }
    let known = links::is_known(&app.pool, user, id).await?;
    Err(if known {
        Code::LinkOver
    } else {
        Code::NotFound
    }
    .into())
}

/// Tells every socket of a person that a link went on, or has ended.
pub fn tell(app: &App, user: Uuid, id: Uuid, step: Option<LinkStep>) {
    let event = LinkEvent {
        link_id: id.into(),
        step,
    };
    app.cluster.emit_to_user(user, server::LINK_UPDATED, &event);
}
