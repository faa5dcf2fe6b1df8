//! SQL of why cases came to be, and what that cost.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    insight::report::Cause,
    types::{Currency, OrgId},
};

/// The cases of one cause, of one person's customers or one customer.
#[derive(Debug, Clone, QueryableByName)]
pub struct CasesOfCause {
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    /// Whose customers they are of, or the customer; none: nobody's.
    #[diesel(sql_type = Nullable<Text>)]
    pub of: Option<String>,
    #[diesel(sql_type = Text)]
    pub cause: Cause,
    #[diesel(sql_type = BigInt)]
    pub cases: i64,
    #[diesel(sql_type = BigInt)]
    pub principal_minor: i64,
    /// Days from the oldest due day to the end, or to the day of the report, of all of them.
    #[diesel(sql_type = BigInt)]
    pub days_late: i64,
    #[diesel(sql_type = BigInt)]
    pub conceded_minor: i64,
}

/// Each case has one cause: what its debtor objected to last; else what stopped it; else whether asking was enough.
macro_rules! causes {
    ($of:literal) => {
        concat!(
            "WITH asked AS (SELECT ?::uuid AS creditor, ?::timestamptz AS since, ?::timestamptz AS until),
             judged AS (
                SELECT c.currency, c.debtor_id, c.principal_minor, coalesce(objection.conceded, 0) AS conceded,
                    (coalesce(CASE WHEN c.closed_at < (SELECT until FROM asked) THEN c.closed_at END, (SELECT until FROM asked))
                        AT TIME ZONE 'UTC')::date - c.oldest_due_on AS days_late,
                    CASE
                        WHEN objection.reason IS NOT NULL THEN objection.reason
                        WHEN stopped.insolvency THEN 'insolvency'
                        WHEN stopped.hardship THEN 'hardship'
                        WHEN stopped.needed_time THEN 'needed_time'
                        WHEN c.outcome = 'paid' AND c.closed_at < (SELECT until FROM asked) THEN 'forgotten'
                        ELSE 'unanswered'
                    END AS cause
                FROM cases c
                LEFT JOIN LATERAL (
                    SELECT (array_agg(d.reason ORDER BY d.opened_at DESC))[1] AS reason,
                        sum(d.reduction_minor) FILTER (WHERE d.resolved_at < (SELECT until FROM asked)) AS conceded
                    FROM disputes d WHERE d.case_id = c.id AND d.opened_at < (SELECT until FROM asked)) objection ON true
                LEFT JOIN LATERAL (
                    SELECT bool_or(h.kind = 'insolvency') AS insolvency, bool_or(h.kind = 'hardship') AS hardship,
                        bool_or(h.kind IN ('promise', 'plan', 'settlement')) AS needed_time
                    FROM holds h WHERE h.case_id = c.id AND h.starts_at < (SELECT until FROM asked)) stopped ON true
                WHERE c.creditor_id = (SELECT creditor FROM asked) AND c.posted_at >= (SELECT since FROM asked)
                  AND c.posted_at < (SELECT until FROM asked))
             SELECT j.currency, ",
            $of,
            " AS of, j.cause, count(*) AS cases, sum(j.principal_minor)::bigint AS principal_minor, sum(j.days_late)::bigint AS days_late,
                sum(j.conceded)::bigint AS conceded_minor
             FROM judged j JOIN debtors d ON d.id = j.debtor_id JOIN debtors k ON k.id = coalesce(d.merged_into, d.id)
             LEFT JOIN relationship_profiles p ON p.debtor_id = k.id LEFT JOIN members m ON m.id = p.account_owner_id
             GROUP BY j.currency, ",
            $of,
            ", j.cause ORDER BY j.currency, sum(j.principal_minor) DESC, 2, j.cause"
        )
    };
}

statement! {
    struct BySalesperson { creditor: OrgId => SqlUuid, since: DateTime<Utc> => Timestamptz, until: DateTime<Utc> => Timestamptz }
    causes!("m.full_name")
}

statement! {
    struct ByCustomer { creditor: OrgId => SqlUuid, since: DateTime<Utc> => Timestamptz, until: DateTime<Utc> => Timestamptz }
    causes!("k.legal_name")
}

/// Of the cases posted between two instants, by whose customers they are of; the costliest first.
pub async fn by_salesperson(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    (since, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<CasesOfCause>, DbError> {
    Ok(BySalesperson { creditor, since, until }.load(conn).await?)
}

/// As [`by_salesperson`], customer by customer.
pub async fn by_customer(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    (since, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<CasesOfCause>, DbError> {
    Ok(ByCustomer { creditor, since, until }.load(conn).await?)
}
