//! SQL of the lines before providers.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    types::{Channel, DeliveryId},
};

/// Messages that are given a place at once.
const AT_A_TIME: i64 = 1_000;

statement! {
    struct Join { due_at: DateTime<Utc> => Timestamptz, id: DeliveryId => SqlUuid }
    "UPDATE deliveries SET due_at = ?, turn = NULL WHERE id = ?"
}

pub async fn join(conn: &mut Conn<'_>, id: DeliveryId, due_at: DateTime<Utc>) -> Result<(), DbError> {
    Join { due_at, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Lock { channel: Channel => Text }
    "SELECT turn, departures, failures, away_until FROM provider_lines WHERE channel = ? FOR UPDATE SKIP LOCKED"
}

/// A line, held until the transaction ends.
#[derive(QueryableByName)]
pub struct Line {
    #[diesel(sql_type = BigInt)]
    pub turn: i64,
    #[diesel(sql_type = Array<Timestamptz>)]
    pub departures: Vec<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    pub failures: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub away_until: Option<DateTime<Utc>>,
}

/// None: another worker has it.
pub async fn lock(conn: &mut Conn<'_>, channel: Channel) -> Result<Option<Line>, DbError> {
    Ok(Lock { channel }.get_result(conn).await.optional()?)
}

statement! {
    struct LineUp { channel: Channel => Text, now: DateTime<Utc> => Timestamptz, at_a_time: i64 => BigInt, turn: i64 => BigInt, same_channel: Channel => Text }
    "WITH joining AS (
        SELECT id, creditor_id, row_number() OVER (PARTITION BY creditor_id ORDER BY due_at, id) AS place
        FROM (SELECT id, creditor_id, due_at FROM deliveries
              WHERE channel = ? AND due_at IS NOT NULL AND turn IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?) due),
     behind AS (
        SELECT creditor_id, greatest(?, (SELECT d.turn FROM deliveries d WHERE d.channel = ? AND d.creditor_id = c.creditor_id
                                         AND d.turn IS NOT NULL ORDER BY d.turn DESC LIMIT 1)) AS turn
        FROM (SELECT DISTINCT creditor_id FROM joining) c)
     UPDATE deliveries d SET turn = b.turn + j.place FROM joining j JOIN behind b USING (creditor_id) WHERE d.id = j.id"
}

/// Gives those that are due their places, behind `turn`.
pub async fn line_up(conn: &mut Conn<'_>, channel: Channel, turn: i64, now: DateTime<Utc>) -> Result<usize, DbError> {
    Ok(LineUp { channel, now, at_a_time: AT_A_TIME, turn, same_channel: channel }.execute(conn).await?)
}

statement! {
    struct Release { channel: Channel => Text, limit: i64 => BigInt }
    "WITH next AS (SELECT id, turn FROM deliveries WHERE channel = ? AND turn IS NOT NULL ORDER BY turn, id LIMIT ?)
     UPDATE deliveries d SET turn = NULL, due_at = NULL FROM next WHERE d.id = next.id RETURNING d.id, next.turn"
}

#[derive(QueryableByName)]
pub struct Released {
    #[diesel(sql_type = SqlUuid)]
    pub id: DeliveryId,
    #[diesel(sql_type = BigInt)]
    pub turn: i64,
}

/// Takes the first ones out of the line.
pub async fn release(conn: &mut Conn<'_>, channel: Channel, count: usize) -> Result<Vec<Released>, DbError> {
    if count == 0 {
        return Ok(Vec::new());
    }
    Ok(Release { channel, limit: i64::try_from(count).unwrap_or(i64::MAX) }.load(conn).await?)
}

statement! {
    struct Leave { channel: Channel => Text }
    "WITH waiting AS (SELECT id, due_at FROM deliveries WHERE channel = ? AND due_at IS NOT NULL FOR UPDATE)
     UPDATE deliveries d SET turn = NULL, due_at = NULL FROM waiting WHERE d.id = waiting.id RETURNING d.id, waiting.due_at"
}

#[derive(QueryableByName)]
struct Left {
    #[diesel(sql_type = SqlUuid)]
    id: DeliveryId,
    #[diesel(sql_type = Timestamptz)]
    due_at: DateTime<Utc>,
}

/// Takes all out of a line, with when each is due.
pub async fn leave(conn: &mut Conn<'_>, channel: Channel) -> Result<Vec<(DeliveryId, DateTime<Utc>)>, DbError> {
    let rows: Vec<Left> = Leave { channel }.load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.due_at)).collect())
}

statement! {
    struct Depart<'a> { turn: i64 => BigInt, departures: &'a [DateTime<Utc>] => Array<Timestamptz>, channel: Channel => Text }
    "UPDATE provider_lines SET turn = ?, departures = ? WHERE channel = ?"
}

pub async fn depart(conn: &mut Conn<'_>, channel: Channel, turn: i64, departures: &[DateTime<Utc>]) -> Result<(), DbError> {
    Depart { turn, departures, channel }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetAway { failures: i32 => Integer, until: DateTime<Utc> => Timestamptz, channel: Channel => Text }
    "UPDATE provider_lines SET failures = ?, away_until = ? WHERE channel = ?"
}

pub async fn set_away(conn: &mut Conn<'_>, channel: Channel, failures: i32, until: DateTime<Utc>) -> Result<(), DbError> {
    SetAway { failures, until, channel }.execute(conn).await?;
    Ok(())
}

statement! {
    struct CountFailure { now: DateTime<Utc> => Timestamptz, until: DateTime<Utc> => Timestamptz, channel: Channel => Text }
    "UPDATE provider_lines SET failures = failures + 1, away_until = CASE WHEN away_until > ? THEN away_until ELSE ? END WHERE channel = ?"
}

pub async fn count_failure(
    conn: &mut Conn<'_>,
    channel: Channel,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<(), DbError> {
    CountFailure { now, until, channel }.execute(conn).await?;
    Ok(())
}

statement! {
    struct ForgetFailures { channel: Channel => Text }
    "UPDATE provider_lines SET failures = 0, away_until = NULL WHERE channel = ? AND failures > 0"
}

pub async fn forget_failures(conn: &mut Conn<'_>, channel: Channel) -> Result<(), DbError> {
    ForgetFailures { channel }.execute(conn).await?;
    Ok(())
}

statement! {
    struct CountWaiting { now: DateTime<Utc> => Timestamptz, same: DateTime<Utc> => Timestamptz }
    "SELECT count(*) AS count FROM deliveries d JOIN provider_lines l ON l.channel = d.channel
     WHERE d.due_at IS NOT NULL AND d.due_at <= ? AND (l.away_until IS NULL OR l.away_until <= ?)"
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Due, before a provider that is not away.
pub async fn count_waiting(conn: &mut Conn<'_>, now: DateTime<Utc>) -> Result<i64, DbError> {
    Ok(CountWaiting { now, same: now }.get_result::<Counted>(conn).await?.count)
}
