//! Asking the rules of [`qualification`] about agencies and listings that are there.

use std::rc::Rc;

use chrono::NaiveDate;

use super::{
    Listing, MarketError,
    qualification::{Ask, Candidate, Matcher, Scope, Unmet, barred, judge},
    store::{listings, qualification as store},
};
use crate::{
    db::{By, Conn},
    parties::credentials,
    types::{ListingId, OrgId, clock::day_in},
};

/// What an agency lacks today to be given the case of a listing; nothing where it qualifies. Asked again at the award.
pub(super) async fn unmet(conn: &mut Conn<'_>, by: &By, agency: OrgId, listing: &Listing) -> Result<Vec<Unmet>, MarketError> {
    unmet_together(conn, by, agency, std::slice::from_ref(listing)).await
}

/// As [`unmet`], to be given the cases of all these listings: each rule that one of them does not meet, once.
pub(super) async fn unmet_together(
    conn: &mut Conn<'_>,
    by: &By,
    agency: OrgId,
    listings: &[Listing],
) -> Result<Vec<Unmet>, MarketError> {
    let papers = credentials::papers(conn, by, agency).await?;
    let own = listings.first().and_then(|listing| listing.case);
    let candidate = store::find_candidate(conn, agency, papers, own).await?.ok_or(MarketError::NotFound("agency"))?;
    // Room for all of them.
    let more = i64::try_from(listings.len()).unwrap_or(i64::MAX).saturating_sub(1);
    let candidate = Candidate { open_cases: candidate.open_cases.saturating_add(more), ..candidate };
    let mut all: Vec<Unmet> = Vec::new();
    for listing in listings {
        let on = day_in(listing.card.country.time_zone(), by.at);
        all.extend(judge(&candidate, &Ask::of(&listing.card, listing.certificate_required), on));
        if store::is_barred(conn, listing.id, agency).await? {
            all.push(barred());
        }
    }
    all.sort_by_key(|unmet| unmet.rule);
    all.dedup_by_key(|unmet| unmet.rule);
    Ok(all)
}

/// An agency to which a case may be assigned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Assignable {
    pub agency: OrgId,
    /// How many cases it holds.
    pub open_cases: i64,
}

/// The agencies that take assignments and may be given the case of a listing now, but for those that have had it or refused it.
pub(super) async fn assignable(conn: &mut Conn<'_>, by: &By, listing: &Listing) -> Result<Vec<Assignable>, MarketError> {
    let on = day_in(listing.card.country.time_zone(), by.at);
    let ask = Ask::of(&listing.card, listing.certificate_required);
    let mut papers = credentials::papers_of_all(conn, by).await?;
    let candidates = store::list_candidates_for(conn, listing.id).await?;
    let fits = |(agency, candidate): (OrgId, Candidate)| {
        let candidate = Candidate { papers: papers.remove(&agency).unwrap_or_default(), ..candidate };
        let assignable = Assignable { agency, open_cases: candidate.open_cases };
        judge(&candidate, &ask, on).is_empty().then_some(assignable)
    };
    Ok(candidates.into_iter().filter_map(fits).collect())
}

/// Whether the creditor's lists, its circle or a conflict of interest keep an agency from a listing.
pub(super) async fn is_barred(conn: &mut Conn<'_>, listing: &Listing, agency: OrgId) -> Result<bool, MarketError> {
    Ok(store::is_barred(conn, listing.id, agency).await?)
}

/// What an agency lacks for a listing that it can see.
///
/// # Errors
/// Not visible.
pub async fn qualification_for(conn: &mut Conn<'_>, by: &By, agency: OrgId, id: ListingId) -> Result<Vec<Unmet>, MarketError> {
    let listing = listings::find(conn, id).await?.ok_or(MarketError::NotFound("listing"))?;
    unmet(conn, by, agency, &listing).await
}

/// All agencies, ready to be matched with many listings.
async fn matcher(conn: &mut Conn<'_>, by: &By, on: NaiveDate) -> Result<Matcher, MarketError> {
    let mut papers = credentials::papers_of_all(conn, by).await?;
    let agencies = store::list_candidates(conn).await?;
    let with_papers = |(id, candidate): (OrgId, Candidate)| {
        let papers = papers.remove(&id).unwrap_or_default();
        (id, Candidate { papers, ..candidate })
    };
    Ok(Matcher::new(agencies.into_iter().map(with_papers).collect(), on))
}

/// Every open listing, and the agencies that meet every rule for it but those about its creditor. In `Scope::System`.
///
/// # Errors
/// The database fails.
pub async fn reach(conn: &mut Conn<'_>, by: &By) -> Result<Vec<(ListingId, Rc<[OrgId]>)>, MarketError> {
    let mut matcher = matcher(conn, by, day_in(chrono_tz::UTC, by.at)).await?;
    let asks = listings::list_asks(conn).await?;
    Ok(asks.into_iter().map(|(id, ask)| (id, matcher.qualified(ask))).collect())
}

/// What an agency takes on, and the version of that: 0 where it never said.
///
/// # Errors
/// The database fails.
pub async fn agency_scope(conn: &mut Conn<'_>, _: &By, agency: OrgId) -> Result<(Scope, i32), MarketError> {
    Ok(store::find_scope(conn, agency).await?.unwrap_or_default())
}

/// Changes what an agency takes on, if `version` is still the one that was read.
///
/// # Errors
/// It has moved on; a capacity out of range.
pub async fn set_agency_scope(
    conn: &mut Conn<'_>,
    by: &By,
    agency: OrgId,
    version: i32,
    scope: &Scope,
) -> Result<i32, MarketError> {
    if scope.capacity.is_some_and(|capacity| !(0..=100_000).contains(&capacity)) {
        return Err(MarketError::Invalid("/capacity", "from 0 to 100000".to_owned()));
    }
    let (_, current) = agency_scope(conn, by, agency).await?;
    if current == version && store::write_scope(conn, agency, scope, version, by.at).await? {
        return Ok(version + 1);
    }
    Err(MarketError::Stale { given: version, current })
}
