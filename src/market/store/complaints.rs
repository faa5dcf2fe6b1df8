//! SQL of complaints. Who reads which is the policy `parties` of the migration.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    market::complaints::{Complainant, Complaint, ComplaintGround, ComplaintStatus, Severity},
    types::{CaseId, ComplaintId, EngagementId, OrgId},
};

macro_rules! select {
    () => {
        "SELECT id, engagement_id, case_id, creditor_id, agency_id, complainant, ground, statement, evidence, status, answer,
            answer_evidence, severity, decision_note, filed_at, answer_by, answered_at, decide_by, decided_at FROM complaints "
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: ComplaintId,
    #[diesel(sql_type = SqlUuid)]
    engagement_id: EngagementId,
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
    #[diesel(sql_type = Text)]
    complainant: Complainant,
    #[diesel(sql_type = Text)]
    ground: ComplaintGround,
    #[diesel(sql_type = Text)]
    statement: String,
    #[diesel(sql_type = Jsonb)]
    evidence: Value,
    #[diesel(sql_type = Text)]
    status: ComplaintStatus,
    #[diesel(sql_type = Nullable<Text>)]
    answer: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    answer_evidence: Option<Value>,
    #[diesel(sql_type = Nullable<Text>)]
    severity: Option<Severity>,
    #[diesel(sql_type = Nullable<Text>)]
    decision_note: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    filed_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    answer_by: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    answered_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    decide_by: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    decided_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Complaint {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            engagement: row.engagement_id,
            case: row.case_id,
            creditor: row.creditor_id,
            agency: row.agency_id,
            complainant: row.complainant,
            ground: row.ground,
            statement: row.statement,
            evidence: super::parse(row.evidence)?,
            status: row.status,
            answer: row.answer,
            answer_evidence: row.answer_evidence.map(super::parse).transpose()?,
            severity: row.severity,
            decision_note: row.decision_note,
            filed_at: row.filed_at,
            answer_by: row.answer_by,
            answered_at: row.answered_at,
            decide_by: row.decide_by,
            decided_at: row.decided_at,
        })
    }
}

statement! {
    struct Insert<'a> {
        id: ComplaintId => SqlUuid, engagement: EngagementId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid,
        agency: OrgId => SqlUuid, complainant: Complainant => Text, ground: ComplaintGround => Text, statement: &'a str => Text,
        evidence: Value => Jsonb, status: ComplaintStatus => Text, filed_at: DateTime<Utc> => Timestamptz,
        answer_by: DateTime<Utc> => Timestamptz, decide_by: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO complaints (id, engagement_id, case_id, creditor_id, agency_id, complainant, ground, statement, evidence, status,
        filed_at, answer_by, decide_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::market) async fn insert(conn: &mut Conn<'_>, complaint: &Complaint) -> Result<(), DbError> {
    let Complaint { id, engagement, case, creditor, agency, complainant, ground, status, filed_at, answer_by, decide_by, .. } =
        *complaint;
    let (statement, evidence) = (complaint.statement.as_str(), super::written(&complaint.evidence)?);
    Insert {
        id,
        engagement,
        case,
        creditor,
        agency,
        complainant,
        ground,
        statement,
        evidence,
        status,
        filed_at,
        answer_by,
        decide_by,
    }
    .execute(conn)
    .await?;
    Ok(())
}

statement! {
    struct Find { id: ComplaintId => SqlUuid } concat!(select!(), "WHERE id = ?")
}

pub(in crate::market) async fn find(conn: &mut Conn<'_>, id: ComplaintId) -> Result<Option<Complaint>, DbError> {
    Find { id }.get_result::<Row>(conn).await.optional()?.map(Complaint::try_from).transpose()
}

statement! {
    struct Lock { id: ComplaintId => SqlUuid } concat!(select!(), "WHERE id = ? FOR UPDATE")
}

pub(in crate::market) async fn lock(conn: &mut Conn<'_>, id: ComplaintId) -> Result<Option<Complaint>, DbError> {
    Lock { id }.get_result::<Row>(conn).await.optional()?.map(Complaint::try_from).transpose()
}

statement! {
    struct List { status: Option<ComplaintStatus> => Nullable<Text>, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!(select!(), "WHERE status = coalesce(?, status) AND id < ? ORDER BY id DESC LIMIT ?")
}

/// Newest first, as far as the scope may see.
pub(in crate::market) async fn list(
    conn: &mut Conn<'_>,
    status: Option<ComplaintStatus>,
    cursor: Cursor,
) -> Result<Vec<Complaint>, DbError> {
    let rows: Vec<Row> = List { status, before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    rows.into_iter().map(Complaint::try_from).collect()
}

statement! {
    struct Update<'a> {
        status: ComplaintStatus => Text, answer: Option<&'a str> => Nullable<Text>, answer_evidence: Option<Value> => Nullable<Jsonb>,
        severity: Option<Severity> => Nullable<Text>, decision_note: Option<&'a str> => Nullable<Text>,
        answered_at: Option<DateTime<Utc>> => Nullable<Timestamptz>, decided_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        id: ComplaintId => SqlUuid,
    }
    "UPDATE complaints SET status = ?, answer = ?, answer_evidence = ?, severity = ?, decision_note = ?, answered_at = ?, decided_at = ?
     WHERE id = ?"
}

/// Writes what has become of a locked complaint.
pub(in crate::market) async fn update(conn: &mut Conn<'_>, complaint: &Complaint) -> Result<(), DbError> {
    let Complaint { id, status, severity, answered_at, decided_at, .. } = *complaint;
    let (answer, decision_note) = (complaint.answer.as_deref(), complaint.decision_note.as_deref());
    let answer_evidence = complaint.answer_evidence.as_ref().map(super::written).transpose()?;
    Update { status, answer, answer_evidence, severity, decision_note, answered_at, decided_at, id }.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

statement! {
    struct IsOpen { engagement: EngagementId => SqlUuid, complainant: Complainant => Text, ground: ComplaintGround => Text }
    "SELECT EXISTS (SELECT FROM complaints WHERE engagement_id = ? AND complainant = ? AND ground = ?
        AND status IN ('to_answer', 'to_decide')) AS found"
}

pub(in crate::market) async fn is_open(
    conn: &mut Conn<'_>,
    engagement: EngagementId,
    complainant: Complainant,
    ground: ComplaintGround,
) -> Result<bool, DbError> {
    Ok(IsOpen { engagement, complainant, ground }.get_result::<Found>(conn).await?.found)
}

statement! {
    struct WasUpheld { engagement: EngagementId => SqlUuid }
    "SELECT EXISTS (SELECT FROM complaints WHERE engagement_id = ? AND status = 'upheld') AS found"
}

/// Whether a complaint about an engagement was upheld.
pub(in crate::market) async fn was_upheld(conn: &mut Conn<'_>, engagement: EngagementId) -> Result<bool, DbError> {
    Ok(WasUpheld { engagement }.get_result::<Found>(conn).await?.found)
}
