//! SQL of absences.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Date, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    recovery::absences::Absence,
    types::{AbsenceId, MemberId, OrgId},
};

statement! {
    struct Lock { org: OrgId => SqlUuid } "SELECT pg_advisory_xact_lock(hashtextextended(?::text, 2))"
}

/// One absence of an organisation is written at a time: two deputies never stand in for each other.
pub async fn lock(conn: &mut Conn<'_>, org: OrgId) -> Result<(), DbError> {
    Lock { org }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Insert { id: AbsenceId => SqlUuid, org: OrgId => SqlUuid, member: MemberId => SqlUuid, deputy: MemberId => SqlUuid, from_on: NaiveDate => Date,
                    until_on: NaiveDate => Date, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO absences (id, org_id, member_id, deputy_id, from_on, until_on, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
}

pub async fn insert(conn: &mut Conn<'_>, org: OrgId, absence: &Absence) -> Result<(), DbError> {
    let Absence { id, member_id, deputy_id, from_on, until_on, created_at } = *absence;
    Insert { id, org, member: member_id, deputy: deputy_id, from_on, until_on, created_at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct List { org: OrgId => SqlUuid }
    "SELECT id, member_id, deputy_id, from_on, until_on, created_at FROM absences WHERE org_id = ? ORDER BY from_on, id"
}

pub async fn list(conn: &mut Conn<'_>, org: OrgId) -> Result<Vec<Absence>, DbError> {
    Ok(List { org }.load(conn).await?)
}

statement! {
    struct Delete { id: AbsenceId => SqlUuid } "DELETE FROM absences WHERE id = ?"
}

pub async fn delete(conn: &mut Conn<'_>, id: AbsenceId) -> Result<(), DbError> {
    Delete { id }.execute(conn).await?;
    Ok(())
}
