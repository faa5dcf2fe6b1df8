//! Alerts: what an organisation's rules spoke of, for the reader's role, and the rules themselves.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{Fields, Refused, Shell, Visitor, fields::settle, overview::first};
use crate::{
    app::App,
    http::Problem,
    notices::alerts::{self, Alert, AlertRule, NewAlertRule, api::may_rule},
    parties::Permission,
    types::{AlertId, AlertRuleId},
};

const HERE: &str = "/portal/alerts";
const AT_MOST: i64 = 100;

#[derive(Template)]
#[template(path = "portal/alerts.html")]
struct AlertsPage<'a> {
    shell: &'a Shell,
    alerts: Vec<Alert>,
    rules: Vec<AlertRule>,
    may_rule: bool,
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let shell = visitor.shell("portal.alerts.title", refused);
    let reader = (visitor.org, Some(visitor.id()));
    let page = app.db.transaction(visitor.scope(), async |conn| {
        Ok::<_, Problem>(AlertsPage {
            shell: &shell,
            alerts: alerts::list(conn, reader, false, first(AT_MOST)?).await?,
            rules: alerts::list_rules(conn, visitor.org).await?,
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
    settle(&visitor, refused, (HERE, "alert_read"), async |refused| page(&app, &visitor, refused).await).await
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
            };
            let owner = (visitor.org, visitor.kind);
            fields.perform(&app, &visitor, async |conn, by| alerts::add_rule(conn, by, owner, &new).await).await?
        }
    };
    settle(&visitor, refused, (HERE, "rule_added"), async |refused| page(&app, &visitor, refused).await).await
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
    settle(&visitor, refused, (HERE, "rule_removed"), async |refused| page(&app, &visitor, refused).await).await
}
