//! SQL of tasks. A task is live while its case is pursued by whoever was asked and, for a call, no contact was stopped since; a
//! creditor's yes to what an agency writes, while that agency pursues it.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    recovery::{
        records::{Task, TaskKind, TaskReason, TaskResult, TaskStatus},
        runs::Taken,
    },
    types::{ActionId, CaseId, MemberId, OrgId, StrategyRunId, TaskId},
};

macro_rules! task_columns {
    () => {
        "t.id, t.case_id, t.creditor_id, t.agency_id, t.action_id, t.kind, t.reason, t.title, t.due_at, t.result, t.note, t.created_at, t.done_at,
         t.assignee_id, t.done_by,
         CASE WHEN t.status = 'open' AND (c.phase NOT IN ('in_house', 'active') OR (t.kind = 'call' AND t.contact_epoch <> c.contact_epoch)
                   OR (t.agency_id IS DISTINCT FROM CASE WHEN c.phase = 'active' THEN c.agency_id END AND t.reason <> 'creditor_approval')
                   OR (t.reason = 'creditor_approval' AND NOT EXISTS (SELECT FROM strategy_runs r WHERE r.id = t.run_id
                       AND r.agency_id = CASE WHEN c.phase = 'active' THEN c.agency_id END)))
              THEN 'stopped' ELSE t.status END AS status"
    };
}

pub(super) use task_columns;

statement! {
    pub struct Insert<'a> { id: TaskId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, agency: Option<OrgId> => Nullable<SqlUuid>,
                            action: Option<ActionId> => Nullable<SqlUuid>, run: Option<StrategyRunId> => Nullable<SqlUuid>, step: Option<i32> => Nullable<Integer>, of_fallback: bool => Bool, kind: TaskKind => Text, reason: TaskReason => Text, title: &'a str => Text,
                            contact_epoch: i32 => Integer, due_at: DateTime<Utc> => Timestamptz, created_at: DateTime<Utc> => Timestamptz,
                            assignee: Option<MemberId> => Nullable<SqlUuid>, handled: CaseId => SqlUuid, by_agency: Option<OrgId> => Nullable<SqlUuid>,
                            by_creditor: OrgId => SqlUuid }
    "INSERT INTO tasks (id, case_id, creditor_id, agency_id, action_id, run_id, step, of_fallback, kind, reason, title, contact_epoch, due_at, status, created_at, assignee_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?,
        coalesce(?, (SELECT member_id FROM case_handlers WHERE case_id = ? AND org_id = coalesce(?, ?))))"
}

pub async fn insert(conn: &mut Conn<'_>, task: &Insert<'_>) -> Result<(), DbError> {
    task.execute(conn).await?;
    Ok(())
}

statement! {
    struct CaseOf { id: TaskId => SqlUuid } "SELECT case_id FROM tasks WHERE id = ?"
}

#[derive(QueryableByName)]
struct CaseRow {
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
}

/// Which case to lock before the task.
pub async fn case_of(conn: &mut Conn<'_>, id: TaskId) -> Result<Option<CaseId>, DbError> {
    Ok(CaseOf { id }.get_result::<CaseRow>(conn).await.optional()?.map(|row| row.case_id))
}

statement! {
    struct Find { id: TaskId => SqlUuid }
    concat!("SELECT ", task_columns!(), " FROM tasks t JOIN cases c ON c.id = t.case_id WHERE t.id = ?")
}

/// Its status as of now. Under the case's lock nothing can change it.
pub async fn find(conn: &mut Conn<'_>, id: TaskId) -> Result<Option<Task>, DbError> {
    Ok(Find { id }.get_result(conn).await.optional()?)
}

statement! {
    struct Complete<'a> { result: TaskResult => Text, note: Option<&'a str> => Nullable<Text>, done_at: DateTime<Utc> => Timestamptz,
                          done_by: Option<MemberId> => Nullable<SqlUuid>, id: TaskId => SqlUuid }
    "UPDATE tasks SET status = 'done', result = ?, note = ?, done_at = ?, done_by = ? WHERE id = ?"
}

pub async fn complete(
    conn: &mut Conn<'_>,
    id: TaskId,
    result: TaskResult,
    note: Option<&str>,
    (done_by, at): (Option<MemberId>, DateTime<Utc>),
) -> Result<(), DbError> {
    Complete { result, note, done_at: at, done_by, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct StopStale { case: CaseId => SqlUuid, contact_epoch: i32 => Integer }
    "WITH stale AS (
        UPDATE tasks SET status = 'stopped' WHERE case_id = ? AND kind = 'call' AND status = 'open' AND contact_epoch <> ? RETURNING action_id),
     stopped AS (
        UPDATE actions SET status = 'stopped' WHERE id IN (SELECT action_id FROM stale) RETURNING run_id, step, is_fallback)
     SELECT run_id, step, is_fallback FROM stopped ORDER BY step DESC"
}

statement! {
    struct StopCalls { case: CaseId => SqlUuid }
    "WITH unwanted AS (
        UPDATE tasks SET status = 'stopped' WHERE case_id = ? AND kind = 'call' AND status = 'open' RETURNING action_id),
     stopped AS (
        UPDATE actions SET status = 'stopped' WHERE id IN (SELECT action_id FROM unwanted) RETURNING run_id, step, is_fallback)
     SELECT run_id, step, is_fallback FROM stopped ORDER BY step DESC"
}

/// A step whose call was not made.
#[derive(QueryableByName)]
pub struct Uncalled {
    #[diesel(sql_type = SqlUuid)]
    pub run_id: StrategyRunId,
    /// Counted from 0.
    #[diesel(sql_type = Integer)]
    pub step: i32,
    #[diesel(sql_type = Bool)]
    pub is_fallback: bool,
}

impl Uncalled {
    #[must_use]
    pub const fn taken(&self) -> Taken {
        Taken { run: self.run_id, step: self.step, is_fallback: self.is_fallback }
    }
}

/// Stops the calls that were asked for before contact was last stopped, and their actions.
pub async fn stop_stale_calls(conn: &mut Conn<'_>, case: CaseId, contact_epoch: i32) -> Result<Vec<Uncalled>, DbError> {
    Ok(StopStale { case, contact_epoch }.load(conn).await?)
}

/// Stops all calls that are still to be made, and their actions.
pub async fn stop_calls(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Uncalled>, DbError> {
    Ok(StopCalls { case }.load(conn).await?)
}

statement! {
    struct Reviews { case: CaseId => SqlUuid, pursuer: Option<OrgId> => Nullable<SqlUuid>, reason: TaskReason => Text }
    "SELECT coalesce(bool_or(status = 'open'), false) AS is_open, max(done_at) AS last_done_at FROM tasks
     WHERE case_id = ? AND agency_id IS NOT DISTINCT FROM ? AND reason = ?"
}

/// Whether somebody is asked already, and when somebody last decided.
#[derive(QueryableByName)]
pub struct Asked {
    #[diesel(sql_type = Bool)]
    pub is_open: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_done_at: Option<DateTime<Utc>>,
}

pub async fn asked(conn: &mut Conn<'_>, case: CaseId, pursuer: Option<OrgId>, reason: TaskReason) -> Result<Asked, DbError> {
    Ok(Reviews { case, pursuer, reason }.get_result(conn).await?)
}

statement! {
    struct ApprovalOf { run: StrategyRunId => SqlUuid, step: i32 => Integer, agency: Option<OrgId> => Nullable<SqlUuid>, of_fallback: bool => Bool }
    "SELECT result FROM tasks WHERE run_id = ? AND step = ? AND kind = 'approval' AND agency_id IS NOT DISTINCT FROM ? AND of_fallback = ?
     ORDER BY id DESC LIMIT 1"
}

/// What was said of a step.
#[derive(QueryableByName)]
pub struct ApprovalRow {
    /// None while nobody has answered.
    #[diesel(sql_type = Nullable<Text>)]
    pub result: Option<TaskResult>,
}

/// None: nobody was asked.
pub async fn approval_of(
    conn: &mut Conn<'_>,
    (run, step, of_fallback): (StrategyRunId, i32, bool),
    agency: Option<OrgId>,
) -> Result<Option<ApprovalRow>, DbError> {
    Ok(ApprovalOf { run, step, agency, of_fallback }.get_result(conn).await.optional()?)
}

statement! {
    struct OwnerWindowOf { case: CaseId => SqlUuid }
    "SELECT due_at, status = 'open' AS is_open FROM tasks WHERE case_id = ? AND kind = 'owner' ORDER BY id DESC LIMIT 1"
}

/// Until when the account owner has the first word, and whether they have not answered yet.
#[derive(QueryableByName)]
pub struct OwnerWindowRow {
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    pub is_open: bool,
}

/// None: nobody was asked.
pub async fn owner_window(conn: &mut Conn<'_>, case: CaseId) -> Result<Option<OwnerWindowRow>, DbError> {
    Ok(OwnerWindowOf { case }.get_result(conn).await.optional()?)
}

/// Whose tasks, and which.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub org: OrgId,
    /// An agency's own, or a creditor's own.
    pub of_agency: bool,
    pub status: Option<TaskStatus>,
}

statement! {
    struct List { of_agency: bool => Bool, agency: OrgId => SqlUuid, creditor: OrgId => SqlUuid, before: uuid::Uuid => SqlUuid,
                  any: bool => Bool, statuses: Vec<TaskStatus> => Array<Text>, limit: i64 => BigInt }
    concat!("SELECT * FROM (SELECT ", task_columns!(), " FROM tasks t JOIN cases c ON c.id = t.case_id
              WHERE CASE WHEN ? THEN t.agency_id = ? ELSE t.creditor_id = ? AND t.agency_id IS NULL END AND t.id < ?) task
             WHERE ? OR status = ANY(?) ORDER BY id DESC LIMIT ?")
}

/// Newest first.
pub async fn list(conn: &mut Conn<'_>, wanted: Wanted, cursor: Cursor) -> Result<Vec<Task>, DbError> {
    let Wanted { org, of_agency, status } = wanted;
    let statuses = status.into_iter().collect();
    let list = List {
        of_agency,
        agency: org,
        creditor: org,
        before: cursor.before,
        any: status.is_none(),
        statuses,
        limit: cursor.fetch(),
    };
    Ok(list.load(conn).await?)
}
