//! Opening offers: what is known of their agencies, what they are measured against, and their places by the formula of `award`.
//!
//! What may never happen here: an offer opened of an agency that cannot be given the case now, or before the deadline (the
//! caller has judged that, under the locks of case and listing).

use std::collections::HashMap;

use super::{
    MarketError, award,
    card::Card,
    fitness,
    listing::{self, Listing},
    offers::{self, Offer, OfferStatus},
    reasons::Verdict,
    score, scores,
    store::offers as offer_store,
};
use crate::{
    cases::Case,
    db::{By, Conn},
    keys::Keys,
    types::{BasisPoints, Money, OrgId},
};

/// Ranks the offers of agencies that may be given the case now, best first, and tells the others what they lack.
pub(super) async fn open_offers(
    conn: &mut Conn<'_>,
    by: &By,
    keys: &Keys,
    all: &[(Case, Listing)],
) -> Result<Vec<Offer>, MarketError> {
    let Some((_, listing)) = all.first() else { return Ok(Vec::new()) };
    let listings: Vec<Listing> = all.iter().map(|(_, listing)| listing.clone()).collect();
    let mut fit = Vec::new();
    for offer in offer_store::lock_standing(conn, listing.id).await? {
        let unmet = fitness::unmet_together(conn, by, offer.agency, &listings).await?;
        if unmet.is_empty() {
            fit.push(offer.opened(keys)?);
            continue;
        }
        let missing = unmet.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        offers::decide(conn, by, &offer, OfferStatus::Lost, Verdict::Unqualified(&missing)).await?;
    }
    let claims = claims_of(conn, by, all).await?;
    let known = known_of_all(conn, by, fit.iter().map(|offer| offer.agency).collect(), &claims).await?;
    let bids: Vec<award::Bid> = fit.iter().filter_map(|offer| bid_of(offer, known.get(&offer.agency).copied()?)).collect();
    let claim = Money::sum(listing.card.currency, claims.iter().map(|(claim, _)| *claim))?;
    let measure = measure_of(claim, listing);
    let mut opened = Vec::with_capacity(fit.len());
    for ranked in award::rank(&bids, &measure)? {
        let Some(offer) = fit.iter().find(|offer| offer.id == ranked.offer).cloned() else { continue };
        if let Some(terms) = &offer.terms {
            offer_store::set_ranked(conn, &ranked, terms).await?;
        }
        let (rank, fee_bp, ranking) = (Some(ranked.rank), Some(ranked.arithmetic.fee_bp), Some(ranked.arithmetic));
        opened.push(Offer { status: OfferStatus::Ranked, rank, fee_bp, ranking, ..offer });
    }
    Ok(opened)
}

/// What bids on a listing are measured against.
pub(super) const fn measure_of(claim: Money, listing: &Listing) -> award::Measure {
    award::Measure {
        claim,
        ceiling: listing.card.tone_ceiling,
        language: listing.card.country.language(),
        relationship_weight: listing.relationship_weight_bp,
    }
}

/// What is claimed in each case, and its card.
async fn claims_of<'a>(conn: &mut Conn<'_>, by: &By, all: &'a [(Case, Listing)]) -> Result<Vec<(Money, &'a Card)>, MarketError> {
    let mut claims = Vec::with_capacity(all.len());
    for (case, listing) in all {
        claims.push((listing::open_principal(conn, by, case).await?, &listing.card));
    }
    Ok(claims)
}

/// What is known of these agencies where all these cases are concerned: what they can be expected to recover of the whole.
async fn known_of_all(
    conn: &mut Conn<'_>,
    by: &By,
    agencies: Vec<OrgId>,
    claims: &[(Money, &Card)],
) -> Result<HashMap<OrgId, Known>, MarketError> {
    let mut sums: HashMap<OrgId, (i128, Known)> = HashMap::new();
    for (claim, card) in claims {
        for (agency, known) in known_of(conn, by, agencies.clone(), card).await? {
            let expected = i128::from(claim.minor) * i128::from(known.recovery_bp.0);
            sums.entry(agency).or_insert((0, known)).0 += expected;
        }
    }
    let whole: i128 = claims.iter().map(|(claim, _)| i128::from(claim.minor)).sum();
    let of_the_whole = |(agency, (expected, known)): (OrgId, (i128, Known))| {
        // Whole percents, as every expectation is.
        let percent = i32::try_from(expected / whole.max(1) / 100).unwrap_or_default();
        (agency, Known { recovery_bp: BasisPoints(percent * 100), ..known })
    };
    Ok(sums.into_iter().map(of_the_whole).collect())
}

/// What is known of an agency before its offer is read: what it can be expected to recover, and its published score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub recovery_bp: BasisPoints,
    pub score_bp: BasisPoints,
}

/// What is known of these agencies where a case like the card's is concerned.
pub(super) async fn known_of(
    conn: &mut Conn<'_>,
    by: &By,
    agencies: Vec<OrgId>,
    card: &Card,
) -> Result<HashMap<OrgId, Known>, MarketError> {
    let records = offer_store::records_of(conn, agencies.clone(), card.age_band).await?;
    let scores = scores::latest_of(conn, by, agencies.clone(), card.country).await?;
    let known = |agency: OrgId| {
        let record = records.get(&agency).copied().unwrap_or_default();
        let score_bp = scores.get(&agency).copied().unwrap_or_else(score::prior);
        (agency, Known { recovery_bp: award::calibrated(card.age_band, record), score_bp })
    };
    Ok(agencies.into_iter().map(known).collect())
}

/// An opened offer as the formula sees it.
fn bid_of(offer: &Offer, known: Known) -> Option<award::Bid> {
    let terms = offer.terms.clone()?;
    Some(award::Bid {
        offer: offer.id,
        fee: terms.fee,
        recovery_bp: known.recovery_bp,
        score_bp: known.score_bp,
        languages: terms.languages,
        first_contact_hours: terms.first_contact_hours,
        update_every_days: terms.update_every_days,
        tone: terms.tone,
        submitted_at: offer.submitted_at,
    })
}
