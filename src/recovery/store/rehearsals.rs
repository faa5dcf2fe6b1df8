//! SQL of dry runs and back-tests: reads alone, as far as row-level security shows them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    cases::{HoldKind, Phase},
    db::{Conn, DbError, statement},
    recovery::rehearsal::HoldSpan,
    types::{CaseId, Channel, OrgId},
};

statement! {
    struct Open { of_agency: bool => Bool, agency: OrgId => SqlUuid, creditor: OrgId => SqlUuid, limit: i64 => BigInt }
    "SELECT id FROM cases WHERE CASE WHEN ? THEN phase = 'active' AND agency_id = ? ELSE phase = 'in_house' AND creditor_id = ? END
     ORDER BY id DESC LIMIT ?"
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: CaseId,
}

/// The cases that an organisation pursues now, the newest first.
pub async fn list_pursued(conn: &mut Conn<'_>, org: OrgId, of_agency: bool, limit: i64) -> Result<Vec<CaseId>, DbError> {
    let rows: Vec<IdRow> = Open { of_agency, agency: org, creditor: org, limit }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

statement! {
    struct Closed { of_agency: bool => Bool, agency: OrgId => SqlUuid, creditor: OrgId => SqlUuid, limit: i64 => BigInt }
    "SELECT c.id AS case_id, r.agency_id IS NOT NULL AS of_agency, min(r.started_at) AS began_at, min(r.anchored_on) AS anchored_on,
        greatest(max(coalesce(r.ended_at, c.closed_at)), min(r.started_at)) AS ended_at,
        coalesce(max(done.mail), 0) AS mail, coalesce(max(done.letter), 0) AS letter, coalesce(max(done.call), 0) AS call,
        coalesce(max(done.sms), 0) AS sms
     FROM strategy_runs r JOIN cases c ON c.id = r.case_id CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE a.channel = 'mail') AS mail, count(*) FILTER (WHERE a.channel = 'letter') AS letter,
            count(*) FILTER (WHERE a.channel = 'call') AS call, count(*) FILTER (WHERE a.channel = 'sms') AS sms
        FROM actions a WHERE a.case_id = r.case_id AND a.agency_id IS NOT DISTINCT FROM r.agency_id AND a.status IN ('done', 'failed')) done
     WHERE c.phase = 'closed' AND CASE WHEN ? THEN r.agency_id = ? ELSE r.creditor_id = ? AND r.agency_id IS NULL END
     GROUP BY c.id, r.agency_id ORDER BY c.id DESC LIMIT ?"
}

/// A closed case as an organisation pursued it.
#[derive(QueryableByName)]
pub struct Pursued {
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = Bool)]
    of_agency: bool,
    #[diesel(sql_type = Timestamptz)]
    pub began_at: DateTime<Utc>,
    #[diesel(sql_type = Date)]
    pub anchored_on: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    pub ended_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    mail: i64,
    #[diesel(sql_type = BigInt)]
    letter: i64,
    #[diesel(sql_type = BigInt)]
    call: i64,
    #[diesel(sql_type = BigInt)]
    sms: i64,
}

impl Pursued {
    /// In which it was.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        if self.of_agency { Phase::Active } else { Phase::InHouse }
    }

    /// What was done.
    #[must_use]
    pub fn contacts(&self) -> [(Channel, u32); 4] {
        let count = |rows: i64| u32::try_from(rows).unwrap_or(u32::MAX);
        [
            (Channel::Mail, count(self.mail)),
            (Channel::Letter, count(self.letter)),
            (Channel::Call, count(self.call)),
            (Channel::Sms, count(self.sms)),
        ]
    }
}

/// The closed cases that an organisation pursued, the newest first.
pub async fn list_closed(conn: &mut Conn<'_>, org: OrgId, of_agency: bool, limit: i64) -> Result<Vec<Pursued>, DbError> {
    Ok(Closed { of_agency, agency: org, creditor: org, limit }.load(conn).await?)
}

statement! {
    struct Holds { case: CaseId => SqlUuid }
    "SELECT kind, starts_at, least(ends_at, released_at) AS until FROM holds WHERE case_id = ? ORDER BY starts_at"
}

#[derive(QueryableByName)]
struct HoldRow {
    #[diesel(sql_type = Text)]
    kind: HoldKind,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    until: Option<DateTime<Utc>>,
}

/// Every hold a case had, from when to when.
pub async fn list_holds(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<HoldSpan>, DbError> {
    let rows: Vec<HoldRow> = Holds { case }.load(conn).await?;
    Ok(rows.into_iter().map(|row| HoldSpan { kind: row.kind, from: row.starts_at, until: row.until }).collect())
}
