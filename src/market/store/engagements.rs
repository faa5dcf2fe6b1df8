//! SQL of engagements.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::{
    db::{Conn, DbError, statement},
    market::{
        engagement::{EndReason, Engagement},
        recall::{Kept, RecallGround},
    },
    types::{BasisPoints, CaseId, EngagementId, MandateId, OrgId, Tone},
};

macro_rules! select {
    () => {
        "SELECT id, case_id, creditor_id, agency_id, mandate_id, fee_bp, fee, claim_minor, tone, started_at, first_contact_due_at,
            update_every_days, first_contact_kept, updates_kept, updates_missed, idle_warned_at, ended_at, end_reason, end_note,
            recall_fee_bp, recall_fee_until FROM engagements "
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: EngagementId,
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    mandate_id: MandateId,
    #[diesel(sql_type = Integer)]
    fee_bp: BasisPoints,
    #[diesel(sql_type = Nullable<Jsonb>)]
    fee: Option<Value>,
    #[diesel(sql_type = Nullable<BigInt>)]
    claim_minor: Option<i64>,
    #[diesel(sql_type = Text)]
    tone: Tone,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    first_contact_due_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    update_every_days: i32,
    #[diesel(sql_type = Nullable<Bool>)]
    first_contact_kept: Option<bool>,
    #[diesel(sql_type = Integer)]
    updates_kept: i32,
    #[diesel(sql_type = Integer)]
    updates_missed: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    idle_warned_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    end_reason: Option<EndReason>,
    #[diesel(sql_type = Nullable<Text>)]
    end_note: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    recall_fee_bp: Option<BasisPoints>,
    #[diesel(sql_type = Nullable<Date>)]
    recall_fee_until: Option<NaiveDate>,
}

impl TryFrom<Row> for Engagement {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            case: row.case_id,
            creditor: row.creditor_id,
            agency: row.agency_id,
            mandate: row.mandate_id,
            fee: super::fee_schedule(row.fee, row.fee_bp)?,
            fee_bp: row.fee_bp,
            claim_minor: row.claim_minor,
            tone: row.tone,
            started_at: row.started_at,
            first_contact_due_at: row.first_contact_due_at,
            update_every_days: row.update_every_days,
            first_contact_kept: row.first_contact_kept,
            updates_kept: row.updates_kept,
            updates_missed: row.updates_missed,
            idle_warned_at: row.idle_warned_at,
            ended_at: row.ended_at,
            end_reason: row.end_reason,
            end_note: row.end_note,
            recalled: row.recall_fee_bp.zip(row.recall_fee_until).map(|(fee_bp, until)| Kept { fee_bp, until }),
        })
    }
}

statement! {
    struct Insert {
        id: EngagementId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, agency: OrgId => SqlUuid,
        mandate: MandateId => SqlUuid, fee_bp: BasisPoints => Integer, fee: Option<Value> => Nullable<Jsonb>,
        claim_minor: Option<i64> => Nullable<BigInt>, tone: Tone => Text, started_at: DateTime<Utc> => Timestamptz,
        first_contact_due_at: DateTime<Utc> => Timestamptz, update_every_days: i32 => Integer,
    }
    "INSERT INTO engagements (id, case_id, creditor_id, agency_id, mandate_id, fee_bp, fee, claim_minor, tone, started_at,
        first_contact_due_at, update_every_days) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::market) async fn insert(conn: &mut Conn<'_>, engagement: &Engagement) -> Result<(), DbError> {
    let Engagement {
        id,
        case,
        creditor,
        agency,
        mandate,
        fee_bp,
        claim_minor,
        tone,
        started_at,
        first_contact_due_at,
        update_every_days,
        ..
    } = *engagement;
    let fee = super::fee_column(&engagement.fee)?;
    Insert {
        id,
        case,
        creditor,
        agency,
        mandate,
        fee_bp,
        fee,
        claim_minor,
        tone,
        started_at,
        first_contact_due_at,
        update_every_days,
    }
    .execute(conn)
    .await?;
    Ok(())
}

statement! {
    struct Find { id: EngagementId => SqlUuid } concat!(select!(), "WHERE id = ?")
}

pub(in crate::market) async fn find(conn: &mut Conn<'_>, id: EngagementId) -> Result<Option<Engagement>, DbError> {
    Find { id }.get_result::<Row>(conn).await.optional()?.map(Engagement::try_from).transpose()
}

statement! {
    struct FindRunning { case: CaseId => SqlUuid } concat!(select!(), "WHERE case_id = ? AND ended_at IS NULL")
}

pub(in crate::market) async fn find_running(conn: &mut Conn<'_>, case: CaseId) -> Result<Option<Engagement>, DbError> {
    FindRunning { case }.get_result::<Row>(conn).await.optional()?.map(Engagement::try_from).transpose()
}

statement! {
    struct LockRunning { case: CaseId => SqlUuid } concat!(select!(), "WHERE case_id = ? AND ended_at IS NULL FOR UPDATE")
}

pub(in crate::market) async fn lock_running(conn: &mut Conn<'_>, case: CaseId) -> Result<Option<Engagement>, DbError> {
    LockRunning { case }.get_result::<Row>(conn).await.optional()?.map(Engagement::try_from).transpose()
}

statement! {
    struct ListOfCase { case: CaseId => SqlUuid } concat!(select!(), "WHERE case_id = ? ORDER BY id DESC")
}

pub(in crate::market) async fn list_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Engagement>, DbError> {
    let rows: Vec<Row> = ListOfCase { case }.load(conn).await?;
    rows.into_iter().map(Engagement::try_from).collect()
}

statement! {
    struct SetWarned { at: DateTime<Utc> => Timestamptz, id: EngagementId => SqlUuid } "UPDATE engagements SET idle_warned_at = ? WHERE id = ?"
}

pub(in crate::market) async fn set_warned(conn: &mut Conn<'_>, id: EngagementId, at: DateTime<Utc>) -> Result<(), DbError> {
    SetWarned { at, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetFirstContact { kept: bool => Bool, id: EngagementId => SqlUuid } "UPDATE engagements SET first_contact_kept = ? WHERE id = ?"
}

pub(in crate::market) async fn set_first_contact(conn: &mut Conn<'_>, id: EngagementId, kept: bool) -> Result<(), DbError> {
    SetFirstContact { kept, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct CountUpdate { kept: i32 => Integer, missed: i32 => Integer, id: EngagementId => SqlUuid }
    "UPDATE engagements SET updates_kept = updates_kept + ?, updates_missed = updates_missed + ? WHERE id = ?"
}

/// One more period in which news came, or did not.
pub(in crate::market) async fn count_update(conn: &mut Conn<'_>, id: EngagementId, kept: bool) -> Result<(), DbError> {
    CountUpdate { kept: kept.into(), missed: (!kept).into(), id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetEnded<'a> { at: DateTime<Utc> => Timestamptz, reason: EndReason => Text, note: Option<&'a str> => Nullable<Text>, id: EngagementId => SqlUuid }
    "UPDATE engagements SET ended_at = ?, end_reason = ?, end_note = ? WHERE id = ?"
}

pub(in crate::market) async fn set_ended(
    conn: &mut Conn<'_>,
    id: EngagementId,
    at: DateTime<Utc>,
    reason: EndReason,
    note: Option<&str>,
) -> Result<(), DbError> {
    SetEnded { at, reason, note, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetRecalled { ground: RecallGround => Text, fee_bp: BasisPoints => Integer, until: NaiveDate => Date, id: EngagementId => SqlUuid }
    "UPDATE engagements SET recall_ground = ?, recall_fee_bp = ?, recall_fee_until = ? WHERE id = ?"
}

/// Why a locked engagement is recalled, and what of its fee is kept.
pub(in crate::market) async fn set_recalled(
    conn: &mut Conn<'_>,
    id: EngagementId,
    ground: RecallGround,
    kept: Kept,
) -> Result<(), DbError> {
    SetRecalled { ground, fee_bp: kept.fee_bp, until: kept.until, id }.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Resumed {
    #[diesel(sql_type = SqlUuid)]
    id: EngagementId,
}

statement! {
    struct ResumeClosed { case: CaseId => SqlUuid, same_case: CaseId => SqlUuid }
    "UPDATE engagements SET ended_at = NULL, end_reason = NULL WHERE end_reason = 'closed'
        AND id = (SELECT max(id::text)::uuid FROM engagements WHERE case_id = ?)
        AND NOT EXISTS (SELECT FROM engagements WHERE case_id = ? AND ended_at IS NULL) RETURNING id"
}

/// Lets the latest engagement of a locked case go on, if it ended with the case.
pub(in crate::market) async fn resume_closed(conn: &mut Conn<'_>, case: CaseId) -> Result<Option<EngagementId>, DbError> {
    Ok(ResumeClosed { case, same_case: case }.get_result::<Resumed>(conn).await.optional()?.map(|resumed| resumed.id))
}
