//! SQL of credit notes. `receivables.credited_minor` is the sum of what those in force took off.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    receivables::credits::{CreditNote, NewCredit},
    types::{CreditNoteId, Currency, Money, OrgId, ReceivableId},
};

macro_rules! columns {
    () => {
        "id, creditor_id, receivable_id, issuer, number, credited_number, issued_on, currency, amount_minor, applied_minor, cancelled_on,
         created_at"
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: CreditNoteId,
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    receivable_id: Option<ReceivableId>,
    #[diesel(sql_type = Text)]
    issuer: String,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Nullable<Text>)]
    credited_number: Option<String>,
    #[diesel(sql_type = Date)]
    issued_on: NaiveDate,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = BigInt)]
    applied_minor: i64,
    #[diesel(sql_type = Nullable<Date>)]
    cancelled_on: Option<NaiveDate>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl From<Row> for CreditNote {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            creditor_id: row.creditor_id,
            receivable_id: row.receivable_id,
            issuer: row.issuer,
            number: row.number,
            credited_number: row.credited_number,
            issued_on: row.issued_on,
            amount: Money::new(row.amount_minor, row.currency),
            applied: Money::new(row.applied_minor, row.currency),
            cancelled_on: row.cancelled_on,
            created_at: row.created_at,
        }
    }
}

statement! {
    struct Find { id: CreditNoteId => SqlUuid } concat!("SELECT ", columns!(), " FROM credit_notes WHERE id = ?")
}

pub async fn find(conn: &mut Conn<'_>, id: CreditNoteId) -> Result<Option<CreditNote>, DbError> {
    Ok(Find { id }.get_result::<Row>(conn).await.optional()?.map(CreditNote::from))
}

statement! {
    struct FindByNumber<'a> { creditor: OrgId => SqlUuid, issuer: &'a str => Text, number: &'a str => Text }
    concat!("SELECT ", columns!(), " FROM credit_notes WHERE creditor_id = ? AND issuer = ? AND number = ?")
}

pub async fn find_by_number(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    issuer: &str,
    number: &str,
) -> Result<Option<CreditNote>, DbError> {
    Ok(FindByNumber { creditor, issuer, number }.get_result::<Row>(conn).await.optional()?.map(CreditNote::from))
}

statement! {
    struct List { receivable: ReceivableId => SqlUuid }
    concat!("SELECT ", columns!(), " FROM credit_notes WHERE receivable_id = ? ORDER BY issued_on, id")
}

pub async fn list(conn: &mut Conn<'_>, receivable: ReceivableId) -> Result<Vec<CreditNote>, DbError> {
    Ok(List { receivable }.load::<Row>(conn).await?.into_iter().map(CreditNote::from).collect())
}

statement! {
    struct Insert<'a> {
        id: CreditNoteId => SqlUuid, creditor: OrgId => SqlUuid, receivable: Option<ReceivableId> => Nullable<SqlUuid>, issuer: &'a str => Text,
        number: &'a str => Text, credited: Option<&'a str> => Nullable<Text>, issued_on: NaiveDate => Date, currency: Currency => Text,
        amount: i64 => BigInt, applied: i64 => BigInt, at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO credit_notes (id, creditor_id, receivable_id, issuer, number, credited_number, issued_on, currency, amount_minor,
                               applied_minor, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub async fn insert(
    conn: &mut Conn<'_>,
    id: CreditNoteId,
    creditor: OrgId,
    receivable: Option<ReceivableId>,
    new: &NewCredit,
    applied: Money,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let insert = Insert {
        id,
        creditor,
        receivable,
        issuer: &new.issuer,
        number: &new.number,
        credited: new.credited_number.as_deref(),
        issued_on: new.issued_on,
        currency: new.amount.currency,
        amount: new.amount.minor,
        applied: applied.minor,
        at,
    };
    insert.execute(conn).await?;
    Ok(())
}

statement! {
    struct AddCredited { minor: i64 => BigInt, id: ReceivableId => SqlUuid }
    "UPDATE receivables SET credited_minor = credited_minor + ? WHERE id = ?"
}

pub async fn add_credited(conn: &mut Conn<'_>, id: ReceivableId, minor: i64) -> Result<(), DbError> {
    AddCredited { minor, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Cancel { on: NaiveDate => Date, id: CreditNoteId => SqlUuid }
    "UPDATE credit_notes SET cancelled_on = ?, applied_minor = 0 WHERE id = ? AND cancelled_on IS NULL"
}

/// `false`: it was cancelled before.
pub async fn cancel(conn: &mut Conn<'_>, id: CreditNoteId, on: NaiveDate) -> Result<bool, DbError> {
    Ok(Cancel { on, id }.execute(conn).await? == 1)
}

statement! {
    struct AnyWaiting { creditor: OrgId => SqlUuid }
    "SELECT EXISTS (SELECT FROM credit_notes WHERE creditor_id = ? AND receivable_id IS NULL AND cancelled_on IS NULL) AS waiting"
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = Bool)]
    waiting: bool,
}

pub async fn any_waiting(conn: &mut Conn<'_>, creditor: OrgId) -> Result<bool, DbError> {
    Ok(AnyWaiting { creditor }.get_result::<Waiting>(conn).await?.waiting)
}

#[derive(QueryableByName)]
struct Awaited {
    #[diesel(sql_type = Text)]
    issuer: String,
    #[diesel(sql_type = Text)]
    number: String,
}

statement! {
    struct ListAwaited { creditor: OrgId => SqlUuid }
    "SELECT issuer, credited_number AS number FROM credit_notes
     WHERE creditor_id = ? AND receivable_id IS NULL AND cancelled_on IS NULL AND credited_number IS NOT NULL LIMIT 10000"
}

pub async fn list_awaited(conn: &mut Conn<'_>, creditor: OrgId) -> Result<Vec<(String, String)>, DbError> {
    let rows: Vec<Awaited> = ListAwaited { creditor }.load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.issuer, row.number)).collect())
}

#[derive(QueryableByName)]
struct Invoice {
    #[diesel(sql_type = SqlUuid)]
    id: ReceivableId,
}

statement! {
    struct FindInvoice<'a> { creditor: OrgId => SqlUuid, issuer: &'a str => Text, number: &'a str => Text }
    "SELECT id FROM receivables WHERE creditor_id = ? AND issuer = ? AND number = ?"
}

pub async fn find_invoice(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    issuer: &str,
    number: &str,
) -> Result<Option<ReceivableId>, DbError> {
    Ok(FindInvoice { creditor, issuer, number }.get_result::<Invoice>(conn).await.optional()?.map(|found| found.id))
}

statement! {
    /// Several notes of one invoice are applied in the order of their days, each to what the ones before left open.
    struct ApplyWaiting<'a> { creditor: OrgId => SqlUuid, ids: &'a [ReceivableId] => Array<SqlUuid> }
    "WITH waiting AS (
        SELECT c.id, r.id AS receivable_id,
            greatest(0, least(c.amount_minor, r.open_minor
                - coalesce(sum(c.amount_minor) OVER (PARTITION BY r.id ORDER BY c.issued_on, c.id
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)))::bigint AS applied
        FROM credit_notes c JOIN receivables r ON r.creditor_id = c.creditor_id AND r.issuer = c.issuer AND r.number = c.credited_number
            AND r.currency = c.currency
        WHERE c.creditor_id = ? AND c.receivable_id IS NULL AND c.cancelled_on IS NULL AND r.id = ANY(?)),
     applied AS (
        UPDATE credit_notes SET receivable_id = waiting.receivable_id, applied_minor = waiting.applied
        FROM waiting WHERE credit_notes.id = waiting.id)
     UPDATE receivables SET credited_minor = credited_minor + part.applied
     FROM (SELECT receivable_id, sum(applied)::bigint AS applied FROM waiting GROUP BY receivable_id) part
     WHERE receivables.id = part.receivable_id"
}

pub async fn apply_waiting(conn: &mut Conn<'_>, creditor: OrgId, ids: &[ReceivableId]) -> Result<(), DbError> {
    ApplyWaiting { creditor, ids }.execute(conn).await?;
    Ok(())
}
