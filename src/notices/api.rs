//! Notifications over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    Notification,
    digests::{self, NoticeDigest},
};
use crate::{
    app::App,
    http::{Caller, Command, Json, Nothing, Page, PageQuery, Problem, Query, answer, resource},
    parties::{AnyMember, Permission},
    types::NotificationId,
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(list_notifications, read_notification, read_all_notifications, show_notice_digest, put_notice_digest),
    components(schemas(Notification, NoticeDigest)),
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

/// How many were seen at once.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllRead {
    pub read: usize,
}

/// Somebody has seen all of them.
#[utoipa::path(post, path = "/notifications/reading", tag = "notices", request_body = Nothing, responses((status = 200, body = AllRead)))]
pub async fn read_all_notifications(
    app: Data<App>,
    member: AnyMember,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    answer(&app, &*member, &command.envelope, StatusCode::OK, async |conn, by| {
        super::read_all(conn, by, member.org).await.map(|read| AllRead { read })
    })
    .await
}

/// What you want to be told of in one mail a day, beside what your organisation is mailed at once.
#[utoipa::path(get, path = "/me/notice-digest", tag = "notices", responses((status = 200, body = NoticeDigest), (status = 403, description = "a key is nobody: log in as a person")))]
pub async fn show_notice_digest(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    let person = member.person()?;
    let found = app.db.transaction(member.scope(), async |conn| digests::find(conn, person).await).await?;
    resource(StatusCode::OK, &found)
}

/// Sets what you want to be told of in one mail a day, at seven in the morning of your organisation's country; no topics, no mail.
#[utoipa::path(put, path = "/me/notice-digest", tag = "notices", request_body = NoticeDigest, responses((status = 200, body = NoticeDigest), (status = 403, description = "a key is nobody: log in as a person")))]
pub async fn put_notice_digest(app: Data<App>, member: AnyMember, wanted: Json<NoticeDigest>) -> Result<HttpResponse, Problem> {
    let person = member.person()?;
    let by = member.by(app.clock.now());
    let set = app.db.transaction(by.scope, async |conn| digests::set(conn, &by, (member.org, person), &wanted.0).await).await?;
    resource(StatusCode::OK, &set)
}
