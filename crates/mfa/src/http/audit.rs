//! `GET /v1/audit`: what happened in an application, newest first.

use axum::extract::State;
use protocol::{
    limits::AUDIT_PAGE,
    mfa::{AuditEntry, AuditPage},
};
use service::{Json, Query};

use super::queries;
use crate::{
    app::App,
    client::{Client, Scope},
    error::Result,
    identity::invalid,
    store::audit::{self, Filter},
};

/// One page of the audit trail.
#[utoipa::path(
    get,
    path = "/v1/audit",
    operation_id = "list_audit",
    tag = "audit",
    responses((status = 200, body = AuditPage, description = "The entries that fit.")),
    security(("token" = ["admin"])),
    extensions(("x-problems" = json!([protocol::Code::InvalidBody]))),
)]
pub async fn handle(
    State(app): State<App>,
    client: Client,
    Query(search): Query<queries::Audit>,
) -> Result<Json<AuditPage>> {
    client.needs(Scope::Admin)?;
    let limit = search
        .limit()
        .ok_or_else(|| invalid("limit", "format", &format!("Use 1 to {AUDIT_PAGE}.")))?;
    let action = search.action();
    let filter = Filter {
        account: search.account_id,
        action: action.as_deref(),
        from: search.from.map(|at| at.0),
        until: search.until.map(|at| at.0),
        before: search.before,
        limit: i64::from(limit),
    };
    let rows = audit::page(&app.pool, client.app.id, &filter).await?;
    let is_full = rows.len() == limit as usize;
    let next = rows.last().map(|row| row.seq).filter(|_| is_full);
    let entries = rows.into_iter().map(|row| AuditEntry {
        seq: row.seq,
        at: row.at.into(),
        account_id: row.account_id.map(Into::into),
        action: row.action,
        factor: row.factor,
        result: row.result,
        address: row.address,
        request_id: row.request_id,
        hash: hex(&row.hash),
    });
    Ok(Json(AuditPage {
        entries: entries.collect(),
        next,
    }))
}

/// Bytes as two digits each.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
