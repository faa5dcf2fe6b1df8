//! SQL of the portals' sessions. Seen by `Scope::System` alone.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    OptionalExtension,
    sql_types::{Binary, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    parties::portal_sessions::{Device, Recognised},
    types::{Language, MemberId},
};

/// A row is written at most so often, however much is clicked.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

statement! {
    pub(in crate::parties) struct Insert<'a> {
        id: Uuid => SqlUuid, token_hash: &'a [u8] => Binary, member: MemberId => SqlUuid, user_agent: &'a str => Text,
        started_at: DateTime<Utc> => Timestamptz, seen_at: DateTime<Utc> => Timestamptz, expires_at: DateTime<Utc> => Timestamptz,
        proven_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO portal_sessions (id, token_hash, member_id, user_agent, started_at, seen_at, expires_at, proven_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::parties) async fn insert(conn: &mut Conn<'_>, session: &Insert<'_>) -> Result<(), DbError> {
    session.execute(conn).await?;
    Ok(())
}

statement! {
    struct Recognise<'a> {
        token_hash: &'a [u8] => Binary, now: DateTime<Utc> => Timestamptz, seen_after: DateTime<Utc> => Timestamptz,
        seen_at: DateTime<Utc> => Timestamptz, seen_before: DateTime<Utc> => Timestamptz }
    "WITH live AS (
        SELECT id, member_id, seen_at, proven_at FROM portal_sessions WHERE token_hash = ? AND ended_at IS NULL AND expires_at > ? AND seen_at > ?),
     seen AS (
        UPDATE portal_sessions SET seen_at = ? WHERE id IN (SELECT id FROM live WHERE seen_at < ?))
     SELECT live.id AS session_id, live.proven_at, m.id, m.organisation_id, m.email, m.full_name, m.role, m.language, m.disabled_at, m.created_at,
            o.kind, o.legal_name, o.country
     FROM live JOIN members m ON m.id = live.member_id JOIN organisations o ON o.id = m.organisation_id
     WHERE m.disabled_at IS NULL AND o.suspended_at IS NULL"
}

pub(in crate::parties) async fn recognise(
    conn: &mut Conn<'_>,
    token_hash: &[u8],
    now: DateTime<Utc>,
    seen_after: DateTime<Utc>,
) -> Result<Option<Recognised>, DbError> {
    let asked = Recognise { token_hash, now, seen_after, seen_at: now, seen_before: now - SEEN_EVERY };
    Ok(asked.get_result(conn).await.optional()?)
}

statement! {
    struct SetProven { now: DateTime<Utc> => Timestamptz, id: Uuid => SqlUuid } "UPDATE portal_sessions SET proven_at = ? WHERE id = ?"
}

pub(in crate::parties) async fn set_proven(conn: &mut Conn<'_>, id: Uuid, now: DateTime<Utc>) -> Result<(), DbError> {
    SetProven { now, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct ListLive { member: MemberId => SqlUuid, now: DateTime<Utc> => Timestamptz, seen_after: DateTime<Utc> => Timestamptz }
    "SELECT id, user_agent, started_at, seen_at FROM portal_sessions
     WHERE member_id = ? AND ended_at IS NULL AND expires_at > ? AND seen_at > ? ORDER BY seen_at DESC, id LIMIT 100"
}

pub(in crate::parties) async fn list_live(
    conn: &mut Conn<'_>,
    member: MemberId,
    now: DateTime<Utc>,
    seen_after: DateTime<Utc>,
) -> Result<Vec<Device>, DbError> {
    Ok(ListLive { member, now, seen_after }.load(conn).await?)
}

statement! {
    struct End { now: DateTime<Utc> => Timestamptz, id: Uuid => SqlUuid, member: MemberId => SqlUuid }
    "UPDATE portal_sessions SET ended_at = ? WHERE id = ? AND member_id = ? AND ended_at IS NULL"
}

pub(in crate::parties) async fn end(conn: &mut Conn<'_>, member: MemberId, id: Uuid, now: DateTime<Utc>) -> Result<(), DbError> {
    End { now, id, member }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetPassword<'a> {
        hash: &'a str => Text, member: MemberId => SqlUuid, ended_at: DateTime<Utc> => Timestamptz, kept: Uuid => SqlUuid,
        revoked_at: DateTime<Utc> => Timestamptz }
    "WITH changed AS (UPDATE members SET password_hash = ? WHERE id = ? RETURNING id),
     browsers AS (
        UPDATE portal_sessions SET ended_at = ? FROM changed WHERE member_id = changed.id AND portal_sessions.id <> ? AND ended_at IS NULL)
     UPDATE refresh_tokens SET revoked_at = ? FROM changed WHERE member_id = changed.id AND revoked_at IS NULL"
}

/// The new password, and the end of every session but `kept`: one statement.
pub(in crate::parties) async fn set_password(
    conn: &mut Conn<'_>,
    member: MemberId,
    hash: &str,
    kept: Uuid,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    SetPassword { hash, member, ended_at: now, kept, revoked_at: now }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetLanguage { language: Language => Text, member: MemberId => SqlUuid } "UPDATE members SET language = ? WHERE id = ?"
}

pub(in crate::parties) async fn set_language(conn: &mut Conn<'_>, member: MemberId, language: Language) -> Result<(), DbError> {
    SetLanguage { language, member }.execute(conn).await?;
    Ok(())
}
