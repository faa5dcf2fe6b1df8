//! Alerts: what an organisation's rules spoke of, for the reader's role, and the rules themselves.

use std::collections::HashMap;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{Fields, Refused, Shell, Visitor, fields::settle, overview::first};
use crate::{
    app::App,
    http::Problem,
    notices::{
        NoticesError,
        alerts::{
            self, Alert, AlertRule, NewAlertRule,
            api::may_rule,
            webhook::{self, AlertWebhook, NewAlertWebhook},
        },
    },
    parties::Permission,
    receivables,
    types::{AlertId, AlertRuleId, DebtorId},
};

const HERE: &str = "/portal/alerts";
const AT_MOST: i64 = 100;

#[derive(Template)]
#[template(path = "portal/alerts.html")]
struct AlertsPage<'a> {
    shell: &'a Shell,
    alerts: Vec<Alert>,
    customers: HashMap<DebtorId, String>,
    rules: Vec<AlertRule>,
    webhook: Option<AlertWebhook>,
    /// Shown once, when it was made.
    secret: Option<String>,
    may_rule: bool,
}

impl AlertsPage<'_> {
    fn customer(&self, alert: &Alert) -> &str {
        self.customers.get(&alert.debtor_id).map_or("–", String::as_str)
    }
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, Refused::nothing(), None).await
}

async fn page(app: &App, visitor: &Visitor, refused: Refused, secret: Option<String>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let shell = visitor.shell("portal.alerts.title", refused);
    let reader = (visitor.org, Some(visitor.id()));
    let page = app.db.transaction(visitor.scope(), async |conn| {
        let found = alerts::list(conn, reader, false, first(AT_MOST)?).await?;
        let customers: Vec<DebtorId> = found.iter().map(|alert| alert.debtor_id).collect();
        Ok::<_, Problem>(AlertsPage {
            shell: &shell,
            customers: receivables::debtor_names(conn, &visitor.by_now(), &customers).await?,
            alerts: found,
            rules: alerts::list_rules(conn, visitor.org).await?,
            webhook: match webhook::find(conn, visitor.org).await {
                Ok(found) => Some(found),
                Err(NoticesError::NoWebhook) => None,
                Err(error) => return Err(error.into()),
            },
            secret,
            may_rule: may_rule(visitor).is_ok(),
        })
    });
    visitor.show(&shell, &page.await?)
}

/// Somebody has seen an alert.
///
/// # Errors
/// What is not the form's fault.
pub async fn read(app: Data<App>, visitor: Visitor, id: Path<AlertId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let reader = (visitor.org, Some(visitor.id()));
    let refused = fields.perform(&app, &visitor, async |conn, by| alerts::read(conn, by, reader, *id).await).await?;
    settle(&visitor, refused, (HERE, "alert_read"), async |refused| page(&app, &visitor, refused, None).await).await
}

/// Sets a rule.
///
/// # Errors
/// What is not the form's fault.
pub async fn add_rule(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    may_rule(&visitor)?;
    let refused = match fields.parse("role") {
        Err(problem) => Some(fields.refused(problem)?),
        Ok(role) => {
            let new = NewAlertRule {
                name: fields.text("name").to_owned(),
                condition: fields.text("condition").to_owned(),
                role,
                by_mail: fields.optional("by_mail").is_some(),
                by_webhook: fields.optional("by_webhook").is_some(),
            };
            let owner = (visitor.org, visitor.kind);
            fields.perform(&app, &visitor, async |conn, by| alerts::add_rule(conn, by, owner, &new).await).await?
        }
    };
    settle(&visitor, refused, (HERE, "rule_added"), async |refused| page(&app, &visitor, refused, None).await).await
}

/// Removes a rule.
///
/// # Errors
/// What is not the form's fault.
pub async fn remove_rule(
    app: Data<App>,
    visitor: Visitor,
    id: Path<AlertRuleId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    may_rule(&visitor)?;
    let refused = fields.perform(&app, &visitor, async |conn, _| alerts::remove_rule(conn, visitor.org, *id).await).await?;
    settle(&visitor, refused, (HERE, "rule_removed"), async |refused| page(&app, &visitor, refused, None).await).await
}

/// Sets where alerts are posted, and shows the secret, once.
///
/// # Errors
/// What is not the form's fault.
pub async fn set_webhook(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    may_rule(&visitor)?;
    let new = NewAlertWebhook { url: fields.text("url").to_owned() };
    let mut secret = None;
    // What is kept of a form that was sent is that it was: the secret is not.
    let set = async |conn: &mut crate::db::Conn<'_>, by: &crate::db::By| {
        secret = Some(webhook::set(conn, by, &app, visitor.org, &new).await?.secret);
        Ok::<_, NoticesError>(())
    };
    let refused = fields.perform(&app, &visitor, set).await?.unwrap_or_default();
    page(&app, &visitor, refused, secret).await
}

/// Ends it.
///
/// # Errors
/// What is not the form's fault.
pub async fn remove_webhook(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    may_rule(&visitor)?;
    let refused = fields.perform(&app, &visitor, async |conn, _| webhook::remove(conn, visitor.org).await).await?;
    settle(&visitor, refused, (HERE, "webhook_ended"), async |refused| page(&app, &visitor, refused, None).await).await
}
