//! SQL of receivables.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    receivables::{
        invoice::Invoice,
        invoices::{PaidParts, Receivable, Wanted},
    },
    types::{CaseId, Currency, DebtorId, DocumentId, Money, OrgId, ReceivableId},
};

macro_rules! columns {
    () => {
        "id, creditor_id, debtor_id, case_id, issuer, number, issued_on, due_on, currency, principal_minor, principal_paid_minor,
         interest_paid_minor, compensation_paid_minor, costs_paid_minor, purchase_order, document_id, created_at"
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: ReceivableId,
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    debtor_id: DebtorId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    case_id: Option<CaseId>,
    #[diesel(sql_type = Text)]
    issuer: String,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Date)]
    issued_on: NaiveDate,
    #[diesel(sql_type = Date)]
    due_on: NaiveDate,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    principal_minor: i64,
    #[diesel(sql_type = BigInt)]
    principal_paid_minor: i64,
    #[diesel(sql_type = BigInt)]
    interest_paid_minor: i64,
    #[diesel(sql_type = BigInt)]
    compensation_paid_minor: i64,
    #[diesel(sql_type = BigInt)]
    costs_paid_minor: i64,
    #[diesel(sql_type = Nullable<Text>)]
    purchase_order: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    document_id: Option<DocumentId>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl From<Row> for Receivable {
    fn from(row: Row) -> Self {
        let money = |minor| Money::new(minor, row.currency);
        Self {
            id: row.id,
            creditor_id: row.creditor_id,
            debtor_id: row.debtor_id,
            case_id: row.case_id,
            issuer: row.issuer,
            number: row.number,
            issued_on: row.issued_on,
            due_on: row.due_on,
            principal: money(row.principal_minor),
            principal_paid: money(row.principal_paid_minor),
            interest_paid: money(row.interest_paid_minor),
            compensation_paid: money(row.compensation_paid_minor),
            costs_paid: money(row.costs_paid_minor),
            purchase_order: row.purchase_order,
            document_id: row.document_id,
            created_at: row.created_at,
        }
    }
}

fn receivables(rows: Vec<Row>) -> Vec<Receivable> {
    rows.into_iter().map(Receivable::from).collect()
}

statement! {
    struct Find { id: ReceivableId => SqlUuid } concat!("SELECT ", columns!(), " FROM receivables WHERE id = ?")
}

pub async fn find(conn: &mut Conn<'_>, id: ReceivableId) -> Result<Option<Receivable>, DbError> {
    Ok(Find { id }.get_result::<Row>(conn).await.optional()?.map(Receivable::from))
}

statement! {
    struct List { creditor: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", columns!(), " FROM receivables WHERE creditor_id = ? AND id < ? ORDER BY id DESC LIMIT ?")
}
statement! {
    struct ListWanted {
        creditor: OrgId => SqlUuid, before: Uuid => SqlUuid, unassigned: bool => Bool, any_debtor: bool => Bool,
        debtor: Option<DebtorId> => Nullable<SqlUuid>, limit: i64 => BigInt,
    }
    concat!("SELECT ", columns!(), " FROM receivables WHERE creditor_id = ? AND id < ? AND (case_id IS NULL OR NOT ?)
             AND (? OR debtor_id = ?) ORDER BY id DESC LIMIT ?")
}

pub async fn list(conn: &mut Conn<'_>, creditor: OrgId, wanted: Wanted, cursor: Cursor) -> Result<Vec<Receivable>, DbError> {
    let (before, limit) = (cursor.before, cursor.fetch());
    let Wanted { unassigned, debtor } = wanted;
    if !unassigned && debtor.is_none() {
        return Ok(receivables(List { creditor, before, limit }.load(conn).await?));
    }
    Ok(receivables(ListWanted { creditor, before, unassigned, any_debtor: debtor.is_none(), debtor, limit }.load(conn).await?))
}

statement! {
    struct Lock<'a> { creditor: OrgId => SqlUuid, ids: &'a [ReceivableId] => Array<SqlUuid> }
    concat!("SELECT ", columns!(), " FROM receivables WHERE creditor_id = ? AND id = ANY(?) ORDER BY id FOR UPDATE")
}

pub async fn lock(conn: &mut Conn<'_>, creditor: OrgId, ids: &[ReceivableId]) -> Result<Vec<Receivable>, DbError> {
    Ok(receivables(Lock { creditor, ids }.load(conn).await?))
}

statement! {
    struct LockOfCase { case: CaseId => SqlUuid }
    concat!("SELECT ", columns!(), " FROM receivables WHERE case_id = ? ORDER BY id FOR UPDATE")
}

pub async fn lock_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Receivable>, DbError> {
    Ok(receivables(LockOfCase { case }.load(conn).await?))
}

statement! {
    struct ListOfCase { case: CaseId => SqlUuid }
    concat!("SELECT ", columns!(), " FROM receivables WHERE case_id = ? ORDER BY due_on, id")
}

pub async fn list_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Receivable>, DbError> {
    Ok(receivables(ListOfCase { case }.load(conn).await?))
}

statement! {
    struct SetCase<'a> { case: CaseId => SqlUuid, ids: &'a [ReceivableId] => Array<SqlUuid> }
    "UPDATE receivables SET case_id = ? WHERE id = ANY(?)"
}

pub async fn set_case(conn: &mut Conn<'_>, ids: &[ReceivableId], case: CaseId) -> Result<(), DbError> {
    SetCase { case, ids }.execute(conn).await?;
    Ok(())
}

statement! {
    struct ClearCase { case: CaseId => SqlUuid } "UPDATE receivables SET case_id = NULL WHERE case_id = ?"
}

pub async fn clear_case(conn: &mut Conn<'_>, case: CaseId) -> Result<(), DbError> {
    ClearCase { case }.execute(conn).await?;
    Ok(())
}

statement! {
    struct AddPaid {
        principal: i64 => BigInt, interest: i64 => BigInt, compensation: i64 => BigInt, costs: i64 => BigInt, id: ReceivableId => SqlUuid,
        currency: Currency => Text,
    }
    "UPDATE receivables SET principal_paid_minor = principal_paid_minor + ?, interest_paid_minor = interest_paid_minor + ?,
        compensation_paid_minor = compensation_paid_minor + ?, costs_paid_minor = costs_paid_minor + ? WHERE id = ? AND currency = ?"
}

/// `false`: no such receivable in that currency.
pub async fn add_paid(conn: &mut Conn<'_>, id: ReceivableId, parts: PaidParts) -> Result<bool, DbError> {
    let paid = AddPaid {
        principal: parts.principal.minor,
        interest: parts.interest.minor,
        compensation: parts.compensation.minor,
        costs: parts.costs.minor,
        id,
        currency: parts.principal.currency,
    };
    Ok(paid.execute(conn).await? == 1)
}

statement! {
    struct Subtract<'a> { ids: &'a [ReceivableId] => Array<SqlUuid>, minors: Vec<i64> => Array<BigInt> }
    "UPDATE receivables SET principal_minor = principal_minor - part.minor FROM unnest(?, ?) AS part (id, minor)
     WHERE receivables.id = part.id"
}

/// Takes each part off the receivable at its place.
pub async fn subtract_principal(conn: &mut Conn<'_>, ids: &[ReceivableId], parts: &[Money]) -> Result<(), DbError> {
    Subtract { ids, minors: parts.iter().map(|part| part.minor).collect() }.execute(conn).await?;
    Ok(())
}

statement! {
    /// With the days on which this case's payments reached principal and interest.
    struct InvoicesOfCase { case: CaseId => SqlUuid, same_case: CaseId => SqlUuid }
    "SELECT r.id, r.number, r.issued_on, r.due_on, r.currency, r.principal_minor, r.principal_paid_minor, r.interest_paid_minor,
        r.compensation_paid_minor, r.costs_paid_minor, coalesce(paid.days, '{}') AS days, coalesce(paid.minors, '{}') AS minors,
        coalesce(paid.interest_days, '{}') AS interest_days, coalesce(paid.interest_minors, '{}') AS interest_minors
     FROM receivables r LEFT JOIN (
        SELECT receivable_id, array_agg(received_on ORDER BY received_on, payment_id) FILTER (WHERE part = 'principal') AS days,
            array_agg(amount_minor ORDER BY received_on, payment_id) FILTER (WHERE part = 'principal') AS minors,
            array_agg(received_on ORDER BY received_on, payment_id) FILTER (WHERE part = 'interest') AS interest_days,
            array_agg(amount_minor ORDER BY received_on, payment_id) FILTER (WHERE part = 'interest') AS interest_minors
        FROM allocations WHERE case_id = ? AND part IN ('principal', 'interest') GROUP BY receivable_id
     ) paid ON paid.receivable_id = r.id
     WHERE r.case_id = ? ORDER BY r.due_on, r.id"
}

#[derive(QueryableByName)]
struct InvoiceRow {
    #[diesel(sql_type = SqlUuid)]
    id: ReceivableId,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Date)]
    issued_on: NaiveDate,
    #[diesel(sql_type = Date)]
    due_on: NaiveDate,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    principal_minor: i64,
    #[diesel(sql_type = BigInt)]
    principal_paid_minor: i64,
    #[diesel(sql_type = BigInt)]
    interest_paid_minor: i64,
    #[diesel(sql_type = BigInt)]
    compensation_paid_minor: i64,
    #[diesel(sql_type = BigInt)]
    costs_paid_minor: i64,
    #[diesel(sql_type = Array<Date>)]
    days: Vec<NaiveDate>,
    #[diesel(sql_type = Array<BigInt>)]
    minors: Vec<i64>,
    #[diesel(sql_type = Array<Date>)]
    interest_days: Vec<NaiveDate>,
    #[diesel(sql_type = Array<BigInt>)]
    interest_minors: Vec<i64>,
}

impl From<InvoiceRow> for Invoice {
    /// What no payment of this case explains was paid while another case held the receivable, whose payments the present
    /// parties may not see: it counts from the due day, which is what costs the debtor least.
    fn from(row: InvoiceRow) -> Self {
        let money = |minor| Money::new(minor, row.currency);
        let dated = |paid_minor: i64, days: Vec<NaiveDate>, minors: Vec<i64>| {
            let before = paid_minor.saturating_sub(minors.iter().sum());
            let paid_before = (before > 0).then(|| (row.due_on, money(before)));
            paid_before.into_iter().chain(days.into_iter().zip(minors.into_iter().map(money))).collect()
        };
        Self {
            principal_payments: dated(row.principal_paid_minor, row.days, row.minors),
            interest_payments: dated(row.interest_paid_minor, row.interest_days, row.interest_minors),
            compensation_paid: money(row.compensation_paid_minor),
            costs_paid: money(row.costs_paid_minor),
            ..Self::new(row.id, row.number, (row.issued_on, row.due_on), money(row.principal_minor))
        }
    }
}

pub async fn list_invoices_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Invoice>, DbError> {
    let rows: Vec<InvoiceRow> = InvoicesOfCase { case, same_case: case }.load(conn).await?;
    Ok(rows.into_iter().map(Invoice::from).collect())
}
