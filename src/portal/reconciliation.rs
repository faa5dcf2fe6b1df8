//! The day's reconciliation, for the operator: what differs, with its age; none is the goal.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::{Fields, Refused, Shell, visitor::OperatorVisitor};
use crate::{
    app::App,
    bank::{
        BankError,
        reconciliation::{self, Reconciliation},
    },
    http::{AsSystem, Problem, Query},
    parties::Permission,
};

const HERE: &str = "/portal/reconciliation";

/// `?day=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    day: String,
}

#[derive(Template)]
#[template(path = "portal/reconciliation.html")]
struct ReconciliationPage<'a> {
    shell: &'a Shell,
    day: NaiveDate,
    /// None: there was no run on that day.
    run: Option<Reconciliation>,
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: OperatorVisitor, wish: Query<Wish>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, wish.0.day.parse().ok(), Refused::nothing()).await
}

async fn page(app: &App, visitor: &OperatorVisitor, day: Option<NaiveDate>, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let day = day.unwrap_or_else(|| by.at.date_naive());
    let found = app.db.transaction(by.scope, async |conn| reconciliation::find(conn, day).await).await;
    let run = match found {
        Ok(run) => Some(run),
        Err(BankError::NoRun(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let shell = visitor.shell("portal.reconciliation.title", refused);
    visitor.show(&shell, &ReconciliationPage { shell: &shell, day, run })
}

/// Reconciles now.
///
/// # Errors
/// What is not the form's fault.
pub async fn run(app: Data<App>, visitor: OperatorVisitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    let sent = fields
        .perform(&app, &AsSystem(&**visitor), async |conn, by| reconciliation::run(conn, by, by.at.date_naive()).await.map(drop))
        .await?;
    match sent {
        None => visitor.done(HERE, "reconciled"),
        Some(refused) => page(&app, &visitor, None, refused).await,
    }
}
