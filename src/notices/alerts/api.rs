//! Alerts over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{Alert, AlertRule, NewAlertRule};
use crate::{
    app::App,
    http::{Caller, Command, Nothing, Page, PageQuery, Problem, Query, answer, resource},
    parties::{AnyMember, Identity, OrgKind, Permission},
    types::{AlertId, AlertRuleId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(list_alert_rules, add_alert_rule, remove_alert_rule, list_alerts, read_alert),
    components(schemas(AlertRule, Alert))
)]
pub struct Docs;

/// Rules are for whoever answers for the cases.
///
/// # Errors
/// 403 naming the permission that is missing.
pub fn may_rule(member: &Identity) -> Result<(), Problem> {
    member.may(if member.kind == OrgKind::Agency { Permission::Offer } else { Permission::PostCases })
}

/// Your organisation's alert rules, by name.
#[utoipa::path(get, path = "/alert-rules", tag = "notices", responses((status = 200, body = Page<AlertRule>)))]
pub async fn list_alert_rules(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let data = app.db.transaction(member.scope(), async |conn| super::list_rules(conn, member.org).await).await?;
    resource(StatusCode::OK, &Page { data, next_cursor: None })
}

/// Sets a rule: when what it describes happens on a case of yours, the role it names is alerted. It is tried out before it is kept.
#[utoipa::path(post, path = "/alert-rules", tag = "notices", request_body = NewAlertRule, responses((status = 201, body = AlertRule)))]
pub async fn add_alert_rule(app: Data<App>, member: AnyMember, command: Command<NewAlertRule>) -> Result<HttpResponse, Problem> {
    may_rule(&member)?;
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        super::add_rule(conn, by, (member.org, member.kind), &command.input).await
    })
    .await
}

/// Removes a rule. What it told stays.
#[utoipa::path(delete, path = "/alert-rules/{rule_id}", tag = "notices", params(("rule_id" = AlertRuleId, Path)), responses((status = 204, description = "removed")))]
pub async fn remove_alert_rule(app: Data<App>, member: AnyMember, id: Path<AlertRuleId>) -> Result<HttpResponse, Problem> {
    may_rule(&member)?;
    app.db.transaction(member.scope(), async |conn| super::remove_rule(conn, member.org, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `?unread=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertFilter {
    /// Only those that nobody has read.
    #[serde(default)]
    pub unread: bool,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// What your role was alerted of, newest first. Administrators and machines see all of it.
#[utoipa::path(get, path = "/alerts", tag = "notices", params(AlertFilter), responses((status = 200, body = Page<Alert>)))]
pub async fn list_alerts(app: Data<App>, member: AnyMember, filter: Query<AlertFilter>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let AlertFilter { unread, limit, cursor } = filter.0;
    let (by, cursor) = (member.by(app.clock.now()), PageQuery { limit, cursor }.cursor()?);
    let reader = (member.org, member.member);
    let found = app.db.transaction(by.scope, async |conn| super::list(conn, reader, unread, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |alert| alert.id.0))
}

/// Somebody has seen it.
#[utoipa::path(post, path = "/alerts/{alert_id}/reading", tag = "notices", params(("alert_id" = AlertId, Path)), request_body = Nothing, responses((status = 200, body = Alert)))]
pub async fn read_alert(
    app: Data<App>,
    member: AnyMember,
    id: Path<AlertId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let reader = (member.org, member.member);
    answer(&app, &*member, &command.envelope, StatusCode::OK, async |conn, by| super::read(conn, by, reader, *id).await).await
}
