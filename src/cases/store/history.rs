//! SQL of what closed cases came to.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Integer, Text},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    receivables::DebtorKind,
    types::{Country, Currency, Money},
};

/// Closed cases that are alike.
#[derive(Debug, QueryableByName)]
pub struct History {
    #[diesel(sql_type = BigInt)]
    pub cases: i64,
    #[diesel(sql_type = Integer)]
    pub recovered_bp: i32,
}

statement! {
    struct Similar { currency: Currency => Text, least: i64 => BigInt, most: i64 => BigInt, country: Country => Text, kind: DebtorKind => Text }
    "WITH latest AS (
        SELECT debtor_id, currency, principal_minor, least(recovered_minor, principal_minor) AS recovered_minor
        FROM cases WHERE phase = 'closed' ORDER BY closed_at DESC LIMIT 20000)
     SELECT count(*) AS cases,
        coalesce(sum(recovered_minor) * 10000 / nullif(sum(principal_minor), 0), 0)::integer AS recovered_bp
     FROM latest JOIN debtors ON debtors.id = latest.debtor_id
     WHERE currency = ? AND principal_minor BETWEEN ? AND ? AND debtors.country = ? AND debtors.kind = ?"
}

/// Of the latest that closed: a quarter to four times the amount.
pub async fn similar(conn: &mut Conn<'_>, country: Country, kind: DebtorKind, principal: Money) -> Result<History, DbError> {
    let (least, most) = (principal.minor / 4, principal.minor.saturating_mul(4));
    Ok(Similar { currency: principal.currency, least, most, country, kind }.get_result(conn).await?)
}
