//! Pools: small claims of several creditors on one debtor go on the market together, as one lot, each by its creditor's consent:
//! alone none of them is worth an agency's time.
//!
//! What may never happen here: a creditor that learns before a pool opens whether another has a claim on its customer. So pools
//! open on fixed days, whoever is in them, and a claim that is alone that day goes on the market alone.

use chrono::{DateTime, Datelike, Days, TimeDelta, Utc};
use serde_json::json;

use super::{
    AwardRule, MarketError, MarketTerms,
    listing::{self, ListingAudience, Posting},
    store::pools as store,
};
use crate::{
    cases::{self, Case, CasesError, EventKind, Phase, lifecycle::Refusal},
    db::{By, Conn},
    jobs,
    types::{CaseId, LotId, Money},
};

/// A case whose creditor consents to its being pooled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pooling {
    pub case: CaseId,
    /// What the case will be part of.
    pub lot: LotId,
    pub opens_at: DateTime<Utc>,
    pub consented_at: DateTime<Utc>,
}

/// So long others have to join at the least.
const GATHERING: TimeDelta = TimeDelta::days(2);

/// The Monday, 07:00 UTC, on which a pool opens that is joined at `at`.
fn opening_after(at: DateTime<Utc>) -> DateTime<Utc> {
    let earliest = at + GATHERING;
    let monday = earliest.date_naive() - Days::new(earliest.weekday().num_days_from_monday().into());
    let opens_at = monday.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(7);
    if opens_at < earliest { opens_at + TimeDelta::weeks(1) } else { opens_at }
}

/// Consents to a case being offered together with claims of others on the same debtor. Done before: the consent that stands.
///
/// # Errors
/// The case is not visible, cannot go on the market, is time-barred, or is no small claim.
pub async fn join_pool(conn: &mut Conn<'_>, by: &By, terms: MarketTerms, id: CaseId) -> Result<Pooling, MarketError> {
    let mut case = cases::lock(conn, by, id).await?;
    if let Some(standing) = store::find(conn, id).await? {
        return Ok(standing);
    }
    if !is_ready(&case) {
        return Err(Refusal { phase: case.phase, wish: "pooled" }.into());
    }
    cases::limitation::check_enforceable(conn, by, &case).await?;
    let (open, most) = (listing::open_principal(conn, by, &case).await?, Money::new(terms.pool_max_minor, case.currency));
    if open.minor > most.minor {
        return Err(MarketError::Invalid("/case_id", format!("{open} is open: pools are for claims of up to {most}")));
    }
    let opens_at = opening_after(by.at);
    let lot = store::pool_of(conn, case.debtor, case.currency, opens_at, LotId::fresh()).await?;
    let pooling = Pooling { case: id, lot, opens_at, consented_at: by.at };
    store::insert(conn, case.creditor, &pooling).await?;
    jobs::enqueue(conn, "market.open_pool", &json!({ "lot_id": lot }), opens_at).await?;
    case.record(by, EventKind::PoolJoined, json!({ "opens_at": opens_at }));
    cases::save(conn, by, &mut case).await?;
    Ok(pooling)
}

/// Takes the consent back before the pool opens. Doing it again changes nothing.
///
/// # Errors
/// The case is not visible.
pub async fn leave_pool(conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<(), MarketError> {
    let mut case = cases::lock(conn, by, id).await?;
    if store::delete(conn, id).await? {
        case.record(by, EventKind::PoolLeft, json!({ "reason": "withdrawn" }));
        cases::save(conn, by, &mut case).await?;
    }
    Ok(())
}

/// The consent that stands, if there is one.
///
/// # Errors
/// The case is not visible.
pub async fn pooling_of(conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<Option<Pooling>, MarketError> {
    let case = cases::find(conn, by, id).await?;
    Ok(store::find(conn, case.id).await?)
}

/// The day of a pool: what can still go on the market goes, together. In `Scope::System`. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn open_pool(conn: &mut Conn<'_>, by: &By, terms: MarketTerms, lot: LotId) -> Result<(), MarketError> {
    let mut ready = Vec::new();
    for id in store::list_cases(conn, lot).await? {
        let mut case = cases::lock(conn, by, id).await?;
        // Read under the lock: its creditor may just have taken it out.
        if !store::delete(conn, id).await? {
            continue;
        }
        match hindrance(conn, by, &case).await? {
            None => ready.push(id),
            Some(reason) => {
                case.record(by, EventKind::PoolLeft, json!({ "reason": reason }));
                cases::save(conn, by, &mut case).await?;
            }
        }
    }
    store::delete_pool(conn, lot).await?;
    let pooled = ready.len() > 1;
    let posting = Posting {
        award_rule: AwardRule::BestRanked,
        award_condition: None,
        audience: ListingAudience::Open,
        lot: pooled.then_some(lot),
        pooled,
    };
    for id in ready {
        listing::list_case(conn, by, terms, id, posting.clone()).await?;
    }
    Ok(())
}

/// Whether a case could go on the market.
const fn is_ready(case: &Case) -> bool {
    matches!(case.phase, Phase::Draft | Phase::InHouse)
}

/// Why a case does not go on the market with its pool after all.
async fn hindrance(conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<Option<&'static str>, MarketError> {
    if !is_ready(case) {
        return Ok(Some("moved_on"));
    }
    match cases::limitation::check_enforceable(conn, by, case).await {
        Ok(()) => Ok(None),
        Err(CasesError::TimeBarred(_)) => Ok(Some("time_barred")),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_open_on_mondays_whoever_joins_when() {
        let table = [
            ("2026-11-02T07:00:00Z", "2026-11-09T07:00:00Z"), // a Monday: the next one
            ("2026-11-06T12:00:00Z", "2026-11-09T07:00:00Z"),
            ("2026-11-07T07:00:00Z", "2026-11-09T07:00:00Z"), // two days to the hour
            ("2026-11-07T07:00:01Z", "2026-11-16T07:00:00Z"),
            ("2026-12-30T00:00:00Z", "2027-01-04T07:00:00Z"),
        ];
        for (joined, opens) in table {
            assert_eq!(opening_after(joined.parse().unwrap()), opens.parse::<DateTime<Utc>>().unwrap(), "{joined}");
        }
    }
}
