//! SQL of strategies and of a case's runs through them.

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
    struct KeepShipped<'a> { id: StrategyId => SqlUuid, name: &'a str => Text, version: i32 => Integer, steps: &'a Value => Jsonb,
                             created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO strategies (id, creditor_id, name, version, steps, created_at) VALUES (?, NULL, ?, ?, ?, ?)
     ON CONFLICT ON CONSTRAINT strategies_version_unique DO NOTHING"
}

statement! {
    struct FindShipped<'a> { name: &'a str => Text, version: i32 => Integer }
    "SELECT id FROM strategies WHERE creditor_id IS NULL AND name = ? AND version = ?"
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: StrategyId,
}

/// The shipped strategy of this name and version; written the first time it is asked for.
pub async fn shipped(
    conn: &mut Conn<'_>,
    name: &str,
    version: i32,
    steps: &Value,
    at: DateTime<Utc>,
) -> Result<StrategyId, DbError> {
    if let Some(found) = find_shipped(conn, name, version).await? {
        return Ok(found);
    }
    KeepShipped { id: StrategyId::fresh(), name, version, steps, created_at: at }.execute(conn).await?;
    find_shipped(conn, name, version).await?.ok_or(DbError::Other(diesel::result::Error::NotFound))
}

async fn find_shipped(conn: &mut Conn<'_>, name: &str, version: i32) -> Result<Option<StrategyId>, DbError> {
    let found: Option<Id> = FindShipped { name, version }.get_result(conn).await.optional()?;
    Ok(found.map(|row| row.id))
}

statement! {
    struct Find { case: CaseId => SqlUuid, pursuer: Option<OrgId> => Nullable<SqlUuid> }
    "SELECT r.id, s.name, s.version, s.steps, r.anchored_on, r.next_step, r.ended_at IS NOT NULL AS ended,
        (SELECT max(greatest(a.decided_at, d.sent_at)) FROM actions a LEFT JOIN deliveries d ON d.action_id = a.id
         WHERE a.run_id = r.id AND a.status IN ('prepared', 'done', 'failed')) AS last_step_at,
        EXISTS (SELECT FROM actions a WHERE a.run_id = r.id AND a.status = 'prepared' AND a.channel <> 'call') AS leaving
     FROM strategy_runs r JOIN strategies s ON s.id = r.strategy_id WHERE r.case_id = ? AND r.agency_id IS NOT DISTINCT FROM ?"
}

#[derive(QueryableByName)]
pub struct RunRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: StrategyRunId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Integer)]
    pub version: i32,
    #[diesel(sql_type = Jsonb)]
    pub steps: Value,
    #[diesel(sql_type = Date)]
    pub anchored_on: NaiveDate,
    #[diesel(sql_type = Integer)]
    pub next_step: i32,
    #[diesel(sql_type = Bool)]
    pub ended: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_step_at: Option<DateTime<Utc>>,
    /// A message of it is on its way out.
    #[diesel(sql_type = Bool)]
    pub leaving: bool,
}

/// The run of this pursuer: an agency, or the creditor itself.
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
    pub struct Insert { id: StrategyRunId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, agency: Option<OrgId> => Nullable<SqlUuid>,
                        strategy: StrategyId => SqlUuid, anchored_on: NaiveDate => Date, started_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO strategy_runs (id, case_id, creditor_id, agency_id, strategy_id, anchored_on, next_step, started_at)
     VALUES (?, ?, ?, ?, ?, ?, 0, ?)"
}

pub async fn insert(conn: &mut Conn<'_>, run: &Insert) -> Result<(), DbError> {
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
