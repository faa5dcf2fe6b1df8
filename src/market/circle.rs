//! A creditor's lists: the agencies of its circle, those it wants nowhere near its cases, and those it may choose from.
//!
//! What may never happen here: an agency that learns on which list it stands. A refusal names `creditor_choice`, whatever it was.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{MarketError, store::qualification as store};
use crate::{
    db::{By, Conn},
    http::Cursor,
    types::{Country, OrgId, clock::day_in, text_enum},
};

text_enum! {
    /// Where an agency stands with a creditor.
    pub enum Standing {
        /// Sees the listings that are for the circle.
        Invited => "invited",
        /// Is given none of the creditor's cases.
        Blocked => "blocked",
    }
}

/// An agency on one of a creditor's lists.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListedAgency {
    pub agency_id: OrgId,
    pub legal_name: String,
    pub standing: Standing,
    pub set_at: DateTime<Utc>,
}

/// An agency as creditors choose it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarketAgency {
    pub id: OrgId,
    pub legal_name: String,
    pub country: Country,
    /// Where its licences count today.
    pub licensed_in: Vec<Country>,
    /// Null: on neither of your lists.
    pub standing: Option<Standing>,
}

/// The creditor's lists, by name.
///
/// # Errors
/// The database fails.
pub async fn list_circle(conn: &mut Conn<'_>, _: &By, creditor: OrgId) -> Result<Vec<ListedAgency>, MarketError> {
    Ok(store::list_listed(conn, creditor).await?)
}

/// Whether the creditor has invited anybody.
pub(super) async fn has_invited(conn: &mut Conn<'_>, by: &By, creditor: OrgId) -> Result<bool, MarketError> {
    Ok(list_circle(conn, by, creditor).await?.iter().any(|listed| listed.standing == Standing::Invited))
}

/// Puts an agency on one of the two lists. Doing it again changes nothing.
///
/// # Errors
/// There is no such agency.
pub async fn set_standing(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    agency: OrgId,
    standing: Standing,
) -> Result<ListedAgency, MarketError> {
    if !store::set_standing(conn, creditor, agency, standing, by.at).await? {
        return Err(MarketError::NotFound("agency"));
    }
    let listed = list_circle(conn, by, creditor).await?;
    listed.into_iter().find(|one| one.agency_id == agency).ok_or(MarketError::NotFound("agency"))
}

/// Takes an agency off the lists.
///
/// # Errors
/// It stands on neither.
pub async fn drop_standing(conn: &mut Conn<'_>, _: &By, creditor: OrgId, agency: OrgId) -> Result<(), MarketError> {
    if store::drop_standing(conn, creditor, agency).await? { Ok(()) } else { Err(MarketError::NotFound("agency")) }
}

/// Agencies with a licence in force, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_agencies(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    cursor: Cursor,
) -> Result<Vec<MarketAgency>, MarketError> {
    let on = day_in(chrono_tz::UTC, by.at);
    Ok(store::list_agencies(conn, creditor, on, cursor).await?)
}
