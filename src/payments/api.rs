//! Payments over HTTP, and payouts marked as paid.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    Allocation, Decision, Declaration, House, Payment, PaymentStatus, PaymentsError, Receipt, Reversal, Route, Side, Wanted,
    find_receipt, list_allocations, receipt,
};
use crate::{
    app::App,
    db::{By, Conn, Scope},
    http::{AsSystem, Caller, Command, Nothing, Page, PageQuery, Problem, Query, answer, pdf_file, resource},
    parties::{AnyMember, OperatorMember, Permission},
    settlement::{self, Fee, Payout, Remittance, SentBack},
    types::{BankEntryId, BasisPoints, CaseId, Money, OrgId, PaymentId, PayoutId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(declare_payment, list_payments, show_payment, print_receipt, confirm_payment, contest_payment, reverse_payment, decide_payment, remit_payout, return_payout),
    components(schemas(PaymentRow, PaymentView)),
    tags((name = "payments", description = "Money that arrived or was declared"))
)]
pub struct Docs;

/// A payment in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentRow {
    pub id: PaymentId,
    pub case_id: CaseId,
    pub creditor_id: OrgId,
    /// None where the creditor recovers by itself.
    pub agency_id: Option<OrgId>,
    pub route: Route,
    pub declared_by: Side,
    pub amount: Money,
    pub received_on: NaiveDate,
    pub bank_reference: String,
    /// The movement of a bank statement that proves it, if one was found.
    pub bank_entry_id: Option<BankEntryId>,
    pub status: PaymentStatus,
    /// Unanswered by then, it counts as confirmed.
    pub answer_by: DateTime<Utc>,
    /// Why it was contested, or what the operator decided on.
    pub answer_note: Option<String>,
    /// The agency's success fee, frozen when the payment was declared.
    pub fee_bp: BasisPoints,
    pub version: i32,
    pub declared_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
    /// When a bank took it back, and why.
    pub reversed_on: Option<NaiveDate>,
    pub reversal_note: Option<String>,
}

impl From<&Payment> for PaymentRow {
    fn from(payment: &Payment) -> Self {
        Self {
            id: payment.id,
            case_id: payment.case,
            creditor_id: payment.creditor,
            agency_id: payment.agency,
            route: payment.route,
            declared_by: payment.declared_by,
            amount: payment.amount,
            received_on: payment.received_on,
            bank_reference: payment.bank_reference.clone(),
            bank_entry_id: payment.bank_entry,
            status: payment.status,
            answer_by: payment.answer_by,
            answer_note: payment.answer_note.clone(),
            fee_bp: payment.fee,
            version: payment.version,
            declared_at: payment.declared_at,
            answered_at: payment.answered_at,
            reversed_on: payment.reversed_on,
            reversal_note: payment.reversal_note.clone(),
        }
    }
}

/// A payment with all that followed from it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentView {
    #[serde(flatten)]
    pub payment: PaymentRow,
    /// In the order in which it was spent.
    pub allocations: Vec<Allocation>,
    /// What it cost, as far as you take part in it.
    pub fees: Vec<Fee>,
    pub payouts: Vec<Payout>,
    /// What the debtor was given for it; none before it is confirmed.
    pub receipt: Option<Receipt>,
}

async fn view(conn: &mut Conn<'_>, by: &By, payment: &Payment) -> Result<PaymentView, PaymentsError> {
    Ok(PaymentView {
        payment: PaymentRow::from(payment),
        allocations: list_allocations(conn, by, payment).await?,
        fees: settlement::list_fees_of_payment(conn, by, payment.id).await?,
        payouts: settlement::payouts::list_payouts_of_payment(conn, by, payment.id).await?,
        receipt: find_receipt(conn, by, payment).await?,
    })
}

/// Money that came in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPayment {
    /// At most what is owed on the day it came in.
    pub amount: Money,
    /// The day on which the bank booked it, up to today.
    pub received_on: NaiveDate,
    /// The bank's reference of the transfer.
    #[schema(min_length = 1, max_length = 140)]
    pub bank_reference: String,
    /// An agency's `agency_account` and a creditor's `direct` need not be said.
    pub route: Option<Route>,
}

/// Declares a payment. Contact with the debtor stops; the other side answers, or lets the term pass.
#[utoipa::path(post, path = "/cases/{case_id}/payments", tag = "payments", params(("case_id" = CaseId, Path)), request_body = NewPayment, responses((status = 201, body = PaymentRow)))]
pub async fn declare_payment(
    app: Data<App>,
    member: AnyMember,
    case: Path<CaseId>,
    command: Command<NewPayment>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let NewPayment { amount, received_on, bank_reference, route } = command.input;
    let (said, house) = (Declaration { amount, received_on, bank_reference, route }, House::of(&app));
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        super::declare(conn, by, &house, *case, &said).await.map(|payment| PaymentRow::from(&payment))
    })
    .await
}

/// `?case_id=&status=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentFilter {
    pub case_id: Option<CaseId>,
    pub status: Option<PaymentStatus>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// Payments of your cases, newest first.
#[utoipa::path(get, path = "/payments", tag = "payments", params(PaymentFilter), responses((status = 200, body = Page<PaymentRow>)))]
pub async fn list_payments(app: Data<App>, member: AnyMember, filter: Query<PaymentFilter>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let PaymentFilter { case_id, status, limit, cursor } = filter.0;
    let (cursor, wanted) = (PageQuery { limit, cursor }.cursor()?, Wanted { case: case_id, status });
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| super::list(conn, &by, wanted, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |payment| payment.id.0).map(|payment| PaymentRow::from(&payment)))
}

/// One payment: how it was spent, split and paid out.
#[utoipa::path(get, path = "/payments/{payment_id}", tag = "payments", params(("payment_id" = PaymentId, Path)), responses((status = 200, body = PaymentView)))]
pub async fn show_payment(app: Data<App>, member: AnyMember, id: Path<PaymentId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let shown = app.db.transaction(by.scope, async |conn| {
        let payment = super::find(conn, &by, *id).await?;
        view(conn, &by, &payment).await
    });
    resource(StatusCode::OK, &shown.await?)
}

/// The receipt that the debtor got for a confirmed payment, in its language.
#[utoipa::path(get, path = "/payments/{payment_id}/receipt.pdf", tag = "payments", params(("payment_id" = PaymentId, Path)), responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
pub async fn print_receipt(app: Data<App>, member: AnyMember, id: Path<PaymentId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    receipt_pdf(&app, &member.by(app.clock.now()), *id).await
}

/// The receipt of a payment that `by` may read. It is drawn under `Scope::System`, so that an agency which has given the case
/// back since can still print the receipt of what it collected.
pub(super) async fn receipt_pdf(app: &App, by: &By, id: PaymentId) -> Result<HttpResponse, Problem> {
    let payment = app.db.transaction(by.scope, async |conn| super::find(conn, by, id).await).await?;
    let sheet = app.db.transaction(Scope::System, async |conn| receipt::sheet(conn, by, &payment).await).await?;
    let pdf = actix_web::web::block(move || sheet.pdf()).await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    Ok(pdf_file("receipt.pdf", pdf))
}

/// The other side agrees: the money is spent on the claim, split and booked. A large one asks whoever agrees for their password again
/// (`POST /sessions/proof`).
#[utoipa::path(post, path = "/payments/{payment_id}/confirmation", tag = "payments", params(("payment_id" = PaymentId, Path)), request_body = Nothing, responses((status = 200, body = PaymentRow)))]
pub async fn confirm_payment(
    app: Data<App>,
    member: AnyMember,
    id: Path<PaymentId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    if let Err(problem) = member.must_be_proven() {
        let by = member.by(app.clock.now());
        let payment = app.db.transaction(by.scope, async |conn| super::find(conn, &by, *id).await).await?;
        if payment.amount.minor >= app.settings.platform.large_payment_minor {
            return Err(problem);
        }
    }
    let house = House::of(&app);
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        super::confirm(conn, by, &house, member.org, *id).await.map(|payment| PaymentRow::from(&payment))
    })
    .await
}

/// Why the money did not come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contest {
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// The other side says the money did not come; the operator decides.
#[utoipa::path(post, path = "/payments/{payment_id}/contest", tag = "payments", params(("payment_id" = PaymentId, Path)), request_body = Contest, responses((status = 200, body = PaymentRow)))]
pub async fn contest_payment(
    app: Data<App>,
    member: AnyMember,
    id: Path<PaymentId>,
    command: Command<Contest>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let reason = &command.input.reason;
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        super::contest(conn, by, member.org, *id, reason).await.map(|payment| PaymentRow::from(&payment))
    })
    .await
}

/// That a bank took money back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReversal {
    /// From the day the money came in up to today.
    pub reversed_on: NaiveDate,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Whoever holds the money says that its bank took it back: a direct debit returned, a booking in error. What it paid is owed
/// again, a case that it had closed opens, fees are credited, and whoever was paid out of it gives that back.
#[utoipa::path(post, path = "/payments/{payment_id}/reversal", tag = "payments", params(("payment_id" = PaymentId, Path)), request_body = NewReversal, responses((status = 200, body = PaymentRow)))]
pub async fn reverse_payment(
    app: Data<App>,
    member: AnyMember,
    id: Path<PaymentId>,
    command: Command<NewReversal>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let NewReversal { reversed_on, reason } = command.input;
    let (reversal, house) = (Reversal { reversed_on, reason }, House::of(&app));
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        super::reverse(conn, by, &house, member.org, *id, &reversal).await.map(|payment| PaymentRow::from(&payment))
    })
    .await
}

/// What the operator makes of a contested payment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentDecision {
    pub decision: Decision,
    /// For both sides to read.
    #[schema(min_length = 1, max_length = 2000)]
    pub note: String,
}

/// The operator decides a contested payment.
#[utoipa::path(post, path = "/operator/payments/{payment_id}/decision", tag = "payments", params(("payment_id" = PaymentId, Path)), request_body = PaymentDecision, responses((status = 200, body = PaymentRow)))]
pub async fn decide_payment(
    app: Data<App>,
    operator: OperatorMember,
    id: Path<PaymentId>,
    command: Command<PaymentDecision>,
) -> Result<HttpResponse, Problem> {
    operator.may(Permission::Administer)?;
    let (PaymentDecision { decision, note }, house) = (&command.input, House::of(&app));
    answer(&app, &AsSystem(&*operator), &command.envelope, StatusCode::OK, async |conn, by| {
        super::decide(conn, by, &house, *id, *decision, note).await.map(|payment| PaymentRow::from(&payment))
    })
    .await
}

/// That a payout was made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRemittance {
    /// From the day the money came in up to today.
    pub paid_on: NaiveDate,
    /// The bank's reference of the transfer.
    #[schema(min_length = 1, max_length = 140)]
    pub bank_reference: String,
}

/// Whoever holds the money says that it was paid out.
#[utoipa::path(post, path = "/payouts/{payout_id}/remittance", tag = "settlement", params(("payout_id" = PayoutId, Path)), request_body = NewRemittance, responses((status = 200, body = Payout)))]
pub async fn remit_payout(
    app: Data<App>,
    member: AnyMember,
    id: Path<PayoutId>,
    command: Command<NewRemittance>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money).or_else(|refusal| operator_gives_back(&member, refusal))?;
    let NewRemittance { paid_on, bank_reference } = command.input;
    let remittance = Remittance { paid_on, bank_reference };
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        super::remit(conn, by, member.org, *id, &remittance).await
    })
    .await
}

/// That a bank sent a payout back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPayoutReturn {
    /// From the day it went up to today.
    pub returned_on: NaiveDate,
    #[schema(min_length = 1, max_length = 2000, example = "AC04 closed account")]
    pub reason: String,
}

/// Whoever paid says that its bank sent the money back: it is owed again, by the payout that is answered with.
#[utoipa::path(post, path = "/payouts/{payout_id}/return", tag = "settlement", params(("payout_id" = PayoutId, Path)), request_body = NewPayoutReturn, responses((status = 200, body = Payout)))]
pub async fn return_payout(
    app: Data<App>,
    member: AnyMember,
    id: Path<PayoutId>,
    command: Command<NewPayoutReturn>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money).or_else(|refusal| operator_gives_back(&member, refusal))?;
    let NewPayoutReturn { returned_on, reason } = command.input;
    let back = SentBack { returned_on, reason };
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        super::send_back(conn, by, member.org, *id, &back).await
    })
    .await
}

/// The platform pays nobody out of its own, but it gives its part of a payment back that was taken back.
fn operator_gives_back(member: &AnyMember, refusal: Problem) -> Result<(), Problem> {
    if matches!(member.scope(), Scope::Operator(_)) { member.may(Permission::Administer) } else { Err(refusal) }
}
