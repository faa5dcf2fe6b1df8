//! Invoices for fees over HTTP: as JSON, to print, and as UBL for the recipient's books.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use utoipa::OpenApi;

use super::FeeInvoice;
use crate::{
    app::App,
    http::{Caller, Page, PageQuery, Problem, Query, pdf_file, resource},
    parties::{AnyMember, Permission},
    types::FeeInvoiceId,
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(list_fee_invoices, show_fee_invoice, print_fee_invoice, download_fee_invoice), components(schemas(FeeInvoice)))]
pub struct Docs;

/// Invoices and credit notes that you issued or received for fees and commission, newest first.
#[utoipa::path(get, path = "/fee-invoices", tag = "settlement", params(PageQuery), responses((status = 200, body = Page<FeeInvoice>)))]
pub async fn list_fee_invoices(app: Data<App>, member: AnyMember, page: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let (cursor, by) = (page.0.cursor()?, member.by(app.clock.now()));
    let found = app.db.transaction(by.scope, async |conn| super::list(conn, member.org, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |invoice| invoice.id.0))
}

async fn seen(app: &App, member: &AnyMember, id: FeeInvoiceId) -> Result<FeeInvoice, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    Ok(app.db.transaction(by.scope, async |conn| super::find(conn, &by, id).await).await?)
}

/// One invoice or credit note.
#[utoipa::path(get, path = "/fee-invoices/{fee_invoice_id}", tag = "settlement", params(("fee_invoice_id" = FeeInvoiceId, Path)), responses((status = 200, body = FeeInvoice)))]
pub async fn show_fee_invoice(app: Data<App>, member: AnyMember, id: Path<FeeInvoiceId>) -> Result<HttpResponse, Problem> {
    resource(StatusCode::OK, &seen(&app, &member, *id).await?)
}

/// The invoice to print, in its recipient's language.
#[utoipa::path(get, path = "/fee-invoices/{fee_invoice_id}/invoice.pdf", tag = "settlement", params(("fee_invoice_id" = FeeInvoiceId, Path)), responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
pub async fn print_fee_invoice(app: Data<App>, member: AnyMember, id: Path<FeeInvoiceId>) -> Result<HttpResponse, Problem> {
    seen(&app, &member, *id).await?.pdf().await
}

/// The invoice as UBL 2.1, in the terms of EN 16931.
#[utoipa::path(get, path = "/fee-invoices/{fee_invoice_id}/invoice.xml", tag = "settlement", params(("fee_invoice_id" = FeeInvoiceId, Path)), responses((status = 200, content_type = "application/xml", body = Vec<u8>)))]
pub async fn download_fee_invoice(app: Data<App>, member: AnyMember, id: Path<FeeInvoiceId>) -> Result<HttpResponse, Problem> {
    seen(&app, &member, *id).await?.xml()
}

impl FeeInvoice {
    /// As a file to print.
    ///
    /// # Errors
    /// The sheet cannot be set.
    pub async fn pdf(&self) -> Result<HttpResponse, Problem> {
        let (name, sheet) = (format!("{}.pdf", self.number), self.sheet());
        let pdf = actix_web::web::block(move || sheet.pdf()).await.map_err(Problem::internal)?.map_err(Problem::internal)?;
        Ok(pdf_file(&name, pdf))
    }

    /// As a file for the recipient's books.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn xml(&self) -> Result<HttpResponse, Problem> {
        let xml = super::ubl::write(self).map_err(Problem::internal)?;
        Ok(HttpResponse::Ok()
            .content_type("application/xml")
            .insert_header(("Content-Disposition", format!("attachment; filename=\"{}.xml\"", self.number)))
            .insert_header(("Cache-Control", "no-store"))
            .body(xml))
    }
}
