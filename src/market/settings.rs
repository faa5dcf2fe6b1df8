//! What a creditor asks of the market in general. A listing takes its part of this when it is posted and keeps it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MarketError, store::qualification as store};
use crate::{
    db::{By, Conn},
    types::OrgId,
};

/// A creditor's wishes; the defaults while it has said nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Only agencies with a vetted certificate in force are given its cases.
    pub certificate_required: bool,
}

/// The settings and their version, 0 where none were ever written.
///
/// # Errors
/// The database fails.
pub async fn market_settings(conn: &mut Conn<'_>, _: &By, creditor: OrgId) -> Result<(Settings, i32), MarketError> {
    Ok(store::find_settings(conn, creditor).await?.unwrap_or_default())
}

/// Changes them, if `version` is still the one that was read.
///
/// # Errors
/// They have moved on.
pub async fn set_market_settings(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    version: i32,
    settings: &Settings,
) -> Result<i32, MarketError> {
    if store::write_settings(conn, creditor, settings, version, by.at).await? {
        return Ok(version + 1);
    }
    let (_, current) = market_settings(conn, by, creditor).await?;
    Err(MarketError::Stale { given: version, current })
}
