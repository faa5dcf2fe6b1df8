//! SQL of work lists, handlers and loads. Work is of whoever pursues its case, and of the deputy while its handler is away.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Date, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::tasks::task_columns;
use crate::{
    db::{Conn, DbError, statement},
    recovery::work::{Load, Whose, WorkItem},
    types::{CaseId, MemberId, OrgId},
};

/// An organisation, as agencies or as creditors pursue cases.
#[derive(Debug, Clone, Copy)]
pub struct Own {
    pub org: OrgId,
    pub of_agency: bool,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub own: Own,
    pub whose: Whose,
    pub today: NaiveDate,
    pub limit: i64,
}

/// Items with their case, filtered by whose they are. `$item` selects case_id, why, at, task_id, member_id of live work.
macro_rules! items {
    ($($item:tt)*) => {
        concat!(
            "SELECT item.* FROM (
                SELECT i.case_id, c.reference AS case_reference, d.legal_name AS debtor, c.currency, c.principal_minor, i.why, i.at, i.task_id,
                    coalesce((SELECT a.deputy_id FROM absences a WHERE a.member_id = coalesce(i.member_id, h.member_id)
                              AND ? BETWEEN a.from_on AND a.until_on ORDER BY a.created_at DESC LIMIT 1),
                             i.member_id, h.member_id) AS handler_id
                FROM (",
            $($item)*,
            ") i JOIN cases c ON c.id = i.case_id JOIN debtors d ON d.id = c.debtor_id
                LEFT JOIN case_handlers h ON h.case_id = c.id AND h.org_id = ?
                WHERE CASE WHEN ? THEN c.phase = 'active' AND c.agency_id = ? ELSE (c.phase = 'in_house' OR i.why = 'creditor_approval') AND c.creditor_id = ? END) item
             WHERE ? OR (? AND handler_id IS NULL) OR handler_id = ? ORDER BY at, case_id LIMIT ?"
        )
    };
}

/// What every list asks after its own parameters, and before them.
macro_rules! work_list {
    ($name:ident { $($field:ident : $type:ty => $sql_type:ty),* } $($item:tt)*) => {
        statement! {
            struct $name { today: NaiveDate => Date, $($field: $type => $sql_type,)* org: OrgId => SqlUuid, of_agency: bool => Bool, agency: OrgId => SqlUuid,
                           creditor: OrgId => SqlUuid, everybodys: bool => Bool, nobodys: bool => Bool, member: Option<MemberId> => Nullable<SqlUuid>,
                           limit: i64 => BigInt }
            items!($($item)*)
        }

        impl $name {
            fn of(page: &Page, $($field: $type),*) -> Self {
                let Page { own: Own { org, of_agency }, whose, today, limit } = *page;
                let member = match whose {
                    Whose::Of(member) => Some(member),
                    Whose::Everybodys | Whose::Nobodys => None,
                };
                let (everybodys, nobodys) = (whose == Whose::Everybodys, whose == Whose::Nobodys);
                Self { today, $($field,)* org, of_agency, agency: org, creditor: org, everybodys, nobodys, member, limit }
            }
        }
    };
}

macro_rules! live_tasks {
    ($condition:literal) => {
        concat!(
            "SELECT task.case_id, task.reason AS why, task.due_at AS at, task.id AS task_id, task.assignee_id AS member_id FROM (SELECT ",
            task_columns!(),
            " FROM tasks t JOIN cases c ON c.id = t.case_id WHERE t.status = 'open') task WHERE task.status = 'open' AND ",
            $condition
        )
    };
}

work_list! {
    Due { until: DateTime<Utc> => Timestamptz } live_tasks!("task.reason <> 'answered' AND task.due_at <= ?")
}
work_list! {
    Answered {} live_tasks!("task.reason = 'answered'")
}
work_list! {
    Promised { from: NaiveDate => Date }
    "SELECT case_id, 'promise' AS why, promised_on::timestamptz AS at, NULL::uuid AS task_id, NULL::uuid AS member_id FROM promises WHERE status = 'open'
     UNION ALL
     SELECT p.case_id, 'plan', (SELECT min(day) FROM unnest(p.due_on) AS day WHERE day >= ?)::timestamptz, NULL, NULL
     FROM payment_plans p WHERE p.status = 'running'"
}
work_list! {
    AtRisk { since: DateTime<Utc> => Timestamptz, late: DateTime<Utc> => Timestamptz }
    concat!("SELECT DISTINCT ON (case_id) case_id, why, at, task_id, member_id FROM (
        SELECT e.case_id, e.kind AS why, e.at, NULL::uuid AS task_id, NULL::uuid AS member_id FROM events e
        WHERE e.kind IN ('promise_broken', 'plan_broken', 'limitation_near', 'idle_warned', 'agency_promise_broken') AND e.at > ?
        UNION ALL ", live_tasks!("task.due_at < ?"), ") danger ORDER BY case_id, at DESC")
}

pub async fn list_due(conn: &mut Conn<'_>, page: &Page, until: DateTime<Utc>) -> Result<Vec<WorkItem>, DbError> {
    Ok(Due::of(page, until).load(conn).await?)
}

pub async fn list_answered(conn: &mut Conn<'_>, page: &Page) -> Result<Vec<WorkItem>, DbError> {
    Ok(Answered::of(page).load(conn).await?)
}

pub async fn list_promised(conn: &mut Conn<'_>, page: &Page) -> Result<Vec<WorkItem>, DbError> {
    Ok(Promised::of(page, page.today).load(conn).await?)
}

pub async fn list_at_risk(
    conn: &mut Conn<'_>,
    page: &Page,
    since: DateTime<Utc>,
    late: DateTime<Utc>,
) -> Result<Vec<WorkItem>, DbError> {
    Ok(AtRisk::of(page, since, late).load(conn).await?)
}

statement! {
    struct LoadOf { at: DateTime<Utc> => Timestamptz, since: DateTime<Utc> => Timestamptz, kept_since: DateTime<Utc> => Timestamptz,
                    today: NaiveDate => Date, org: OrgId => SqlUuid }
    concat!("SELECT m.id AS member_id, m.full_name, m.role, coalesce(handled.cases, 0) AS cases,
        coalesce(hand.open_tasks, 0) AS open_tasks, coalesce(hand.late_tasks, 0) AS late_tasks,
        coalesce(done.tasks_done, 0) AS tasks_done, coalesce(done.conversations, 0) AS conversations, coalesce(done.promises, 0) AS promises,
        coalesce(handled.promises_kept, 0) AS promises_kept, coalesce(handled.payments, 0) AS payments,
        away.deputy_id IS NOT NULL AS is_away, away.deputy_id
     FROM members m
     LEFT JOIN LATERAL (
        SELECT count(*) AS open_tasks, count(*) FILTER (WHERE task.due_at < ?) AS late_tasks FROM (SELECT ", task_columns!(),
        " FROM tasks t JOIN cases c ON c.id = t.case_id WHERE t.status = 'open' AND t.assignee_id = m.id) task WHERE task.status = 'open') hand ON true
     LEFT JOIN LATERAL (
        SELECT count(*) AS tasks_done, count(*) FILTER (WHERE t.kind = 'call' AND t.result <> 'no_answer') AS conversations,
            count(*) FILTER (WHERE t.result = 'promise') AS promises
        FROM tasks t WHERE t.done_by = m.id AND t.status = 'done' AND t.done_at > ?) done ON true
     LEFT JOIN LATERAL (
        SELECT count(DISTINCT h.case_id) AS cases, count(*) FILTER (WHERE e.kind = 'promise_kept') AS promises_kept,
            count(*) FILTER (WHERE e.kind = 'payment_confirmed') AS payments
        FROM case_handlers h LEFT JOIN events e ON e.case_id = h.case_id AND e.at > ? AND e.kind IN ('promise_kept', 'payment_confirmed')
        WHERE h.member_id = m.id) handled ON true
     LEFT JOIN LATERAL (
        SELECT a.deputy_id FROM absences a WHERE a.member_id = m.id AND ? BETWEEN a.from_on AND a.until_on
        ORDER BY a.created_at DESC LIMIT 1) away ON true
     WHERE m.organisation_id = ? AND m.disabled_at IS NULL ORDER BY m.full_name, m.id")
}

pub async fn load(
    conn: &mut Conn<'_>,
    org: OrgId,
    today: NaiveDate,
    at: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Result<Vec<Load>, DbError> {
    Ok(LoadOf { at, since, kept_since: since, today, org }.load(conn).await?)
}

statement! {
    struct HandlerOf { case: CaseId => SqlUuid, org: OrgId => SqlUuid } "SELECT member_id FROM case_handlers WHERE case_id = ? AND org_id = ?"
}

#[derive(QueryableByName)]
struct MemberRow {
    #[diesel(sql_type = SqlUuid)]
    member_id: MemberId,
}

pub async fn handler_of(conn: &mut Conn<'_>, case: CaseId, org: OrgId) -> Result<Option<MemberId>, DbError> {
    Ok(HandlerOf { case, org }.get_result::<MemberRow>(conn).await.optional()?.map(|row| row.member_id))
}

statement! {
    struct ClearHandler { case: CaseId => SqlUuid, org: OrgId => SqlUuid } "DELETE FROM case_handlers WHERE case_id = ? AND org_id = ?"
}

pub async fn clear_handler(conn: &mut Conn<'_>, case: CaseId, org: OrgId) -> Result<(), DbError> {
    ClearHandler { case, org }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Give<'a> { org: OrgId => SqlUuid, member: MemberId => SqlUuid, since: DateTime<Utc> => Timestamptz, cases: &'a [CaseId] => Array<SqlUuid> }
    "INSERT INTO case_handlers (case_id, org_id, member_id, since) SELECT id, ?, ?, ? FROM unnest(?) AS id
     ON CONFLICT (case_id, org_id) DO UPDATE SET member_id = excluded.member_id, since = excluded.since"
}

pub async fn give(
    conn: &mut Conn<'_>,
    org: OrgId,
    cases: &[CaseId],
    member: MemberId,
    since: DateTime<Utc>,
) -> Result<(), DbError> {
    Give { org, member, since, cases }.execute(conn).await?;
    Ok(())
}

statement! {
    struct GiveTasks<'a> { member: Option<MemberId> => Nullable<SqlUuid>, cases: &'a [CaseId] => Array<SqlUuid>, org: OrgId => SqlUuid }
    "UPDATE tasks SET assignee_id = ? WHERE case_id = ANY(?) AND status = 'open' AND coalesce(agency_id, creditor_id) = ?"
}

/// The open tasks of these cases; how many.
pub async fn give_tasks(conn: &mut Conn<'_>, org: OrgId, cases: &[CaseId], member: Option<MemberId>) -> Result<usize, DbError> {
    Ok(GiveTasks { member, cases, org }.execute(conn).await?)
}

statement! {
    struct GiveTasksOf { to: MemberId => SqlUuid, from: MemberId => SqlUuid, org: OrgId => SqlUuid, handler: MemberId => SqlUuid }
    "UPDATE tasks t SET assignee_id = ? WHERE t.assignee_id = ? AND t.status = 'open' AND coalesce(t.agency_id, t.creditor_id) = ?
     AND NOT EXISTS (SELECT FROM case_handlers h WHERE h.case_id = t.case_id AND h.member_id = ?)"
}

/// A person's open tasks on cases that they do not handle; how many.
pub async fn give_tasks_of(conn: &mut Conn<'_>, org: OrgId, from: MemberId, to: MemberId) -> Result<usize, DbError> {
    Ok(GiveTasksOf { to, from, org, handler: from }.execute(conn).await?)
}

macro_rules! own_cases {
    ($condition:literal) => {
        concat!(
            "SELECT c.id AS case_id FROM cases c WHERE CASE WHEN ? THEN c.phase = 'active' AND c.agency_id = ?
                ELSE c.phase = 'in_house' AND c.creditor_id = ? END AND ",
            $condition
        )
    };
}

statement! {
    struct OwnAmong<'a> { of_agency: bool => Bool, agency: OrgId => SqlUuid, creditor: OrgId => SqlUuid, ids: &'a [CaseId] => Array<SqlUuid> }
    own_cases!("c.id = ANY(?) ORDER BY c.id")
}
statement! {
    struct Handled { of_agency: bool => Bool, agency: OrgId => SqlUuid, creditor: OrgId => SqlUuid, member: MemberId => SqlUuid }
    own_cases!("EXISTS (SELECT FROM case_handlers h WHERE h.case_id = c.id AND h.member_id = ?) ORDER BY c.id")
}

#[derive(QueryableByName)]
struct CaseRow {
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
}

/// Those of these cases that the organisation pursues.
pub async fn list_own(conn: &mut Conn<'_>, own: Own, ids: &[CaseId]) -> Result<Vec<CaseId>, DbError> {
    let Own { org, of_agency } = own;
    let rows: Vec<CaseRow> = OwnAmong { of_agency, agency: org, creditor: org, ids }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.case_id).collect())
}

/// The cases that the organisation pursues and a person handles.
pub async fn list_handled(conn: &mut Conn<'_>, own: Own, member: MemberId) -> Result<Vec<CaseId>, DbError> {
    let Own { org, of_agency } = own;
    let rows: Vec<CaseRow> = Handled { of_agency, agency: org, creditor: org, member }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.case_id).collect())
}
