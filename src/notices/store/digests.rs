//! SQL of the mails that people chose.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Date, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Row, columns};
use crate::{
    db::{Conn, DbError, statement},
    notices::{Notification, topics::Topic},
    types::{MemberId, OrgId},
};

/// What a person chose, and how far they were told.
#[derive(QueryableByName)]
pub struct Kept {
    #[diesel(sql_type = Array<Text>)]
    pub topics: Vec<Topic>,
    #[diesel(sql_type = Date)]
    pub next_on: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    pub told_until: DateTime<Utc>,
}

statement! {
    struct Find { member: MemberId => SqlUuid } "SELECT topics, next_on, told_until FROM notice_digests WHERE member_id = ?"
}

pub async fn find(conn: &mut Conn<'_>, member: MemberId) -> Result<Option<Kept>, DbError> {
    Ok(Find { member }.get_result(conn).await.optional()?)
}

statement! {
    struct Lock { member: MemberId => SqlUuid } "SELECT topics, next_on, told_until FROM notice_digests WHERE member_id = ? FOR UPDATE"
}

pub async fn lock(conn: &mut Conn<'_>, member: MemberId) -> Result<Option<Kept>, DbError> {
    Ok(Lock { member }.get_result(conn).await.optional()?)
}

statement! {
    struct Update<'a> { topics: &'a [Topic] => Array<Text>, member: MemberId => SqlUuid }
    "UPDATE notice_digests SET topics = ? WHERE member_id = ?"
}

/// `false`: nothing was chosen yet.
pub async fn update(conn: &mut Conn<'_>, member: MemberId, topics: &[Topic]) -> Result<bool, DbError> {
    Ok(Update { topics, member }.execute(conn).await? == 1)
}

statement! {
    struct Insert<'a> { member: MemberId => SqlUuid, org: OrgId => SqlUuid, topics: &'a [Topic] => Array<Text>, next_on: NaiveDate => Date,
                        told_until: DateTime<Utc> => Timestamptz }
    "INSERT INTO notice_digests (member_id, organisation_id, topics, next_on, told_until) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
}

/// `false`: somebody was faster.
pub async fn insert(
    conn: &mut Conn<'_>,
    (org, member): (OrgId, MemberId),
    topics: &[Topic],
    next_on: NaiveDate,
    told_until: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(Insert { member, org, topics, next_on, told_until }.execute(conn).await? == 1)
}

statement! { struct Delete { member: MemberId => SqlUuid } "DELETE FROM notice_digests WHERE member_id = ?" }

pub async fn delete(conn: &mut Conn<'_>, member: MemberId) -> Result<(), DbError> {
    Delete { member }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Told { next_on: NaiveDate => Date, told_until: DateTime<Utc> => Timestamptz, member: MemberId => SqlUuid }
    "UPDATE notice_digests SET next_on = ?, told_until = ? WHERE member_id = ?"
}

pub async fn told(conn: &mut Conn<'_>, member: MemberId, next_on: NaiveDate, until: DateTime<Utc>) -> Result<(), DbError> {
    Told { next_on, told_until: until, member }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Since { org: OrgId => SqlUuid, after: DateTime<Utc> => Timestamptz, until: DateTime<Utc> => Timestamptz, limit: i64 => BigInt }
    concat!("SELECT ", columns!(), " FROM notifications WHERE organisation_id = ? AND created_at > ? AND created_at <= ? ORDER BY id DESC LIMIT ?")
}

/// What an organisation was told in that time, newest first.
pub async fn list_since(
    conn: &mut Conn<'_>,
    org: OrgId,
    (after, until): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<Notification>, DbError> {
    let rows: Vec<Row> = Since { org, after, until, limit }.load(conn).await?;
    Ok(rows.into_iter().map(Notification::from).collect())
}
