//! Bank statements over HTTP.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Data, Path, Payload, block},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    BankEntry, BankError, EntryStatus, Imported, Wanted,
    importing::Source,
    matching::CasePart,
    readers::{self, LARGEST_FILE_BYTES, Unsaid},
};
use crate::{
    app::App,
    http::{
        AsSystem, Caller, Command, Page, PageQuery, Problem, Query, answer,
        envelope::{Envelope, read_body},
        resource,
    },
    parties::{self, AnyMember, Permission},
    payments::House,
    settlement::batches::PayoutBatch,
    types::{BankEntryId, BankStatementId, Currency, OrgId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(import_statement, import_status_report, list_bank_statements, list_bank_entries, show_bank_entry, match_entry, dismiss_entry),
    components(schemas(Imported, BankEntry)),
    tags((name = "bank", description = "Bank statements: what came in, and which case it pays"))
)]
pub struct Docs;

/// What a file may leave unsaid.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StatementQuery {
    /// For your own records.
    pub file_name: Option<String>,
    /// Whose account a CSV is of; your organisation's own unless said.
    pub account: Option<String>,
    /// Of a CSV without a column for it; EUR unless said.
    #[param(value_type = Option<String>)]
    pub currency: Option<Currency>,
    /// Read the file and answer, and keep nothing.
    #[serde(default, rename = "dry_run")]
    _dry_run: bool,
}

/// Brings a bank statement in: camt.053 or camt.054 (02 to 08), MT940, Norma 43 or CSV, known by its content. A file in which
/// anything is wrong is refused whole, with the place. The same file, or another one that tells of the same movements, changes
/// nothing. What is certain is posted; what is likely waits for you; the rest stands in suspense.
#[utoipa::path(post, path = "/bank-statements", tag = "bank", params(StatementQuery),
    request_body(content((Vec<u8> = "application/octet-stream"))), responses((status = 201, body = Imported),
        (status = 413, description = "more than a file may hold"), (status = 415, description = "no format of a statement that is read"),
        (status = 422, description = "broken, cut, or its balances do not follow from its entries; the detail names the place")))]
pub async fn import_statement(
    app: Data<App>,
    member: AnyMember,
    query: Query<StatementQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let content = read_body(payload.into_inner(), LARGEST_FILE_BYTES).await?;
    let envelope = Envelope::of(&request, &content)?;
    let StatementQuery { file_name, account, currency, .. } = query.0;
    take(&app, &*member, member.org, &envelope, content, Said { file_name, account, currency }).await
}

/// What came with a file.
#[derive(Debug, Default)]
pub struct Said {
    pub file_name: Option<String>,
    /// Whose account a CSV is of; the owner's own unless said.
    pub account: Option<String>,
    pub currency: Option<Currency>,
}

/// Reads a statement of `owner` and brings it in.
///
/// # Errors
/// As [`import_statement`] describes.
pub async fn take(
    app: &App,
    caller: &impl Caller,
    owner: OrgId,
    envelope: &Envelope,
    content: Bytes,
    said: Said,
) -> Result<HttpResponse, Problem> {
    let by = caller.by(app.clock.now());
    let own = app.db.transaction(by.scope, async |conn| parties::find_organisation(conn, &by, owner).await).await?;
    let account = said.account.or_else(|| own.iban.map(|iban| iban.as_str().to_owned()));
    let unsaid = Unsaid { account: account.ok_or(BankError::NoAccount)?, currency: said.currency.unwrap_or(Currency::EUR) };
    let sha256 = Sha256::digest(&content);
    let file = block(move || readers::read(&content, &unsaid)).await.map_err(Problem::internal)?.map_err(BankError::from)?;
    let source = Source { file: &file, name: said.file_name.as_deref(), sha256: &sha256 };
    answer(app, &AsSystem(caller), envelope, StatusCode::CREATED, async |conn, by| super::import(conn, by, owner, &source).await)
        .await
}

/// Brings in what your bank says of a file of payouts: pain.002 (03 to 13). What it rejects is free for another batch; where
/// the account is at fault it waits until the payee has named another one.
#[utoipa::path(post, path = "/payout-status-reports", tag = "settlement",
    request_body(content((Vec<u8> = "application/octet-stream"))), responses((status = 200, body = PayoutBatch),
        (status = 413, description = "more than a file may hold"), (status = 415, description = "no pain.002 that is read"),
        (status = 422, description = "broken or cut")))]
pub async fn import_status_report(
    app: Data<App>,
    member: AnyMember,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let content = read_body(payload.into_inner(), LARGEST_FILE_BYTES).await?;
    let envelope = Envelope::of(&request, &content)?;
    take_report(&app, &*member, member.org, &envelope, content).await
}

/// Reads a bank's report on payouts of `payer` and brings it in.
///
/// # Errors
/// As [`import_status_report`] describes.
pub async fn take_report(
    app: &App,
    caller: &impl Caller,
    payer: OrgId,
    envelope: &Envelope,
    content: Bytes,
) -> Result<HttpResponse, Problem> {
    let report = block(move || readers::pain002::read(&content)).await.map_err(Problem::internal)?.map_err(BankError::from)?;
    answer(app, &AsSystem(caller), envelope, StatusCode::OK, async |conn, by| super::report(conn, by, payer, &report).await).await
}

/// Files you have brought, newest first.
#[utoipa::path(get, path = "/bank-statements", tag = "bank", params(PageQuery), responses((status = 200, body = Page<Imported>)))]
pub async fn list_bank_statements(app: Data<App>, member: AnyMember, page: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let (cursor, by) = (page.0.cursor()?, member.by(app.clock.now()));
    let found = app.db.transaction(by.scope, async |conn| super::list_statements(conn, member.org, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |statement| statement.id.0))
}

/// `?status=&statement_id=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EntryFilter {
    /// `likely` ones wait for you, those in `suspense` for a clue.
    #[param(inline)]
    pub status: Option<EntryStatus>,
    pub statement_id: Option<BankStatementId>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// Movements on your accounts, newest first.
#[utoipa::path(get, path = "/bank-entries", tag = "bank", params(EntryFilter), responses((status = 200, body = Page<BankEntry>)))]
pub async fn list_bank_entries(app: Data<App>, member: AnyMember, filter: Query<EntryFilter>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let EntryFilter { status, statement_id, limit, cursor } = filter.0;
    let (cursor, wanted) = (PageQuery { limit, cursor }.cursor()?, Wanted { status, statement: statement_id });
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| super::list_entries(conn, member.org, wanted, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |entry| entry.id.0))
}

/// One movement, with what speaks for each case it may pay.
#[utoipa::path(get, path = "/bank-entries/{bank_entry_id}", tag = "bank", params(("bank_entry_id" = BankEntryId, Path)), responses((status = 200, body = BankEntry)))]
pub async fn show_bank_entry(app: Data<App>, member: AnyMember, id: Path<BankEntryId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let by = member.by(app.clock.now());
    let entry = app.db.transaction(by.scope, async |conn| super::find_entry(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &entry)
}

/// Which cases an entry pays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryMatch {
    /// They sum to the entry; each case once.
    #[schema(min_items = 1, max_items = 100)]
    pub parts: Vec<CasePart>,
}

/// Says what an entry pays: it becomes a payment on each of the cases.
#[utoipa::path(post, path = "/bank-entries/{bank_entry_id}/match", tag = "bank", params(("bank_entry_id" = BankEntryId, Path)), request_body = EntryMatch, responses((status = 200, body = BankEntry)))]
pub async fn match_entry(
    app: Data<App>,
    member: AnyMember,
    id: Path<BankEntryId>,
    command: Command<EntryMatch>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let (parts, house) = (&command.input.parts, House::of(&app));
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        super::settle(conn, by, &house, member.org, *id, parts).await
    })
    .await
}

/// Why an entry is none of what is recovered here.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dismissal {
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Says that an entry pays no case: it leaves suspense.
#[utoipa::path(post, path = "/bank-entries/{bank_entry_id}/dismissal", tag = "bank", params(("bank_entry_id" = BankEntryId, Path)), request_body = Dismissal, responses((status = 200, body = BankEntry)))]
pub async fn dismiss_entry(
    app: Data<App>,
    member: AnyMember,
    id: Path<BankEntryId>,
    command: Command<Dismissal>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let reason = &command.input.reason;
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        super::dismiss(conn, by, member.org, *id, reason).await
    })
    .await
}
