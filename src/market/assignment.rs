//! Automatic assignment: as soon as it is listed, a case goes at its posted price to the best agency that takes such cases and
//! fits the creditor's condition. Where there is none it stays on the market like any other.
//!
//! What may never happen here: a case forced on an agency (it says beforehand that it takes assignments, and may refuse the
//! mandate); the same agency asked twice for one case; an assignment that does not show its arithmetic.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    AwardRule, MarketError, MarketTerms, award,
    awarding::{AwardRoute, Deal, conclude, lock_listed, posted_promises},
    condition::{Condition, Offered},
    fitness::{self, Assignable},
    listing::{self, Listing, ListingStatus},
    offers::{self, OfferStatus},
    ranking::{Known, known_of, measure_of},
    reasons::Verdict,
    store::offers as offer_store,
};
use crate::{
    cases::EventKind,
    db::{By, Conn},
    types::{ListingId, OfferId, OrgId},
};

/// An agency in its place.
struct Placed {
    agency: OrgId,
    known: Known,
    ranked: award::Ranked,
}

/// Assigns the case of a listing that asks for it. In `Scope::System`. Harmless when repeated.
///
/// # Errors
/// The database fails, or the mandate cannot be drawn up.
pub async fn assign(conn: &mut Conn<'_>, by: &By, terms: MarketTerms, id: ListingId) -> Result<(), MarketError> {
    let Some((mut case, listing)) = lock_listed(conn, by, id).await? else { return Ok(()) };
    if listing.status != ListingStatus::Open || listing.award_rule != AwardRule::Assign || by.at >= listing.offers_until {
        return Ok(());
    }
    let measure = measure_of(listing::open_principal(conn, by, &case).await?, &listing);
    let candidates = fitness::assignable(conn, by, &listing).await?;
    let placed = rank(conn, by, &listing, &candidates, &measure).await?;
    let Some(best) = first_that_fits(&listing, &placed) else { return Ok(()) };
    // Before the award no agency reads the timeline: the place and its arithmetic stay with the creditor.
    case.record(
        by,
        EventKind::AwardExplained,
        json!({ "agency_id": best.agency, "rank": best.ranked.rank, "of": placed.len(), "ranking": best.ranked.arithmetic }),
    );
    let deal = Deal {
        agency: best.agency,
        offer: None,
        promises: posted_promises(&listing),
        fee_bp: listing.price.price_bp,
        expected_bp: best.known.recovery_bp,
        route: AwardRoute::Assigned,
    };
    conclude(conn, by, terms, &mut case, &listing, deal).await?;
    for offer in offer_store::lock_standing(conn, id).await? {
        offers::decide(conn, by, &offer, OfferStatus::Void, Verdict::TakenNow).await?;
    }
    Ok(())
}

/// By the formula of the award. All promise what is posted, so what ranks is what each is expected to recover and its score;
/// at equal scores whoever holds fewer cases comes first.
async fn rank(
    conn: &mut Conn<'_>,
    by: &By,
    listing: &Listing,
    candidates: &[Assignable],
    measure: &award::Measure,
) -> Result<Vec<Placed>, MarketError> {
    let agencies: Vec<OrgId> = candidates.iter().map(|candidate| candidate.agency).collect();
    let known = known_of(conn, by, agencies, &listing.card).await?;
    let promises = posted_promises(listing);
    let bid = |candidate: &Assignable| {
        let known = known.get(&candidate.agency)?;
        Some(award::Bid {
            // There is no offer: a bid goes here by its agency.
            offer: OfferId(candidate.agency.0),
            fee: promises.fee.clone(),
            recovery_bp: known.recovery_bp,
            languages: promises.languages.clone(),
            first_contact_hours: promises.first_contact_hours,
            update_every_days: promises.update_every_days,
            tone: promises.tone,
            score_bp: known.score_bp,
            submitted_at: DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(candidate.open_cases),
        })
    };
    let bids: Vec<award::Bid> = candidates.iter().filter_map(bid).collect();
    let placed = award::rank(&bids, measure)?.into_iter().filter_map(|ranked| {
        let agency = OrgId(ranked.offer.0);
        Some(Placed { agency, known: *known.get(&agency)?, ranked })
    });
    Ok(placed.collect())
}

fn first_that_fits<'a>(listing: &Listing, placed: &'a [Placed]) -> Option<&'a Placed> {
    let Some(text) = listing.award_condition.as_deref() else { return placed.first() };
    let condition = Condition::read(text).ok()?;
    let promises = posted_promises(listing);
    placed.iter().find(|one| {
        let offered = Offered {
            rank: one.ranked.rank,
            offers: placed.len(),
            arithmetic: &one.ranked.arithmetic,
            take_now_bp: listing.price.price_bp.0,
            first_contact_hours: promises.first_contact_hours,
            update_every_days: promises.update_every_days,
            tone: promises.tone,
        };
        condition.holds(&offered).unwrap_or(false)
    })
}
