//! Lots: several cases of one creditor go on the market together, for one offer and one award; each gets its own mandate.
//!
//! What may never happen here: a lot that is awarded in part, or a fee that a lot would be charged once for each case. The
//! open listing with the smallest id carries the offers of all. When it leaves the market (its debtor paid), they pass to the
//! next, so a lot shrinks without anybody offering again.
//!
//! Lock order: the cases in the order of their listings, then the listings, then the offers.

use super::{
    AwardRule, MarketError, MarketTerms,
    listing::{self, Listing, Posting},
    store::{listings as store, offers as offer_store},
};
use crate::{
    cases::{self, Case},
    db::{By, Conn},
    types::{CaseId, FeeSchedule, LotId},
};

/// How many cases a lot may have.
const CASES_MAX: usize = 50;

/// Puts several cases on the market as one lot.
///
/// # Errors
/// Fewer than two cases or too many; a case that is not visible, on the market already, or cannot be; cases of several
/// countries or currencies; a rule that suits no lot.
pub async fn list_lot(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    mut ids: Vec<CaseId>,
    posting: Posting,
) -> Result<Vec<Listing>, MarketError> {
    ids.sort_unstable();
    ids.dedup();
    if !(2..=CASES_MAX).contains(&ids.len()) {
        return Err(MarketError::Invalid("/case_ids", format!("a lot has 2 to {CASES_MAX} different cases")));
    }
    if posting.award_rule == AwardRule::Assign {
        return Err(MarketError::Invalid("/award_rule", "a lot has no posted price: it cannot be assigned".to_owned()));
    }
    let posting = Posting { lot: Some(LotId::fresh()), ..posting };
    let mut listings: Vec<Listing> = Vec::with_capacity(ids.len());
    for id in ids {
        if cases::find(conn, by, id).await?.phase == cases::Phase::Listed {
            return Err(MarketError::Invalid("/case_ids", format!("{id} is on the market already")));
        }
        let listing = listing::list_case(conn, by, terms, id, posting.clone()).await?;
        if listings.first().is_some_and(|first| first.card.country != listing.card.country) {
            return Err(MarketError::Invalid("/case_ids", "the debtors of a lot are in one country".to_owned()));
        }
        if listings.first().is_some_and(|first| first.card.currency != listing.card.currency) {
            return Err(MarketError::Invalid("/case_ids", "the cases of a lot are in one currency".to_owned()));
        }
        listings.push(listing);
    }
    Ok(listings)
}

/// The listings of a lot that are on the market, the one that carries the offers first.
///
/// # Errors
/// None of them is visible.
pub async fn find_lot(conn: &mut Conn<'_>, _: &By, id: LotId) -> Result<Vec<Listing>, MarketError> {
    let open = store::list_lot(conn, id).await?;
    if open.is_empty() { Err(MarketError::NotFound("lot")) } else { Ok(open) }
}

/// The listing that carries the offers on this one: itself, where it is in no lot.
pub(super) async fn lead_of(conn: &mut Conn<'_>, listing: Listing) -> Result<Listing, MarketError> {
    let Some(lot) = listing.lot else { return Ok(listing) };
    Ok(store::list_lot(conn, lot).await?.into_iter().next().unwrap_or(listing))
}

/// This listing and those that go with it.
pub(super) async fn together(conn: &mut Conn<'_>, listing: &Listing) -> Result<Vec<Listing>, MarketError> {
    match listing.lot {
        Some(lot) => Ok(store::list_lot(conn, lot).await?),
        None => Ok(vec![listing.clone()]),
    }
}

/// The other cases of the lot that a locked listing carries the offers of, locked too; none where it is in no lot.
pub(super) async fn lock_others(conn: &mut Conn<'_>, by: &By, lead: &Listing) -> Result<Vec<(Case, Listing)>, MarketError> {
    let mut others = Vec::new();
    for member in together(conn, lead).await? {
        if member.id == lead.id {
            continue;
        }
        let case = cases::lock(conn, by, member.case.ok_or(MarketError::NotFound("listing"))?).await?;
        // Read again: it may have left the market before the lock was ours.
        let Some(member) = store::lock(conn, member.id).await? else { continue };
        if case.listing == Some(member.id) && member.status == lead.status {
            others.push((case, member));
        }
    }
    Ok(others)
}

/// Hands the offers of a listing that leaves the market to the next of its lot. `false`: there is no next.
pub(super) async fn hand_on_offers(conn: &mut Conn<'_>, leaving: &Listing) -> Result<bool, MarketError> {
    let next = together(conn, leaving).await?.into_iter().find(|member| member.id != leaving.id);
    let (Some(next), true) = (next, leaving.lot.is_some()) else { return Ok(false) };
    let moved = offer_store::move_standing(conn, leaving.id, next.id).await?;
    store::add_offers(conn, next.id, i32::try_from(moved).unwrap_or(i32::MAX)).await?;
    Ok(true)
}

/// What may be asked for a lot: a share of what comes in. An amount, or tiers of amounts, would be meant for all cases and
/// charged for each.
///
/// # Errors
/// Another model.
pub(super) fn check_fee(listing: &Listing, fee: &FeeSchedule) -> Result<(), MarketError> {
    let shares = match fee {
        FeeSchedule::Success { .. } | FeeSchedule::TieredByTime { .. } => true,
        FeeSchedule::TieredByAmount { .. } | FeeSchedule::Flat { .. } | FeeSchedule::Hybrid { .. } => false,
    };
    if listing.lot.is_none() || shares {
        return Ok(());
    }
    Err(MarketError::Fee("/model".to_owned(), "for a lot a share is asked: `success` or `tiered_by_time`".to_owned()))
}
