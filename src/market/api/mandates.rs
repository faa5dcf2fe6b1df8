//! Mandates over HTTP.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::USER_AGENT},
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    db::{By, Conn, Scope},
    http::{AsSystem, Caller, Command, Page, PageQuery, Problem, Query, answer, resource},
    market::{self, Mandate, MandateStatus, MarketError, MarketTerms, Promises, Signature, Signing},
    parties::{self, AnyMember, Identity, OrgKind, Permission},
    receivables,
    types::{BasisPoints, CaseId, FrameworkId, Language, ListingId, MandateId, MemberId, OfferId, OrgId},
};

/// A contract in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct MandateRow {
    pub id: MandateId,
    pub case_id: CaseId,
    pub listing_id: ListingId,
    /// Null where the case was taken at the posted price.
    pub offer_id: Option<OfferId>,
    pub creditor_id: OrgId,
    pub agency_id: OrgId,
    #[serde(flatten)]
    pub promises: Promises,
    /// The share agreed; for other models, what the fee comes to on the expected recovery.
    pub fee_bp: BasisPoints,
    pub language: Language,
    /// What a signature names: SHA-256 of the document, hexadecimal.
    pub document_sha256: String,
    pub status: MandateStatus,
    /// The framework mandate whose schedule it is: then nobody signs it by itself.
    pub framework_id: Option<FrameworkId>,
    /// Both sign before this instant, or the case goes back to market.
    pub sign_by: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

impl From<&Mandate> for MandateRow {
    fn from(mandate: &Mandate) -> Self {
        Self {
            id: mandate.id,
            case_id: mandate.case,
            listing_id: mandate.listing,
            offer_id: mandate.offer,
            creditor_id: mandate.creditor,
            agency_id: mandate.agency,
            promises: mandate.promises.clone(),
            fee_bp: mandate.fee_bp,
            language: mandate.language,
            document_sha256: hex::encode(&mandate.document_sha256),
            status: mandate.status,
            framework_id: mandate.framework,
            sign_by: mandate.sign_by,
            created_at: mandate.created_at,
        }
    }
}

/// A contract with its signatures.
#[derive(Debug, Serialize, ToSchema)]
pub struct MandateView {
    #[serde(flatten)]
    pub mandate: MandateRow,
    /// Null once the two sides share nothing any more.
    pub creditor_name: Option<String>,
    pub agency_name: Option<String>,
    pub signatures: Vec<Signature>,
}

impl MandateView {
    pub(super) async fn of(
        conn: &mut Conn<'_>,
        by: &By,
        mandate: Mandate,
        signatures: Vec<Signature>,
    ) -> Result<Self, MarketError> {
        let creditor_name = parties::find_organisation(conn, by, mandate.creditor).await.ok().map(|party| party.legal_name);
        let agency_name = parties::find_organisation(conn, by, mandate.agency).await.ok().map(|party| party.legal_name);
        Ok(Self { mandate: MandateRow::from(&mandate), creditor_name, agency_name, signatures })
    }
}

/// The organisation's mandates, newest first.
#[utoipa::path(get, path = "/mandates", tag = "market", params(PageQuery), responses((status = 200, body = Page<MandateRow>)))]
pub async fn list_mandates(app: Data<App>, member: AnyMember, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let (by, cursor) = (member.by(app.clock.now()), query.0.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| market::list_mandates(conn, &by, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |mandate| mandate.id.0).map(|mandate| MandateRow::from(&mandate)))
}

/// One mandate, for its two parties.
#[utoipa::path(get, path = "/mandates/{mandate_id}", tag = "market", params(("mandate_id" = MandateId, Path)),
    responses((status = 200, body = MandateView)))]
pub async fn show_mandate(app: Data<App>, member: AnyMember, id: Path<MandateId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let shown = app.db.transaction(by.scope, async |conn| {
        let (mandate, signatures) = market::find_mandate(conn, &by, member.org, *id).await?;
        MandateView::of(conn, &by, mandate, signatures).await
    });
    resource(StatusCode::OK, &shown.await?)
}

/// The contract as PDF, for its two parties alone.
#[utoipa::path(get, path = "/mandates/{mandate_id}/document", tag = "market", params(("mandate_id" = MandateId, Path)),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
pub async fn download_mandate(app: Data<App>, member: AnyMember, id: Path<MandateId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = By { scope: Scope::System, ..member.by(app.clock.now()) };
    let document = app.db.transaction(by.scope, async |conn| market::mandate_document(conn, &by, member.org, *id).await);
    receivables::documents::download(&app, document.await?).await
}

/// A signature.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignature {
    /// As the signer writes it under a contract.
    #[schema(min_length = 1, max_length = 200)]
    pub full_name: String,
    /// SHA-256 of the document that was read, hexadecimal.
    #[schema(pattern = "^[0-9a-fA-F]{64}$")]
    pub document_sha256: String,
}

/// Signing is for those who may award or bid.
///
/// # Errors
/// 403 to others of the two parties; the operator has no mandate to sign.
pub fn may_sign(member: &Identity) -> Result<(), Problem> {
    match member.kind {
        OrgKind::Creditor => member.may(Permission::ManageMarket),
        OrgKind::Agency => member.may(Permission::Offer),
        OrgKind::Operator | OrgKind::Partner => Err(MarketError::NotFound("mandate").into()),
    }
}

/// Signs for one's side, as a person. When both have signed, the engagement begins.
#[utoipa::path(post, path = "/mandates/{mandate_id}/signature", tag = "market", params(("mandate_id" = MandateId, Path)),
    request_body = NewSignature, responses((status = 201, body = MandateView)))]
pub async fn sign(
    app: Data<App>,
    request: HttpRequest,
    member: AnyMember,
    id: Path<MandateId>,
    command: Command<NewSignature>,
) -> Result<HttpResponse, Problem> {
    may_sign(&member)?;
    let signer = Signer::of(&request, &member, &command.input)?;
    let terms = MarketTerms::of(&app);
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        let (mandate, signatures) = market::sign_mandate(conn, by, terms, member.org, *id, &signer.signing()).await?;
        MandateView::of(conn, by, mandate, signatures).await
    })
    .await
}

/// Who signs, from where, over what.
pub(super) struct Signer {
    member: MemberId,
    full_name: String,
    document_sha256: Vec<u8>,
    address: String,
    user_agent: String,
}

impl Signer {
    /// # Errors
    /// A machine, or a hash that is none.
    pub(super) fn of(request: &HttpRequest, member: &Identity, given: &NewSignature) -> Result<Self, Problem> {
        let document_sha256 = hex::decode(&given.document_sha256)
            .map_err(|_| Problem::invalid("/document_sha256", "write the SHA-256 as 64 hexadecimal digits"))?;
        Ok(Self {
            member: member.person()?,
            full_name: given.full_name.trim().to_owned(),
            document_sha256,
            address: address_of(request),
            user_agent: user_agent_of(request),
        })
    }

    pub(super) fn signing(&self) -> Signing<'_> {
        let Self { member, full_name, document_sha256, address, user_agent } = self;
        Signing { member: *member, full_name, document_sha256, address, user_agent }
    }
}

/// Of the connection itself: what a header says of an address is no evidence.
#[must_use]
pub fn address_of(request: &HttpRequest) -> String {
    request.peer_addr().map_or_else(|| "unknown".to_owned(), |peer| peer.ip().to_string())
}

const USER_AGENT_MAX_CHARS: usize = 500;

/// What the signer's program says of itself.
#[must_use]
pub fn user_agent_of(request: &HttpRequest) -> String {
    let said = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("unknown");
    said.chars().take(USER_AGENT_MAX_CHARS).collect()
}

/// Why one does not sign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MandateRefusal {
    pub reason: String,
}

/// Refuses to sign: the case goes back to market.
#[utoipa::path(post, path = "/mandates/{mandate_id}/refusal", tag = "market", params(("mandate_id" = MandateId, Path)),
    request_body = MandateRefusal, responses((status = 200, body = MandateRow)))]
pub async fn refuse(
    app: Data<App>,
    member: AnyMember,
    id: Path<MandateId>,
    command: Command<MandateRefusal>,
) -> Result<HttpResponse, Problem> {
    may_sign(&member)?;
    let terms = MarketTerms::of(&app);
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        let refused = market::refuse_mandate(conn, by, terms, member.org, *id, &command.input.reason).await?;
        Ok::<_, MarketError>(MandateRow::from(&refused))
    })
    .await
}
