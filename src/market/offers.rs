//! Offers: an agency's sealed bid on a listing. Nobody but its agency reads one before the deadline, no rival ever.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    MarketError,
    award::{Arithmetic, Bid},
    fitness,
    listing::{Listing, ListingStatus, find_listing},
    reasons::Verdict,
    store::{listings as listing_store, offers as store},
};
use crate::{
    cases,
    db::{By, Conn},
    http::Cursor,
    jobs, parties,
    types::{BasisPoints, CaseId, ListingId, OfferId, OrgId, Tone, text_enum},
};

text_enum! {
    /// Where an offer stands.
    pub enum OfferStatus {
        Sealed => "sealed",
        Withdrawn => "withdrawn",
        /// Never opened: the case left the market before the deadline.
        Void => "void",
        /// Opened at the deadline; the creditor chooses.
        Ranked => "ranked",
        Awarded => "awarded",
        Lost => "lost",
    }
}

/// What an agency asks and promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Promises {
    /// Of what is recovered, in basis points: 1200 is 12 %.
    #[schema(minimum = 0, maximum = 5000, example = 1200)]
    pub fee_bp: BasisPoints,
    /// Hours from the start of the engagement to the first contact.
    #[schema(minimum = 1, maximum = 240, example = 24)]
    pub first_contact_hours: i32,
    #[schema(minimum = 1, maximum = 60, example = 14)]
    pub update_every_days: i32,
    pub tone: Tone,
}

impl Promises {
    /// # Errors
    /// A figure out of range.
    fn check(&self) -> Result<(), MarketError> {
        let ranges = [
            ("/fee_bp", self.fee_bp.0, 0..=5000),
            ("/first_contact_hours", self.first_contact_hours, 1..=240),
            ("/update_every_days", self.update_every_days, 1..=60),
        ];
        for (pointer, given, range) in ranges {
            if !range.contains(&given) {
                return Err(MarketError::Invalid(pointer, format!("from {} to {}, not {given}", range.start(), range.end())));
            }
        }
        Ok(())
    }
}

/// A bid.
#[derive(Debug, Clone)]
pub struct Offer {
    pub id: OfferId,
    pub listing: ListingId,
    pub agency: OrgId,
    pub promises: Promises,
    pub status: OfferStatus,
    pub rank: Option<i32>,
    /// What its agency was told.
    pub reason: Option<String>,
    pub ranking: Option<Arithmetic>,
    pub submitted_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl Offer {
    /// As the formula sees it.
    pub(super) const fn bid(&self) -> Bid {
        Bid {
            offer: self.id,
            fee: self.promises.fee_bp,
            first_contact_hours: self.promises.first_contact_hours,
            update_every_days: self.promises.update_every_days,
            tone: self.promises.tone,
            submitted_at: self.submitted_at,
        }
    }
}

/// Makes an offer. One made before on the same listing is withdrawn: the new one counts, from the new time.
///
/// # Errors
/// Not visible; not open, or too late by a millisecond; a figure out of range; a rule of qualification not met.
pub async fn submit_offer(
    conn: &mut Conn<'_>,
    by: &By,
    agency: OrgId,
    listing: ListingId,
    promises: Promises,
) -> Result<Offer, MarketError> {
    promises.check()?;
    let listing = listing_store::lock(conn, listing).await?.ok_or(MarketError::NotFound("listing"))?;
    listing.must_take_offers(by.at)?;
    let unmet = fitness::unmet(conn, by, agency, &listing).await?;
    if !unmet.is_empty() {
        return Err(MarketError::NotQualified(unmet));
    }
    let replaced = store::withdraw_of_agency(conn, listing.id, agency, by.at).await?;
    let offer = Offer {
        id: OfferId::fresh(),
        listing: listing.id,
        agency,
        promises,
        status: OfferStatus::Sealed,
        rank: None,
        reason: None,
        ranking: None,
        submitted_at: by.at,
        decided_at: None,
    };
    store::insert(conn, &offer).await?;
    if replaced == 0 {
        listing_store::add_offers(conn, listing.id, 1).await?;
    }
    Ok(offer)
}

/// Withdraws an offer before the deadline. Doing it again changes nothing.
///
/// # Errors
/// Not this agency's; opened, decided, or too late.
pub async fn withdraw_offer(conn: &mut Conn<'_>, by: &By, agency: OrgId, id: OfferId) -> Result<Offer, MarketError> {
    let found = store::find_own(conn, agency, id).await?.ok_or(MarketError::NotFound("offer"))?;
    let listing = listing_store::lock(conn, found.listing).await?.ok_or(MarketError::NotFound("listing"))?;
    let offer = store::find_own(conn, agency, id).await?.ok_or(MarketError::NotFound("offer"))?;
    match offer.status {
        OfferStatus::Withdrawn => return Ok(offer),
        OfferStatus::Void | OfferStatus::Ranked | OfferStatus::Awarded | OfferStatus::Lost => {
            return Err(MarketError::OfferOver(offer.status));
        }
        OfferStatus::Sealed => listing.must_take_offers(by.at)?,
    }
    store::withdraw_of_agency(conn, listing.id, agency, by.at).await?;
    listing_store::add_offers(conn, listing.id, -1).await?;
    Ok(Offer { status: OfferStatus::Withdrawn, decided_at: Some(by.at), ..offer })
}

/// An agency's own offers, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_own_offers(conn: &mut Conn<'_>, _: &By, agency: OrgId, cursor: Cursor) -> Result<Vec<Offer>, MarketError> {
    Ok(store::list_of_agency(conn, agency, cursor).await?)
}

/// The opened offers on a creditor's case in its latest round, best first, with the listing they were made on.
///
/// # Errors
/// The case is not visible or was never listed; the offers are still sealed.
pub async fn ranked_offers(conn: &mut Conn<'_>, by: &By, case: CaseId) -> Result<(Listing, Vec<Offer>), MarketError> {
    let case = cases::find(conn, by, case).await?;
    let listing = find_listing(conn, by, case.listing.ok_or(MarketError::NotFound("listing"))?).await?;
    if listing.status == ListingStatus::Open {
        return Err(MarketError::Sealed(listing.offers_until));
    }
    let offers = store::list_opened(conn, listing.id).await?;
    Ok((listing, offers))
}

/// Writes down what became of a locked offer, in its agency's language, and has the agency told.
pub(super) async fn decide(
    conn: &mut Conn<'_>,
    by: &By,
    offer: &Offer,
    status: OfferStatus,
    verdict: Verdict<'_>,
) -> Result<(), MarketError> {
    let language = parties::find_organisation(conn, by, offer.agency).await?.language;
    store::set_decided(conn, offer.id, status, &verdict.written(language), by.at).await?;
    Ok(jobs::enqueue(conn, "notices.offer_decided", &json!({ "offer_id": offer.id }), by.at).await?)
}
