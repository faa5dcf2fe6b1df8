//! Notifications over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::Notification;
use crate::{
    app::App,
    http::{Caller, Command, Nothing, Page, PageQuery, Problem, Query, answer, resource},
    parties::{AnyMember, Permission},
    types::NotificationId,
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(list_notifications, read_notification),
    components(schemas(Notification)),
    tags((name = "notices", description = "What your organisation should know about"))
)]
pub struct Docs;

/// `?unread=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NotificationFilter {
    /// Only those that nobody has read.
    #[serde(default)]
    pub unread: bool,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// Your organisation's notifications, newest first.
#[utoipa::path(get, path = "/notifications", tag = "notices", params(NotificationFilter), responses((status = 200, body = Page<Notification>)))]
pub async fn list_notifications(
    app: Data<App>,
    member: AnyMember,
    filter: Query<NotificationFilter>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let NotificationFilter { unread, limit, cursor } = filter.0;
    let cursor = PageQuery { limit, cursor }.cursor()?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| super::list(conn, member.org, unread, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |notification| notification.id.0))
}

/// Somebody has seen it.
#[utoipa::path(post, path = "/notifications/{notification_id}/reading", tag = "notices", params(("notification_id" = NotificationId, Path)), request_body = Nothing, responses((status = 200, body = Notification)))]
pub async fn read_notification(
    app: Data<App>,
    member: AnyMember,
    id: Path<NotificationId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    answer(&app, &*member, &command.envelope, StatusCode::OK, async |conn, by| super::read(conn, by, member.org, *id).await).await
}
