//! SQL of groups.

use chrono::NaiveDate;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    receivables::groups::GroupSum,
    types::{Currency, DebtorId, Money, OrgId},
};

statement! {
    struct SetParent { parent: Option<DebtorId> => Nullable<SqlUuid>, id: DebtorId => SqlUuid } "UPDATE debtors SET parent_id = ? WHERE id = ?"
}

pub async fn set_parent(conn: &mut Conn<'_>, id: DebtorId, parent: Option<DebtorId>) -> Result<(), DbError> {
    SetParent { parent, id }.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

statement! {
    struct CountSites { parent: DebtorId => SqlUuid } "SELECT count(*) AS count FROM debtors WHERE parent_id = ? AND merged_into IS NULL"
}

pub async fn count_sites(conn: &mut Conn<'_>, parent: DebtorId) -> Result<i64, DbError> {
    Ok(CountSites { parent }.get_result::<Counted>(conn).await?.count)
}

#[derive(QueryableByName)]
struct SumRow {
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    invoices: i64,
    #[diesel(sql_type = BigInt)]
    open_minor: i64,
    #[diesel(sql_type = BigInt)]
    overdue_minor: i64,
}

statement! {
    /// Records merged into one of the group count with it.
    struct Sums { parent: DebtorId => SqlUuid, site: DebtorId => SqlUuid, today: NaiveDate => Date, creditor: OrgId => SqlUuid }
    "WITH heads AS (SELECT id FROM debtors WHERE id = ? OR parent_id = ?),
     members AS (SELECT id FROM heads UNION SELECT d.id FROM debtors d JOIN heads ON d.merged_into = heads.id)
     SELECT currency, count(*) AS invoices,
        sum(open_minor)::bigint AS open_minor,
        coalesce(sum(open_minor) FILTER (WHERE due_on < ?), 0)::bigint AS overdue_minor
     FROM receivables JOIN members ON members.id = receivables.debtor_id
     WHERE creditor_id = ? AND open_minor > 0 GROUP BY currency ORDER BY currency"
}

pub async fn sums(conn: &mut Conn<'_>, creditor: OrgId, parent: DebtorId, today: NaiveDate) -> Result<Vec<GroupSum>, DbError> {
    let rows: Vec<SumRow> = Sums { parent, site: parent, today, creditor }.load(conn).await?;
    let sum = |row: SumRow| GroupSum {
        invoices: row.invoices,
        open: Money::new(row.open_minor, row.currency),
        overdue: Money::new(row.overdue_minor, row.currency),
    };
    Ok(rows.into_iter().map(sum).collect())
}
