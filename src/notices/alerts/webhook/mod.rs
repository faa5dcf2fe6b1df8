//! Alerts to an organisation's own software: posted, signed as Standard Webhooks are, tried for two days.
//!
//! What may never happen here: an alert lost because that software was down; a debtor's name; a secret kept or shown again; a host
//! asked that only our own network reaches.

pub mod destination;
mod post;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Text, Timestamptz, Uuid as SqlUuid},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{super::NoticesError, Alert, store};
use crate::{
    app::App,
    db::{By, Conn, Scope},
    jobs::{self, JobError},
    types::{AlertId, OrgId, fresh_uuid},
};

/// Where alerts are posted.
#[derive(Debug, Clone, QueryableByName, Serialize, ToSchema)]
pub struct AlertWebhook {
    #[diesel(sql_type = Text)]
    #[schema(example = "https://erp.example.com/hooks/entente")]
    pub url: String,
    #[serde(skip)]
    #[diesel(sql_type = SqlUuid)]
    pub secret_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// Where they are to be posted from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAlertWebhook {
    /// `https://`, on the open internet, without redirects.
    #[schema(example = "https://erp.example.com/hooks/entente")]
    pub url: String,
}

/// A webhook with the secret its calls are signed with.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertWebhookSecret {
    pub url: String,
    /// Shown once. A new address has a new one.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    pub secret: String,
    pub created_at: DateTime<Utc>,
}

/// An alert to be posted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Post {
    pub organisation_id: OrgId,
    pub alert_id: AlertId,
}

impl Post {
    pub const KIND: &'static str = "notices.post_alert";
}

/// # Errors
/// There is none.
pub async fn find(conn: &mut Conn<'_>, owner: OrgId) -> Result<AlertWebhook, NoticesError> {
    store::find_webhook(conn, owner).await?.ok_or(NoticesError::NoWebhook)
}

/// Sets where alerts are posted, with a secret of its own.
///
/// # Errors
/// Not an address that may be asked.
pub async fn set(
    conn: &mut Conn<'_>,
    by: &By,
    app: &App,
    owner: OrgId,
    new: &NewAlertWebhook,
) -> Result<AlertWebhookSecret, NoticesError> {
    let url = destination::read(&new.url, app.settings.webhooks.to_private_networks)
        .map_err(|why| NoticesError::Invalid("/url", why.to_owned()))?;
    let webhook = AlertWebhook { url: url.to_string(), secret_id: fresh_uuid(), created_at: by.at };
    store::set_webhook(conn, owner, &webhook).await?;
    let secret = app.keys.webhook_secret(webhook.secret_id);
    Ok(AlertWebhookSecret { url: webhook.url, secret, created_at: webhook.created_at })
}

/// # Errors
/// There is none.
pub async fn remove(conn: &mut Conn<'_>, owner: OrgId) -> Result<(), NoticesError> {
    if store::delete_webhook(conn, owner).await? { Ok(()) } else { Err(NoticesError::NoWebhook) }
}

/// Has an alert posted, where its rule wants it. The caller's transaction is the one that wrote it.
///
/// # Errors
/// The database fails.
pub(super) async fn ask(conn: &mut Conn<'_>, by: &By, owner: OrgId, alert: AlertId) -> Result<(), NoticesError> {
    Ok(jobs::enqueue(conn, Post::KIND, &Post { organisation_id: owner, alert_id: alert }, by.at).await?)
}

/// Posts an alert, if there is somewhere to post it to. Taken twice it bears the same `webhook-id`.
///
/// # Errors
/// It was not taken: the job tries again, for two days.
pub async fn deliver(app: &App, due: Post) -> Result<(), JobError> {
    let Post { organisation_id: owner, alert_id } = due;
    let found = app.db.transaction(Scope::System, async |conn| {
        let webhook = store::find_webhook(conn, owner).await?;
        Ok::<_, NoticesError>((webhook, store::find_alert(conn, owner, alert_id).await?))
    });
    // Without an address, or read and gone: nothing is owed to anybody.
    let (Some(webhook), Some(alert)) = found.await? else { return Ok(()) };
    if alert.webhook_taken_at.is_some() {
        return Ok(());
    }
    let told = try_once(app, &webhook, &alert).await;
    let at = app.clock.now();
    let error = told.as_ref().err().cloned();
    let noted = app.db.transaction(Scope::System, async |conn| {
        store::note_webhook(conn, alert_id, error.is_none().then_some(at), error.as_deref()).await
    });
    noted.await?;
    told.map_err(JobError::Again)
}

async fn try_once(app: &App, webhook: &AlertWebhook, alert: &Alert) -> Result<(), String> {
    let allow_private = app.settings.webhooks.to_private_networks;
    let url = destination::read(&webhook.url, allow_private)?;
    let data = json!({
        "id": alert.id, "rule_name": alert.rule_name, "role": alert.role, "debtor_id": alert.debtor_id, "case_id": alert.case_id, "case_reference": alert.case_reference,
        "event": alert.event, "days": alert.days, "created_at": alert.created_at,
    });
    let body = json!({ "type": "alert", "timestamp": alert.created_at, "data": data }).to_string();
    let (id, secret) = (alert.id.to_string(), app.keys.webhook_secret(webhook.secret_id));
    post::post(&url, allow_private, &post::Message { id: &id, body: &body, secret: &secret }).await
}
