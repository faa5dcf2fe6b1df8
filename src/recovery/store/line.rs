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
    /// Creditors that have someone to join are found one by one in the index, however many messages each has.
    struct LineUp { of: Channel => Text, now: DateTime<Utc> => Timestamptz, each: i64 => BigInt, turn: i64 => BigInt }
    "WITH RECURSIVE asked AS (SELECT ?::text AS channel, ?::timestamptz AS now, ?::bigint AS each, ?::bigint AS turn),
     joining_of AS (
        (SELECT creditor_id FROM deliveries
         WHERE channel = (SELECT channel FROM asked) AND due_at IS NOT NULL AND turn IS NULL ORDER BY creditor_id LIMIT 1)
        UNION ALL
        SELECT (SELECT d.creditor_id FROM deliveries d
                WHERE d.channel = (SELECT channel FROM asked) AND d.due_at IS NOT NULL AND d.turn IS NULL AND d.creditor_id > j.creditor_id
                ORDER BY d.creditor_id LIMIT 1)
        FROM joining_of j WHERE j.creditor_id IS NOT NULL),
     joining AS (
        SELECT due.id, j.creditor_id, row_number() OVER (PARTITION BY j.creditor_id ORDER BY due.due_at, due.id) AS place
        FROM joining_of j CROSS JOIN LATERAL (
            SELECT d.id, d.due_at FROM deliveries d
            WHERE d.channel = (SELECT channel FROM asked) AND d.creditor_id = j.creditor_id AND d.due_at IS NOT NULL AND d.turn IS NULL
              AND d.due_at <= (SELECT now FROM asked)
            ORDER BY d.due_at LIMIT (SELECT each FROM asked)) due),
     behind AS (
        SELECT c.creditor_id, greatest((SELECT turn FROM asked), (
            SELECT d.turn FROM deliveries d WHERE d.channel = (SELECT channel FROM asked) AND d.creditor_id = c.creditor_id
              AND d.turn IS NOT NULL ORDER BY d.turn DESC LIMIT 1)) AS turn
        FROM (SELECT DISTINCT creditor_id FROM joining) c)
     UPDATE deliveries d SET turn = b.turn + j.place FROM joining j JOIN behind b USING (creditor_id) WHERE d.id = j.id"
}

/// Gives those that are due their places behind `turn`, at most so many `each` creditor.
pub async fn line_up(conn: &mut Conn<'_>, of: Channel, turn: i64, now: DateTime<Utc>, each: usize) -> Result<usize, DbError> {
    Ok(LineUp { of, now, each: i64::try_from(each).unwrap_or(i64::MAX), turn }.execute(conn).await?)
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
