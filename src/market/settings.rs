//! What a creditor asks of the market in general. A listing takes its part of this when it is posted and keeps it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MarketError, store::qualification as store};
use crate::{
    db::{By, Conn},
    types::{BasisPoints, OrgId, text_enum},
};

/// A creditor's wishes; the defaults while it has said nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Only agencies with a vetted certificate in force are given its cases.
    pub certificate_required: bool,
    /// With so many offers a listing is full.
    #[schema(minimum = 1, maximum = 200)]
    pub offers_max: i32,
    /// With fewer offers at the deadline it is put off once, by half of its term. 0: never.
    #[schema(minimum = 0, maximum = 10)]
    pub extend_below: i32,
    /// What the promises weigh in the ranking, in basis points: 10000 is one.
    #[schema(minimum = 5_000, maximum = 30_000)]
    pub relationship_weight_bp: BasisPoints,
    /// What becomes of a case that nobody offers on.
    pub no_offers: NoOffers,
}

text_enum! {
    /// When the deadline passes without an offer.
    pub enum NoOffers {
        /// The case goes back in-house.
        HandBack => "hand_back",
        /// Once more for every agency, at the higher take-now price of its round; back in-house after three.
        RelistWider => "relist_wider",
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            certificate_required: false,
            offers_max: 30,
            extend_below: 0,
            relationship_weight_bp: BasisPoints(10_000),
            no_offers: NoOffers::HandBack,
        }
    }
}

impl Settings {
    /// # Errors
    /// A figure out of range.
    fn check(&self) -> Result<(), MarketError> {
        let ranges = [
            ("/offers_max", self.offers_max, 1..=200),
            ("/extend_below", self.extend_below, 0..=10),
            ("/relationship_weight_bp", self.relationship_weight_bp.0, 5_000..=30_000),
        ];
        for (pointer, given, range) in ranges {
            if !range.contains(&given) {
                return Err(MarketError::Invalid(pointer, format!("from {} to {}, not {given}", range.start(), range.end())));
            }
        }
        Ok(())
    }
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
/// They have moved on, or a figure is out of range.
pub async fn set_market_settings(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    version: i32,
    settings: &Settings,
) -> Result<i32, MarketError> {
    settings.check()?;
    let (_, current) = market_settings(conn, by, creditor).await?;
    if current == version && store::write_settings(conn, creditor, settings, version, by.at).await? {
        return Ok(version + 1);
    }
    Err(MarketError::Stale { given: version, current })
}
