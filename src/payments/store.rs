//! SQL of payments and their allocations.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::{Allocation, Payment, PaymentStatus, Receipt, Route, Side, Wanted, allocation::Allocated};
use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    receivables::{DebtorKind, claim::Part},
    types::{BankEntryId, BasisPoints, CaseId, Country, Currency, DebtorId, HoldId, Money, OrgId, PaymentId, ReceivableId},
};

macro_rules! columns {
    () => {
        "id, case_id, creditor_id, agency_id, route, declared_by, amount_minor, currency, received_on, bank_reference, bank_entry_id, hold_id, status,
         answer_by, answer_note, fee_bp, fee_terms, version, declared_at, answered_at, reversed_on, reversal_note"
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: PaymentId,
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    agency_id: Option<OrgId>,
    #[diesel(sql_type = Text)]
    route: Route,
    #[diesel(sql_type = Text)]
    declared_by: Side,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Date)]
    received_on: NaiveDate,
    #[diesel(sql_type = Text)]
    bank_reference: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    bank_entry_id: Option<BankEntryId>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    hold_id: Option<HoldId>,
    #[diesel(sql_type = Text)]
    status: PaymentStatus,
    #[diesel(sql_type = Timestamptz)]
    answer_by: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    answer_note: Option<String>,
    #[diesel(sql_type = Integer)]
    fee_bp: BasisPoints,
    #[diesel(sql_type = Nullable<Jsonb>)]
    fee_terms: Option<Value>,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Timestamptz)]
    declared_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    answered_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    reversed_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    reversal_note: Option<String>,
}

impl From<Row> for Payment {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            case: row.case_id,
            creditor: row.creditor_id,
            agency: row.agency_id,
            route: row.route,
            declared_by: row.declared_by,
            amount: Money::new(row.amount_minor, row.currency),
            received_on: row.received_on,
            bank_reference: row.bank_reference,
            bank_entry: row.bank_entry_id,
            hold: row.hold_id,
            status: row.status,
            answer_by: row.answer_by,
            answer_note: row.answer_note,
            fee: row.fee_bp,
            fee_terms: row.fee_terms,
            version: row.version,
            declared_at: row.declared_at,
            answered_at: row.answered_at,
            reversed_on: row.reversed_on,
            reversal_note: row.reversal_note,
        }
    }
}

fn payments(rows: Vec<Row>) -> Vec<Payment> {
    rows.into_iter().map(Payment::from).collect()
}

statement! {
    struct Find { id: PaymentId => SqlUuid } concat!("SELECT ", columns!(), " FROM payments WHERE id = ?")
}

pub(super) async fn find(conn: &mut Conn<'_>, id: PaymentId) -> Result<Option<Payment>, DbError> {
    Ok(Find { id }.get_result::<Row>(conn).await.optional()?.map(Payment::from))
}

statement! {
    struct Insert<'a> {
        id: PaymentId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, agency: Option<OrgId> => Nullable<SqlUuid>,
        route: Route => Text, declared_by: Side => Text, amount_minor: i64 => BigInt, currency: Currency => Text,
        received_on: NaiveDate => Date, bank_reference: &'a str => Text, bank_entry: Option<BankEntryId> => Nullable<SqlUuid>,
        hold: Option<HoldId> => Nullable<SqlUuid>,
        answer_by: DateTime<Utc> => Timestamptz, fee: BasisPoints => Integer, fee_terms: Option<&'a Value> => Nullable<Jsonb>,
        version: i32 => Integer, declared_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO payments (id, case_id, creditor_id, agency_id, route, declared_by, amount_minor, currency, received_on, bank_reference,
                           bank_entry_id, hold_id, status, answer_by, fee_bp, fee_terms, version, declared_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'declared', ?, ?, ?, ?, ?)"
}

/// A declared payment.
pub(super) async fn insert(conn: &mut Conn<'_>, payment: &Payment) -> Result<(), DbError> {
    let insert = Insert {
        id: payment.id,
        case: payment.case,
        creditor: payment.creditor,
        agency: payment.agency,
        route: payment.route,
        declared_by: payment.declared_by,
        amount_minor: payment.amount.minor,
        currency: payment.amount.currency,
        received_on: payment.received_on,
        bank_reference: &payment.bank_reference,
        bank_entry: payment.bank_entry,
        hold: payment.hold,
        answer_by: payment.answer_by,
        fee: payment.fee,
        fee_terms: payment.fee_terms.as_ref(),
        version: payment.version,
        declared_at: payment.declared_at,
    };
    insert.execute(conn).await?;
    Ok(())
}

statement! {
    struct Answer<'a> {
        status: PaymentStatus => Text, note: &'a str => Text, at: DateTime<Utc> => Timestamptz, id: PaymentId => SqlUuid, version: i32 => Integer,
    }
    "UPDATE payments SET status = ?, answer_note = ?, answered_at = ?, version = version + 1 WHERE id = ? AND version = ?"
}

/// Under the case's lock.
pub(super) async fn set_status(
    conn: &mut Conn<'_>,
    payment: &Payment,
    status: PaymentStatus,
    note: &str,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    Answer { status, note, at, id: payment.id, version: payment.version }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Confirm<'a> {
        note: Option<&'a str> => Nullable<Text>, at: DateTime<Utc> => Timestamptz, left_minor: i64 => BigInt,
        id: PaymentId => SqlUuid, version: i32 => Integer,
        receivables: Vec<ReceivableId> => Array<SqlUuid>, parts: Vec<Part> => Array<Text>, amounts: Vec<i64> => Array<BigInt>,
    }
    "WITH confirmed AS (
        UPDATE payments SET status = 'confirmed', answer_note = coalesce(?, answer_note), answered_at = ?, version = version + 1,
            left_minor = ?,
            receipt_number = 1 + (SELECT count(earlier.receipt_number)::integer FROM payments AS earlier WHERE earlier.case_id = payments.case_id)
        WHERE id = ? AND version = ? RETURNING id, case_id, creditor_id, received_on)
     INSERT INTO allocations (payment_id, case_id, creditor_id, received_on, receivable_id, part, amount_minor)
     SELECT confirmed.*, spent.* FROM confirmed, unnest(?, ?, ?) AS spent"
}

/// What a payment came to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Confirmed<'a> {
    pub spent: &'a [Allocated],
    /// Still owed on the case.
    pub left: Money,
    pub note: Option<&'a str>,
}

/// Confirms a payment together with how it was spent, under the case's lock.
pub(super) async fn set_confirmed(
    conn: &mut Conn<'_>,
    payment: &Payment,
    confirmed: Confirmed<'_>,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let Confirmed { spent, left, note } = confirmed;
    let confirm = Confirm {
        note,
        at,
        left_minor: left.minor,
        id: payment.id,
        version: payment.version,
        receivables: spent.iter().map(|line| line.receivable_id).collect(),
        parts: spent.iter().map(|line| line.part).collect(),
        amounts: spent.iter().map(|line| line.amount.minor).collect(),
    };
    let written = confirm.execute(conn).await?;
    if written == spent.len() { Ok(()) } else { Err(DbError::Busy("the payment changed under the lock of its case".to_owned())) }
}

statement! {
    struct Reverse<'a> { on: NaiveDate => Date, note: &'a str => Text, id: PaymentId => SqlUuid, version: i32 => Integer, taken_back_on: NaiveDate => Date }
    "WITH reversed AS (
        UPDATE payments SET status = 'reversed', reversed_on = ?, reversal_note = ?, version = version + 1 WHERE id = ? AND version = ? RETURNING id)
     UPDATE allocations SET reversed_on = ? FROM reversed WHERE allocations.payment_id = reversed.id"
}

/// Takes a payment back together with all that it was spent on, under the case's lock.
pub(super) async fn set_reversed(conn: &mut Conn<'_>, payment: &Payment, on: NaiveDate, note: &str) -> Result<(), DbError> {
    let taken = Reverse { on, note, id: payment.id, version: payment.version, taken_back_on: on }.execute(conn).await?;
    if taken > 0 { Ok(()) } else { Err(DbError::Busy("the payment changed under the lock of its case".to_owned())) }
}

statement! {
    struct ListProven { entry: BankEntryId => SqlUuid } concat!("SELECT ", columns!(), " FROM payments WHERE bank_entry_id = ? ORDER BY case_id, id")
}

/// The payments that a movement of a bank account proves, in the order in which their cases are locked.
pub(super) async fn list_proven(conn: &mut Conn<'_>, entry: BankEntryId) -> Result<Vec<Payment>, DbError> {
    Ok(payments(ListProven { entry }.load(conn).await?))
}

statement! {
    struct FindReceipt { payment: PaymentId => SqlUuid }
    "SELECT cases.reference || '-' || payments.receipt_number AS reference, payments.left_minor, payments.receipt_mailed_at
     FROM payments JOIN cases ON cases.id = payments.case_id WHERE payments.id = ? AND payments.receipt_number IS NOT NULL"
}

#[derive(QueryableByName)]
struct ReceiptRow {
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = BigInt)]
    left_minor: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    receipt_mailed_at: Option<DateTime<Utc>>,
}

/// None before the payment is confirmed, or where the reader sees the case no more.
pub(super) async fn find_receipt(conn: &mut Conn<'_>, payment: &Payment) -> Result<Option<Receipt>, DbError> {
    let found: Option<ReceiptRow> = FindReceipt { payment: payment.id }.get_result(conn).await.optional()?;
    Ok(found.map(|row| Receipt {
        reference: row.reference,
        still_owed: Money::new(row.left_minor, payment.amount.currency),
        mailed_at: row.receipt_mailed_at,
    }))
}

statement! {
    struct SetReceiptMailed { at: DateTime<Utc> => Timestamptz, payment: PaymentId => SqlUuid }
    "UPDATE payments SET receipt_mailed_at = coalesce(receipt_mailed_at, ?) WHERE id = ?"
}

pub(super) async fn set_receipt_mailed(conn: &mut Conn<'_>, payment: PaymentId, at: DateTime<Utc>) -> Result<(), DbError> {
    SetReceiptMailed { at, payment }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Allocations { payment: PaymentId => SqlUuid }
    "SELECT allocations.receivable_id, receivables.number, allocations.part, allocations.amount_minor FROM allocations
     LEFT JOIN receivables ON receivables.id = allocations.receivable_id
     WHERE payment_id = ? ORDER BY receivables.due_on, receivable_id,
        CASE part WHEN 'costs' THEN 1 WHEN 'compensation' THEN 2 WHEN 'interest' THEN 3 ELSE 4 END"
}

#[derive(QueryableByName)]
struct AllocationRow {
    #[diesel(sql_type = SqlUuid)]
    receivable_id: ReceivableId,
    #[diesel(sql_type = Nullable<Text>)]
    number: Option<String>,
    #[diesel(sql_type = Text)]
    part: Part,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
}

/// In the order in which the money was spent, as far as the reader still sees the invoices.
pub(super) async fn list_allocations(conn: &mut Conn<'_>, payment: &Payment) -> Result<Vec<Allocation>, DbError> {
    let rows: Vec<AllocationRow> = Allocations { payment: payment.id }.load(conn).await?;
    let shown = rows.into_iter().map(|row| Allocation {
        receivable_id: row.receivable_id,
        invoice_number: row.number,
        part: row.part,
        amount: Money::new(row.amount_minor, payment.amount.currency),
    });
    Ok(shown.collect())
}

statement! {
    struct FindUnproven { case: CaseId => SqlUuid, route: Route => Text, amount_minor: i64 => BigInt, from: NaiveDate => Date, until: NaiveDate => Date }
    concat!("SELECT ", columns!(), " FROM payments WHERE case_id = ? AND route = ? AND amount_minor = ? AND received_on BETWEEN ? AND ?
                AND bank_entry_id IS NULL AND status IN ('declared', 'confirmed') ORDER BY received_on, id LIMIT 1")
}

/// A payment of that amount and time which no movement of a bank account has proven yet.
pub(super) async fn find_unproven(
    conn: &mut Conn<'_>,
    case: CaseId,
    route: Route,
    amount: Money,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Option<Payment>, DbError> {
    let find = FindUnproven { case, route, amount_minor: amount.minor, from, until };
    Ok(find.get_result::<Row>(conn).await.optional()?.map(Payment::from))
}

statement! {
    struct SetProven { entry: BankEntryId => SqlUuid, id: PaymentId => SqlUuid } "UPDATE payments SET bank_entry_id = ? WHERE id = ?"
}

/// Under the case's lock.
pub(super) async fn set_proven(conn: &mut Conn<'_>, id: PaymentId, entry: BankEntryId) -> Result<(), DbError> {
    SetProven { entry, id }.execute(conn).await?;
    Ok(())
}

macro_rules! list {
    ($name:ident, $condition:literal) => {
        statement! {
            struct $name { org: OrgId => SqlUuid, case: Option<CaseId> => Nullable<SqlUuid>, status: Option<PaymentStatus> => Nullable<Text>,
                           before: Uuid => SqlUuid, limit: i64 => BigInt }
            concat!("SELECT ", columns!(), " FROM payments WHERE ", $condition,
                    " AND case_id = coalesce(?, case_id) AND status = coalesce(?, status) AND id < ? ORDER BY id DESC LIMIT ?")
        }
    };
}

list!(ListOfCreditor, "creditor_id = ?");
list!(ListOfAgency, "agency_id = ?");

pub(super) async fn list_of_creditor(
    conn: &mut Conn<'_>,
    org: OrgId,
    wanted: Wanted,
    cursor: Cursor,
) -> Result<Vec<Payment>, DbError> {
    let Wanted { case, status } = wanted;
    Ok(payments(ListOfCreditor { org, case, status, before: cursor.before, limit: cursor.fetch() }.load(conn).await?))
}

pub(super) async fn list_of_agency(
    conn: &mut Conn<'_>,
    org: OrgId,
    wanted: Wanted,
    cursor: Cursor,
) -> Result<Vec<Payment>, DbError> {
    let Wanted { case, status } = wanted;
    Ok(payments(ListOfAgency { org, case, status, before: cursor.before, limit: cursor.fetch() }.load(conn).await?))
}

statement! {
    struct ListAll { case: Option<CaseId> => Nullable<SqlUuid>, status: Option<PaymentStatus> => Nullable<Text>, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", columns!(), " FROM payments WHERE case_id = coalesce(?, case_id) AND status = coalesce(?, status) AND id < ?
             ORDER BY id DESC LIMIT ?")
}

pub(super) async fn list_all(conn: &mut Conn<'_>, wanted: Wanted, cursor: Cursor) -> Result<Vec<Payment>, DbError> {
    let Wanted { case, status } = wanted;
    Ok(payments(ListAll { case, status, before: cursor.before, limit: cursor.fetch() }.load(conn).await?))
}

statement! {
    struct FindPlaces { debtor: DebtorId => SqlUuid, agency: Option<OrgId> => Nullable<SqlUuid>, creditor: OrgId => SqlUuid }
    "SELECT creditor.country AS creditor_country, debtor.kind AS debtor_kind, agency.country AS agency_country,
        operator.id AS operator_id, operator.country AS operator_country
     FROM organisations AS creditor JOIN debtors AS debtor ON debtor.id = ? LEFT JOIN organisations AS agency ON agency.id = ?
     LEFT JOIN organisations AS operator ON operator.kind = 'operator' WHERE creditor.id = ?"
}

/// Where everyone in a payment has its seat, and what kind the debtor is: law, VAT and days depend on it.
#[derive(Debug, QueryableByName)]
pub(super) struct Places {
    #[diesel(sql_type = Text)]
    pub creditor_country: Country,
    #[diesel(sql_type = Text)]
    pub debtor_kind: DebtorKind,
    #[diesel(sql_type = Nullable<Text>)]
    pub agency_country: Option<Country>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub operator_id: Option<OrgId>,
    #[diesel(sql_type = Nullable<Text>)]
    pub operator_country: Option<Country>,
}

pub(super) async fn find_places(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    debtor: DebtorId,
    agency: Option<OrgId>,
) -> Result<Places, DbError> {
    Ok(FindPlaces { debtor, agency, creditor }.get_result(conn).await?)
}

statement! {
    struct FindEngagement { case: CaseId => SqlUuid, received_on: NaiveDate => Date, engaged_case: CaseId => SqlUuid, same_day: NaiveDate => Date }
    "SELECT engagement.agency_id, engagement.fee_bp * engagement.part_bp / 10000 AS fee_bp, flying.minor AS in_flight_minor,
        CASE WHEN engagement.fee IS NOT NULL THEN jsonb_build_object('schedule', engagement.fee,
            'since', (engagement.started_at AT TIME ZONE 'UTC')::date, 'part_bp', engagement.part_bp) END AS fee_terms
     FROM (SELECT coalesce(sum(amount_minor), 0)::bigint AS minor FROM payments WHERE case_id = ? AND status IN ('declared', 'contested')) AS flying
     LEFT JOIN LATERAL (SELECT agency_id, fee_bp, fee, started_at,
            CASE WHEN ended_at IS NULL OR ? < (ended_at AT TIME ZONE 'UTC')::date THEN 10000 ELSE recall_fee_bp END AS part_bp
         FROM engagements WHERE case_id = ? AND (ended_at IS NULL OR (recall_fee_bp > 0 AND recall_fee_until >= ?))
         ORDER BY ended_at DESC NULLS FIRST LIMIT 1) AS engagement ON true"
}

/// Who is engaged for which fee, or was until a recall after which its fee is borne in part; and what has been declared and
/// waits for an answer.
#[derive(Debug, QueryableByName)]
pub(super) struct Engagement {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub agency_id: Option<OrgId>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub fee_bp: Option<BasisPoints>,
    /// As `FeeTerms`, where the agreement is no plain share.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub fee_terms: Option<Value>,
    #[diesel(sql_type = BigInt)]
    pub in_flight_minor: i64,
}

statement! {
    struct RecoveredUnder<'a> { case: CaseId => SqlUuid, agency: OrgId => SqlUuid, fee_terms: &'a Value => Jsonb }
    "SELECT coalesce(sum(amount_minor), 0)::bigint AS recovered_minor,
        coalesce(sum(ceil(fees.net_minor * 10000.0 / coalesce((fee_terms ->> 'part_bp')::integer, 10000))), 0)::bigint AS charged_minor
     FROM payments LEFT JOIN fees ON fees.payment_id = payments.id AND fees.kind = 'success_fee'
     WHERE payments.case_id = ? AND agency_id = ? AND status = 'confirmed' AND fee_terms - 'part_bp' = ? - 'part_bp'"
}

/// What was confirmed before under the same agreement of the same engagement, and the fee on it as if all of it were charged.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub(super) struct Recovered {
    #[diesel(sql_type = BigInt)]
    pub recovered_minor: i64,
    #[diesel(sql_type = BigInt)]
    pub charged_minor: i64,
}

pub(super) async fn recovered_under(
    conn: &mut Conn<'_>,
    case: CaseId,
    agency: OrgId,
    fee_terms: &Value,
) -> Result<Recovered, DbError> {
    Ok(RecoveredUnder { case, agency, fee_terms }.get_result(conn).await?)
}

pub(super) async fn find_engagement(conn: &mut Conn<'_>, case: CaseId, received_on: NaiveDate) -> Result<Engagement, DbError> {
    Ok(FindEngagement { case, received_on, engaged_case: case, same_day: received_on }.get_result(conn).await?)
}
