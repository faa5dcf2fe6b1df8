//! Framework mandates over HTTP.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mandates::{NewSignature, Signer, may_sign};
use crate::{
    app::App,
    db::{By, Scope},
    http::{AsSystem, Caller, Command, Nothing, Page, PageQuery, Problem, Query, answer, resource},
    market::{self, Framework, FrameworkStatus, MarketTerms, Party, Signature},
    parties::{AnyMember, CreditorMember, Permission},
    receivables,
    types::{FrameworkId, Language, OrgId},
};

/// A standing agreement of a creditor and an agency.
#[derive(Debug, Serialize, ToSchema)]
pub struct FrameworkView {
    pub id: FrameworkId,
    pub creditor_id: OrgId,
    pub agency_id: OrgId,
    pub language: Language,
    /// What a signature names: SHA-256 of the document, hexadecimal.
    pub document_sha256: String,
    pub status: FrameworkStatus,
    pub sign_by: DateTime<Utc>,
    /// Notice was given: from then on it covers no new case.
    pub ends_at: Option<DateTime<Utc>>,
    pub ended_by: Option<Party>,
    pub created_at: DateTime<Utc>,
    /// Left out in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
}

impl FrameworkView {
    fn of(framework: &Framework, signatures: Vec<Signature>) -> Self {
        Self {
            id: framework.id,
            creditor_id: framework.creditor,
            agency_id: framework.agency,
            language: framework.language,
            document_sha256: hex::encode(&framework.document_sha256),
            status: framework.status,
            sign_by: framework.sign_by,
            ends_at: framework.ends_at,
            ended_by: framework.ended_by,
            created_at: framework.created_at,
            signatures,
        }
    }
}

/// With whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFramework {
    pub agency_id: OrgId,
}

/// Has a framework mandate with an agency drawn up, for both to sign. Cases awarded between the two while it is in force need no
/// signatures of their own.
#[utoipa::path(post, path = "/framework-mandates", tag = "market", request_body = NewFramework,
    responses((status = 201, body = FrameworkView), (status = 409, description = "one between the two is there already")))]
pub async fn draw_up_framework(
    app: Data<App>,
    creditor: CreditorMember,
    command: Command<NewFramework>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let terms = MarketTerms::of(&app);
    answer(&app, &AsSystem(&*creditor), &command.envelope, StatusCode::CREATED, async |conn, by| {
        let drawn = market::draw_up_framework(conn, by, terms, creditor.org, command.input.agency_id).await;
        drawn.map(|framework| FrameworkView::of(&framework, Vec::new()))
    })
    .await
}

/// The organisation's framework mandates, newest first.
#[utoipa::path(get, path = "/framework-mandates", tag = "market", params(PageQuery),
    responses((status = 200, body = Page<FrameworkView>)))]
pub async fn list_frameworks(app: Data<App>, member: AnyMember, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let (by, cursor) = (member.by(app.clock.now()), query.0.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| market::list_frameworks(conn, &by, cursor).await).await?;
    let page = cursor.page(found, |framework| framework.id.0);
    resource(StatusCode::OK, &page.map(|framework| FrameworkView::of(&framework, Vec::new())))
}

/// One framework mandate, for its two parties.
#[utoipa::path(get, path = "/framework-mandates/{framework_id}", tag = "market", params(("framework_id" = FrameworkId, Path)),
    responses((status = 200, body = FrameworkView)))]
pub async fn show_framework(app: Data<App>, member: AnyMember, id: Path<FrameworkId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| market::find_framework(conn, &by, member.org, *id).await).await?;
    resource(StatusCode::OK, &FrameworkView::of(&found.0, found.1))
}

/// The contract as PDF, for its two parties.
#[utoipa::path(get, path = "/framework-mandates/{framework_id}/document", tag = "market", params(("framework_id" = FrameworkId, Path)),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
pub async fn download_framework(app: Data<App>, member: AnyMember, id: Path<FrameworkId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = By { scope: Scope::System, ..member.by(app.clock.now()) };
    let document = app.db.transaction(by.scope, async |conn| market::framework_document(conn, &by, member.org, *id).await);
    receivables::documents::download(&app, document.await?).await
}

/// Signs for one's side, as a person. When both have signed, it is in force.
#[utoipa::path(post, path = "/framework-mandates/{framework_id}/signature", tag = "market", params(("framework_id" = FrameworkId, Path)),
    request_body = NewSignature, responses((status = 201, body = FrameworkView)))]
pub async fn sign_framework(
    app: Data<App>,
    request: HttpRequest,
    member: AnyMember,
    id: Path<FrameworkId>,
    command: Command<NewSignature>,
) -> Result<HttpResponse, Problem> {
    may_sign(&member)?;
    let signer = Signer::of(&request, &member, &command.input)?;
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::CREATED, async |conn, by| {
        let signed = market::sign_framework(conn, by, member.org, *id, &signer.signing()).await;
        signed.map(|(framework, signatures)| FrameworkView::of(&framework, signatures))
    })
    .await
}

/// Gives notice: in thirty days it covers no new case, and what runs runs on. Before both have signed it is declined at once.
#[utoipa::path(post, path = "/framework-mandates/{framework_id}/end", tag = "market", params(("framework_id" = FrameworkId, Path)),
    request_body = Nothing, responses((status = 200, body = FrameworkView)))]
pub async fn end_framework(
    app: Data<App>,
    member: AnyMember,
    id: Path<FrameworkId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    may_sign(&member)?;
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        let ended = market::end_framework(conn, by, member.org, *id).await;
        ended.map(|framework| FrameworkView::of(&framework, Vec::new()))
    })
    .await
}
