//! Receivables, debtors, profiles and claims over HTTP.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    Debtor, DocumentEntry, DocumentKind, IntakeView, Profile, ProfileSetting, Receivable, ReceivablesError, RowAnswer, Source,
    Wanted,
    calculation::{CalculatedClaim, Calculation, CalculationRefusal, calculate},
    claim::{Claim, ClaimLine},
    intake::{self, DebtorDraft, Defaults, Draft, Format, Mapping, TEMPLATE},
    intakes::{check_json, in_json},
};
use crate::{
    app::App,
    http::{
        Caller, Command, IfMatch, Json, Page, PageQuery, Problem, Query, answer,
        envelope::{Envelope, read_body},
        resource,
    },
    parties::{AnyMember, CreditorMember, Permission},
    types::{DebtorId, DocumentId, ReceivableId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(
        post_receivables, show_template, list_receivables, show_receivable, list_debtors, post_debtor, show_debtor,
        show_profile, put_profile, calculate_claim, download_document, post_evidence, list_evidence
    ),
    components(schemas(Claim, ClaimLine, Draft, RowAnswer)),
    tags((name = "receivables", description = "Invoices as owed, debtors, and what may be claimed"))
)]
pub struct Docs;

async fn defaults(app: &App, creditor: &CreditorMember) -> Result<Defaults, Problem> {
    let by = creditor.by(app.clock.now());
    let read = app.db.transaction(by.scope, async |conn| super::intake_defaults(conn, &by, None, Mapping::default()).await);
    Ok(read.await?)
}

/// Invoices as JSON. Each is answered by itself: one that is wrong costs the others nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReceivables {
    #[schema(value_type = Vec<Draft>, min_items = 1)]
    pub receivables: Vec<Value>,
}

/// Brings invoices in as JSON, at most 1 MiB.
#[utoipa::path(post, path = "/receivables", tag = "receivables", request_body = NewReceivables,
    responses((status = 200, description = "an answer for every row", body = IntakeView), (status = 413, description = "larger than 1 MiB"), (status = 422, description = "no list of invoices")))]
pub async fn post_receivables(
    app: Data<App>,
    creditor: CreditorMember,
    command: Command<NewReceivables>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let Command { input, envelope } = command;
    if input.receivables.is_empty() {
        return Err(Problem::invalid("/receivables", "send at least one invoice"));
    }
    let defaults = defaults(&app, &creditor).await?;
    let content = serde_json::to_vec(&input.receivables).map_err(Problem::internal)?;
    let rows = check_json(&input.receivables, &defaults);
    answer(&app, &*creditor, &envelope, StatusCode::OK, async move |conn, by| {
        let source = Source { format: Format::Json, file_name: None, content: &content, notes: Vec::new() };
        super::take_in(conn, by, source, rows).await
    })
    .await
}

/// A CSV file to fill in: one line of headings, one of example.
#[utoipa::path(get, path = "/receivables/template.csv", tag = "receivables", security(()), responses((status = 200, content_type = "text/csv", body = String)))]
pub async fn show_template() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", "attachment; filename=\"receivables.csv\""))
        .body(TEMPLATE)
}

/// Which receivables.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReceivablesQuery {
    /// Rows wanted, 1 to 200 (50 unless said).
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Only those in no case.
    #[serde(default)]
    pub unassigned: bool,
    /// Only this debtor's.
    pub debtor_id: Option<DebtorId>,
}

/// The creditor's receivables, newest first.
#[utoipa::path(get, path = "/receivables", tag = "receivables", params(ReceivablesQuery), responses((status = 200, body = Page<Receivable>)))]
pub async fn list_receivables(
    app: Data<App>,
    creditor: CreditorMember,
    query: Query<ReceivablesQuery>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let ReceivablesQuery { limit, cursor, unassigned, debtor_id } = query.0;
    let cursor = PageQuery { limit, cursor }.cursor()?;
    let (by, wanted) = (creditor.by(app.clock.now()), Wanted { unassigned, debtor: debtor_id });
    let rows = app.db.transaction(by.scope, async |conn| super::list_receivables(conn, &by, wanted, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(rows, |receivable| receivable.id.0))
}

/// One receivable. Agencies see those of the cases they hold.
#[utoipa::path(get, path = "/receivables/{id}", tag = "receivables", params(("id" = ReceivableId, Path)),
    responses((status = 200, body = Receivable), (status = 404, description = "there is none such that you can see")))]
pub async fn show_receivable(app: Data<App>, caller: AnyMember, id: Path<ReceivableId>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Read)?;
    let by = caller.by(app.clock.now());
    let receivable = app.db.transaction(by.scope, async |conn| super::find_receivable(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &receivable)
}

/// The creditor's customers, newest first.
#[utoipa::path(get, path = "/debtors", tag = "receivables", params(PageQuery), responses((status = 200, body = Page<Debtor>)))]
pub async fn list_debtors(app: Data<App>, creditor: CreditorMember, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let (by, cursor) = (creditor.by(app.clock.now()), query.0.cursor()?);
    let rows = app.db.transaction(by.scope, async |conn| super::list_debtors(conn, &by, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(rows, |debtor| debtor.id.0))
}

/// Makes a debtor before any invoice of theirs comes in.
#[utoipa::path(post, path = "/debtors", tag = "receivables", request_body = DebtorDraft,
    responses((status = 201, body = Debtor), (status = 409, description = "known already"), (status = 422, description = "a value is wrong")))]
pub async fn post_debtor(
    app: Data<App>,
    creditor: CreditorMember,
    command: Command<DebtorDraft>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let defaults = defaults(&app, &creditor).await?;
    let candidate =
        intake::check_debtor(&command.input, &defaults).map_err(|refusal| ReceivablesError::Debtor(in_json(refusal)))?;
    answer(&app, &*creditor, &command.envelope, StatusCode::CREATED, async |conn, by| {
        super::add_debtor(conn, by, &candidate).await
    })
    .await
}

/// One customer.
#[utoipa::path(get, path = "/debtors/{id}", tag = "receivables", params(("id" = DebtorId, Path)),
    responses((status = 200, body = Debtor), (status = 404, description = "there is none such that you can see")))]
pub async fn show_debtor(app: Data<App>, creditor: CreditorMember, id: Path<DebtorId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let debtor = app.db.transaction(by.scope, async |conn| super::find_debtor(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &debtor)
}

/// What may be done to a customer. Version 0 says that the defaults hold.
#[utoipa::path(get, path = "/debtors/{id}/profile", tag = "receivables", params(("id" = DebtorId, Path)),
    responses((status = 200, body = Profile), (status = 404, description = "there is none such that you can see")))]
pub async fn show_profile(app: Data<App>, creditor: CreditorMember, id: Path<DebtorId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let profile = app.db.transaction(by.scope, async |conn| super::profile_of(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &profile)
}

/// Sets what may be done to a customer.
#[utoipa::path(put, path = "/debtors/{id}/profile", tag = "receivables", request_body = ProfileSetting,
    params(("id" = DebtorId, Path), ("If-Match" = String, Header, description = "the ETag of the profile that is changed")),
    responses((status = 200, body = Profile), (status = 404, description = "there is none such that you can see"), (status = 412, description = "changed since"),
        (status = 422, description = "it would leave no way to reach the customer"), (status = 428, description = "If-Match is missing")))]
pub async fn put_profile(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<DebtorId>,
    version: IfMatch,
    setting: Json<ProfileSetting>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let by = creditor.by(app.clock.now());
    let set = app.db.transaction(by.scope, async |conn| super::set_profile(conn, &by, *id, version.0, &setting.0).await);
    resource(StatusCode::OK, &set.await?)
}

/// Reckons a claim for any invoices on any day: nothing is stored.
#[utoipa::path(post, path = "/claims/calculation", tag = "receivables", request_body = Calculation,
    responses((status = 200, body = CalculatedClaim), (status = 422, description = "a law or a day that we do not know")))]
pub async fn calculate_claim(caller: AnyMember, command: Command<Calculation>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Read)?;
    let claim = calculate(command.input).map_err(|refusal| match &refusal {
        CalculationRefusal::Amount { pointer } | CalculationRefusal::TooManyPayments { pointer } => {
            Problem::invalid(pointer.clone(), refusal.to_string())
        }
        CalculationRefusal::TooManyInvoices | CalculationRefusal::Claim(_) => Problem::invalid("/invoices", refusal.to_string()),
    })?;
    resource(StatusCode::OK, &claim)
}

/// About a piece of evidence.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EvidenceQuery {
    /// What it is: invoice, contract, delivery_note, reminder or other.
    #[param(inline)]
    pub kind: DocumentKind,
    pub file_name: Option<String>,
    /// Read by the envelope, as on every POST.
    #[param(ignore)]
    pub dry_run: Option<bool>,
}

/// Adds evidence to an invoice: a contract, a delivery note, a reminder. PDF, image, XML, text or an office document, at most
/// 20 MiB unless the settings say otherwise; what it is, its content tells. Agencies read it once the mandate is signed.
#[utoipa::path(post, path = "/receivables/{id}/documents", tag = "receivables", params(("id" = ReceivableId, Path), EvidenceQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Evidence), (status = 404, description = "there is none such that you can see"),
        (status = 413, description = "too large"), (status = 415, description = "no kind of file that is taken")))]
pub async fn post_evidence(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<ReceivableId>,
    query: Query<EvidenceQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let limit = usize::try_from(app.settings.files.document_max_bytes).unwrap_or(usize::MAX);
    let content = read_body(payload.into_inner(), limit).await?;
    let envelope = Envelope::of(&request, &content)?;
    let EvidenceQuery { kind, file_name, .. } = query.0;
    let file_name = file_name.map(|name| name.chars().filter(|c| !c.is_control()).take(200).collect::<String>());
    answer(&app, &*creditor, &envelope, StatusCode::CREATED, async |conn, by| {
        super::add_evidence(conn, by, *id, kind, file_name.as_deref(), &content).await?;
        Ok::<_, ReceivablesError>(Evidence { data: super::list_evidence(conn, by, *id).await? })
    })
    .await
}

/// Evidence for an invoice, the invoice itself first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Evidence {
    pub data: Vec<DocumentEntry>,
}

/// The evidence for an invoice. Agencies see it once the mandate is signed.
#[utoipa::path(get, path = "/receivables/{id}/documents", tag = "receivables", params(("id" = ReceivableId, Path)),
    responses((status = 200, body = Evidence), (status = 404, description = "there is none such that you can see")))]
pub async fn list_evidence(app: Data<App>, caller: AnyMember, id: Path<ReceivableId>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Read)?;
    let by = caller.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| super::list_evidence(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &Evidence { data })
}

/// The file itself: an invoice, a mandate, a letter, a receipt.
#[utoipa::path(get, path = "/documents/{id}", tag = "receivables", params(("id" = DocumentId, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 404, description = "there is none such that you can see")))]
pub async fn download_document(app: Data<App>, caller: AnyMember, id: Path<DocumentId>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Read)?;
    let by = caller.by(app.clock.now());
    let document = app.db.transaction(by.scope, async |conn| super::find_document(conn, &by, *id).await).await?;
    super::documents::download(&app, document).await
}
