//! Offers: an agency's sealed bid on a listing. Nobody but its agency reads one before the deadline, no rival ever.
//!
//! The seal is a cipher (`keys::Keys::seal`) under row-level security: what is not opened cannot be read, by whomever.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    MarketError,
    award::Arithmetic,
    fitness,
    listing::{Listing, ListingStatus, find_listing},
    lots,
    reasons::Verdict,
    store::{listings as listing_store, offers as store},
};
use crate::{
    cases,
    db::{By, Conn},
    http::Cursor,
    jobs,
    keys::Keys,
    parties,
    types::{BasisPoints, CaseId, CompanyNumber, FeeSchedule, Iban, Language, ListingId, OfferId, OrgId, Tone, text_enum},
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Promises {
    pub fee: FeeSchedule,
    /// Hours from the start of the engagement to the first contact.
    #[schema(minimum = 1, maximum = 240, example = 24)]
    pub first_contact_hours: i32,
    #[schema(minimum = 1, maximum = 60, example = 14)]
    pub update_every_days: i32,
    pub tone: Tone,
    /// In which the agency speaks with the debtor.
    #[serde(default)]
    pub languages: Vec<Language>,
    /// What part of the claim the agency promises to recover. It does not rank; the score holds it against what came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 10_000, example = 6000)]
    pub recovery_bp: Option<BasisPoints>,
}

impl Promises {
    /// # Errors
    /// A figure out of range.
    fn check(&self) -> Result<(), MarketError> {
        self.fee.check().map_err(|fault| MarketError::Fee(fault.pointer, fault.detail))?;
        let ranges =
            [("/first_contact_hours", self.first_contact_hours, 1..=240), ("/update_every_days", self.update_every_days, 1..=60)];
        for (pointer, given, range) in ranges {
            if !range.contains(&given) {
                return Err(MarketError::Invalid(pointer, format!("from {} to {}, not {given}", range.start(), range.end())));
            }
        }
        match self.recovery_bp {
            Some(promised) if !(0..=10_000).contains(&promised.0) => {
                Err(MarketError::Invalid("/recovery_bp", format!("from 0 to 10000, not {}", promised.0)))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// As JSON of a length that tells nothing, under the offer's seal.
    fn sealed(&self, keys: &Keys, offer: OfferId) -> Result<Vec<u8>, MarketError> {
        let mut written = serde_json::to_vec(self).map_err(|error| MarketError::Seal(error.to_string()))?;
        written.resize(written.len().next_multiple_of(PADDED_TO_BYTES), b' ');
        keys.seal(offer, &written).map_err(|error| MarketError::Seal(error.to_string()))
    }
}

/// Sealed terms have a multiple of this length: the longest schedule fits into a few.
const PADDED_TO_BYTES: usize = 512;

/// A bid.
#[derive(Debug, Clone)]
pub struct Offer {
    pub id: OfferId,
    pub listing: ListingId,
    pub agency: OrgId,
    /// None while they are under seal.
    pub terms: Option<Promises>,
    pub sealed: Option<Vec<u8>>,
    /// What the fee comes to on the expected recovery; none while under seal.
    pub fee_bp: Option<BasisPoints>,
    pub status: OfferStatus,
    pub rank: Option<i32>,
    /// What its agency was told.
    pub reason: Option<String>,
    pub ranking: Option<Arithmetic>,
    pub submitted_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl Offer {
    /// Its terms, opened with the keys where they are under seal. For its own agency at any time, for others at the deadline.
    ///
    /// # Errors
    /// The seal is not ours: the master secret was changed.
    pub fn opened(self, keys: &Keys) -> Result<Self, MarketError> {
        if self.terms.is_some() {
            return Ok(self);
        }
        let broken = |error: &dyn std::fmt::Display| MarketError::Seal(error.to_string());
        let sealed = self.sealed.as_deref().unwrap_or_default();
        let written = keys.open(self.id, sealed).map_err(|error| broken(&error))?;
        let terms: Promises = serde_json::from_slice(&written).map_err(|error| broken(&error))?;
        let fee_bp = self.fee_bp.or(terms.fee.plain_rate());
        Ok(Self { terms: Some(terms), fee_bp, ..self })
    }
}

/// Who bids: the agency, and what it shares with sisters of one owner.
#[derive(Debug)]
pub(super) struct Bidder {
    pub agency: OrgId,
    pub owner_key: Option<String>,
    pub client_account: Option<Iban>,
}

/// Makes an offer. One made before on the same listing is withdrawn: the new one counts, from the new time.
///
/// # Errors
/// Not visible; not open, or too late by a millisecond; a figure out of range; a rule of qualification not met; an offer of a
/// sister agency stands; the listing has as many offers as its creditor wants, or too many came from this agency.
pub async fn submit_offer(
    conn: &mut Conn<'_>,
    by: &By,
    keys: &Keys,
    agency: OrgId,
    listing: ListingId,
    promises: Promises,
) -> Result<Offer, MarketError> {
    promises.check()?;
    // An offer on any listing of a lot is one on all: it goes to the one that carries them.
    let asked = find_listing(conn, by, listing).await?;
    let lead = lots::lead_of(conn, asked).await?.id;
    let listing = listing_store::lock(conn, lead).await?.ok_or(MarketError::NotFound("listing"))?;
    listing.must_take_offers(by.at)?;
    lots::check_fee(&listing, &promises.fee)?;
    let together = lots::together(conn, &listing).await?;
    let unmet = fitness::unmet_together(conn, by, agency, &together).await?;
    if !unmet.is_empty() {
        return Err(MarketError::NotQualified(unmet));
    }
    if store::count_of_agency(conn, listing.id, agency).await? >= TRIES_MAX {
        return Err(MarketError::TooManyTries(TRIES_MAX));
    }
    let replaced = store::withdraw_of_agency(conn, listing.id, agency, by.at).await?;
    if replaced == 0 && listing.offer_count >= listing.offers_max {
        return Err(MarketError::OffersFull(listing.offers_max));
    }
    let offer = seal(by, keys, agency, &listing, promises)?;
    insert(conn, by, &offer).await?;
    if replaced == 0 {
        listing_store::add_offers(conn, listing.id, 1).await?;
    }
    Ok(offer)
}

/// How often an agency may offer on one listing, replaced and withdrawn ones included.
const TRIES_MAX: i64 = 10;

fn seal(by: &By, keys: &Keys, agency: OrgId, listing: &Listing, promises: Promises) -> Result<Offer, MarketError> {
    let id = OfferId::fresh();
    Ok(Offer {
        id,
        listing: listing.id,
        agency,
        sealed: Some(promises.sealed(keys, id)?),
        terms: None,
        fee_bp: None,
        status: OfferStatus::Sealed,
        rank: None,
        reason: None,
        ranking: None,
        submitted_at: by.at,
        decided_at: None,
    })
}

async fn insert(conn: &mut Conn<'_>, by: &By, offer: &Offer) -> Result<(), MarketError> {
    let organisation = parties::find_organisation(conn, by, offer.agency).await?;
    let (scope, _) = fitness::agency_scope(conn, by, offer.agency).await?;
    let owner = scope.parent_number.as_ref().or(organisation.company_number.as_ref());
    let owner_key = owner.map(CompanyNumber::enterprise_key);
    let bidder = Bidder { agency: offer.agency, owner_key, client_account: organisation.iban };
    store::insert(conn, offer, &bidder).await.map_err(|error| {
        let sister = error.violates("offers_one_per_owner") || error.violates("offers_one_per_account");
        if sister { MarketError::SisterOffered } else { error.into() }
    })
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
    let offers = store::list_opened(conn, &listing).await?;
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
