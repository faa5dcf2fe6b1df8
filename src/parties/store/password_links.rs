//! SQL of links by which passwords are set. Seen by `Scope::System` alone.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    parties::password_links::{LinkPurpose, PasswordLink},
    types::MemberId,
};

statement! {
    pub(in crate::parties) struct Insert {
        id: Uuid => SqlUuid, member: MemberId => SqlUuid, purpose: LinkPurpose => Text, issued_at: DateTime<Utc> => Timestamptz,
        expires_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO password_links (id, member_id, purpose, issued_at, expires_at) VALUES (?, ?, ?, ?, ?)"
}

pub(in crate::parties) async fn insert(conn: &mut Conn<'_>, link: &Insert) -> Result<(), DbError> {
    link.execute(conn).await?;
    Ok(())
}

statement! {
    struct WasIssued { member: MemberId => SqlUuid, after: DateTime<Utc> => Timestamptz }
    "SELECT EXISTS (SELECT FROM password_links WHERE member_id = ? AND purpose = 'forgotten' AND issued_at > ?) AS yes"
}

#[derive(QueryableByName)]
struct Whether {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

pub(in crate::parties) async fn was_issued_after(
    conn: &mut Conn<'_>,
    member: MemberId,
    after: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(WasIssued { member, after }.get_result::<Whether>(conn).await?.yes)
}

statement! {
    struct Find { id: Uuid => SqlUuid, now: DateTime<Utc> => Timestamptz }
    "SELECT l.id, l.purpose, l.member_id, m.email, m.full_name, m.language, o.legal_name, o.country
     FROM password_links l JOIN members m ON m.id = l.member_id JOIN organisations o ON o.id = m.organisation_id
     WHERE l.id = ? AND l.used_at IS NULL AND l.expires_at > ? AND m.disabled_at IS NULL AND o.suspended_at IS NULL"
}

pub(in crate::parties) async fn find(conn: &mut Conn<'_>, id: Uuid, now: DateTime<Utc>) -> Result<Option<PasswordLink>, DbError> {
    Ok(Find { id, now }.get_result(conn).await.optional()?)
}

statement! {
    struct Spend { used_at: DateTime<Utc> => Timestamptz, id: Uuid => SqlUuid, now: DateTime<Utc> => Timestamptz }
    "UPDATE password_links SET used_at = ? WHERE id = ? AND used_at IS NULL AND expires_at > ?"
}

/// Whether it served. Of two who try at once, one waits for the other and finds it spent.
pub(in crate::parties) async fn spend(conn: &mut Conn<'_>, id: Uuid, now: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(Spend { used_at: now, id, now }.execute(conn).await? > 0)
}

statement! {
    struct SpendAll { used_at: DateTime<Utc> => Timestamptz, member: MemberId => SqlUuid }
    "UPDATE password_links SET used_at = ? WHERE member_id = ? AND used_at IS NULL"
}

pub(in crate::parties) async fn spend_all_of(conn: &mut Conn<'_>, member: MemberId, now: DateTime<Utc>) -> Result<(), DbError> {
    SpendAll { used_at: now, member }.execute(conn).await?;
    Ok(())
}
