//! SQL of promises, objections and what pursuit brought.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    cases::DisputeReason,
    db::{Conn, DbError, statement},
    types::{Currency, OrgId},
};

/// The promises of one month.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct PromisesOfMonth {
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    /// The first day of the month that they were for.
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub promises: i64,
    #[diesel(sql_type = BigInt)]
    pub promised_minor: i64,
    #[diesel(sql_type = BigInt)]
    pub kept: i64,
    #[diesel(sql_type = BigInt)]
    pub broken: i64,
    #[diesel(sql_type = BigInt)]
    pub kept_minor: i64,
    #[diesel(sql_type = BigInt)]
    pub broken_minor: i64,
}

statement! {
    struct Promises { creditor: OrgId => SqlUuid, after: NaiveDate => Date, until: NaiveDate => Date, made_before: DateTime<Utc> => Timestamptz }
    "SELECT c.currency, date_trunc('month', p.promised_on)::date AS month, count(*) AS promises, sum(p.amount_minor)::bigint AS promised_minor,
        count(*) FILTER (WHERE p.status = 'kept') AS kept, count(*) FILTER (WHERE p.status = 'broken') AS broken,
        coalesce(sum(p.amount_minor) FILTER (WHERE p.status = 'kept'), 0)::bigint AS kept_minor,
        coalesce(sum(p.amount_minor) FILTER (WHERE p.status = 'broken'), 0)::bigint AS broken_minor
     FROM promises p JOIN cases c ON c.id = p.case_id
     WHERE p.creditor_id = ? AND p.promised_on > ? AND p.promised_on <= ? AND p.created_at < ?
     GROUP BY c.currency, month ORDER BY c.currency, month"
}

/// Promises for the days after one and until another that were made before an instant.
pub async fn promises(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    (after, until): (NaiveDate, NaiveDate),
    made_before: DateTime<Utc>,
) -> Result<Vec<PromisesOfMonth>, DbError> {
    Ok(Promises { creditor, after, until, made_before }.load(conn).await?)
}

/// The objections of one reason.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct DisputesOfReason {
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = Text)]
    pub reason: DisputeReason,
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    #[diesel(sql_type = BigInt)]
    pub open_minor: i64,
    /// Resolved in the year before.
    #[diesel(sql_type = BigInt)]
    pub resolved: i64,
    /// Hundredths of days that these took together.
    #[diesel(sql_type = BigInt)]
    pub resolved_days: i64,
    /// Of these, in the debtor's favour, wholly or in part.
    #[diesel(sql_type = BigInt)]
    pub found_right: i64,
    #[diesel(sql_type = BigInt)]
    pub conceded_minor: i64,
}

statement! {
    struct Disputes { since: DateTime<Utc> => Timestamptz, until: DateTime<Utc> => Timestamptz, creditor: OrgId => SqlUuid }
    "WITH asked AS (SELECT ?::timestamptz AS since, ?::timestamptz AS until)
     SELECT c.currency, s.reason, count(*) FILTER (WHERE s.is_open) AS open,
        coalesce(sum(s.disputed_minor) FILTER (WHERE s.is_open), 0)::bigint AS open_minor,
        count(*) FILTER (WHERE NOT s.is_open) AS resolved,
        coalesce(round(sum(extract(epoch FROM s.resolved_at - s.opened_at) / 864) FILTER (WHERE NOT s.is_open)), 0)::bigint AS resolved_days,
        count(*) FILTER (WHERE NOT s.is_open AND s.status IN ('upheld', 'settled')) AS found_right,
        coalesce(sum(s.reduction_minor) FILTER (WHERE NOT s.is_open), 0)::bigint AS conceded_minor
     FROM (SELECT d.*, d.resolved_at IS NULL OR d.resolved_at >= (SELECT until FROM asked) AS is_open,
               coalesce((SELECT sum(p.amount_minor) FROM dispute_parts p WHERE p.dispute_id = d.id),
                        (SELECT k.principal_minor FROM cases k WHERE k.id = d.case_id)) AS disputed_minor
           FROM disputes d
           WHERE d.creditor_id = ? AND d.opened_at < (SELECT until FROM asked)
             AND (d.resolved_at IS NULL OR d.resolved_at >= (SELECT since FROM asked))) s
     JOIN cases c ON c.id = s.case_id
     GROUP BY c.currency, s.reason ORDER BY c.currency, s.reason"
}

/// Objections that were open at an instant, and those resolved between another and it.
pub async fn disputes(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    (since, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<DisputesOfReason>, DbError> {
    Ok(Disputes { since, until, creditor }.load(conn).await?)
}

/// What one pursuer got of cases that were so old when it took them up.
#[derive(Debug, Clone, QueryableByName)]
pub struct Pursued {
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    /// The agency; none: the creditor itself.
    #[diesel(sql_type = Nullable<Text>)]
    pub pursuer: Option<String>,
    #[diesel(sql_type = Integer)]
    pub days_late: i32,
    #[diesel(sql_type = BigInt)]
    pub cases: i64,
    #[diesel(sql_type = BigInt)]
    pub placed_minor: i64,
    #[diesel(sql_type = BigInt)]
    pub recovered_minor: i64,
    #[diesel(sql_type = BigInt)]
    pub fees_minor: i64,
}

/// What payments of a case under one pursuer brought until a day, and what was charged for it.
macro_rules! brought {
    ($agency:literal) => {
        concat!(
            "CROSS JOIN LATERAL (
                SELECT coalesce(sum(a.amount_minor), 0) AS recovered FROM payments p JOIN allocations a ON a.payment_id = p.id
                WHERE p.case_id = c.id AND ",
            $agency,
            " AND a.part = 'principal' AND a.received_on <= (SELECT day FROM asked)
                  AND (a.reversed_on IS NULL OR a.reversed_on > (SELECT day FROM asked))) money
             CROSS JOIN LATERAL (
                SELECT coalesce(sum(f.net_minor), 0) AS fees FROM payments p JOIN fees f ON f.payment_id = p.id
                WHERE p.case_id = c.id AND ",
            $agency,
            " AND f.kind = 'success_fee' AND f.charged_on <= (SELECT day FROM asked)
                  AND (f.credited_on IS NULL OR f.credited_on > (SELECT day FROM asked))) cost "
        )
    };
}

statement! {
    /// A case counts for the creditor from its posting and for each agency that held it; payments count for whom they were made under.
    struct ListPursued { creditor: OrgId => SqlUuid, on: NaiveDate => Date, until: DateTime<Utc> => Timestamptz }
    concat!(
        "WITH asked AS (SELECT ?::uuid AS creditor, ?::date AS day, ?::timestamptz AS until)
         SELECT currency, pursuer, days_late, count(*) AS cases, sum(placed)::bigint AS placed_minor, sum(recovered)::bigint AS recovered_minor,
            sum(fees)::bigint AS fees_minor
         FROM (
            SELECT c.currency, coalesce(g.legal_name, '-') AS pursuer, (e.started_at AT TIME ZONE 'UTC')::date - c.oldest_due_on AS days_late,
                coalesce(e.claim_minor, c.principal_minor) AS placed, money.recovered, cost.fees
            FROM (SELECT DISTINCT ON (case_id, agency_id) * FROM engagements
                  WHERE creditor_id = (SELECT creditor FROM asked) AND started_at < (SELECT until FROM asked)
                  ORDER BY case_id, agency_id, started_at) e
            JOIN cases c ON c.id = e.case_id LEFT JOIN organisations g ON g.id = e.agency_id ",
        brought!("p.agency_id = e.agency_id"),
        "UNION ALL
            SELECT c.currency, NULL, (c.posted_at AT TIME ZONE 'UTC')::date - c.oldest_due_on, c.principal_minor, money.recovered, cost.fees
            FROM cases c ",
        brought!("p.agency_id IS NULL"),
        "WHERE c.creditor_id = (SELECT creditor FROM asked) AND c.posted_at < (SELECT until FROM asked)) pursued
         GROUP BY currency, pursuer, days_late ORDER BY currency, pursuer NULLS FIRST, days_late"
    )
}

/// What was pursued until a day, and what it brought by then.
pub async fn pursued(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate, until: DateTime<Utc>) -> Result<Vec<Pursued>, DbError> {
    Ok(ListPursued { creditor, on, until }.load(conn).await?)
}
