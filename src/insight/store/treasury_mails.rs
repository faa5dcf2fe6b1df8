//! SQL of the people who get the treasury report by mail.

use chrono::NaiveDate;
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Date, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    insight::treasury_mails::TreasuryRhythm,
    types::{MemberId, OrgId},
};

#[derive(QueryableByName)]
pub struct Kept {
    #[diesel(sql_type = Text)]
    pub rhythm: TreasuryRhythm,
    #[diesel(sql_type = Date)]
    pub next_on: NaiveDate,
}

statement! { struct Find { member: MemberId => SqlUuid } "SELECT rhythm, next_on FROM treasury_mails WHERE member_id = ?" }

pub async fn find(conn: &mut Conn<'_>, member: MemberId) -> Result<Option<Kept>, DbError> {
    Ok(Find { member }.get_result(conn).await.optional()?)
}

statement! { struct Lock { member: MemberId => SqlUuid } "SELECT rhythm, next_on FROM treasury_mails WHERE member_id = ? FOR UPDATE" }

pub async fn lock(conn: &mut Conn<'_>, member: MemberId) -> Result<Option<Kept>, DbError> {
    Ok(Lock { member }.get_result(conn).await.optional()?)
}

statement! {
    struct Put { member: MemberId => SqlUuid, org: OrgId => SqlUuid, rhythm: TreasuryRhythm => Text, next_on: NaiveDate => Date }
    "INSERT INTO treasury_mails (member_id, organisation_id, rhythm, next_on) VALUES (?, ?, ?, ?)
     ON CONFLICT (member_id) DO UPDATE SET rhythm = excluded.rhythm, next_on = excluded.next_on"
}

pub async fn put(
    conn: &mut Conn<'_>,
    (org, member): (OrgId, MemberId),
    rhythm: TreasuryRhythm,
    next_on: NaiveDate,
) -> Result<(), DbError> {
    Put { member, org, rhythm, next_on }.execute(conn).await?;
    Ok(())
}

statement! { struct Delete { member: MemberId => SqlUuid } "DELETE FROM treasury_mails WHERE member_id = ?" }

pub async fn delete(conn: &mut Conn<'_>, member: MemberId) -> Result<(), DbError> {
    Delete { member }.execute(conn).await?;
    Ok(())
}
