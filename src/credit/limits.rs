//! Credit limits: how much a customer may owe, as its creditor sets it, and how much of it is used.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CreditError, store::limits as store};
use crate::{
    db::{By, Conn},
    receivables::{self, Debtor},
    types::{DebtorId, MemberId, Money},
};

/// A limit as it is set.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreditLimitSetting)]
pub struct LimitSetting {
    /// Null takes the limit away.
    pub limit: Option<Money>,
}

/// How much a customer may owe, and the version that the next change names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditLimit {
    pub debtor_id: DebtorId,
    /// Null: none is set.
    pub limit: Option<Money>,
    pub set_by: Option<MemberId>,
    pub set_at: Option<DateTime<Utc>>,
    /// 0: none was ever set.
    pub version: i32,
}

/// The limit of a customer that `by` may see.
///
/// # Errors
/// Not visible.
pub async fn find(conn: &mut Conn<'_>, by: &By, debtor: DebtorId) -> Result<CreditLimit, CreditError> {
    let debtor = receivables::find_debtor(conn, by, debtor).await?;
    limit_of(conn, &debtor).await
}

/// As [`find`], of a customer that was read already.
///
/// # Errors
/// The database fails.
pub async fn limit_of(conn: &mut Conn<'_>, debtor: &Debtor) -> Result<CreditLimit, CreditError> {
    let none = CreditLimit { debtor_id: debtor.id, limit: None, set_by: None, set_at: None, version: 0 };
    Ok(store::find(conn, debtor.id).await?.unwrap_or(none))
}

/// Sets the limit, if `version` is still the one that was read.
///
/// # Errors
/// Not visible; another version by now; below nothing.
pub async fn set(
    conn: &mut Conn<'_>,
    by: &By,
    debtor: DebtorId,
    version: i32,
    setting: LimitSetting,
) -> Result<CreditLimit, CreditError> {
    if setting.limit.is_some_and(|limit| limit.minor < 0) {
        return Err(CreditError::Limit);
    }
    let debtor = receivables::find_debtor(conn, by, debtor).await?;
    if store::write(conn, (debtor.creditor_id, debtor.id), version, setting.limit, (by.member(), by.at)).await? {
        return limit_of(conn, &debtor).await;
    }
    Err(CreditError::StaleLimit(limit_of(conn, &debtor).await?.version))
}
