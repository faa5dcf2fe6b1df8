//! What the market does when a time has come. Every job is harmless when repeated.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use super::{MarketError, MarketTerms, promises::PromiseKind};
use crate::{
    app::App,
    cases::CasesError,
    db::{By, Conn, Scope},
    jobs::JobError,
    parties::PartiesError,
    receivables::ReceivablesError,
    types::{CaseId, ComplaintId, Country, EngagementId, FrameworkId, ListingId, LotId, MandateId, OrgId},
};

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfListing {
    listing_id: ListingId,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfLot {
    lot_id: LotId,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfMandate {
    mandate_id: MandateId,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfFramework {
    framework_id: FrameworkId,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfEngagement {
    engagement_id: EngagementId,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfPromise {
    engagement_id: EngagementId,
    promise: PromiseKind,
    due_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfComplaint {
    complaint_id: ComplaintId,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfScore {
    agency_id: OrgId,
    country: Country,
    quarter: NaiveDate,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfCase {
    case_id: CaseId,
}

/// `market.close_offers`: the deadline of a listing.
///
/// # Errors
/// The database fails, or the mandate cannot be drawn up.
pub async fn close_offers(app: &App, of: OfListing) -> Result<(), JobError> {
    in_system(app, async |conn, by, terms| super::close_offers(conn, by, &app.keys, terms, of.listing_id).await).await
}

/// `market.assign`: a case that its creditor wants assigned.
///
/// # Errors
/// The database fails, or the mandate cannot be drawn up.
pub async fn assign(app: &App, of: OfListing) -> Result<(), JobError> {
    in_system(app, async |conn, by, terms| super::assign(conn, by, terms, of.listing_id).await).await
}

/// `market.open_pool`: the day of a pool.
///
/// # Errors
/// The database fails.
pub async fn open_pool(app: &App, of: OfLot) -> Result<(), JobError> {
    in_system(app, async |conn, by, terms| super::open_pool(conn, by, terms, of.lot_id).await).await
}

/// `market.alert`: a new listing, and whoever looks for such.
///
/// # Errors
/// The database fails.
pub async fn alert(app: &App, of: OfListing) -> Result<(), JobError> {
    in_system(app, async |conn, by, _| super::alert(conn, by, of.listing_id).await).await
}

/// `market.time_to_decide_over`: the creditor's time to choose is over.
///
/// # Errors
/// The database fails.
pub async fn time_to_decide_over(app: &App, of: OfListing) -> Result<(), JobError> {
    in_system(app, async |conn, by, _| super::time_to_decide_over(conn, by, of.listing_id).await).await
}

/// `market.lapse_mandate`: the time to sign is over.
///
/// # Errors
/// The database fails.
pub async fn lapse_mandate(app: &App, of: OfMandate) -> Result<(), JobError> {
    in_system(app, async |conn, by, terms| super::lapse_mandate(conn, by, terms, of.mandate_id).await).await
}

/// `market.lapse_framework`: the time to sign a framework is over.
///
/// # Errors
/// The database fails.
pub async fn lapse_framework(app: &App, of: OfFramework) -> Result<(), JobError> {
    in_system(app, async |conn, by, _| super::lapse_framework(conn, by, of.framework_id).await).await
}

/// `market.check_idle`: whether an agency still does something for its case.
///
/// # Errors
/// The database fails.
pub async fn check_idle(app: &App, of: OfEngagement) -> Result<(), JobError> {
    in_system(app, async |conn, by, terms| super::look_for_idleness(conn, by, terms, of.engagement_id).await).await
}

/// `market.check_promise`: something that an agency promised falls due.
///
/// # Errors
/// The database fails.
pub async fn check_promise(app: &App, of: OfPromise) -> Result<(), JobError> {
    let OfPromise { engagement_id, promise, due_at } = of;
    in_system(app, async |conn, by, _| super::check_promise(conn, by, engagement_id, promise, due_at).await).await
}

/// `market.publish_score`: a quarter is over, and its late ratings and complaints are in.
///
/// # Errors
/// The database fails.
pub async fn publish_score(app: &App, of: OfScore) -> Result<(), JobError> {
    let OfScore { agency_id, country, quarter } = of;
    in_system(app, async |conn, by, _| super::publish_score(conn, by, agency_id, country, quarter).await).await
}

/// `market.correct_scores`: something about an engagement was decided that published scores may have counted otherwise.
///
/// # Errors
/// The database fails.
pub async fn correct_scores(app: &App, of: OfEngagement) -> Result<(), JobError> {
    in_system(app, async |conn, by, _| super::correct_scores(conn, by, of.engagement_id).await).await
}

/// `market.complaint_due`: the time to answer a complaint, or to decide it, is over.
///
/// # Errors
/// The database fails.
pub async fn complaint_due(app: &App, of: OfComplaint) -> Result<(), JobError> {
    in_system(app, async |conn, by, _| super::complaint_due(conn, by, of.complaint_id).await).await
}

/// `market.case_closed`: a case closed (or was reopened), and the market follows.
///
/// # Errors
/// The database fails.
pub async fn case_closed(app: &App, of: OfCase) -> Result<(), JobError> {
    in_system(app, async |conn, by, terms| super::follow_case(conn, by, terms, of.case_id).await).await
}

async fn in_system(
    app: &App,
    work: impl AsyncFnOnce(&mut Conn, &By, MarketTerms) -> Result<(), MarketError>,
) -> Result<(), JobError> {
    let (by, terms) = (By::engine(app.clock.now()), MarketTerms::of(app));
    let done = app.db.transaction(Scope::System, async |conn| work(conn, &by, terms).await).await;
    if done.is_ok() {
        app.jobs_waiting.notify_one();
    }
    done.map_err(JobError::from)
}

/// A database that is busy is worth another try, at whatever depth it was met; a refusal is not.
impl From<MarketError> for JobError {
    fn from(error: MarketError) -> Self {
        if let MarketError::Db(inner)
        | MarketError::Cases(CasesError::Db(inner) | CasesError::Receivables(ReceivablesError::Db(inner)))
        | MarketError::Parties(PartiesError::Db(inner))
        | MarketError::Receivables(ReceivablesError::Db(inner)) = error
        {
            return Self::from(inner);
        }
        Self::Never(error.to_string())
    }
}
