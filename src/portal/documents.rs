//! Files behind links of the portals: invoices, evidence, letters.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use super::Visitor;
use crate::{
    app::App,
    http::Problem,
    parties::Permission,
    receivables, recovery,
    types::{DeliveryId, DocumentId},
};

/// # Errors
/// Not visible.
pub async fn document(app: Data<App>, visitor: Visitor, id: Path<DocumentId>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let document = app.db.transaction(by.scope, async |conn| receivables::find_document(conn, &by, *id).await).await?;
    receivables::documents::download(&app, document).await
}

/// # Errors
/// Not visible.
pub async fn letter(app: Data<App>, visitor: Visitor, id: Path<DeliveryId>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let document = app.db.transaction(by.scope, async |conn| recovery::desk::letter_of(conn, &by, *id).await).await?;
    receivables::documents::download(&app, document).await
}
