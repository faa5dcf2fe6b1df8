//! SQL of how debtors answer to messages.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    types::{Channel, Currency, OrgId, Tone},
};

/// The messages of one kind, under one version of a strategy.
#[derive(Debug, Clone, QueryableByName)]
pub struct Responses {
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = Text)]
    pub strategy: String,
    #[diesel(sql_type = Integer)]
    pub version: i32,
    #[diesel(sql_type = Text)]
    pub channel: Channel,
    #[diesel(sql_type = Text)]
    pub template: String,
    #[diesel(sql_type = Text)]
    pub tone: Tone,
    #[diesel(sql_type = BigInt)]
    pub sent: i64,
    /// Of these, how many were answered, or paid upon, before the next message and within a fortnight.
    #[diesel(sql_type = BigInt)]
    pub answered: i64,
    #[diesel(sql_type = BigInt)]
    pub paid: i64,
}

statement! {
    /// A payment, or a word of the debtor, counts for the last message before it.
    struct ListResponses { creditor: OrgId => SqlUuid, since: DateTime<Utc> => Timestamptz, until: DateTime<Utc> => Timestamptz }
    "WITH asked AS (SELECT ?::uuid AS creditor, ?::timestamptz AS since, ?::timestamptz AS until),
     made AS (
        SELECT a.case_id, a.run_id, a.channel, a.template, a.tone, coalesce(
            (SELECT d.sent_at FROM deliveries d WHERE d.action_id = a.id),
            (SELECT max(t.done_at) FROM tasks t WHERE t.case_id = a.case_id AND t.action_id = a.id AND t.status = 'done')) AS sent_at
        FROM cases c JOIN actions a ON a.case_id = c.id WHERE c.creditor_id = (SELECT creditor FROM asked) AND a.status = 'done'
          AND a.decided_at > (SELECT since FROM asked) - interval '31 days'),
     sent AS (
        SELECT m.*, least(m.sent_at + interval '14 days', lead(m.sent_at) OVER (PARTITION BY m.case_id ORDER BY m.sent_at)) AS until_at
        FROM made m WHERE m.sent_at IS NOT NULL)
     SELECT c.currency, s.name AS strategy, s.version, m.channel, m.template, m.tone, count(*) AS sent,
        count(*) FILTER (WHERE EXISTS (
            SELECT FROM events e WHERE e.case_id = m.case_id AND e.at > m.sent_at AND e.at <= m.until_at
              AND e.kind IN ('message_received', 'promise_made', 'plan_agreed', 'settlement_asked', 'settlement_agreed', 'settlement_declined',
                             'circumstance_stated', 'dispute_opened', 'payment_declared'))) AS answered,
        count(*) FILTER (WHERE EXISTS (
            SELECT FROM payments p WHERE p.case_id = m.case_id AND p.status = 'confirmed'
              AND p.received_on >= (m.sent_at AT TIME ZONE 'UTC')::date AND p.received_on <= (m.until_at AT TIME ZONE 'UTC')::date)) AS paid
     FROM sent m JOIN cases c ON c.id = m.case_id JOIN strategy_runs r ON r.id = m.run_id JOIN strategies s ON s.id = r.strategy_id
     WHERE m.sent_at >= (SELECT since FROM asked) AND m.sent_at < (SELECT until FROM asked) - interval '14 days'
     GROUP BY c.currency, s.name, s.version, m.channel, m.template, m.tone
     ORDER BY c.currency, s.name, s.version, count(*) DESC, m.channel, m.template, m.tone"
}

/// How debtors answered to what was sent between two instants and had its fortnight.
pub async fn responses(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    (since, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Responses>, DbError> {
    Ok(ListResponses { creditor, since, until }.load(conn).await?)
}
