//! `PUT /api/links/{id}/{step}`: one message from one of the two devices of a link to the other.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code, Problem, limits,
    rest::links::{LinkStep, LinkWrite},
};
use service::{Json, Path};
use uuid::Uuid;

use super::links::{find, tell};
use crate::{
    app::App,
    caller::Caller,
    error::Result,
    session::{Session, require_fresh_factor},
    store::links,
};

/// 204, also for a repeat; 403 `device-required`, `step-up-required`; 404; 410 `link-over`; 413.
/// Steps rise and each is written once: anything else ends the link. `answer` and `approval` are
/// for a session with a device; `approval` asks for a fresh factor.
#[utoipa::path(
    put,
    path = "/api/links/{id}/{step}",
    operation_id = "write_link_step",
    tag = "keys",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::DeviceRequired, Code::StepUpRequired, Code::LinkOver, Code::MfaUnavailable,
    ]))),
)]
pub async fn write(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Path((id, step)): Path<(Uuid, LinkStep)>,
    Json(body): Json<LinkWrite>,
) -> Result<StatusCode> {
    let user = session.user_id;
    if body.blob.0.len() > limits::LINK_STEP {
        return Err(Problem::new(Code::BodyTooLarge)
            .detail("A step of a link may have 16 KiB.")
            .into());
    }
    if matches!(step, LinkStep::Answer | LinkStep::Approval) && session.device_id.is_none() {
        return Err(Code::DeviceRequired.into());
    }
    if step == LinkStep::Approval {
        // Nobody is asked for a factor in vain.
        find(&app, user, id).await?;
        require_fresh_factor(&app, &session, &caller).await?;
    }
    if links::write(&app.pool, user, id, step, &body.blob.0).await? {
        if step == LinkStep::Approval {
            tracing::info!(security = "link-approved", %user, link = %id, request_id = %caller.request_id, address = %caller.address, "a device was let in by another");
            app.audit.own("link-approved", user, &caller);
        }
        tell(&app, user, id, Some(step));
        return Ok(StatusCode::NO_CONTENT);
    }
    let link = find(&app, user, id).await?;
    let written = link.steps.into_iter().find(|written| written.step == step);
    if written.is_some_and(|written| written.blob == body.blob) {
        // The same again, its first reply lost.
        return Ok(StatusCode::NO_CONTENT);
    }
    fail(&app, user, id, &caller).await
}

/// Somebody else than the two wrote, or one of them went astray: nobody is to go on.
async fn fail(app: &App, user: Uuid, id: Uuid, caller: &Caller) -> Result<StatusCode> {
    if links::end(&app.pool, user, id).await? {
        let code = Code::LinkOver.as_str();
        tracing::warn!(security = "link-failed", %user, link = %id, request_id = %caller.request_id, address = %caller.address, "a step of a link did not fit; it has ended");
        let (actor, subject) = (Some(user), Some(user));
        app.audit.note("link-failed", actor, subject, code, caller);
        tell(app, user, id, None);
    }
    Err(Code::LinkOver.into())
}
