//! SQL of one customer, and of the group it stands in.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    cases::{DisputeReason, DisputeStatus, Outcome, Phase},
    db::{Conn, DbError, statement},
    types::{BasisPoints, CaseId, Channel, Currency, DebtorId, DisputeId, OrgId},
};

/// A record of the group: the customer's own, those merged into it, its parent, its sites.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Member {
    #[diesel(sql_type = SqlUuid)]
    pub id: DebtorId,
    /// The customer itself, or merged into it.
    #[diesel(sql_type = Bool)]
    pub is_own: bool,
}

statement! {
    struct Members { debtor: DebtorId => SqlUuid, parent: DebtorId => SqlUuid, creditor: OrgId => SqlUuid }
    "WITH asked AS (SELECT ?::uuid AS debtor, ?::uuid AS parent),
     heads AS (SELECT d.id FROM debtors d, asked WHERE d.creditor_id = ? AND (d.id = asked.debtor OR d.id = asked.parent OR d.parent_id = asked.parent))
     SELECT id, id = (SELECT debtor FROM asked) AS is_own FROM heads
     UNION ALL
     SELECT d.id, d.merged_into = (SELECT debtor FROM asked) FROM debtors d JOIN heads ON d.merged_into = heads.id
     ORDER BY is_own DESC, id"
}

/// The records of a group; `parent` is the customer itself where it has none.
pub async fn members(conn: &mut Conn<'_>, creditor: OrgId, debtor: DebtorId, parent: DebtorId) -> Result<Vec<Member>, DbError> {
    Ok(Members { debtor, parent, creditor }.load(conn).await?)
}

/// What one record owes, by due day.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct OwedByMember {
    #[diesel(sql_type = SqlUuid)]
    pub debtor_id: DebtorId,
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = Date)]
    pub due_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub minor: i64,
}

statement! {
    struct Owed<'a> { creditor: OrgId => SqlUuid, members: &'a [DebtorId] => Array<SqlUuid> }
    "SELECT r.debtor_id, r.currency, r.due_on, sum(r.open_minor)::bigint AS minor FROM receivables r LEFT JOIN cases c ON c.id = r.case_id
     WHERE r.creditor_id = ? AND r.debtor_id = ANY(?) AND r.open_minor > 0
        AND c.outcome IS DISTINCT FROM 'settled' AND c.outcome IS DISTINCT FROM 'invalid'
     GROUP BY r.debtor_id, r.currency, r.due_on ORDER BY r.currency"
}

pub async fn owed(conn: &mut Conn<'_>, creditor: OrgId, members: &[DebtorId]) -> Result<Vec<OwedByMember>, DbError> {
    Ok(Owed { creditor, members }.load(conn).await?)
}

/// What was paid in a month, and how late.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct PaidInMonth {
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub minor: i64,
    /// Each payment by its amount.
    #[diesel(sql_type = BigInt)]
    pub late_hundredths: i64,
}

statement! {
    struct Paid<'a> { creditor: OrgId => SqlUuid, members: &'a [DebtorId] => Array<SqlUuid>, after: NaiveDate => Date }
    "SELECT r.currency, date_trunc('month', m.moved_on)::date AS month, sum(-m.amount_minor)::bigint AS minor,
        round(sum(-m.amount_minor * (m.moved_on - r.due_on)::numeric) * 100 / sum(-m.amount_minor))::bigint AS late_hundredths
     FROM receivables r JOIN receivable_movements m ON m.receivable_id = r.id
     WHERE r.creditor_id = ? AND r.debtor_id = ANY(?) AND m.kind = 'payment' AND m.moved_on > ?
     GROUP BY r.currency, month ORDER BY r.currency, month"
}

pub async fn paid(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    members: &[DebtorId],
    after: NaiveDate,
) -> Result<Vec<PaidInMonth>, DbError> {
    Ok(Paid { creditor, members, after }.load(conn).await?)
}

/// A case of the customer.
#[derive(Debug, Clone, QueryableByName)]
pub struct CaseRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: CaseId,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub phase: Phase,
    #[diesel(sql_type = Nullable<Text>)]
    pub outcome: Option<Outcome>,
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = BigInt)]
    pub principal_minor: i64,
    #[diesel(sql_type = BigInt)]
    pub recovered_minor: i64,
    #[diesel(sql_type = Timestamptz)]
    pub posted_at: DateTime<Utc>,
}

statement! {
    struct Cases<'a> { members: &'a [DebtorId] => Array<SqlUuid>, limit: i64 => BigInt }
    "SELECT id, reference, phase, outcome, currency, principal_minor, recovered_minor, posted_at FROM cases
     WHERE debtor_id = ANY(?) ORDER BY (phase = 'closed'), posted_at DESC, id DESC LIMIT ?"
}

/// Open ones first, then the latest.
pub async fn cases(conn: &mut Conn<'_>, members: &[DebtorId], limit: i64) -> Result<Vec<CaseRow>, DbError> {
    Ok(Cases { members, limit }.load(conn).await?)
}

/// A promise or a plan.
#[derive(Debug, Clone, QueryableByName)]
pub struct WordRow {
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = Bool)]
    pub is_plan: bool,
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = BigInt)]
    pub minor: i64,
    /// The day of a promise, or the last day of a plan.
    #[diesel(sql_type = Date)]
    pub until_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub status: String,
}

statement! {
    struct Words<'a> { members: &'a [DebtorId] => Array<SqlUuid>, limit: i64 => BigInt }
    "WITH own AS (SELECT id, currency FROM cases WHERE debtor_id = ANY(?))
     SELECT * FROM (
        SELECT own.id AS case_id, false AS is_plan, own.currency, p.amount_minor AS minor, p.promised_on AS until_on, p.status
        FROM own JOIN promises p ON p.case_id = own.id
        UNION ALL
        SELECT own.id, true, p.currency, (SELECT sum(part) FROM unnest(p.amounts_minor) part)::bigint, p.due_on[cardinality(p.due_on)], p.status
        FROM own JOIN payment_plans p ON p.case_id = own.id) words
     ORDER BY (status NOT IN ('open', 'running')), until_on DESC LIMIT ?"
}

/// Open ones first, then the latest.
pub async fn words(conn: &mut Conn<'_>, members: &[DebtorId], limit: i64) -> Result<Vec<WordRow>, DbError> {
    Ok(Words { members, limit }.load(conn).await?)
}

/// An objection.
#[derive(Debug, Clone, QueryableByName)]
pub struct DisputeRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: DisputeId,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = Text)]
    pub reason: DisputeReason,
    #[diesel(sql_type = Text)]
    pub status: DisputeStatus,
    #[diesel(sql_type = Timestamptz)]
    pub opened_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub resolved_at: Option<DateTime<Utc>>,
}

statement! {
    struct Disputes<'a> { members: &'a [DebtorId] => Array<SqlUuid>, limit: i64 => BigInt }
    "SELECT d.id, d.case_id, d.reason, d.status, d.opened_at, d.resolved_at FROM cases c JOIN disputes d ON d.case_id = c.id
     WHERE c.debtor_id = ANY(?) ORDER BY (d.status <> 'open'), d.opened_at DESC LIMIT ?"
}

/// Open ones first, then the latest.
pub async fn disputes(conn: &mut Conn<'_>, members: &[DebtorId], limit: i64) -> Result<Vec<DisputeRow>, DbError> {
    Ok(Disputes { members, limit }.load(conn).await?)
}

/// A message to or from the customer.
#[derive(Debug, Clone, QueryableByName)]
pub struct MessageRow {
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    /// None: it came in.
    #[diesel(sql_type = Nullable<Text>)]
    pub channel: Option<Channel>,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

statement! {
    struct Messages<'a> { members: &'a [DebtorId] => Array<SqlUuid>, limit: i64 => BigInt }
    "WITH own AS (SELECT id FROM cases WHERE debtor_id = ANY(?))
     SELECT * FROM (
        SELECT d.case_id, d.channel, d.subject, d.status, coalesce(d.sent_at, d.queued_at) AS at FROM own JOIN deliveries d ON d.case_id = own.id
        UNION ALL
        SELECT i.case_id, NULL, i.subject, 'received', i.received_at FROM own JOIN inbound_messages i ON i.case_id = own.id) messages
     ORDER BY at DESC LIMIT ?"
}

/// The latest first.
pub async fn messages(conn: &mut Conn<'_>, members: &[DebtorId], limit: i64) -> Result<Vec<MessageRow>, DbError> {
    Ok(Messages { members, limit }.load(conn).await?)
}

#[derive(Debug, QueryableByName)]
struct Fee {
    #[diesel(sql_type = Nullable<Integer>)]
    fee_bp: Option<BasisPoints>,
}

statement! {
    struct UsualFee { creditor: OrgId => SqlUuid } "SELECT avg(fee_bp)::integer AS fee_bp FROM engagements WHERE creditor_id = ?"
}

/// What agencies have asked of this creditor on average.
pub async fn usual_fee(conn: &mut Conn<'_>, creditor: OrgId) -> Result<Option<BasisPoints>, DbError> {
    Ok(UsualFee { creditor }.get_result::<Fee>(conn).await?.fee_bp)
}
