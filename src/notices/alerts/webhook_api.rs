//! Where alerts are posted, over HTTP.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use utoipa::OpenApi;

use super::{
    api::may_rule,
    webhook::{self, AlertWebhook, AlertWebhookSecret, NewAlertWebhook},
};
use crate::{
    app::App,
    http::{Caller, Json, Problem, resource},
    parties::AnyMember,
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(show_alert_webhook, put_alert_webhook, remove_alert_webhook),
    components(schemas(AlertWebhook, AlertWebhookSecret))
)]
pub struct Docs;

/// Where alerts of your rules with `by_webhook` are posted.
#[utoipa::path(get, path = "/alert-webhook", tag = "notices", responses((status = 200, body = AlertWebhook)))]
pub async fn show_alert_webhook(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    may_rule(&member)?;
    let found = app.db.transaction(member.scope(), async |conn| webhook::find(conn, member.org).await).await?;
    resource(StatusCode::OK, &found)
}

/// Sets where they are posted. Each call is a POST signed as [Standard Webhooks](https://www.standardwebhooks.com) are, with the secret
/// that is shown here and never again; what is not answered with 2xx is tried again for two days.
#[utoipa::path(put, path = "/alert-webhook", tag = "notices", request_body = NewAlertWebhook, responses((status = 200, body = AlertWebhookSecret)))]
pub async fn put_alert_webhook(app: Data<App>, member: AnyMember, new: Json<NewAlertWebhook>) -> Result<HttpResponse, Problem> {
    may_rule(&member)?;
    let by = member.by(app.clock.now());
    let set = app.db.transaction(by.scope, async |conn| webhook::set(conn, &by, &app, member.org, &new.0).await).await?;
    resource(StatusCode::OK, &set)
}

/// Ends it. Alerts stay in the list.
#[utoipa::path(delete, path = "/alert-webhook", tag = "notices", responses((status = 204, description = "ended")))]
pub async fn remove_alert_webhook(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    may_rule(&member)?;
    app.db.transaction(member.scope(), async |conn| webhook::remove(conn, member.org).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
