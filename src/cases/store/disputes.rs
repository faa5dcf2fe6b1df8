//! SQL of disputes, of the parts they are about, and of what shows who is right.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    cases::{
        Case,
        dispute_terms::{DisputeSide, Proof, checklist},
        disputes::{Dispute, DisputeReason, DisputeStatus, DisputedPart, EvidenceAsked, EvidenceGiven, NewEvidence},
    },
    db::{Conn, DbError, statement},
    receivables::PartOf,
    types::{CaseId, Currency, DisputeId, DocumentId, HoldId, Money, OrgId, ReceivableId, uuid_at},
};

statement! {
    pub(in crate::cases) struct Insert<'a> { id: DisputeId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, hold: Option<HoldId> => Nullable<SqlUuid>,
                        reason: DisputeReason => Text, statement: &'a str => Text, awaited: DisputeSide => Text, answer_by: DateTime<Utc> => Timestamptz,
                        opened_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO disputes (id, case_id, creditor_id, hold_id, reason, statement, status, awaited, answer_by, opened_at)
     VALUES (?, ?, ?, ?, ?, ?, 'open', ?, ?, ?)"
}

statement! {
    pub(in crate::cases) struct Resolve<'a> { status: DisputeStatus => Text, reduction_minor: i64 => BigInt, resolution: &'a str => Text, by_default: bool => Bool,
                         resolved_at: DateTime<Utc> => Timestamptz, id: DisputeId => SqlUuid }
    "UPDATE disputes SET status = ?, reduction_minor = ?, resolution = ?, by_default = ?, resolved_at = ? WHERE id = ?"
}

pub(in crate::cases) async fn insert(conn: &mut Conn<'_>, dispute: &Insert<'_>) -> Result<(), DbError> {
    dispute.execute(conn).await?;
    Ok(())
}

pub(in crate::cases) async fn set_resolution(conn: &mut Conn<'_>, resolution: &Resolve<'_>) -> Result<(), DbError> {
    resolution.execute(conn).await?;
    Ok(())
}

statement! {
    struct InsertParts<'a> { dispute: DisputeId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, receivables: &'a [ReceivableId] => Array<SqlUuid>,
                             minors: Vec<i64> => Array<BigInt> }
    "INSERT INTO dispute_parts (dispute_id, case_id, creditor_id, receivable_id, amount_minor) SELECT ?, ?, ?, part.* FROM unnest(?, ?) AS part"
}

pub(in crate::cases) async fn insert_parts(
    conn: &mut Conn<'_>,
    case: &Case,
    dispute: DisputeId,
    parts: &[PartOf],
) -> Result<(), DbError> {
    if parts.is_empty() {
        return Ok(());
    }
    let receivables: Vec<ReceivableId> = parts.iter().map(|(id, _)| *id).collect();
    let minors = parts.iter().map(|(_, amount)| amount.minor).collect();
    InsertParts { dispute, case: case.id, creditor: case.creditor, receivables: &receivables, minors }.execute(conn).await?;
    Ok(())
}

statement! {
    struct InsertEvidence<'a> { id: Uuid => SqlUuid, dispute: DisputeId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, item: Proof => Text,
                                statement: &'a str => Text, document: Option<DocumentId> => Nullable<SqlUuid>, given_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO dispute_evidence (id, dispute_id, case_id, creditor_id, item, statement, document_id, given_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::cases) async fn insert_evidence(
    conn: &mut Conn<'_>,
    case: &Case,
    dispute: DisputeId,
    new: &NewEvidence,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let (item, statement, document) = (new.item, new.statement.trim(), new.document_id);
    let insert = InsertEvidence {
        id: uuid_at(at),
        dispute,
        case: case.id,
        creditor: case.creditor,
        item,
        statement,
        document,
        given_at: at,
    };
    insert.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetAwaited { awaited: DisputeSide => Text, answer_by: DateTime<Utc> => Timestamptz, id: DisputeId => SqlUuid }
    "UPDATE disputes SET awaited = ?, answer_by = ? WHERE id = ?"
}

pub(in crate::cases) async fn set_awaited(
    conn: &mut Conn<'_>,
    id: DisputeId,
    awaited: DisputeSide,
    answer_by: DateTime<Utc>,
) -> Result<(), DbError> {
    SetAwaited { awaited, answer_by, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetHold { hold: HoldId => SqlUuid, id: DisputeId => SqlUuid } "UPDATE disputes SET hold_id = ? WHERE id = ?"
}

pub(in crate::cases) async fn set_hold(conn: &mut Conn<'_>, id: DisputeId, hold: HoldId) -> Result<(), DbError> {
    SetHold { hold, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct CaseOf { id: DisputeId => SqlUuid } "SELECT case_id FROM disputes WHERE id = ?"
}

#[derive(QueryableByName)]
struct CaseRow {
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
}

/// Which case to lock before the dispute.
pub(in crate::cases) async fn case_of(conn: &mut Conn<'_>, id: DisputeId) -> Result<Option<CaseId>, DbError> {
    Ok(CaseOf { id }.get_result::<CaseRow>(conn).await.optional()?.map(|row| row.case_id))
}

statement! {
    struct HasOpenPart { case: CaseId => SqlUuid }
    "SELECT EXISTS (SELECT FROM disputes d JOIN dispute_parts p ON p.dispute_id = d.id WHERE d.case_id = ? AND d.status = 'open') AS found"
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

pub(in crate::cases) async fn has_open_part(conn: &mut Conn<'_>, case: CaseId) -> Result<bool, DbError> {
    Ok(HasOpenPart { case }.get_result::<Found>(conn).await?.found)
}

statement! {
    struct OfCase { case: CaseId => SqlUuid }
    "SELECT id, case_id, hold_id, reason, statement, status, awaited, answer_by, by_default, reduction_minor, resolution, opened_at, resolved_at
     FROM disputes WHERE case_id = ? ORDER BY id"
}
statement! {
    struct PartsOfCase { case: CaseId => SqlUuid }
    "SELECT p.dispute_id, p.receivable_id, r.number, r.currency, p.amount_minor FROM dispute_parts p JOIN receivables r ON r.id = p.receivable_id
     WHERE p.case_id = ? ORDER BY p.dispute_id, r.due_on, r.id"
}
statement! {
    struct EvidenceOfCase { case: CaseId => SqlUuid }
    "SELECT dispute_id, item, statement, document_id, given_at FROM dispute_evidence WHERE case_id = ? ORDER BY id"
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: DisputeId,
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    hold_id: Option<HoldId>,
    #[diesel(sql_type = Text)]
    reason: DisputeReason,
    #[diesel(sql_type = Text)]
    statement: String,
    #[diesel(sql_type = Text)]
    status: DisputeStatus,
    #[diesel(sql_type = Text)]
    awaited: DisputeSide,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    answer_by: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    by_default: bool,
    #[diesel(sql_type = BigInt)]
    reduction_minor: i64,
    #[diesel(sql_type = Nullable<Text>)]
    resolution: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    opened_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    resolved_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct PartRow {
    #[diesel(sql_type = SqlUuid)]
    dispute_id: DisputeId,
    #[diesel(sql_type = SqlUuid)]
    receivable_id: ReceivableId,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
}

#[derive(QueryableByName)]
struct EvidenceRow {
    #[diesel(sql_type = SqlUuid)]
    dispute_id: DisputeId,
    #[diesel(sql_type = Text)]
    item: Proof,
    #[diesel(sql_type = Text)]
    statement: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    document_id: Option<DocumentId>,
    #[diesel(sql_type = Timestamptz)]
    given_at: DateTime<Utc>,
}

impl Row {
    fn with(self, parts: &[PartRow], evidence: &[EvidenceRow]) -> Dispute {
        let own = parts.iter().filter(|part| part.dispute_id == self.id).map(|part| DisputedPart {
            receivable_id: part.receivable_id,
            number: part.number.clone(),
            amount: Money::new(part.amount_minor, part.currency),
        });
        let given = |item: Proof| {
            let rows = evidence.iter().filter(move |row| row.dispute_id == self.id && row.item == item);
            rows.map(|row| EvidenceGiven {
                statement: row.statement.clone(),
                document_id: row.document_id,
                given_at: row.given_at,
            })
        };
        let asked = checklist(self.reason).iter();
        let evidence =
            asked.map(|(item, from)| EvidenceAsked { item: *item, from: *from, given: given(*item).collect() }).collect();
        Dispute {
            id: self.id,
            case_id: self.case_id,
            hold_id: self.hold_id,
            reason: self.reason,
            statement: self.statement,
            parts: own.collect(),
            status: self.status,
            awaited: self.awaited,
            answer_by: self.answer_by,
            evidence,
            reduction_minor: self.reduction_minor,
            resolution: self.resolution,
            by_default: self.by_default,
            opened_at: self.opened_at,
            resolved_at: self.resolved_at,
        }
    }
}

pub(in crate::cases) async fn list_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Dispute>, DbError> {
    let rows: Vec<Row> = OfCase { case }.load(conn).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let parts: Vec<PartRow> = PartsOfCase { case }.load(conn).await?;
    let evidence: Vec<EvidenceRow> = EvidenceOfCase { case }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.with(&parts, &evidence)).collect())
}
