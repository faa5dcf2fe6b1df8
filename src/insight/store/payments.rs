//! SQL of payments by how long after the due day they came.

use chrono::NaiveDate;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Integer, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    types::{Currency, OrgId},
};

/// A sum or a figure of one currency.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct InCurrency {
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = BigInt)]
    pub number: i64,
}

statement! {
    struct DaysLate { creditor: OrgId => SqlUuid, after: NaiveDate => Date, until: NaiveDate => Date }
    "SELECT r.currency, round(sum(-m.amount_minor * (m.moved_on - r.due_on)::numeric) * 100 / sum(-m.amount_minor))::bigint AS number
     FROM receivable_movements m JOIN receivables r ON r.id = m.receivable_id
     WHERE m.creditor_id = ? AND m.kind = 'payment' AND m.moved_on > ? AND m.moved_on <= ? GROUP BY r.currency"
}

/// How late the payments of some days were on average, each by its amount, in hundredths of days.
pub async fn days_late(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    (after, until): (NaiveDate, NaiveDate),
) -> Result<Vec<InCurrency>, DbError> {
    Ok(DaysLate { creditor, after, until }.load(conn).await?)
}

statement! {
    struct Received { creditor: OrgId => SqlUuid, after: NaiveDate => Date, until: NaiveDate => Date, issued_by: NaiveDate => Date }
    "SELECT r.currency, sum(-m.amount_minor)::bigint AS number FROM receivable_movements m JOIN receivables r ON r.id = m.receivable_id
     WHERE m.creditor_id = ? AND m.kind = 'payment' AND m.moved_on > ? AND m.moved_on <= ? AND r.issued_on <= ? GROUP BY r.currency"
}

/// What came in after a day and until another on invoices that there were on the first.
pub async fn received(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    (after, until): (NaiveDate, NaiveDate),
) -> Result<Vec<InCurrency>, DbError> {
    Ok(Received { creditor, after, until, issued_by: after }.load(conn).await?)
}

/// What was paid in one week after the due day.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct PaidAfter {
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = Integer)]
    pub week: i32,
    #[diesel(sql_type = BigInt)]
    pub minor: i64,
    #[diesel(sql_type = BigInt)]
    pub payments: i64,
}

statement! {
    /// The first day of payments is there for the index: nobody pays more than a year before the due day.
    struct Paid { creditor: OrgId => SqlUuid, due_after: NaiveDate => Date, moved_after: NaiveDate => Date, until: NaiveDate => Date }
    "SELECT r.currency, floor((m.moved_on - r.due_on) / 7.0)::integer AS week, sum(-m.amount_minor)::bigint AS minor, count(*) AS payments
     FROM receivable_movements m JOIN receivables r ON r.id = m.receivable_id
     WHERE m.creditor_id = ? AND m.kind = 'payment' AND r.due_on > ? AND m.moved_on > ?::date - 366 AND m.moved_on <= ?
     GROUP BY r.currency, week ORDER BY r.currency, week"
}

/// What was paid until a day on invoices that fell due after another, by weeks after the due day.
pub async fn paid_after(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    due_after: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<PaidAfter>, DbError> {
    Ok(Paid { creditor, due_after, moved_after: due_after, until }.load(conn).await?)
}
