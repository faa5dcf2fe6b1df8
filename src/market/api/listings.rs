//! Listings over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::mandates::MandateView;
use crate::{
    app::App,
    db::{By, Scope},
    http::{AsSystem, Caller, Command, Cursor, Nothing, OneOf, Page, PageQuery, Problem, Query, answer, resource},
    market::{
        self, AwardRule, Criteria, Listing, ListingAudience, ListingStatus, MarketTerms, Posting, Promises,
        awarding::posted_promises,
        card::{AgeBand, AmountBand, Card, Evidence},
        price::Price,
        sector::Sector,
        summary::WorkSummary,
    },
    parties::{AgencyMember, AnyMember, CreditorMember, OrgKind, Permission},
    receivables::DebtorKind,
    types::{BasisPoints, CaseId, Country, ListingId, LotId},
};

/// How a case goes on the market.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewListing {
    pub award_rule: AwardRule,
    /// With `by_condition`, and if you like with `assign`: CEL over an offer's `rank`, `offers`, `fee_bp`, `take_now_bp`, `recovery_bp`, `expected_net_ppm`,
    /// `score_ppm`, `first_contact_hours`, `update_every_days` and `tone`.
    #[schema(example = "fee_bp <= 1200 && first_contact_hours <= 24")]
    pub award_condition: Option<String>,
    /// `circle`: only the agencies you have invited see it.
    #[serde(default = "to_everybody")]
    pub audience: ListingAudience,
}

pub(super) const fn to_everybody() -> ListingAudience {
    ListingAudience::Open
}

/// The fee at which a qualified agency may take the case at once, and what it promises by doing so.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakeNow {
    #[serde(flatten)]
    pub price: Price,
    pub promises: Promises,
}

/// An anonymous case on the market.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListingView {
    pub id: ListingId,
    /// Offered on and awarded together with the others of this lot.
    pub lot_id: Option<LotId>,
    /// The lot is one debtor: small claims of several creditors on it.
    pub pooled: bool,
    pub status: ListingStatus,
    /// 1 for the first time on the market.
    pub round: i32,
    pub card: Card,
    pub take_now: TakeNow,
    /// What was tried before, by channel; null where nothing was.
    pub work_summary: Option<WorkSummary>,
    pub award_rule: AwardRule,
    /// `circle`: you see it because its creditor has invited you.
    pub audience: ListingAudience,
    /// Only agencies with a vetted certificate in force qualify.
    pub certificate_required: bool,
    /// With so many offers it is full.
    pub offers_max: i32,
    /// With fewer offers at the deadline it is put off once, by half of its term.
    pub extend_below: i32,
    /// When that happened.
    pub extended_at: Option<DateTime<Utc>>,
    /// What the promises weigh in the ranking: 10000 is one.
    pub relationship_weight_bp: BasisPoints,
    /// Offers are taken before this instant.
    pub offers_until: DateTime<Utc>,
    /// By then the creditor chooses, if it does so by hand.
    pub decide_by: DateTime<Utc>,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    /// The creditor's own rule: somebody wrote it, so for its creditor alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub award_condition: Option<String>,
    /// For its creditor alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// How many sealed offers there are: for its creditor alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer_count: Option<i32>,
}

impl ListingView {
    /// For agencies whatever could tell one case or rival from another is left out, also where the row holds it.
    pub(super) fn of(listing: Listing, reader: OrgKind) -> Self {
        let promises = posted_promises(&listing);
        let own = reader == OrgKind::Creditor;
        Self {
            id: listing.id,
            lot_id: listing.lot,
            pooled: listing.pooled,
            status: listing.status,
            round: listing.round,
            card: listing.card,
            take_now: TakeNow { price: listing.price, promises },
            work_summary: listing.work_summary,
            award_rule: listing.award_rule,
            audience: listing.audience,
            certificate_required: listing.certificate_required,
            offers_max: listing.offers_max,
            extend_below: listing.extend_below,
            extended_at: listing.extended_at,
            relationship_weight_bp: listing.relationship_weight_bp,
            offers_until: listing.offers_until,
            decide_by: listing.decide_by,
            opened_at: listing.opened_at,
            closed_at: listing.closed_at,
            award_condition: listing.award_condition.filter(|_| own),
            case_id: listing.case.filter(|_| own),
            offer_count: own.then_some(listing.offer_count),
        }
    }
}

/// Puts a case on the market: an anonymous card, a take-now price, sealed offers until the deadline.
#[utoipa::path(post, path = "/cases/{case_id}/listing", tag = "market", params(("case_id" = CaseId, Path)), request_body = NewListing,
    responses((status = 201, body = ListingView)))]
pub async fn list_on_market(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<CaseId>,
    command: Command<NewListing>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let NewListing { award_rule, award_condition, audience } = command.input;
    let (terms, posting) = (MarketTerms::of(&app), Posting { award_rule, award_condition, audience, lot: None, pooled: false });
    answer(&app, &*creditor, &command.envelope, StatusCode::CREATED, async |conn, by| {
        market::list_case(conn, by, terms, *id, posting).await.map(|listing| ListingView::of(listing, OrgKind::Creditor))
    })
    .await
}

/// Takes a case off the market before an award. Sealed offers are never opened.
#[utoipa::path(delete, path = "/cases/{case_id}/listing", tag = "market", params(("case_id" = CaseId, Path)),
    responses((status = 200, body = ListingView)))]
pub async fn take_off_market(app: Data<App>, creditor: CreditorMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let by = By { scope: Scope::System, ..creditor.by(app.clock.now()) };
    let ended = app.db.transaction(by.scope, async |conn| market::unlist_case(conn, &by, creditor.org, *id).await).await?;
    app.jobs_waiting.notify_one();
    resource(StatusCode::OK, &ListingView::of(ended, OrgKind::Creditor))
}

/// Which listings. Several values of one filter are separated by commas and mean any of them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MarketQuery {
    #[param(value_type = Option<String>, example = "ES,FR")]
    pub country: Option<OneOf<Country>>,
    /// NUTS 1 codes.
    #[param(value_type = Option<String>, example = "ES5")]
    pub region: Option<OneOf<String>>,
    #[param(value_type = Option<String>, example = "construction,trade")]
    pub sector: Option<OneOf<Sector>>,
    #[param(value_type = Option<String>, example = "business")]
    pub debtor_kind: Option<OneOf<DebtorKind>>,
    #[param(value_type = Option<String>, example = "500_to_2000,2000_to_8000")]
    pub amount_band: Option<OneOf<AmountBand>>,
    #[param(value_type = Option<String>, example = "31_to_60_days")]
    pub age_band: Option<OneOf<AgeBand>>,
    /// All of these must be there.
    #[param(value_type = Option<String>, example = "invoice,purchase_order")]
    pub documents: Option<OneOf<Evidence>>,
    pub disputed: Option<bool>,
    /// At least this take-now fee, in basis points.
    pub take_now_min_bp: Option<BasisPoints>,
    /// Rows wanted, 1 to 200 (50 unless said).
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl MarketQuery {
    fn read(self) -> Result<(Criteria, Cursor), Problem> {
        fn list<T>(values: Option<OneOf<T>>) -> Vec<T> {
            values.map_or_else(Vec::new, |values| values.0)
        }
        let cursor = PageQuery { limit: self.limit, cursor: self.cursor }.cursor()?;
        let criteria = Criteria {
            countries: list(self.country),
            regions: list(self.region),
            sectors: list(self.sector),
            debtor_kinds: list(self.debtor_kind),
            amount_bands: list(self.amount_band),
            age_bands: list(self.age_band),
            documents: list(self.documents),
            disputed: self.disputed,
            take_now_min_bp: self.take_now_min_bp,
        };
        criteria.check()?;
        Ok((criteria, cursor))
    }
}

/// Open listings, newest first; for a creditor its own, however they stand.
#[utoipa::path(get, path = "/listings", tag = "market", params(MarketQuery), responses((status = 200, body = Page<ListingView>)))]
pub async fn list_market(app: Data<App>, member: AnyMember, query: Query<MarketQuery>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let (by, (criteria, cursor)) = (member.by(app.clock.now()), query.0.read()?);
    let found = app.db.transaction(by.scope, async |conn| market::list_listings(conn, &by, &criteria, cursor).await).await?;
    let page = cursor.page(found, |listing| listing.id.0);
    resource(StatusCode::OK, &page.map(|listing| ListingView::of(listing, member.kind)))
}

/// One listing.
#[utoipa::path(get, path = "/listings/{listing_id}", tag = "market", params(("listing_id" = ListingId, Path)),
    responses((status = 200, body = ListingView)))]
pub async fn show_listing(app: Data<App>, member: AnyMember, id: Path<ListingId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| market::find_listing(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &ListingView::of(found, member.kind))
}

/// Takes a case at its posted price. One agency wins; the mandate is then to be signed by both.
#[utoipa::path(post, path = "/listings/{listing_id}/take-now", tag = "market", params(("listing_id" = ListingId, Path)),
    request_body = Nothing, responses((status = 201, body = MandateView)))]
pub async fn take_case_now(
    app: Data<App>,
    agency: AgencyMember,
    id: Path<ListingId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Offer)?;
    let terms = MarketTerms::of(&app);
    answer(&app, &AsSystem(&*agency), &command.envelope, StatusCode::CREATED, async |conn, by| {
        let mandate = market::take_now(conn, by, terms, agency.org, *id).await?;
        MandateView::of(conn, by, mandate, Vec::new()).await
    })
    .await
}
