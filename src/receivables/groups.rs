//! Groups: a parent company and its sites, and what all of them owe together. One level, so that the sum is one look.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Debtor, ReceivablesError, find_debtor,
    store::{groups as store, matches},
};
use crate::{
    db::{By, Conn},
    types::{DebtorId, Money, clock::day_in},
};

/// What a group owes in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupSum {
    pub invoices: i64,
    /// Principal that is neither paid nor credited.
    pub open: Money,
    /// The part of it that is overdue.
    pub overdue: Money,
}

/// A parent company with its sites.
#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    pub parent: Debtor,
    pub sites: i64,
    /// One for each currency, the parent's own included.
    pub sums: Vec<GroupSum>,
}

/// Says whose site a customer is; `None`: it stands for itself.
///
/// # Errors
/// Not visible, itself, a parent that is a site, or sites under it.
pub async fn set_parent(
    conn: &mut Conn<'_>,
    by: &By,
    debtor: DebtorId,
    parent: Option<DebtorId>,
) -> Result<Debtor, ReceivablesError> {
    let own = find_debtor(conn, by, debtor).await?;
    let involved: Vec<DebtorId> = [Some(debtor), parent].into_iter().flatten().collect();
    let locked = matches::lock_debtors(conn, own.creditor_id, &involved).await?;
    if parent == Some(debtor) || locked.len() != involved.len() {
        return Err(ReceivablesError::NoSuchParent);
    }
    if let Some(parent) = parent
        && (find_debtor(conn, by, parent).await?.parent_id.is_some() || store::count_sites(conn, debtor).await? > 0)
    {
        return Err(ReceivablesError::GroupTooDeep);
    }
    store::set_parent(conn, debtor, parent).await?;
    let data = json!({ "before": own.parent_id, "after": parent });
    matches::record(conn, by, (own.creditor_id, debtor), "parent_set", data).await?;
    find_debtor(conn, by, debtor).await
}

/// The group that a customer is the parent of, summed up.
///
/// # Errors
/// Not visible.
pub async fn group_of(conn: &mut Conn<'_>, by: &By, parent: DebtorId) -> Result<Group, ReceivablesError> {
    let debtor = find_debtor(conn, by, parent).await?;
    let today = day_in(chrono_tz::UTC, by.at);
    let (sites, sums) = (store::count_sites(conn, parent).await?, store::sums(conn, debtor.creditor_id, parent, today).await?);
    Ok(Group { parent: debtor, sites, sums })
}
