//! SQL of strategies and their assignments.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    receivables::DebtorKind,
    recovery::assignments::{Assignment, AssignmentScope},
    types::{Currency, DebtorId, OrgId, StrategyAssignmentId, StrategyId},
};

#[derive(QueryableByName)]
pub struct StrategyRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: StrategyId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub owner_id: Option<OrgId>,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Integer)]
    pub version: i32,
    #[diesel(sql_type = Jsonb)]
    pub steps: Value,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub published_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

macro_rules! columns {
    () => {
        "id, owner_id, name, version, steps, published_at, created_at"
    };
}

statement! {
    struct KeepShipped<'a> { id: StrategyId => SqlUuid, name: &'a str => Text, version: i32 => Integer, steps: &'a Value => Jsonb,
                             published_at: DateTime<Utc> => Timestamptz, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO strategies (id, owner_id, name, version, steps, published_at, created_at) VALUES (?, NULL, ?, ?, ?, ?, ?)
     ON CONFLICT ON CONSTRAINT strategies_version_unique DO NOTHING"
}

/// A playbook of the program's, unless it is there.
pub async fn keep_shipped(
    conn: &mut Conn<'_>,
    name: &str,
    version: i32,
    steps: &Value,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    KeepShipped { id: StrategyId::fresh(), name, version, steps, published_at: at, created_at: at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct LockName<'a> { owner: OrgId => SqlUuid, name: &'a str => Text }
    "SELECT pg_advisory_xact_lock(hashtextextended(?::text || ?, 1))"
}
statement! {
    struct InsertDraft<'a> { id: StrategyId => SqlUuid, owner: OrgId => SqlUuid, name: &'a str => Text, steps: &'a Value => Jsonb,
                             created_at: DateTime<Utc> => Timestamptz, same_owner: OrgId => SqlUuid, same_name: &'a str => Text }
    "INSERT INTO strategies (id, owner_id, name, version, steps, created_at)
     SELECT ?, ?, ?, coalesce(max(version), 0) + 1, ?, ? FROM strategies WHERE owner_id = ? AND name = ?"
}

/// The next version of a name; two at once get two numbers.
pub async fn insert_draft(
    conn: &mut Conn<'_>,
    id: StrategyId,
    owner: OrgId,
    name: &str,
    steps: &Value,
    created_at: DateTime<Utc>,
) -> Result<(), DbError> {
    LockName { owner, name }.execute(conn).await?;
    InsertDraft { id, owner, name, steps, created_at, same_owner: owner, same_name: name }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Publish { at: DateTime<Utc> => Timestamptz, id: StrategyId => SqlUuid }
    "UPDATE strategies SET published_at = ? WHERE id = ? AND published_at IS NULL"
}

pub async fn publish(conn: &mut Conn<'_>, id: StrategyId, at: DateTime<Utc>) -> Result<(), DbError> {
    Publish { at, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Find { id: StrategyId => SqlUuid } concat!("SELECT ", columns!(), " FROM strategies WHERE id = ?")
}

pub async fn find(conn: &mut Conn<'_>, id: StrategyId) -> Result<Option<StrategyRow>, DbError> {
    Ok(Find { id }.get_result(conn).await.optional()?)
}

statement! {
    struct List { before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", columns!(), " FROM strategies WHERE id < ? ORDER BY id DESC LIMIT ?")
}

/// Newest first, as far as row-level security shows them.
pub async fn list(conn: &mut Conn<'_>, cursor: Cursor) -> Result<Vec<StrategyRow>, DbError> {
    Ok(List { before: cursor.before, limit: cursor.fetch() }.load(conn).await?)
}

statement! {
    struct Latest<'a> { owner: Option<OrgId> => Nullable<SqlUuid>, name: &'a str => Text }
    concat!("SELECT ", columns!(), " FROM strategies WHERE owner_id IS NOT DISTINCT FROM ? AND name = ? AND published_at IS NOT NULL
             ORDER BY version DESC LIMIT 1")
}

/// The latest published version of a name; `owner` none: shipped.
pub async fn latest(conn: &mut Conn<'_>, owner: Option<OrgId>, name: &str) -> Result<Option<StrategyRow>, DbError> {
    Ok(Latest { owner, name }.get_result(conn).await.optional()?)
}

#[derive(QueryableByName)]
struct AssignmentRow {
    #[diesel(sql_type = SqlUuid)]
    id: StrategyAssignmentId,
    #[diesel(sql_type = Text)]
    strategy: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    debtor_id: Option<DebtorId>,
    #[diesel(sql_type = Nullable<Text>)]
    debtor_kind: Option<DebtorKind>,
    #[diesel(sql_type = Nullable<BigInt>)]
    from_minor: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    below_minor: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    currency: Option<Currency>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl From<AssignmentRow> for Assignment {
    fn from(row: AssignmentRow) -> Self {
        let scope = match row {
            AssignmentRow { debtor_id: Some(debtor_id), .. } => AssignmentScope::Customer { debtor_id },
            AssignmentRow { currency: Some(currency), from_minor, below_minor, .. } => {
                AssignmentScope::Amount { currency, from_minor: from_minor.unwrap_or(0), below_minor }
            }
            AssignmentRow { debtor_kind: Some(debtor_kind), .. } => AssignmentScope::Class { debtor_kind },
            AssignmentRow { .. } => AssignmentScope::All,
        };
        Self { id: row.id, strategy: row.strategy, applies_to: scope, created_at: row.created_at }
    }
}

statement! {
    struct Assign<'a> { id: StrategyAssignmentId => SqlUuid, owner: OrgId => SqlUuid, strategy: &'a str => Text,
                        debtor: Option<DebtorId> => Nullable<SqlUuid>, debtor_kind: Option<DebtorKind> => Nullable<Text>,
                        from_minor: Option<i64> => Nullable<BigInt>, below_minor: Option<i64> => Nullable<BigInt>,
                        currency: Option<Currency> => Nullable<Text>, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO strategy_assignments (id, owner_id, strategy, debtor_id, debtor_kind, from_minor, below_minor, currency, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT ON CONSTRAINT strategy_assignments_once
     DO UPDATE SET id = excluded.id, strategy = excluded.strategy, created_at = excluded.created_at"
}

/// Takes the place of an earlier assignment to the same cases.
pub async fn assign(conn: &mut Conn<'_>, owner: OrgId, assignment: &Assignment) -> Result<(), DbError> {
    let Assignment { id, strategy, applies_to, created_at } = assignment;
    let nothing = Assign {
        id: *id,
        owner,
        strategy,
        debtor: None,
        debtor_kind: None,
        from_minor: None,
        below_minor: None,
        currency: None,
        created_at: *created_at,
    };
    let assign = match *applies_to {
        AssignmentScope::All => nothing,
        AssignmentScope::Class { debtor_kind } => Assign { debtor_kind: Some(debtor_kind), ..nothing },
        AssignmentScope::Amount { currency, from_minor, below_minor } => {
            Assign { currency: Some(currency), from_minor: Some(from_minor), below_minor, ..nothing }
        }
        AssignmentScope::Customer { debtor_id } => Assign { debtor: Some(debtor_id), ..nothing },
    };
    assign.execute(conn).await?;
    Ok(())
}

statement! {
    struct ListAssignments { owner: OrgId => SqlUuid }
    "SELECT id, strategy, debtor_id, debtor_kind, from_minor, below_minor, currency, created_at FROM strategy_assignments
     WHERE owner_id = ? ORDER BY id DESC"
}

/// Newest first.
pub async fn list_assignments(conn: &mut Conn<'_>, owner: OrgId) -> Result<Vec<Assignment>, DbError> {
    let rows: Vec<AssignmentRow> = ListAssignments { owner }.load(conn).await?;
    Ok(rows.into_iter().map(Assignment::from).collect())
}

statement! {
    struct Withdraw { owner: OrgId => SqlUuid, id: StrategyAssignmentId => SqlUuid }
    "DELETE FROM strategy_assignments WHERE owner_id = ? AND id = ?"
}

pub async fn withdraw(conn: &mut Conn<'_>, owner: OrgId, id: StrategyAssignmentId) -> Result<bool, DbError> {
    Ok(Withdraw { owner, id }.execute(conn).await? > 0)
}
