//! Invoices and credit notes for fees and commission, issued and received.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{Refused, Shell, Visitor, members::Onward};
use crate::{
    app::App,
    http::{Page, PageQuery, Problem, Query},
    parties::Permission,
    settlement::invoices::{self, FeeInvoice, FeeInvoiceKind},
    types::{FeeInvoiceId, OrgId},
};

#[derive(Template)]
#[template(path = "portal/fee_invoices.html")]
struct FeeInvoicesPage<'a> {
    shell: &'a Shell,
    invoices: Page<FeeInvoice>,
    own: OrgId,
}

/// # Errors
/// A cursor that is none of ours.
pub async fn show(app: Data<App>, visitor: Visitor, onward: Query<Onward>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let cursor = PageQuery { limit: None, cursor: onward.0.cursor }.cursor()?;
    let found = app.db.transaction(visitor.scope(), async |conn| invoices::list(conn, visitor.org, cursor).await).await?;
    let shell = visitor.shell("portal.fee_invoices.title", Refused::nothing());
    let invoices = cursor.page(found, |invoice| invoice.id.0);
    visitor.show(&shell, &FeeInvoicesPage { shell: &shell, invoices, own: visitor.org })
}

async fn seen(app: &App, visitor: &Visitor, id: FeeInvoiceId) -> Result<FeeInvoice, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    Ok(app.db.transaction(by.scope, async |conn| invoices::find(conn, &by, id).await).await?)
}

/// To print.
///
/// # Errors
/// Not visible.
pub async fn pdf(app: Data<App>, visitor: Visitor, id: Path<FeeInvoiceId>) -> Result<HttpResponse, Problem> {
    seen(&app, &visitor, *id).await?.pdf().await
}

/// For the recipient's books.
///
/// # Errors
/// Not visible.
pub async fn xml(app: Data<App>, visitor: Visitor, id: Path<FeeInvoiceId>) -> Result<HttpResponse, Problem> {
    seen(&app, &visitor, *id).await?.xml()
}
