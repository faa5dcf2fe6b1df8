//! What waits for somebody on the market: offers to compare before their time runs out, mandates that one's own side has
//! not signed. Reads alone.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};

use super::{Mandate, MarketError, Offer, Party, store::desk as store};
use crate::{
    db::{By, Conn, Scope},
    types::{BasisPoints, CaseId, ListingId, MandateId, OrgId},
};

/// A case whose offers are open and whose creditor chooses by hand.
#[derive(Debug, Clone, QueryableByName)]
pub struct Deciding {
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub debtor: String,
    #[diesel(sql_type = Integer)]
    pub offer_count: i32,
    #[diesel(sql_type = Timestamptz)]
    pub decide_by: DateTime<Utc>,
}

/// A creditor's cases whose offers are to be compared, the most pressing first.
///
/// # Errors
/// The database fails.
pub async fn to_decide(conn: &mut Conn<'_>, by: &By, limit: i64) -> Result<Vec<Deciding>, MarketError> {
    match by.scope {
        Scope::Creditor(creditor) => Ok(store::to_decide(conn, creditor, limit).await?),
        Scope::Agency(_) | Scope::Operator(_) | Scope::Debtor(_) | Scope::System => Ok(Vec::new()),
    }
}

/// A mandate that one's own side has not signed.
#[derive(Debug, Clone, QueryableByName)]
pub struct ToSign {
    #[diesel(sql_type = SqlUuid)]
    pub id: MandateId,
    #[diesel(sql_type = Nullable<Text>)]
    pub reference: Option<String>,
    /// The other side.
    #[diesel(sql_type = Nullable<Text>)]
    pub counterpart: Option<String>,
    #[diesel(sql_type = Integer)]
    pub fee_bp: BasisPoints,
    #[diesel(sql_type = Timestamptz)]
    pub sign_by: DateTime<Utc>,
}

/// Mandates that wait for `by`'s side, the most pressing first.
///
/// # Errors
/// The database fails.
pub async fn to_sign(conn: &mut Conn<'_>, by: &By, limit: i64) -> Result<Vec<ToSign>, MarketError> {
    let (org, party) = match by.scope {
        Scope::Creditor(org) => (org, Party::Creditor),
        Scope::Agency(org) => (org, Party::Agency),
        Scope::Operator(_) | Scope::Debtor(_) | Scope::System => return Ok(Vec::new()),
    };
    Ok(store::to_sign(conn, org, party, limit).await?)
}

/// An agency's latest offer on a listing, whatever became of it.
///
/// # Errors
/// The database fails.
pub async fn own_offer(conn: &mut Conn<'_>, _by: &By, agency: OrgId, listing: ListingId) -> Result<Option<Offer>, MarketError> {
    Ok(super::store::offers::find_latest_on(conn, agency, listing).await?)
}

/// The latest mandate of a case, as far as `by` is a party to it.
///
/// # Errors
/// The database fails.
pub async fn mandate_of_case(conn: &mut Conn<'_>, _by: &By, case: CaseId) -> Result<Option<Mandate>, MarketError> {
    Ok(super::store::mandates::find_latest_of_case(conn, case).await?)
}
