//! `/api/admin/…`: looking after accounts. Moderators see them, end sessions and switch members
//! off and on; admins also give roles and remove accounts. Nobody acts on somebody of their own
//! rank or above but an admin.

use axum::extract::{FromRequestParts, State};
use http::{StatusCode, request::Parts};
use protocol::{
    Code, Problem,
    rest::{
        admin::{Account, Accounts, AuditEntry, RoleUpdate, Summary},
        me::Role,
    },
};
use service::{Json, Path, Query};
use uuid::Uuid;

use super::queries;
use crate::{
    account,
    app::App,
    caller::Caller,
    error::{Error, Result},
    session::{Session, require_fresh_factor},
    store::{
        accounts, admin,
        audit::{self, Filter},
        nodes, sessions,
    },
};

/// Somebody who may look after accounts: the extractor refuses others.
pub struct Keeper {
    session: Session,
    caller: Caller,
    role: Role,
}

impl FromRequestParts<App> for Keeper {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let session = Session::from_request_parts(parts, app).await?;
        let caller = Caller::of(parts);
        let user = session.user_id;
        let role = admin::role(&app.pool, user).await?.unwrap_or_default();
        if role < Role::Moderator {
            tracing::warn!(security = "admin", %user, request_id = %caller.request_id, address = %caller.address, "somebody without the role asked for an admin's page");
            app.audit
                .note("admin", Some(user), None, Code::Forbidden.as_str(), &caller);
            return Err(Code::Forbidden.into());
        }
        Ok(Self {
            session,
            caller,
            role,
        })
    }
}

impl Keeper {
    /// The account, when this keeper may act on it.
    pub(super) async fn on(&self, app: &App, user: Uuid, needed: Role) -> Result<Account> {
        let account = admin::find(&app.pool, user).await?.ok_or(Code::NotFound)?;
        if self.role < needed || (self.role < Role::Admin && account.role >= self.role) {
            return Err(Code::Forbidden.into());
        }
        self.fresh(app).await?;
        Ok(account)
    }

    /// Goes on only with a second factor of the last minutes.
    pub(super) async fn fresh(&self, app: &App) -> Result<()> {
        require_fresh_factor(app, &self.session, &self.caller).await
    }

    /// The keeper.
    pub(super) fn user(&self) -> Uuid {
        self.session.user_id
    }

    /// Where the keeper sits.
    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Notes what was done, and to whom.
    pub(super) fn note(&self, app: &App, action: &'static str, user: Option<Uuid>) {
        let (actor, caller) = (self.session.user_id, &self.caller);
        let on = user.map(tracing::field::display);
        tracing::info!(security = action, %actor, user = on, request_id = %caller.request_id, address = %caller.address, "an admin changed something");
        app.audit.note(action, Some(actor), user, "ok", caller);
    }
}

/// 200: accounts by username.
#[utoipa::path(
    get,
    path = "/api/admin/users",
    operation_id = "accounts",
    tag = "admin",
    params(queries::Accounts),
    responses((status = 200, body = Accounts)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::Forbidden, Code::InvalidBody]))),
)]
pub async fn list(
    State(app): State<App>,
    _: Keeper,
    Query(which): Query<queries::Accounts>,
) -> Result<Json<Accounts>> {
    let limit = which.limit();
    let (beginning, after) = (which.beginning(), which.after());
    let mut users = admin::list(&app.pool, &beginning, &after, limit + 1).await?;
    let has_more = users.len() as i64 > limit;
    users.truncate(limit as usize);
    Ok(Json(Accounts { users, has_more }))
}

/// 200; 404.
#[utoipa::path(
    get,
    path = "/api/admin/users/{id}",
    operation_id = "account",
    tag = "admin",
    responses((status = 200, body = Account)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::Forbidden]))),
)]
pub async fn show(
    State(app): State<App>,
    _: Keeper,
    Path(user): Path<Uuid>,
) -> Result<Json<Account>> {
    let account = admin::find(&app.pool, user).await?;
    Ok(Json(account.ok_or(Code::NotFound)?))
}

/// 200, for admins; 409 `last-admin` for the only one.
#[utoipa::path(
    patch,
    path = "/api/admin/users/{id}",
    operation_id = "set_role",
    tag = "admin",
    responses((status = 200, body = Account)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::Forbidden, Code::StepUpRequired, Code::LastAdmin, Code::MfaUnavailable,
    ]))),
)]
pub async fn set_role(
    State(app): State<App>,
    keeper: Keeper,
    Path(user): Path<Uuid>,
    Json(body): Json<RoleUpdate>,
) -> Result<Json<Account>> {
    keeper.on(&app, user, Role::Admin).await?;
    if !admin::set_role(&app.pool, user, body.role).await? {
        return Err(Problem::new(Code::LastAdmin).into());
    }
    keeper.note(&app, "role-changed", Some(user));
    let account = admin::find(&app.pool, user).await?;
    Ok(Json(account.ok_or(Code::NotFound)?))
}

/// 204.
#[utoipa::path(
    post,
    path = "/api/admin/users/{id}/deactivate",
    operation_id = "deactivate_account",
    tag = "admin",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::Forbidden, Code::StepUpRequired, Code::MfaUnavailable,
    ]))),
)]
pub async fn deactivate(
    State(app): State<App>,
    keeper: Keeper,
    Path(user): Path<Uuid>,
) -> Result<StatusCode> {
    keeper.on(&app, user, Role::Moderator).await?;
    account::switch_off(&app, user).await?;
    keeper.note(&app, "account-deactivated", Some(user));
    Ok(StatusCode::NO_CONTENT)
}

/// 204; 404 unless it is switched off.
#[utoipa::path(
    post,
    path = "/api/admin/users/{id}/activate",
    operation_id = "activate_account",
    tag = "admin",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::Forbidden, Code::StepUpRequired, Code::MfaUnavailable,
    ]))),
)]
pub async fn activate(
    State(app): State<App>,
    keeper: Keeper,
    Path(user): Path<Uuid>,
) -> Result<StatusCode> {
    keeper.on(&app, user, Role::Moderator).await?;
    if !accounts::activate(&app.pool, user).await? {
        return Err(Code::NotFound.into());
    }
    keeper.note(&app, "account-activated", Some(user));
    Ok(StatusCode::NO_CONTENT)
}

/// 204: ends all sessions of somebody.
#[utoipa::path(
    delete,
    path = "/api/admin/users/{id}/sessions",
    operation_id = "end_account_sessions",
    tag = "admin",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::Forbidden, Code::StepUpRequired, Code::MfaUnavailable,
    ]))),
)]
pub async fn end_sessions(
    State(app): State<App>,
    keeper: Keeper,
    Path(user): Path<Uuid>,
) -> Result<StatusCode> {
    keeper.on(&app, user, Role::Moderator).await?;
    let ended = sessions::remove_all(&app.pool, user).await?;
    app.hub.end_sessions(user, &ended);
    keeper.note(&app, "sessions-ended", Some(user));
    Ok(StatusCode::NO_CONTENT)
}

/// 200: the trail, the newest first.
#[utoipa::path(
    get,
    path = "/api/admin/audit",
    operation_id = "audit",
    tag = "admin",
    params(queries::Trail),
    responses((status = 200, body = Vec<AuditEntry>)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::Forbidden, Code::InvalidBody]))),
)]
pub async fn trail(
    State(app): State<App>,
    _: Keeper,
    Query(trail): Query<queries::Trail>,
) -> Result<Json<Vec<AuditEntry>>> {
    let filter = Filter {
        subject: trail.subject.map(|user| user.0),
        action: trail.action(),
        before: trail.before,
        limit: trail.limit(),
    };
    Ok(Json(audit::list(&app.pool, &filter).await?))
}

/// 200: how much there is of everything.
#[utoipa::path(
    get,
    path = "/api/admin/summary",
    operation_id = "summary",
    tag = "admin",
    responses((status = 200, body = Summary)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::Forbidden]))),
)]
pub async fn summary(State(app): State<App>, _: Keeper) -> Result<Json<Summary>> {
    let elsewhere = nodes::connections_elsewhere(&app.pool, app.cluster.node()).await?;
    let connections = app.hub.count() as u64 + elsewhere.max(0) as u64;
    Ok(Json(admin::summary(&app.pool, connections).await?))
}
