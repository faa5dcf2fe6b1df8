//! Work to be done after the transaction that asked for it: one table, claimed in batches under a lease.
//!
//! A job row is written in the transaction of the change that caused it, so neither can exist without the other.
//! Jobs run at least once: what they do must be harmless when done twice. A job that keeps failing is kept as a
//! dead letter for a person; none is ever dropped.

mod store;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    app::App,
    db::{Conn, DbError, Scope},
    types::{
        JobId, fresh_uuid,
        term::{Reminder, Term},
    },
};

/// How long a claimed job is left alone before another worker may take it: longer than any job may run.
const LEASE: TimeDelta = TimeDelta::minutes(5);
const BATCH: i64 = 50;
/// Roughly two days of patience at the delays below.
const ATTEMPTS: i32 = 16;

/// A claimed job.
#[derive(Debug, Clone)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub payload: Value,
    pub attempts: i32,
}

impl Job {
    /// The payload as its handler knows it.
    ///
    /// # Errors
    /// It was written by another version: a dead letter.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, JobError> {
        serde_json::from_value(self.payload.clone()).map_err(|error| JobError::Never(format!("{}: {error}", self.kind)))
    }
}

/// Why a job did not get done this time.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Worth trying again later.
    #[error("{0}")]
    Again(String),
    /// Will never work: straight to the dead letters.
    #[error("{0}")]
    Never(String),
}

impl From<DbError> for JobError {
    fn from(error: DbError) -> Self {
        Self::Again(error.to_string())
    }
}

/// Asks for a job in the current transaction.
///
/// # Errors
/// The payload cannot be written as JSON, or the database fails.
pub async fn enqueue(
    conn: &mut Conn<'_>,
    kind: &'static str,
    payload: &impl Serialize,
    run_at: DateTime<Utc>,
) -> Result<(), DbError> {
    let payload = serde_json::to_value(payload).map_err(|error| DbError::Busy(error.to_string()))?;
    store::insert(conn, JobId::fresh(), kind, &payload, run_at).await
}

/// The reminder of a term that begins at `at`, put beside the job that lets silence decide.
///
/// # Errors
/// The database fails.
pub async fn enqueue_reminder(conn: &mut Conn<'_>, term: Term, at: DateTime<Utc>, until: DateTime<Utc>) -> Result<(), DbError> {
    enqueue(conn, Reminder::KIND, &Reminder { term, until }, Reminder::due(at, until)).await
}

/// Runs what is due, one batch; returns how many jobs were tried.
///
/// # Errors
/// The queue itself cannot be read. What a job fails with is kept on its row.
pub async fn run_due<H>(app: &App, handle: H) -> Result<usize, DbError>
where
    H: AsyncFn(&App, &Job) -> Result<(), JobError>,
{
    let now = app.clock.now();
    let lease = fresh_uuid();
    let jobs = app.db.transaction(Scope::System, async |conn| store::claim(conn, now, now + LEASE, lease, BATCH).await).await?;
    let mut done = Vec::with_capacity(jobs.len());
    for job in &jobs {
        match handle(app, job).await {
            Ok(()) => done.push(job.id),
            Err(error) => postpone(app, job, &error).await?,
        }
    }
    if !done.is_empty() {
        app.db.transaction(Scope::System, async |conn| store::delete(conn, &done).await).await?;
    }
    Ok(jobs.len())
}

async fn postpone(app: &App, job: &Job, error: &JobError) -> Result<(), DbError> {
    let now = app.clock.now();
    let give_up = matches!(error, JobError::Never(_)) || job.attempts + 1 >= ATTEMPTS;
    tracing::warn!(job = %job.id, kind = job.kind, attempts = job.attempts + 1, give_up, %error, "a job did not get done");
    metrics::counter!("entente_jobs_failed_total", "kind" => job.kind.clone()).increment(1);
    let next = now + delay(job.attempts);
    let dead_at = give_up.then_some(now);
    app.db.transaction(Scope::System, async |conn| store::postpone(conn, job.id, next, dead_at, &error.to_string()).await).await
}

/// 5 s, 10 s, 20 s … at most six hours.
fn delay(attempts: i32) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(0, 13)).unwrap_or(0);
    TimeDelta::seconds(5_i64.saturating_mul(1_i64 << doublings)).min(TimeDelta::hours(6))
}

/// Jobs that are due, and dead letters: for tests, metrics and a clock about to move.
///
/// # Errors
/// The database fails.
pub async fn backlog(conn: &mut Conn<'_>, now: DateTime<Utc>) -> Result<Backlog, DbError> {
    store::backlog(conn, now).await
}

/// A job that was given up, for a person to look at.
#[derive(Debug, QueryableByName)]
pub struct DeadLetter {
    #[diesel(sql_type = SqlUuid)]
    pub id: JobId,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Timestamptz)]
    pub dead_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    pub last_error: Option<String>,
}

/// Jobs that were given up, the latest first.
///
/// # Errors
/// The database fails.
pub async fn list_dead(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<DeadLetter>, DbError> {
    store::list_dead(conn, limit).await
}

/// Has a job that was given up tried again from now on, with all its patience. `false`: there is none such.
///
/// # Errors
/// The database fails.
pub async fn revive(conn: &mut Conn<'_>, id: JobId, now: DateTime<Utc>) -> Result<bool, DbError> {
    store::revive(conn, id, now).await
}

/// What waits in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Backlog {
    pub due: i64,
    pub dead: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_six_hours() {
        assert_eq!(delay(0), TimeDelta::seconds(5));
        assert_eq!(delay(3), TimeDelta::seconds(40));
        assert_eq!(delay(40), TimeDelta::hours(6));
    }
}
