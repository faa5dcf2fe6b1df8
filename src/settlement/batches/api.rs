//! Batches of payouts over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{NewBatch, PayoutBatch, pain001::PainVersion};
use crate::{
    app::App,
    db::{By, Scope},
    http::{AsSystem, Caller, Command, Nothing, Page, PageQuery, Problem, Query, answer, resource},
    parties::{AnyMember, Permission},
    types::{Currency, Money, OrgId, PayoutBatchId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(
        prepare_payout_batch,
        list_payout_batches,
        show_payout_batch,
        approve_payout_batch,
        cancel_payout_batch,
        download_pain001
    ),
    components(schemas(PayoutBatch))
)]
pub struct Docs;

/// What is to leave together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPayoutBatch {
    pub currency: Currency,
    /// The day on which the bank is to pay, from today on.
    pub execution_on: NaiveDate,
    /// A payee to whom less than this is due waits for the next batch.
    #[schema(minimum = 0)]
    pub minimum_minor: Option<i64>,
}

/// Puts together what you owe to others and what may leave: not what is disputed, has no account, or is too little. Somebody
/// else of yours approves it.
#[utoipa::path(post, path = "/payout-batches", tag = "settlement", request_body = NewPayoutBatch, responses((status = 201, body = PayoutBatch)))]
pub async fn prepare_payout_batch(
    app: Data<App>,
    member: AnyMember,
    command: Command<NewPayoutBatch>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let NewPayoutBatch { currency, execution_on, minimum_minor } = command.input;
    let new = NewBatch { currency, execution_on, minimum: Money::new(minimum_minor.unwrap_or(0), currency) };
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::CREATED, async |conn, by| {
        super::prepare(conn, by, member.org, &new).await
    })
    .await
}

/// Your batches, newest first.
#[utoipa::path(get, path = "/payout-batches", tag = "settlement", params(PageQuery), responses((status = 200, body = Page<PayoutBatch>)))]
pub async fn list_payout_batches(app: Data<App>, member: AnyMember, page: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let (cursor, by) = (page.0.cursor()?, member.by(app.clock.now()));
    let found = app.db.transaction(by.scope, async |conn| super::list(conn, member.org, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |batch| batch.id.0))
}

/// One batch, and which of its payouts have gone.
#[utoipa::path(get, path = "/payout-batches/{batch_id}", tag = "settlement", params(("batch_id" = PayoutBatchId, Path)), responses((status = 200, body = PayoutBatch)))]
pub async fn show_payout_batch(app: Data<App>, member: AnyMember, id: Path<PayoutBatchId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let by = member.by(app.clock.now());
    let batch = app.db.transaction(by.scope, async |conn| super::find(conn, member.org, *id).await).await?;
    resource(StatusCode::OK, &batch)
}

/// The second person's approval: not the one's who prepared it, and not a machine's.
#[utoipa::path(post, path = "/payout-batches/{batch_id}/approval", tag = "settlement", params(("batch_id" = PayoutBatchId, Path)), request_body = Nothing, responses((status = 200, body = PayoutBatch)))]
pub async fn approve_payout_batch(
    app: Data<App>,
    member: AnyMember,
    id: Path<PayoutBatchId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    member.must_be_proven()?;
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        super::approve(conn, by, member.org, *id).await
    })
    .await
}

/// Sets the payouts of a batch free again, while none of them has gone.
#[utoipa::path(post, path = "/payout-batches/{batch_id}/cancellation", tag = "settlement", params(("batch_id" = PayoutBatchId, Path)), request_body = Nothing, responses((status = 200, body = PayoutBatch)))]
pub async fn cancel_payout_batch(
    app: Data<App>,
    member: AnyMember,
    id: Path<PayoutBatchId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        super::cancel(conn, by, member.org, *id).await
    })
    .await
}

/// `?version=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PainQuery {
    /// `09` unless said.
    #[param(inline)]
    pub version: Option<PainVersion>,
}

/// The file for your bank: pain.001.001.03 or .09. The same batch gives the same file.
#[utoipa::path(get, path = "/payout-batches/{batch_id}/pain.001", tag = "settlement", params(("batch_id" = PayoutBatchId, Path), PainQuery), responses((status = 200, content_type = "application/xml", body = Vec<u8>)))]
pub async fn download_pain001(
    app: Data<App>,
    member: AnyMember,
    id: Path<PayoutBatchId>,
    query: Query<PainQuery>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    file(&app, &member.by(app.clock.now()), member.org, *id, query.0.version.unwrap_or(PainVersion::V09)).await
}

/// An approved batch of `payer` as the file for its bank.
///
/// # Errors
/// Not the payer's; not approved; the payer has named no account.
pub async fn file(app: &App, by: &By, payer: OrgId, id: PayoutBatchId, version: PainVersion) -> Result<HttpResponse, Problem> {
    let initiation = app.db.transaction(Scope::System, async |conn| super::initiation(conn, by, payer, id).await).await?;
    let xml = initiation.xml(version).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/xml")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{id}.xml\"")))
        .insert_header(("Cache-Control", "no-store"))
        .body(xml))
}
