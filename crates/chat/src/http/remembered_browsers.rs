//! `/api/remembered-browsers`: where my account asks no code.

use axum::{extract::State, response::Response};
use http::StatusCode;
use protocol::{Code, rest::factors::RememberedBrowser};
use service::{Json, Path};
use uuid::Uuid;

use crate::{app::App, browser::Browser, caller::Caller, error::Result, session::Session};

/// 200: all of mine, the oldest first.
#[utoipa::path(
    get,
    path = "/api/remembered-browsers",
    operation_id = "remembered_browsers",
    tag = "factors",
    responses((status = 200, body = Vec<RememberedBrowser>)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::MfaUnavailable]))),
)]
pub async fn list(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    browser: Browser,
) -> Result<Json<Vec<RememberedBrowser>>> {
    let user = session.user_id;
    let all = app.mfa.remembered(user.into(), &caller).await?;
    let here = browser
        .remembered_by(user)
        .map(|remembered| remembered.browser_id);
    let list = all.devices.into_iter().map(|device| RememberedBrowser {
        browser_id: device.device_id,
        label: device.label,
        created_at: device.created_at,
        last_used_at: device.last_used_at,
        expires_at: device.expires_at,
        current: here == Some(device.device_id.into()),
    });
    Ok(Json(list.collect()))
}

/// 204: forgets one of mine.
#[utoipa::path(
    delete,
    path = "/api/remembered-browsers/{id}",
    operation_id = "forget_browser",
    tag = "factors",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::MfaUnavailable]))),
)]
pub async fn forget(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    mut browser: Browser,
    Path(id): Path<Uuid>,
) -> Result<Response> {
    let user = session.user_id;
    app.mfa
        .forget(user.into(), Some(id.into()), &caller)
        .await?;
    app.audit.own("browser-forgotten", user, &caller);
    let here = browser.remembered_by(user);
    if here.is_some_and(|remembered| remembered.browser_id == id) {
        browser.forget(user);
    }
    Ok(browser.keep(StatusCode::NO_CONTENT))
}

/// 204: forgets all of mine.
#[utoipa::path(
    delete,
    path = "/api/remembered-browsers",
    operation_id = "forget_all_browsers",
    tag = "factors",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::MfaUnavailable]))),
)]
pub async fn forget_all(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    mut browser: Browser,
) -> Result<Response> {
    let user = session.user_id;
    app.mfa.forget(user.into(), None, &caller).await?;
    app.audit.own("browsers-forgotten", user, &caller);
    browser.forget(user);
    Ok(browser.keep(StatusCode::NO_CONTENT))
}
