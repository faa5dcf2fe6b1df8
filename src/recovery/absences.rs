//! Absences: from a day to a day, with a deputy who is there. While they last, the deputy's lists show the work.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Date, Timestamptz, Uuid as SqlUuid},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RecoveryError, store::absences as store, work::must_be_at_work};
use crate::{
    db::{By, Conn},
    types::{AbsenceId, MemberId, OrgId},
};

/// Half a year: whoever is away for longer gives their work to somebody else.
const DAYS_MAX: i64 = 183;

/// Somebody is away, and somebody stands in.
#[derive(Debug, Clone, QueryableByName, Serialize, ToSchema)]
pub struct Absence {
    #[diesel(sql_type = SqlUuid)]
    pub id: AbsenceId,
    #[diesel(sql_type = SqlUuid)]
    pub member_id: MemberId,
    #[diesel(sql_type = SqlUuid)]
    pub deputy_id: MemberId,
    #[diesel(sql_type = Date)]
    pub from_on: NaiveDate,
    /// The last day.
    #[diesel(sql_type = Date)]
    pub until_on: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// An absence to be written down.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAbsence {
    pub member_id: MemberId,
    pub deputy_id: MemberId,
    pub from_on: NaiveDate,
    /// The last day.
    pub until_on: NaiveDate,
}

/// Writes an absence down. People write down their own; `leads`: whether `by` may for others.
///
/// # Errors
/// Not one's own, nobody of the organisation, days that are none, or a deputy who is away then, or stands in for whom is.
pub async fn add(conn: &mut Conn<'_>, by: &By, org: OrgId, new: NewAbsence, leads: bool) -> Result<Absence, RecoveryError> {
    if !leads && by.member() != Some(new.member_id) {
        return Err(RecoveryError::WorkOfAnother);
    }
    let days = (new.until_on - new.from_on).num_days();
    if !(0..DAYS_MAX).contains(&days) {
        return Err(RecoveryError::Invalid(
            "/until_on",
            format!("from a day to the same or a later one, {DAYS_MAX} days at most"),
        ));
    }
    if new.member_id == new.deputy_id {
        return Err(RecoveryError::Invalid("/deputy_id", "somebody else stands in".to_owned()));
    }
    must_be_at_work(conn, org, new.member_id).await?;
    must_be_at_work(conn, org, new.deputy_id).await?;
    store::lock(conn, org).await?;
    let then: Vec<Absence> = store::list(conn, org).await?;
    let meanwhile = then.iter().filter(|other| other.from_on <= new.until_on && other.until_on >= new.from_on);
    for other in meanwhile {
        if other.member_id == new.deputy_id {
            return Err(RecoveryError::Invalid("/deputy_id", "they are away themselves in that time".to_owned()));
        }
        if other.deputy_id == new.member_id {
            return Err(RecoveryError::Invalid(
                "/member_id",
                "they stand in for somebody in that time: find another deputy first".to_owned(),
            ));
        }
        if other.member_id == new.member_id {
            return Err(RecoveryError::Invalid("/from_on", "they are away already on some of these days".to_owned()));
        }
    }
    let absence = Absence {
        id: AbsenceId::fresh(),
        member_id: new.member_id,
        deputy_id: new.deputy_id,
        from_on: new.from_on,
        until_on: new.until_on,
        created_at: by.at,
    };
    store::insert(conn, org, &absence).await?;
    Ok(absence)
}

/// An organisation's, the next ones first; past ones are left out.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, _: &By, org: OrgId, today: NaiveDate) -> Result<Vec<Absence>, RecoveryError> {
    let mut absences = store::list(conn, org).await?;
    absences.retain(|absence| absence.until_on >= today);
    Ok(absences)
}

/// Somebody is there after all.
///
/// # Errors
/// Not there, or not one's own.
pub async fn remove(conn: &mut Conn<'_>, by: &By, org: OrgId, id: AbsenceId, leads: bool) -> Result<(), RecoveryError> {
    let absences = store::list(conn, org).await?;
    let found = absences.iter().find(|absence| absence.id == id).ok_or(RecoveryError::NotFound("absence"))?;
    if !leads && by.member() != Some(found.member_id) {
        return Err(RecoveryError::WorkOfAnother);
    }
    Ok(store::delete(conn, id).await?)
}
