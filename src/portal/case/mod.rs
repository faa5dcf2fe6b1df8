//! A case on one page: what is asked and why, who owes it, who pursues it on which terms, all that happened, and the forms
//! that move it on. Creditors and agencies see the same page, each with what is theirs.

pub mod forms;
mod offers;
mod timeline;
mod view;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use super::{Refused, Visitor};
use crate::{app::App, http::Problem, parties::Permission, types::CaseId};

/// # Errors
/// Not visible.
pub async fn show(app: Data<App>, visitor: Visitor, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, *id, Refused::nothing()).await
}

/// Where a case stands.
#[must_use]
pub fn at(id: CaseId) -> String {
    format!("/portal/cases/{id}")
}

async fn page(app: &App, visitor: &Visitor, id: CaseId, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let found = app.db.transaction(by.scope, async |conn| view::gather(conn, app, &by, id).await).await?;
    let shell = super::Shell::of(visitor, found.debtor.legal_name.clone(), refused);
    visitor.show(&shell, &view::CasePage::of(&shell, visitor, found))
}
