//! SQL of scores as they were.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::{
    cases::EventKind,
    credit::{PastScore, Score},
    db::{Conn, DbError, statement},
    types::{CaseId, DebtorId, OrgId},
};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Timestamptz)]
    scored_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    formula: String,
    #[diesel(sql_type = Integer)]
    paid_30_bp: i32,
    #[diesel(sql_type = Integer)]
    paid_60_bp: i32,
    #[diesel(sql_type = Integer)]
    paid_90_bp: i32,
    #[diesel(sql_type = BigInt)]
    days_late_hundredths: i64,
    #[diesel(sql_type = Jsonb)]
    contributions: Value,
}

statement! {
    struct List { debtor: DebtorId => SqlUuid, limit: i64 => BigInt }
    "SELECT scored_at, formula, paid_30_bp, paid_60_bp, paid_90_bp, days_late_hundredths, contributions FROM debtor_scores
     WHERE debtor_id = ? ORDER BY scored_at DESC LIMIT ?"
}

/// The latest first.
pub async fn list(conn: &mut Conn<'_>, debtor: DebtorId, limit: i64) -> Result<Vec<PastScore>, DbError> {
    let rows: Vec<Row> = List { debtor, limit }.load(conn).await?;
    let past = |row: Row| PastScore {
        scored_at: row.scored_at,
        paid_30_bp: row.paid_30_bp.into(),
        paid_60_bp: row.paid_60_bp.into(),
        paid_90_bp: row.paid_90_bp.into(),
        days_late_hundredths: row.days_late_hundredths,
        contributions: serde_json::from_value(row.contributions).unwrap_or_default(),
        formula: row.formula,
    };
    Ok(rows.into_iter().map(past).collect())
}

statement! {
    struct Insert<'a> { debtor: DebtorId => SqlUuid, at: DateTime<Utc> => Timestamptz, creditor: OrgId => SqlUuid, formula: &'a str => Text,
                        paid_30_bp: i64 => BigInt, paid_60_bp: i64 => BigInt, paid_90_bp: i64 => BigInt, days_late_hundredths: i64 => BigInt,
                        contributions: Value => Jsonb }
    "INSERT INTO debtor_scores (debtor_id, scored_at, creditor_id, formula, paid_30_bp, paid_60_bp, paid_90_bp, days_late_hundredths, contributions)
     VALUES (?, ?, ?, ?, ?::bigint::integer, ?::bigint::integer, ?::bigint::integer, ?, ?) ON CONFLICT DO NOTHING"
}

pub async fn insert(
    conn: &mut Conn<'_>,
    (creditor, debtor): (OrgId, DebtorId),
    score: &Score,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let contributions = serde_json::to_value(&score.contributions).unwrap_or_default();
    let insert = Insert {
        debtor,
        at,
        creditor,
        formula: score.formula,
        paid_30_bp: score.paid_30_bp,
        paid_60_bp: score.paid_60_bp,
        paid_90_bp: score.paid_90_bp,
        days_late_hundredths: score.days_late_hundredths,
        contributions,
    };
    insert.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    debtor_id: DebtorId,
}

statement! {
    struct FindToldOf { case: CaseId => SqlUuid, from_seq: i32 => Integer, to_seq: i32 => Integer, kinds: Vec<EventKind> => Array<Text> }
    "SELECT c.creditor_id, coalesce(d.merged_into, d.id) AS debtor_id FROM cases c JOIN debtors d ON d.id = c.debtor_id
     WHERE c.id = ? AND EXISTS (SELECT FROM events e WHERE e.case_id = c.id AND e.seq BETWEEN ? AND ? AND e.kind = ANY(?))"
}

/// Whose case it is and of which customer, where one of these events is among its new lines.
pub async fn find_told_of(
    conn: &mut Conn<'_>,
    case: CaseId,
    (from_seq, to_seq): (i32, i32),
    kinds: &[EventKind],
) -> Result<Option<(OrgId, DebtorId)>, DbError> {
    let found: Option<Told> = FindToldOf { case, from_seq, to_seq, kinds: kinds.to_vec() }.get_result(conn).await.optional()?;
    Ok(found.map(|told| (told.creditor_id, told.debtor_id)))
}
