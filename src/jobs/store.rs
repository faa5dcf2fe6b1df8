//! SQL of the queue. A lease is a time after which a job counts as abandoned.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::{Backlog, DeadLetter, Job};
use crate::{
    db::{Conn, DbError, statement},
    types::JobId,
};

statement! {
    struct Insert<'a> { id: JobId => SqlUuid, kind: &'a str => Text, payload: &'a Value => Jsonb, run_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO jobs (id, kind, payload, run_at) VALUES (?, ?, ?, ?)"
}

pub(super) async fn insert(
    conn: &mut Conn<'_>,
    id: JobId,
    kind: &str,
    payload: &Value,
    run_at: DateTime<Utc>,
) -> Result<(), DbError> {
    Insert { id, kind, payload, run_at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Claim { lease: Uuid => SqlUuid, until: DateTime<Utc> => Timestamptz, now: DateTime<Utc> => Timestamptz,
                   also_now: DateTime<Utc> => Timestamptz, batch: i64 => BigInt }
    "WITH due AS (
        UPDATE jobs SET lease = ?, leased_until = ? WHERE id IN (
            SELECT id FROM jobs WHERE dead_at IS NULL AND run_at <= ? AND (leased_until IS NULL OR leased_until <= ?)
            ORDER BY run_at LIMIT ? FOR UPDATE SKIP LOCKED)
        RETURNING id, kind, payload, attempts, run_at)
     SELECT id, kind, payload, attempts FROM due ORDER BY run_at, id"
}

#[derive(QueryableByName)]
struct Claimed {
    #[diesel(sql_type = SqlUuid)]
    id: JobId,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Jsonb)]
    payload: Value,
    #[diesel(sql_type = Integer)]
    attempts: i32,
}

pub(super) async fn claim(
    conn: &mut Conn<'_>,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    lease: Uuid,
    batch: i64,
) -> Result<Vec<Job>, DbError> {
    let rows: Vec<Claimed> = Claim { lease, until, now, also_now: now, batch }.load(conn).await?;
    Ok(rows.into_iter().map(|row| Job { id: row.id, kind: row.kind, payload: row.payload, attempts: row.attempts }).collect())
}

statement! {
    struct Delete<'a> { ids: &'a [JobId] => Array<SqlUuid> } "DELETE FROM jobs WHERE id = ANY(?)"
}

pub(super) async fn delete(conn: &mut Conn<'_>, ids: &[JobId]) -> Result<(), DbError> {
    Delete { ids }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Postpone<'a> { run_at: DateTime<Utc> => Timestamptz, dead_at: Option<DateTime<Utc>> => Nullable<Timestamptz>, error: &'a str => Text, id: JobId => SqlUuid }
    "UPDATE jobs SET attempts = attempts + 1, leased_until = NULL, run_at = ?, dead_at = ?, last_error = ? WHERE id = ?"
}

pub(super) async fn postpone(
    conn: &mut Conn<'_>,
    id: JobId,
    run_at: DateTime<Utc>,
    dead_at: Option<DateTime<Utc>>,
    error: &str,
) -> Result<(), DbError> {
    Postpone { run_at, dead_at, error, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Count { now: DateTime<Utc> => Timestamptz }
    "SELECT count(*) FILTER (WHERE dead_at IS NULL AND run_at <= ?) AS due, count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead FROM jobs"
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    due: i64,
    #[diesel(sql_type = BigInt)]
    dead: i64,
}

pub(super) async fn backlog(conn: &mut Conn<'_>, now: DateTime<Utc>) -> Result<Backlog, DbError> {
    let counted: Counted = Count { now }.get_result(conn).await?;
    Ok(Backlog { due: counted.due, dead: counted.dead })
}

statement! {
    struct ListDead { limit: i64 => BigInt } "SELECT id, kind, dead_at, last_error FROM jobs WHERE dead_at IS NOT NULL ORDER BY dead_at DESC, id LIMIT ?"
}

pub(super) async fn list_dead(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<DeadLetter>, DbError> {
    Ok(ListDead { limit }.load(conn).await?)
}

statement! {
    struct Revive { now: DateTime<Utc> => Timestamptz, id: JobId => SqlUuid }
    "UPDATE jobs SET dead_at = NULL, attempts = 0, leased_until = NULL, run_at = ? WHERE id = ? AND dead_at IS NOT NULL"
}

pub(super) async fn revive(conn: &mut Conn<'_>, id: JobId, now: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(Revive { now, id }.execute(conn).await? > 0)
}
