//! SQL of customers kept: who was invoiced again after a case, and who was without one.

use chrono::NaiveDate;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Date, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    types::{Currency, OrgId},
};

/// Customers of one kind, by how their last case was pursued.
#[derive(Debug, Clone, QueryableByName)]
pub struct Kept {
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    /// Whether these went through a case.
    #[diesel(sql_type = Bool)]
    pub had_case: bool,
    /// The agency that had it last; none: the creditor itself.
    #[diesel(sql_type = Nullable<Text>)]
    pub pursuer: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub strategy: Option<String>,
    /// Half a year of theirs is over.
    #[diesel(sql_type = BigInt)]
    pub half_year: i64,
    #[diesel(sql_type = BigInt)]
    pub kept_half_year: i64,
    #[diesel(sql_type = BigInt)]
    pub year: i64,
    #[diesel(sql_type = BigInt)]
    pub kept_year: i64,
}

statement! {
    /// A customer counts once in each window and currency: from its last closing in it, or, if it was never in a case, from the first
    /// of its invoices that fell due in it.
    struct ListKept { creditor: OrgId => SqlUuid, on: NaiveDate => Date }
    "WITH asked AS (SELECT ?::uuid AS creditor, ?::date AS day),
     windows AS (
        SELECT months, (day - make_interval(months => months + 12))::date AS after, (day - make_interval(months => months))::date AS until
        FROM asked, (VALUES (6), (12)) window_of (months)),
     in_case AS (
        SELECT DISTINCT coalesce(d.merged_into, d.id) AS customer FROM cases c JOIN debtors d ON d.id = c.debtor_id
        WHERE c.creditor_id = (SELECT creditor FROM asked)),
     closed AS (
        SELECT DISTINCT ON (w.months, customer, c.currency) w.months, coalesce(d.merged_into, d.id) AS customer, c.currency, c.id AS case_id,
            (c.closed_at AT TIME ZONE 'UTC')::date AS since
        FROM windows w JOIN cases c ON (c.closed_at AT TIME ZONE 'UTC')::date > w.after AND (c.closed_at AT TIME ZONE 'UTC')::date <= w.until
        JOIN debtors d ON d.id = c.debtor_id
        WHERE c.creditor_id = (SELECT creditor FROM asked) AND c.phase = 'closed'
        ORDER BY w.months, customer, c.currency, c.closed_at DESC),
     others AS (
        SELECT w.months, coalesce(d.merged_into, d.id) AS customer, r.currency, min(r.due_on) AS since
        FROM windows w JOIN receivables r ON r.due_on > w.after AND r.due_on <= w.until JOIN debtors d ON d.id = r.debtor_id
        WHERE r.creditor_id = (SELECT creditor FROM asked) AND coalesce(d.merged_into, d.id) NOT IN (SELECT customer FROM in_case)
        GROUP BY w.months, coalesce(d.merged_into, d.id), r.currency),
     looked_at AS (
        SELECT months, customer, currency, case_id, since FROM closed UNION ALL SELECT months, customer, currency, NULL, since FROM others),
     judged AS (
        SELECT l.*, EXISTS (
            SELECT FROM debtors d JOIN receivables r ON r.debtor_id = d.id AND r.creditor_id = d.creditor_id
            WHERE (d.id = l.customer OR d.merged_into = l.customer)
              AND r.issued_on > l.since AND r.issued_on <= l.since + make_interval(months => l.months)) AS is_kept
        FROM looked_at l)
     SELECT j.currency, j.case_id IS NOT NULL AS had_case, pursued.by AS pursuer, played.name AS strategy,
        count(*) FILTER (WHERE j.months = 6) AS half_year, count(*) FILTER (WHERE j.months = 6 AND j.is_kept) AS kept_half_year,
        count(*) FILTER (WHERE j.months = 12) AS year, count(*) FILTER (WHERE j.months = 12 AND j.is_kept) AS kept_year
     FROM judged j
     LEFT JOIN LATERAL (
        SELECT o.legal_name AS by FROM engagements e JOIN organisations o ON o.id = e.agency_id
        WHERE e.case_id = j.case_id ORDER BY e.started_at DESC LIMIT 1) pursued ON true
     LEFT JOIN LATERAL (
        SELECT s.name FROM strategy_runs t JOIN strategies s ON s.id = t.strategy_id
        WHERE t.case_id = j.case_id ORDER BY t.started_at DESC LIMIT 1) played ON true
     GROUP BY j.currency, had_case, pursuer, strategy ORDER BY j.currency, pursuer NULLS FIRST, strategy"
}

/// `creditor`'s customers whose half year, or year, after a case or a due day was over on a day.
pub async fn kept(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate) -> Result<Vec<Kept>, DbError> {
    Ok(ListKept { creditor, on }.load(conn).await?)
}
