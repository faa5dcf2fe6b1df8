//! SQL of what a customer did towards its creditor.

use chrono::NaiveDate;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Date, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    credit::score::Record,
    db::{Conn, DbError, statement},
    types::{DebtorId, OrgId},
};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    seen_30: i64,
    #[diesel(sql_type = BigInt)]
    paid_30: i64,
    #[diesel(sql_type = BigInt)]
    seen_60: i64,
    #[diesel(sql_type = BigInt)]
    paid_60: i64,
    #[diesel(sql_type = BigInt)]
    seen_90: i64,
    #[diesel(sql_type = BigInt)]
    paid_90: i64,
    #[diesel(sql_type = BigInt)]
    paid: i64,
    #[diesel(sql_type = BigInt)]
    days_late: i64,
    #[diesel(sql_type = BigInt)]
    lately_paid: i64,
    #[diesel(sql_type = BigInt)]
    lately_days_late: i64,
    #[diesel(sql_type = BigInt)]
    oldest_overdue_days: i64,
    #[diesel(sql_type = BigInt)]
    promises_kept: i64,
    #[diesel(sql_type = BigInt)]
    promises_broken: i64,
    #[diesel(sql_type = BigInt)]
    left_unpaid: i64,
    #[diesel(sql_type = Bool)]
    is_in_hardship: bool,
    #[diesel(sql_type = Bool)]
    is_insolvent: bool,
}

statement! {
    /// An invoice is paid on the day of its last payment; one that was credited in full was none. What is owed no more, because its
    /// case ended settled or invalid, is not overdue, and was not paid either.
    struct Find { creditor: OrgId => SqlUuid, debtor: DebtorId => SqlUuid, on: NaiveDate => Date }
    "WITH asked AS (SELECT ?::uuid AS creditor, ?::uuid AS debtor, ?::date AS today),
     members AS (SELECT d.id FROM debtors d, asked WHERE (d.id = asked.debtor OR d.merged_into = asked.debtor) AND d.creditor_id = asked.creditor),
     invoices AS (
        SELECT r.due_on, r.open_minor > 0 AND k.outcome IS DISTINCT FROM 'settled' AND k.outcome IS DISTINCT FROM 'invalid' AS is_open,
            CASE WHEN r.open_minor = 0 THEN greatest(
                (SELECT max(received_on) FROM allocations WHERE receivable_id = r.id AND part = 'principal' AND reversed_on IS NULL),
                (SELECT max(received_on) FROM prior_payments WHERE receivable_id = r.id)) END AS paid_on
        FROM members JOIN receivables r ON r.debtor_id = members.id AND r.creditor_id = (SELECT creditor FROM asked)
        LEFT JOIN cases k ON k.id = r.case_id
        WHERE r.due_on > (SELECT today FROM asked) - 730 AND r.issued_on <= (SELECT today FROM asked)),
     counted AS (SELECT i.*, asked.today, asked.today - i.due_on AS age, i.paid_on - i.due_on AS late FROM invoices i, asked
        WHERE i.is_open OR i.paid_on IS NOT NULL),
     pursued AS (SELECT k.id, k.outcome, k.closed_at FROM members JOIN cases k ON k.debtor_id = members.id)
     SELECT count(*) FILTER (WHERE age >= 30) AS seen_30, count(*) FILTER (WHERE age >= 30 AND late <= 30) AS paid_30,
        count(*) FILTER (WHERE age >= 60 AND coalesce(late > 30, true)) AS seen_60, count(*) FILTER (WHERE age >= 60 AND late BETWEEN 31 AND 60) AS paid_60,
        count(*) FILTER (WHERE age >= 90 AND coalesce(late > 60, true)) AS seen_90, count(*) FILTER (WHERE age >= 90 AND late BETWEEN 61 AND 90) AS paid_90,
        count(late) AS paid, coalesce(sum(late), 0)::bigint AS days_late,
        count(*) FILTER (WHERE paid_on > today - 90) AS lately_paid, coalesce(sum(late) FILTER (WHERE paid_on > today - 90), 0)::bigint AS lately_days_late,
        coalesce(max(age) FILTER (WHERE is_open), 0)::bigint AS oldest_overdue_days,
        (SELECT count(*) FROM pursued k JOIN promises p ON p.case_id = k.id, asked
            WHERE p.status = 'kept' AND p.promised_on > asked.today - 365) AS promises_kept,
        (SELECT count(*) FROM pursued k JOIN promises p ON p.case_id = k.id, asked
            WHERE p.status = 'broken' AND p.promised_on > asked.today - 365) AS promises_broken,
        (SELECT count(*) FROM pursued k, asked WHERE k.closed_at > asked.today - 730
            AND k.outcome IN ('partly_paid', 'untraceable', 'unresponsive', 'uneconomical', 'time_barred', 'to_court')) AS left_unpaid,
        EXISTS (SELECT FROM pursued k JOIN holds h ON h.case_id = k.id WHERE h.kind = 'hardship' AND h.released_at IS NULL) AS is_in_hardship,
        EXISTS (SELECT FROM pursued k WHERE k.outcome = 'insolvent')
            OR EXISTS (SELECT FROM pursued k JOIN holds h ON h.case_id = k.id WHERE h.kind = 'insolvency' AND h.released_at IS NULL) AS is_insolvent
     FROM counted"
}

pub async fn find(conn: &mut Conn<'_>, creditor: OrgId, debtor: DebtorId, on: NaiveDate) -> Result<Record, DbError> {
    let row: Row = Find { creditor, debtor, on }.get_result(conn).await?;
    Ok(Record {
        seen_30: row.seen_30,
        paid_30: row.paid_30,
        seen_60: row.seen_60,
        paid_60: row.paid_60,
        seen_90: row.seen_90,
        paid_90: row.paid_90,
        paid: row.paid,
        days_late: row.days_late,
        lately_paid: row.lately_paid,
        lately_days_late: row.lately_days_late,
        oldest_overdue_days: row.oldest_overdue_days,
        promises_kept: row.promises_kept,
        promises_broken: row.promises_broken,
        left_unpaid: row.left_unpaid,
        is_in_hardship: row.is_in_hardship,
        is_insolvent: row.is_insolvent,
    })
}
