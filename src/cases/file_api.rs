//! The case file over HTTP, for those who may read the whole timeline.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use utoipa::OpenApi;

use super::{
    bad_debt,
    file::{self, CaseFile},
};
use crate::{
    app::App,
    db::Scope,
    http::{Caller, Code, Problem, pdf_file, resource},
    parties::{self, AnyMember, Permission},
    types::CaseId,
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(show_case_file, print_case_file, download_bad_debt))]
pub struct Docs;

/// An agency knows its own part of a timeline only: a chain with gaps proves nothing.
fn may_read_whole(member: &AnyMember) -> Result<(), Problem> {
    member.may(Permission::Read)?;
    match member.scope() {
        Scope::Creditor(_) | Scope::Operator(_) => Ok(()),
        Scope::Agency(_) | Scope::Debtor(_) | Scope::System => Err(Problem::new(Code::Forbidden)
            .detail("the case file is for the creditor and the operator: they see the whole timeline")),
    }
}

/// The case file: case, claim, timeline, and whether its chain holds.
#[utoipa::path(get, path = "/cases/{case_id}/file", tag = "cases", params(("case_id" = CaseId, Path)), responses((status = 200, body = CaseFile)))]
pub async fn show_case_file(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    may_read_whole(&member)?;
    let by = member.by(app.clock.now());
    let (_, file) = app.db.transaction(by.scope, async |conn| file::assemble(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &file)
}

/// The case file as PDF, in the language of the organisation that asks.
#[utoipa::path(get, path = "/cases/{case_id}/file.pdf", tag = "cases", params(("case_id" = CaseId, Path)), responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
pub async fn print_case_file(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    may_read_whole(&member)?;
    let by = member.by(app.clock.now());
    let org = member.org;
    let sheet = app.db.transaction(by.scope, async |conn| {
        let reader = parties::find_organisation(conn, &by, org).await?;
        Ok::<_, Problem>(file::sheet(conn, &by, *id, reader.language).await?)
    });
    let sheet = sheet.await?;
    let pdf = actix_web::web::block(move || sheet.pdf()).await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    Ok(pdf_file("case-file.pdf", pdf))
}

/// What you need to take back the VAT of a claim that cannot be collected: a certificate, the case file as the log of what was
/// done, and the draft of a credit note; in your organisation's language.
#[utoipa::path(get, path = "/cases/{case_id}/bad-debt.zip", tag = "cases", params(("case_id" = CaseId, Path)), responses((status = 200, content_type = "application/zip", body = Vec<u8>)))]
pub async fn download_bad_debt(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    may_read_whole(&member)?;
    let by = member.by(app.clock.now());
    let org = member.org;
    let gathered = app.db.transaction(by.scope, async |conn| {
        let reader = parties::find_organisation(conn, &by, org).await?;
        Ok::<_, Problem>(bad_debt::gather(conn, &by, *id, reader.language).await?)
    });
    let papers = gathered.await?;
    let zip = actix_web::web::block(move || papers.zip()).await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header(("Content-Disposition", "attachment; filename=\"bad-debt.zip\""))
        .insert_header(("Cache-Control", "no-store"))
        .body(zip))
}
