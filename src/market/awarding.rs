//! The deadline, the award by hand, the award by rule, and the take-now: the ways to one agency, or to none.
//!
//! All of it runs in `Scope::System` (see the slice's header). Each way locks the case, then the listing, and judges the
//! listing's state only then: whoever comes second finds it gone.

use serde_json::json;

use super::{
    AwardRule, MarketError, MarketTerms,
    condition::{Condition, Offered},
    fitness,
    listing::{self, Listing, ListingAudience, ListingStatus, lock_own},
    lots,
    mandate::{self, Mandate},
    offers::{self, Offer, OfferStatus, Promises},
    ranking::{known_of, open_offers},
    reasons::Verdict,
    settings::{self, NoOffers},
    store::{listings as listing_store, offers as offer_store},
};
use crate::{
    cases::{self, Case, Command, EventKind, Phase},
    db::{By, Conn},
    jobs,
    keys::Keys,
    types::{BasisPoints, CaseId, FeeSchedule, ListingId, MandateId, OfferId, OrgId, term::Term, text_enum},
};

text_enum! {
    /// How an agency came to a case.
    pub enum AwardRoute {
        ByHand => "by_hand",
        BestRanked => "best_ranked",
        ByCondition => "by_condition",
        TakeNow => "take_now",
        Assigned => "assigned",
    }
}

/// What was agreed with whom.
#[derive(Debug, Clone)]
pub(super) struct Deal {
    pub agency: OrgId,
    /// None where the case was taken at the posted price.
    pub offer: Option<OfferId>,
    pub promises: Promises,
    /// What the fee comes to on the expected recovery.
    pub fee_bp: BasisPoints,
    /// What the platform expects the agency to recover of the claim.
    pub expected_bp: BasisPoints,
    pub route: AwardRoute,
}

impl Deal {
    /// On an offer's terms, but in no firmer tone than the creditor allows.
    ///
    /// # Errors
    /// It was never opened.
    fn of(offer: &Offer, listing: &Listing, route: AwardRoute) -> Result<Self, MarketError> {
        let (Some(terms), Some(fee_bp), Some(ranking)) = (offer.terms.clone(), offer.fee_bp, &offer.ranking) else {
            return Err(MarketError::Sealed(listing.offers_until));
        };
        let (agency, offer, expected_bp) = (offer.agency, Some(offer.id), ranking.recovery_bp);
        Ok(Self { agency, offer, promises: terms, fee_bp, expected_bp, route }.within(listing))
    }

    /// The same for a case of the same lot, in no firmer tone than its creditor allows there.
    fn within(&self, listing: &Listing) -> Self {
        let tone = self.promises.tone.min(listing.card.tone_ceiling);
        Self { promises: Promises { tone, ..self.promises.clone() }, ..self.clone() }
    }
}

/// What an agency promises with a take-now: posted on every listing beside its price.
#[must_use]
pub fn posted_promises(listing: &Listing) -> Promises {
    Promises {
        fee: FeeSchedule::Success { rate_bp: listing.price.price_bp },
        first_contact_hours: 48,
        update_every_days: 14,
        tone: listing.card.tone_ceiling,
        languages: vec![listing.card.country.language()],
        recovery_bp: None,
    }
}

/// The deadline of a listing: opens and ranks the offers, then awards by rule, waits for the creditor, or ends without one.
/// Harmless when repeated.
///
/// # Errors
/// The database fails, or the mandate cannot be drawn up.
pub async fn close_offers(
    conn: &mut Conn<'_>,
    by: &By,
    keys: &Keys,
    terms: MarketTerms,
    id: ListingId,
) -> Result<(), MarketError> {
    let Some((case, listing)) = lock_listed(conn, by, id).await? else { return Ok(()) };
    if listing.status != ListingStatus::Open || by.at < listing.offers_until {
        return Ok(());
    }
    if lots::lead_of(conn, listing.clone()).await?.id != id {
        return Ok(());
    }
    let others = lots::lock_others(conn, by, &listing).await?;
    let mut all: Vec<(Case, Listing)> = std::iter::once((case, listing.clone())).chain(others).collect();
    if listing.offer_count < listing.extend_below && listing.extended_at.is_none() {
        for (case, listing) in &mut all {
            listing::extend(conn, by, terms, case, listing).await?;
        }
        return Ok(());
    }
    let ranked = open_offers(conn, by, keys, &all).await?;
    let Some(first) = ranked.first() else {
        for (case, listing) in &mut all {
            nobody_offered(conn, by, terms, case, listing).await?;
        }
        return Ok(());
    };
    for (case, listing) in &mut all {
        let line = json!({ "listing_id": listing.id, "offers": ranked.len(), "decide_by": listing.decide_by });
        case.record(by, EventKind::OffersRanked, line);
    }
    match listing.award_rule {
        AwardRule::BestRanked => {
            let deal = Deal::of(first, &listing, AwardRoute::BestRanked)?;
            award_offer(conn, by, terms, &mut all, &ranked, deal).await?;
            Ok(())
        }
        AwardRule::ByCondition | AwardRule::Assign => match first_that_fits(&listing, &ranked) {
            Some(fitting) => {
                let deal = Deal::of(fitting, &listing, AwardRoute::ByCondition)?;
                award_offer(conn, by, terms, &mut all, &ranked, deal).await?;
                Ok(())
            }
            None => wait_for_choice(conn, by, &mut all).await,
        },
        AwardRule::ByHand => wait_for_choice(conn, by, &mut all).await,
    }
}

async fn wait_for_choice(conn: &mut Conn<'_>, by: &By, all: &mut [(Case, Listing)]) -> Result<(), MarketError> {
    for (case, listing) in all {
        listing_store::set_status(conn, listing.id, ListingStatus::Deciding, None).await?;
        cases::save(conn, by, case).await?;
        let payload = json!({ "listing_id": listing.id });
        jobs::enqueue(conn, "market.time_to_decide_over", &payload, listing.decide_by).await?;
        jobs::enqueue_reminder(conn, Term::Decision { listing_id: listing.id }, by.at, listing.decide_by).await?;
    }
    Ok(())
}

/// The first in rank of which the creditor's condition is true. A rule was tried out when it was set; one that cannot be
/// reckoned on an offer after all is not true of it, and the creditor chooses by hand.
fn first_that_fits<'a>(listing: &Listing, ranked: &'a [Offer]) -> Option<&'a Offer> {
    let Some(text) = listing.award_condition.as_deref() else { return ranked.first() };
    let condition = Condition::read(text).ok()?;
    ranked.iter().find(|offer| {
        let (Some(rank), Some(arithmetic), Some(terms)) = (offer.rank, &offer.ranking, &offer.terms) else { return false };
        let offered = Offered {
            rank,
            offers: ranked.len(),
            arithmetic,
            take_now_bp: listing.price.price_bp.0,
            first_contact_hours: terms.first_contact_hours,
            update_every_days: terms.update_every_days,
            tone: terms.tone,
        };
        condition.holds(&offered).unwrap_or(false)
    })
}

/// How many rounds without an offer before a case goes back to its creditor, whatever the settings say.
const ROUNDS_MAX: i32 = 3;

/// As the creditor's settings say: back in-house, or once more for every agency at a higher take-now price.
async fn nobody_offered(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    case: &mut Case,
    listing: &Listing,
) -> Result<(), MarketError> {
    let (wishes, _) = settings::market_settings(conn, by, case.creditor).await?;
    if wishes.no_offers == NoOffers::HandBack || listing.round >= ROUNDS_MAX {
        return give_back(conn, by, case, listing.id, "no_offers").await;
    }
    listing::end(conn, by, listing.id, ListingStatus::Expired, Verdict::Withdrawn).await?;
    listing::list_wider(conn, by, terms, case).await?;
    Ok(cases::save(conn, by, case).await?)
}

/// The case and its listing, locked in this order; none where the case has moved on.
pub(super) async fn lock_listed(conn: &mut Conn<'_>, by: &By, id: ListingId) -> Result<Option<(Case, Listing)>, MarketError> {
    let found = listing::find_listing(conn, by, id).await?;
    let case = cases::lock(conn, by, found.case.ok_or(MarketError::NotFound("listing"))?).await?;
    if case.phase != Phase::Listed || case.listing != Some(id) {
        return Ok(None);
    }
    let listing = listing_store::lock(conn, id).await?.ok_or(MarketError::NotFound("listing"))?;
    Ok(Some((case, listing)))
}

/// Ends a listing without an award; the creditor's own strategy goes on.
async fn give_back(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    id: ListingId,
    reason: &'static str,
) -> Result<(), MarketError> {
    listing::end(conn, by, id, ListingStatus::Expired, Verdict::Withdrawn).await?;
    case.carry_out(by, Command::Unlist, EventKind::Unlisted, json!({ "listing_id": id, "reason": reason }))?;
    Ok(cases::save(conn, by, case).await?)
}

/// The creditor let the time for its choice pass. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn time_to_decide_over(conn: &mut Conn<'_>, by: &By, id: ListingId) -> Result<(), MarketError> {
    let Some((mut case, listing)) = lock_listed(conn, by, id).await? else { return Ok(()) };
    if listing.status != ListingStatus::Deciding || by.at < listing.decide_by {
        return Ok(());
    }
    give_back(conn, by, &mut case, id, "not_decided").await
}

/// The creditor chooses one of the opened offers. Another than the first in rank takes a reason, which no agency reads.
///
/// # Errors
/// Not this creditor's case or not one of its opened offers; sealed still, or awarded already; no reason where one is due;
/// the agency's licence or insurance has run out meanwhile.
pub async fn award_by_hand(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    (creditor, id): (OrgId, CaseId),
    offer: OfferId,
    reason: Option<&str>,
) -> Result<Mandate, MarketError> {
    let asked = cases::find(conn, by, id).await?.listing.ok_or(MarketError::NotFound("listing"))?;
    let asked = listing::find_listing(conn, by, asked).await?;
    let lead = lots::lead_of(conn, asked).await?;
    let case = lock_own(conn, by, creditor, lead.case.ok_or(MarketError::NotFound("listing"))?).await?;
    let listing = listing_store::lock(conn, lead.id).await?.ok_or(MarketError::NotFound("listing"))?;
    if case.listing != Some(listing.id) {
        return Err(MarketError::ListingOver(listing.status));
    }
    match listing.status {
        ListingStatus::Open => return Err(MarketError::Sealed(listing.offers_until)),
        ListingStatus::Awarded | ListingStatus::Withdrawn | ListingStatus::Expired => {
            return Err(MarketError::ListingOver(listing.status));
        }
        ListingStatus::Deciding => {}
    }
    let ranked = offer_store::lock_standing(conn, listing.id).await?;
    let chosen = ranked.iter().find(|candidate| candidate.id == offer).ok_or(MarketError::NotFound("offer"))?;
    if let Some(reason) = reason {
        super::error::check_text("/reason", reason)?;
    } else if chosen.rank != Some(1) {
        return Err(MarketError::ReasonRequired);
    }
    let others = lots::lock_others(conn, by, &listing).await?;
    let mut all: Vec<(Case, Listing)> = std::iter::once((case, listing.clone())).chain(others).collect();
    for (case, _) in &mut all {
        // Before the award no agency reads the timeline, so this line stays between the creditor and the record.
        let line = json!({ "offer_id": offer, "rank": chosen.rank, "of": ranked.len(), "reason": reason });
        case.record(by, EventKind::AwardExplained, line);
    }
    let deal = Deal::of(chosen, &listing, AwardRoute::ByHand)?;
    award_offer(conn, by, terms, &mut all, &ranked, deal).await
}

/// Awards all that goes together to one of the ranked offers and decides the others. Answers with the first mandate.
async fn award_offer(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    all: &mut [(Case, Listing)],
    ranked: &[Offer],
    deal: Deal,
) -> Result<Mandate, MarketError> {
    let chosen = deal.offer;
    let mut mandates = Vec::with_capacity(all.len());
    for (case, listing) in all {
        mandates.push(conclude(conn, by, terms, case, listing, deal.within(listing)).await?);
    }
    let of = ranked.len();
    for offer in ranked {
        let (Some(rank), Some(arithmetic)) = (offer.rank, &offer.ranking) else { continue };
        let (status, verdict) = if chosen == Some(offer.id) {
            (OfferStatus::Awarded, Verdict::Chosen { rank, of })
        } else {
            (OfferStatus::Lost, Verdict::Outranked { rank, of, arithmetic })
        };
        offers::decide(conn, by, offer, status, verdict).await?;
    }
    mandates.into_iter().next().ok_or(MarketError::NotFound("listing"))
}

/// A qualified agency takes a case at its posted price. The first to hold the case's lock wins; offers end unopened.
///
/// # Errors
/// No such listing; taken, over, or too late; a licence or insurance missing or expired.
pub async fn take_now(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    agency: OrgId,
    id: ListingId,
) -> Result<Mandate, MarketError> {
    let found = listing::find_listing(conn, by, id).await?;
    let mut case = cases::lock(conn, by, found.case.ok_or(MarketError::NotFound("listing"))?).await?;
    let listing = listing_store::lock(conn, id).await?.ok_or(MarketError::NotFound("listing"))?;
    // Who is not in the circle does not learn that there is one.
    if listing.audience == ListingAudience::Circle && fitness::is_barred(conn, &listing, agency).await? {
        return Err(MarketError::NotFound("listing"));
    }
    listing.must_take_offers(by.at)?;
    if listing.lot.is_some() {
        return Err(MarketError::PartOfALot);
    }
    let known = known_of(conn, by, vec![agency], &listing.card).await?;
    let expected_bp = known.get(&agency).map_or(BasisPoints(0), |known| known.recovery_bp);
    let (promises, fee_bp) = (posted_promises(&listing), listing.price.price_bp);
    let deal = Deal { agency, offer: None, promises, fee_bp, expected_bp, route: AwardRoute::TakeNow };
    let mandate = conclude(conn, by, terms, &mut case, &listing, deal).await?;
    for offer in offer_store::lock_standing(conn, id).await? {
        offers::decide(conn, by, &offer, OfferStatus::Void, Verdict::TakenNow).await?;
    }
    Ok(mandate)
}

/// What every award ends in: the case awarded, the listing closed, a mandate for both to sign.
pub(super) async fn conclude(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    case: &mut Case,
    listing: &Listing,
    deal: Deal,
) -> Result<Mandate, MarketError> {
    let unmet = fitness::unmet(conn, by, deal.agency, listing).await?;
    if !unmet.is_empty() {
        return Err(match deal.route {
            AwardRoute::TakeNow => MarketError::NotQualified(unmet),
            AwardRoute::ByHand | AwardRoute::BestRanked | AwardRoute::ByCondition | AwardRoute::Assigned => {
                MarketError::AgencyLacks(unmet)
            }
        });
    }
    let mandate = MandateId::fresh();
    let line = json!({
        "listing_id": listing.id, "mandate_id": mandate, "route": deal.route, "offer_id": deal.offer, "fee_bp": deal.fee_bp,
        "fee": deal.promises.fee,
    });
    if !case.carry_out(by, Command::Award(deal.agency), EventKind::Awarded, line)? {
        return Err(MarketError::ListingOver(ListingStatus::Awarded));
    }
    listing_store::set_status(conn, listing.id, ListingStatus::Awarded, Some(by.at)).await?;
    cases::save(conn, by, case).await?;
    mandate::draw_up(conn, by, terms, case, listing.id, deal, mandate).await
}
