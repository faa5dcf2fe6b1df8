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
    types::{CaseId, Currency, DebtorId, DocumentId, Money, OrgId, ReceivableId, UploadId},
};

macro_rules! columns {
    () => {
        "id, creditor_id, debtor_id, case_id, issuer, number, issued_on, due_on, currency, principal_minor, credited_minor,
         principal_paid_minor, interest_paid_minor, compensation_paid_minor, costs_paid_minor, disputed_minor, vat_minor, purchase_order, delivery_note, delivered_on,
         document_id, created_at"
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
    credited_minor: i64,
    #[diesel(sql_type = BigInt)]
    principal_paid_minor: i64,
    #[diesel(sql_type = BigInt)]
    interest_paid_minor: i64,
    #[diesel(sql_type = BigInt)]
    compensation_paid_minor: i64,
    #[diesel(sql_type = BigInt)]
    costs_paid_minor: i64,
    #[diesel(sql_type = BigInt)]
    disputed_minor: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    vat_minor: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    purchase_order: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    delivery_note: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    delivered_on: Option<NaiveDate>,
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
            credited: money(row.credited_minor),
            principal_paid: money(row.principal_paid_minor),
            interest_paid: money(row.interest_paid_minor),
            compensation_paid: money(row.compensation_paid_minor),
            costs_paid: money(row.costs_paid_minor),
            disputed: money(row.disputed_minor),
            vat: row.vat_minor.map(money),
            purchase_order: row.purchase_order,
            delivery_note: row.delivery_note,
            delivered_on: row.delivered_on,
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
    struct SetCases { ids: Vec<ReceivableId> => Array<SqlUuid>, cases: Vec<CaseId> => Array<SqlUuid> }
    "UPDATE receivables SET case_id = given.case_id FROM unnest(?, ?) AS given (id, case_id) WHERE receivables.id = given.id"
}

/// Each into the case at its place.
pub async fn set_cases(conn: &mut Conn<'_>, into: &[(ReceivableId, CaseId)]) -> Result<(), DbError> {
    let (ids, cases) = into.iter().copied().unzip();
    SetCases { ids, cases }.execute(conn).await?;
    Ok(())
}

statement! {
    struct LockUploaded {
        creditor: OrgId => SqlUuid, after_debtor: DebtorId => SqlUuid, after: ReceivableId => SqlUuid, upload: UploadId => SqlUuid,
        limit: i64 => BigInt,
    }
    concat!("SELECT ", columns!(), " FROM receivables WHERE creditor_id = ? AND (debtor_id, id) > (?, ?) AND upload_id = ? AND case_id IS NULL
             ORDER BY debtor_id, id LIMIT ? FOR UPDATE")
}

/// Those of an upload that are in no case, by debtor.
pub async fn lock_uploaded(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    upload: UploadId,
    (after_debtor, after): (DebtorId, ReceivableId),
    limit: i64,
) -> Result<Vec<Receivable>, DbError> {
    Ok(receivables(LockUploaded { creditor, after_debtor, after, upload, limit }.load(conn).await?))
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
    struct Subtract<'a> { ids: &'a [ReceivableId] => Array<SqlUuid>, minors: Vec<i64> => Array<BigInt>, on: NaiveDate => Date }
    "WITH taken AS (
        UPDATE receivables SET principal_minor = principal_minor - part.minor FROM unnest(?, ?) AS part (id, minor)
        WHERE receivables.id = part.id RETURNING receivables.id, receivables.creditor_id, part.minor)
     INSERT INTO principal_reductions (receivable_id, creditor_id, reduced_on, amount_minor)
     SELECT id, creditor_id, ?, minor FROM taken WHERE minor > 0
     ON CONFLICT (receivable_id, reduced_on) DO UPDATE SET amount_minor = principal_reductions.amount_minor + excluded.amount_minor"
}

/// Takes each part off the receivable at its place, and keeps the day.
pub async fn subtract_principal(
    conn: &mut Conn<'_>,
    ids: &[ReceivableId],
    parts: &[Money],
    on: NaiveDate,
) -> Result<(), DbError> {
    Subtract { ids, minors: parts.iter().map(|part| part.minor).collect(), on }.execute(conn).await?;
    Ok(())
}

statement! {
    struct AddDisputed<'a> { ids: &'a [ReceivableId] => Array<SqlUuid>, minors: Vec<i64> => Array<BigInt> }
    "UPDATE receivables SET disputed_minor = greatest(disputed_minor + part.minor, 0) FROM unnest(?, ?) AS part (id, minor)
     WHERE receivables.id = part.id"
}

/// Sets each amount aside as disputed; a negative one is taken up again.
pub async fn add_disputed(conn: &mut Conn<'_>, ids: &[ReceivableId], minors: Vec<i64>) -> Result<(), DbError> {
    AddDisputed { ids, minors }.execute(conn).await?;
    Ok(())
}

statement! {
    /// With the days on which the creditor was paid before intake, on which this case's payments reached principal and interest,
    /// of the credit notes in force, of the agreed instalments, and of the first formal notice.
    struct InvoicesOfCase { case: CaseId => SqlUuid, same_case: CaseId => SqlUuid }
    "SELECT r.id, r.number, r.issued_on, r.due_on, r.currency, r.principal_minor, r.principal_paid_minor, r.interest_paid_minor,
        r.compensation_paid_minor, r.costs_paid_minor, r.disputed_minor, coalesce(paid.days, '{}') AS days, coalesce(paid.minors, '{}') AS minors,
        coalesce(paid.interest_days, '{}') AS interest_days, coalesce(paid.interest_minors, '{}') AS interest_minors,
        ARRAY(SELECT received_on FROM prior_payments WHERE receivable_id = r.id ORDER BY received_on) AS prior_days,
        ARRAY(SELECT amount_minor FROM prior_payments WHERE receivable_id = r.id ORDER BY received_on) AS prior_minors,
        ARRAY(SELECT issued_on FROM credit_notes WHERE receivable_id = r.id AND applied_minor > 0 ORDER BY issued_on, id) AS credit_days,
        ARRAY(SELECT applied_minor FROM credit_notes WHERE receivable_id = r.id AND applied_minor > 0 ORDER BY issued_on, id) AS credit_minors,
        ARRAY(SELECT due_on FROM instalment_terms WHERE receivable_id = r.id ORDER BY due_on) AS part_days,
        ARRAY(SELECT amount_minor FROM instalment_terms WHERE receivable_id = r.id ORDER BY due_on) AS part_minors,
        (SELECT min(notice_received_on) FROM prior_reminders WHERE receivable_id = r.id) AS notice_on
     FROM receivables r LEFT JOIN (
        SELECT receivable_id, array_agg(received_on ORDER BY received_on, payment_id) FILTER (WHERE part = 'principal') AS days,
            array_agg(amount_minor ORDER BY received_on, payment_id) FILTER (WHERE part = 'principal') AS minors,
            array_agg(received_on ORDER BY received_on, payment_id) FILTER (WHERE part = 'interest') AS interest_days,
            array_agg(amount_minor ORDER BY received_on, payment_id) FILTER (WHERE part = 'interest') AS interest_minors
        FROM allocations WHERE case_id = ? AND part IN ('principal', 'interest') AND reversed_on IS NULL GROUP BY receivable_id
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
    #[diesel(sql_type = BigInt)]
    disputed_minor: i64,
    #[diesel(sql_type = Array<Date>)]
    prior_days: Vec<NaiveDate>,
    #[diesel(sql_type = Array<BigInt>)]
    prior_minors: Vec<i64>,
    #[diesel(sql_type = Array<Date>)]
    days: Vec<NaiveDate>,
    #[diesel(sql_type = Array<BigInt>)]
    minors: Vec<i64>,
    #[diesel(sql_type = Array<Date>)]
    interest_days: Vec<NaiveDate>,
    #[diesel(sql_type = Array<BigInt>)]
    interest_minors: Vec<i64>,
    #[diesel(sql_type = Array<Date>)]
    credit_days: Vec<NaiveDate>,
    #[diesel(sql_type = Array<BigInt>)]
    credit_minors: Vec<i64>,
    #[diesel(sql_type = Array<Date>)]
    part_days: Vec<NaiveDate>,
    #[diesel(sql_type = Array<BigInt>)]
    part_minors: Vec<i64>,
    #[diesel(sql_type = Nullable<Date>)]
    notice_on: Option<NaiveDate>,
}

impl From<InvoiceRow> for Invoice {
    /// What no payment of this case explains was paid while another case held the receivable, whose payments the present
    /// parties may not see: it counts from the due day, which is what costs the debtor least.
    fn from(row: InvoiceRow) -> Self {
        let money = |minor| Money::new(minor, row.currency);
        let dated = |days: Vec<NaiveDate>, minors: Vec<i64>| days.into_iter().zip(minors.into_iter().map(money));
        let elsewhere = |paid_minor: i64, explained: i64| {
            let before = paid_minor.saturating_sub(explained);
            (before > 0).then(|| (row.due_on, money(before)))
        };
        let principal = elsewhere(row.principal_paid_minor, row.prior_minors.iter().chain(&row.minors).sum());
        let interest = elsewhere(row.interest_paid_minor, row.interest_minors.iter().sum());
        let prior = dated(row.prior_days, row.prior_minors);
        // Parts of a principal that was lowered since (a settled dispute) say nothing any more: the whole is due on the first day.
        let parts_hold = row.part_minors.iter().sum::<i64>() == row.principal_minor;
        let parts: Vec<_> = dated(row.part_days, row.part_minors).filter(|_| parts_hold).collect();
        Self {
            credits: dated(row.credit_days, row.credit_minors).collect(),
            disputed: money(row.disputed_minor),
            instalments: parts,
            principal_payments: principal.into_iter().chain(prior).chain(dated(row.days, row.minors)).collect(),
            interest_payments: interest.into_iter().chain(dated(row.interest_days, row.interest_minors)).collect(),
            compensation_paid: money(row.compensation_paid_minor),
            costs_paid: money(row.costs_paid_minor),
            notice_on: row.notice_on,
            ..Self::new(row.id, row.number, (row.issued_on, row.due_on), money(row.principal_minor))
        }
    }
}

pub async fn list_invoices_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Invoice>, DbError> {
    let rows: Vec<InvoiceRow> = InvoicesOfCase { case, same_case: case }.load(conn).await?;
    Ok(rows.into_iter().map(Invoice::from).collect())
}
