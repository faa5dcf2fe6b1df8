//! SQL of customers at risk.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::{
    credit::risks::CustomerAtRisk,
    db::{Conn, DbError, statement},
    types::OrgId,
};

statement! {
    /// What is owed no more, because its case ended settled or invalid, uses nothing.
    struct OverLimit { creditor: OrgId => SqlUuid, limit: i64 => BigInt }
    "SELECT l.debtor_id, l.currency, sum(r.open_minor)::bigint AS open_minor, min(r.due_on) AS oldest_due_on,
        least(sum(r.open_minor) * 100 / greatest(l.limit_minor, 1), 1000000)::bigint AS limit_use, 0::bigint AS score_drop
     FROM credit_limits l JOIN debtors d ON d.creditor_id = l.creditor_id AND coalesce(d.merged_into, d.id) = l.debtor_id
     JOIN receivables r ON r.debtor_id = d.id AND r.currency = l.currency AND r.open_minor > 0 LEFT JOIN cases c ON c.id = r.case_id
     WHERE l.creditor_id = ? AND l.limit_minor IS NOT NULL AND c.outcome IS DISTINCT FROM 'settled' AND c.outcome IS DISTINCT FROM 'invalid'
     GROUP BY l.debtor_id, l.currency, l.limit_minor HAVING sum(r.open_minor) > l.limit_minor ORDER BY l.debtor_id LIMIT ?"
}

pub async fn list_over_limit(conn: &mut Conn<'_>, creditor: OrgId, limit: i64) -> Result<Vec<CustomerAtRisk>, DbError> {
    Ok(OverLimit { creditor, limit }.load(conn).await?)
}

statement! {
    /// The latest score against the best since, the one that stood then among them.
    struct Worsened { since: DateTime<Utc> => Timestamptz, creditor: OrgId => SqlUuid, limit: i64 => BigInt }
    "WITH known AS (
        SELECT debtor_id, paid_30_bp, scored_at, max(scored_at) FILTER (WHERE scored_at <= ?) OVER (PARTITION BY debtor_id) AS stood_from,
            row_number() OVER (PARTITION BY debtor_id ORDER BY scored_at DESC) AS place
        FROM debtor_scores WHERE creditor_id = ?),
     worse AS (
        SELECT debtor_id, ((max(paid_30_bp) - max(paid_30_bp) FILTER (WHERE place = 1)) / 100)::bigint AS score_drop FROM known
        WHERE scored_at >= coalesce(stood_from, scored_at) GROUP BY debtor_id)
     SELECT w.debtor_id, owed.currency, coalesce(owed.open_minor, 0)::bigint AS open_minor, owed.oldest_due_on, 0::bigint AS limit_use, w.score_drop
     FROM worse w LEFT JOIN LATERAL (
        SELECT r.currency, sum(r.open_minor)::bigint AS open_minor, min(r.due_on) AS oldest_due_on FROM receivables r
        WHERE r.debtor_id = w.debtor_id AND r.open_minor > 0 GROUP BY r.currency ORDER BY 2 DESC LIMIT 1) owed ON true
     WHERE w.score_drop > 0 ORDER BY w.score_drop DESC, w.debtor_id LIMIT ?"
}

pub async fn list_worsened(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<CustomerAtRisk>, DbError> {
    Ok(Worsened { since, creditor, limit }.load(conn).await?)
}
