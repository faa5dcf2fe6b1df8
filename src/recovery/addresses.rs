//! Addresses that reach nobody: what was sent there came back, or whoever has them wants no more of it.
//!
//! What may never happen here: a message to an address that is known to be wrong. Another address of the same debtor is not
//! meant, so a corrected one is used at once.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Text, Timestamptz, Uuid as SqlUuid},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{RecoveryError, store::addresses as store};
use crate::{
    cases::Case,
    db::{By, Conn},
    receivables,
    types::{Channel, DebtorId, OrgId, UnreachableAddressId},
};

const REASON_MAX_CHARS: usize = 500;

/// Where nothing is sent any more.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
pub struct UnreachableAddress {
    #[diesel(sql_type = SqlUuid)]
    pub id: UnreachableAddressId,
    #[diesel(sql_type = SqlUuid)]
    pub debtor_id: DebtorId,
    #[diesel(sql_type = Text)]
    pub channel: Channel,
    #[diesel(sql_type = Text)]
    pub address: String,
    /// What the other side said.
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Timestamptz)]
    pub marked_at: DateTime<Utc>,
}

/// Marks an address of a case's debtor. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn mark(
    conn: &mut Conn<'_>,
    by: &By,
    case: &Case,
    (channel, address): (Channel, &str),
    reason: &str,
) -> Result<(), RecoveryError> {
    let reason: String = reason.chars().filter(|c| !c.is_control()).take(REASON_MAX_CHARS).collect();
    if channel == Channel::Mail {
        receivables::mark_bounced(conn, by, case.debtor, address, &reason).await?;
    }
    let id = UnreachableAddressId::fresh();
    let marked =
        store::Insert { id, creditor: case.creditor, debtor: case.debtor, channel, address, reason: &reason, marked_at: by.at };
    Ok(store::insert(conn, &marked).await?)
}

/// Those of a debtor, oldest first, as far as they are visible.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, debtor: DebtorId) -> Result<Vec<UnreachableAddress>, RecoveryError> {
    Ok(store::list_of_debtor(conn, debtor).await?)
}

/// Those of a debtor that `by` may see.
///
/// # Errors
/// The debtor is not visible.
pub async fn list_of_debtor(conn: &mut Conn<'_>, by: &By, debtor: DebtorId) -> Result<Vec<UnreachableAddress>, RecoveryError> {
    receivables::find_debtor(conn, by, debtor).await?;
    list(conn, debtor).await
}

/// Somebody has checked an address: it is used again.
///
/// # Errors
/// None of this creditor's.
pub async fn clear(conn: &mut Conn<'_>, _: &By, creditor: OrgId, id: UnreachableAddressId) -> Result<(), RecoveryError> {
    if store::delete(conn, creditor, id).await? { Ok(()) } else { Err(RecoveryError::NotFound("unreachable address")) }
}
