//! SQL of pools.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    market::pools::Pooling,
    types::{CaseId, Currency, DebtorId, LotId, OrgId},
};

statement! {
    struct PoolOf { debtor: DebtorId => SqlUuid, currency: Currency => Text, opens_at: DateTime<Utc> => Timestamptz, fresh: LotId => SqlUuid }
    "SELECT pool_of(?, ?, ?, ?) AS lot_id"
}

#[derive(QueryableByName)]
struct Lot {
    #[diesel(sql_type = SqlUuid)]
    lot_id: LotId,
}

/// The pool of a debtor that opens then: `fresh` where it is the first in it.
pub(in crate::market) async fn pool_of(
    conn: &mut Conn<'_>,
    debtor: DebtorId,
    currency: Currency,
    opens_at: DateTime<Utc>,
    fresh: LotId,
) -> Result<LotId, DbError> {
    Ok(PoolOf { debtor, currency, opens_at, fresh }.get_result::<Lot>(conn).await?.lot_id)
}

statement! {
    struct Insert {
        case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, lot: LotId => SqlUuid, opens_at: DateTime<Utc> => Timestamptz,
        consented_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO pooled_cases (case_id, creditor_id, lot_id, opens_at, consented_at) VALUES (?, ?, ?, ?, ?)"
}

pub(in crate::market) async fn insert(conn: &mut Conn<'_>, creditor: OrgId, pooling: &Pooling) -> Result<(), DbError> {
    let Pooling { case, lot, opens_at, consented_at } = *pooling;
    Insert { case, creditor, lot, opens_at, consented_at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Find { case: CaseId => SqlUuid } "SELECT case_id, lot_id, opens_at, consented_at FROM pooled_cases WHERE case_id = ?"
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = SqlUuid)]
    lot_id: LotId,
    #[diesel(sql_type = Timestamptz)]
    opens_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    consented_at: DateTime<Utc>,
}

pub(in crate::market) async fn find(conn: &mut Conn<'_>, case: CaseId) -> Result<Option<Pooling>, DbError> {
    let row: Option<Row> = Find { case }.get_result(conn).await.optional()?;
    Ok(row.map(|Row { case_id: case, lot_id: lot, opens_at, consented_at }| Pooling { case, lot, opens_at, consented_at }))
}

statement! {
    struct Delete { case: CaseId => SqlUuid } "DELETE FROM pooled_cases WHERE case_id = ?"
}

/// Whether it was in a pool.
pub(in crate::market) async fn delete(conn: &mut Conn<'_>, case: CaseId) -> Result<bool, DbError> {
    Ok(Delete { case }.execute(conn).await? > 0)
}

statement! {
    struct DeletePool { lot: LotId => SqlUuid } "DELETE FROM pools WHERE lot_id = ?"
}

/// Once nobody is in it any more.
pub(in crate::market) async fn delete_pool(conn: &mut Conn<'_>, lot: LotId) -> Result<(), DbError> {
    DeletePool { lot }.execute(conn).await?;
    Ok(())
}

statement! {
    struct ListCases { lot: LotId => SqlUuid } "SELECT case_id FROM pooled_cases WHERE lot_id = ? ORDER BY case_id"
}

#[derive(QueryableByName)]
struct Pooled {
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
}

pub(in crate::market) async fn list_cases(conn: &mut Conn<'_>, lot: LotId) -> Result<Vec<CaseId>, DbError> {
    let rows: Vec<Pooled> = ListCases { lot }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.case_id).collect())
}
