//! SQL of a case's runs through strategies.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::{
    db::{Conn, DbError, statement},
    types::{CaseId, OrgId, StrategyId, StrategyRunId},
};

statement! {
    struct Find { case: CaseId => SqlUuid, pursuer: Option<OrgId> => Nullable<SqlUuid> }
    "SELECT r.id, r.strategy_id, s.name, s.version, s.steps, r.because, r.anchored_on, r.next_step, r.fallback_step, r.started_at,
        r.ended_at IS NOT NULL AS ended, taken.last_step_at, taken.last_step, taken.leaving
     FROM strategy_runs r JOIN strategies s ON s.id = r.strategy_id CROSS JOIN LATERAL (
        SELECT max(greatest(a.decided_at, d.sent_at)) FILTER (WHERE a.status IN ('prepared', 'done', 'failed')) AS last_step_at,
            max(a.step) FILTER (WHERE a.status IN ('prepared', 'done', 'failed') AND a.run_id = r.id) AS last_step,
            coalesce(bool_or(a.status = 'prepared' AND a.channel <> 'call'), false) AS leaving
        FROM actions a LEFT JOIN deliveries d ON d.action_id = a.id
        WHERE a.case_id = r.case_id AND a.agency_id IS NOT DISTINCT FROM r.agency_id) taken
     WHERE r.case_id = ? AND r.agency_id IS NOT DISTINCT FROM ? ORDER BY r.started_at DESC, r.id DESC LIMIT 1"
}

#[derive(QueryableByName)]
pub struct RunRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: StrategyRunId,
    #[diesel(sql_type = SqlUuid)]
    pub strategy_id: StrategyId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Integer)]
    pub version: i32,
    #[diesel(sql_type = Jsonb)]
    pub steps: Value,
    #[diesel(sql_type = Text)]
    pub because: String,
    #[diesel(sql_type = Date)]
    pub anchored_on: NaiveDate,
    #[diesel(sql_type = Integer)]
    pub next_step: i32,
    #[diesel(sql_type = Nullable<Integer>)]
    pub fallback_step: Option<i32>,
    #[diesel(sql_type = Timestamptz)]
    pub started_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    pub ended: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_step_at: Option<DateTime<Utc>>,
    /// In this run, counted from 0.
    #[diesel(sql_type = Nullable<Integer>)]
    pub last_step: Option<i32>,
    /// A message of its pursuer is on its way out.
    #[diesel(sql_type = Bool)]
    pub leaving: bool,
}

/// The latest run of this pursuer: an agency, or the creditor itself.
pub async fn find(conn: &mut Conn<'_>, case: CaseId, pursuer: Option<OrgId>) -> Result<Option<RunRow>, DbError> {
    Ok(Find { case, pursuer }.get_result(conn).await.optional()?)
}

statement! {
    struct EndOthers { at: DateTime<Utc> => Timestamptz, case: CaseId => SqlUuid, pursuer: Option<OrgId> => Nullable<SqlUuid> }
    "UPDATE strategy_runs SET ended_at = ? WHERE case_id = ? AND ended_at IS NULL AND agency_id IS DISTINCT FROM ?"
}

pub async fn end_others(conn: &mut Conn<'_>, case: CaseId, pursuer: Option<OrgId>, at: DateTime<Utc>) -> Result<(), DbError> {
    EndOthers { at, case, pursuer }.execute(conn).await?;
    Ok(())
}

statement! {
    struct EndAll { at: DateTime<Utc> => Timestamptz, case: CaseId => SqlUuid }
    "UPDATE strategy_runs SET ended_at = ? WHERE case_id = ? AND ended_at IS NULL"
}

pub async fn end_all(conn: &mut Conn<'_>, case: CaseId, at: DateTime<Utc>) -> Result<(), DbError> {
    EndAll { at, case }.execute(conn).await?;
    Ok(())
}

statement! {
    pub struct Insert<'a> { id: StrategyRunId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, agency: Option<OrgId> => Nullable<SqlUuid>,
                        strategy: StrategyId => SqlUuid, because: &'a str => Text, anchored_on: NaiveDate => Date, next_step: i32 => Integer,
                        started_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO strategy_runs (id, case_id, creditor_id, agency_id, strategy_id, because, anchored_on, next_step, started_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub async fn insert(conn: &mut Conn<'_>, run: &Insert<'_>) -> Result<(), DbError> {
    run.execute(conn).await?;
    Ok(())
}

statement! {
    struct Resume { id: StrategyRunId => SqlUuid } "UPDATE strategy_runs SET ended_at = NULL WHERE id = ?"
}

pub async fn resume(conn: &mut Conn<'_>, id: StrategyRunId) -> Result<(), DbError> {
    Resume { id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetNextStep { to: i32 => Integer, id: StrategyRunId => SqlUuid, from: i32 => Integer }
    "UPDATE strategy_runs SET next_step = ? WHERE id = ? AND next_step = ?"
}

/// Moves a run from one step to another; `false` where it stands elsewhere.
pub async fn set_next_step(conn: &mut Conn<'_>, id: StrategyRunId, from: i32, to: i32) -> Result<bool, DbError> {
    Ok(SetNextStep { to, id, from }.execute(conn).await? == 1)
}

statement! {
    struct SetFallback { step: Option<i32> => Nullable<Integer>, id: StrategyRunId => SqlUuid }
    "UPDATE strategy_runs SET fallback_step = ? WHERE id = ?"
}

pub async fn set_fallback(conn: &mut Conn<'_>, id: StrategyRunId, step: Option<i32>) -> Result<(), DbError> {
    SetFallback { step, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct FallBack { step: i32 => Integer, id: StrategyRunId => SqlUuid, next_step: i32 => Integer, same_step: i32 => Integer }
    "UPDATE strategy_runs r SET fallback_step = ? FROM strategies s
     WHERE s.id = r.strategy_id AND r.id = ? AND r.ended_at IS NULL AND r.next_step = ? AND s.steps -> ? -> 'fallback' IS NOT NULL"
}

/// Where the step names another channel and nothing was taken behind it.
pub async fn fall_back(conn: &mut Conn<'_>, id: StrategyRunId, step: i32) -> Result<(), DbError> {
    FallBack { step, id, next_step: step + 1, same_step: step }.execute(conn).await?;
    Ok(())
}
