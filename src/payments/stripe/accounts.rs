//! Connected accounts: an organisation shows Stripe who it is, on Stripe's own pages, before money is transferred to it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{answers::Account, jobs::Transfer, store};
use crate::{
    db::{By, Conn},
    jobs,
    payments::PaymentsError,
    types::OrgId,
};

/// Whether the platform can transfer an organisation's part of card payments to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConnectedAccount {
    /// Money is transferred; else it waits.
    pub is_ready: bool,
    /// What Stripe still asks for, in its own terms.
    #[schema(example = json!(["company.tax_id", "external_account"]))]
    pub lacks: Vec<String>,
    /// None before the first visit.
    pub account_id: Option<String>,
}

/// Where to show Stripe who one is: good once, for some minutes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Onboarding {
    pub url: String,
    pub expires_at: DateTime<Utc>,
}

/// The account of `org`, as Stripe last told of it.
///
/// # Errors
/// The database fails.
pub async fn find(conn: &mut Conn<'_>, _by: &By, org: OrgId) -> Result<ConnectedAccount, PaymentsError> {
    let known = store::find_account(conn, org).await?;
    Ok(known.map_or_else(
        || ConnectedAccount { is_ready: false, lacks: Vec::new(), account_id: None },
        |known| ConnectedAccount { is_ready: known.is_ready, lacks: known.lacks, account_id: known.account_id },
    ))
}

/// `org` is about to ask Stripe for an account: its id there, if it has one.
///
/// # Errors
/// The database fails.
pub async fn ask(conn: &mut Conn<'_>, by: &By, org: OrgId) -> Result<Option<String>, PaymentsError> {
    store::insert_account(conn, org, by.at).await?;
    Ok(store::find_account(conn, org).await?.and_then(|known| known.account_id))
}

/// Stripe tells of the account of `org`. Once money may be transferred to it, what has waited for that leaves.
///
/// # Errors
/// The database fails.
pub async fn told(conn: &mut Conn<'_>, by: &By, org: OrgId, account: &Account) -> Result<(), PaymentsError> {
    let is_ready = account.capabilities.get("transfers").is_some_and(|status| status == "active");
    let lacks = account.requirements.clone().unwrap_or_default().currently_due.unwrap_or_default();
    store::set_account(conn, org, (&account.id, is_ready, &lacks), by.at).await?;
    if is_ready {
        for payout_id in store::list_waiting(conn, org).await? {
            jobs::enqueue(conn, Transfer::KIND, &Transfer { payout_id }, by.at).await?;
        }
    }
    Ok(())
}

/// Whose account this is.
///
/// # Errors
/// The database fails.
pub async fn owner_of(conn: &mut Conn<'_>, account: &str) -> Result<Option<OrgId>, PaymentsError> {
    Ok(store::find_account_by_id(conn, account).await?.map(|known| known.org_id))
}
