//! Customers that stand worse than their creditor allows, or than a month ago.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Nullable, Text, Uuid as SqlUuid},
};

use super::{CreditError, store::risks as store};
use crate::{
    db::Conn,
    types::{Currency, DebtorId, OrgId},
};

/// A month, near enough.
const COMPARED: TimeDelta = TimeDelta::days(30);

/// A customer, with what it owes in the currency that it owes most of.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct CustomerAtRisk {
    #[diesel(sql_type = SqlUuid)]
    pub debtor_id: DebtorId,
    #[diesel(sql_type = Nullable<Text>)]
    pub currency: Option<Currency>,
    #[diesel(sql_type = BigInt)]
    pub open_minor: i64,
    #[diesel(sql_type = Nullable<Date>)]
    pub oldest_due_on: Option<NaiveDate>,
    /// How much of its limit is used, in percent; 0 where it is not about the limit.
    #[diesel(sql_type = BigInt)]
    pub limit_use: i64,
    /// By how many points of a hundred it is less likely to pay within 30 days; 0 where it is not about the score.
    #[diesel(sql_type = BigInt)]
    pub score_drop: i64,
}

/// A creditor's customers that owe more than their limit, at most so many.
///
/// # Errors
/// The database fails.
pub async fn over_limit(conn: &mut Conn<'_>, creditor: OrgId, most: i64) -> Result<Vec<CustomerAtRisk>, CreditError> {
    Ok(store::list_over_limit(conn, creditor, most).await?)
}

/// A creditor's customers that are less likely to pay than at some time in the last 30 days, at most so many.
///
/// # Errors
/// The database fails.
pub async fn worsened(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    at: DateTime<Utc>,
    most: i64,
) -> Result<Vec<CustomerAtRisk>, CreditError> {
    Ok(store::list_worsened(conn, creditor, at - COMPARED, most).await?)
}
