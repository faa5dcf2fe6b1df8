//! Offers and awards over HTTP. No handler here shows an agency anybody's offer but its own.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mandates::MandateView;
use crate::{
    app::App,
    http::{AsSystem, Caller, Command, Page, PageQuery, Problem, Query, answer, resource},
    market::{self, MarketError, MarketTerms, Offer, OfferStatus, Promises, award::Arithmetic},
    parties::{self, AgencyMember, CreditorMember, Named, PartiesError, Permission},
    settlement::vat,
    types::{BasisPoints, CaseId, Country, FeeSchedule, Language, ListingId, OfferId, OrgId, Tone, clock::day_in, fee::FEE_CAP},
};

/// An offer as its own agency sees it, and its creditor once it is opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferView {
    pub id: OfferId,
    pub listing_id: ListingId,
    /// Null where they are under seal.
    pub terms: Option<Promises>,
    /// The share asked; for other models, what the fee comes to on the expected recovery, once opened.
    pub fee_bp: Option<BasisPoints>,
    pub status: OfferStatus,
    /// Its place at the deadline, 1 being the best.
    pub rank: Option<i32>,
    /// What became of it and why.
    pub reason: Option<String>,
    /// The arithmetic of its rank.
    pub ranking: Option<Arithmetic>,
    pub submitted_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl From<Offer> for OfferView {
    fn from(offer: Offer) -> Self {
        let Offer { id, listing: listing_id, terms, fee_bp, status, rank, reason, ranking, submitted_at, decided_at, .. } = offer;
        Self { id, listing_id, terms, fee_bp, status, rank, reason, ranking, submitted_at, decided_at }
    }
}

/// What an agency asks and promises. The fee as a schedule, or as `fee_bp`, which is short for a plain share.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOffer {
    pub fee: Option<FeeSchedule>,
    /// Of what is recovered, in basis points: 1200 is 12 %.
    #[schema(minimum = 0, maximum = 5000, example = 1200)]
    pub fee_bp: Option<BasisPoints>,
    /// Hours from the start of the engagement to the first contact.
    #[schema(minimum = 1, maximum = 240, example = 24)]
    pub first_contact_hours: i32,
    #[schema(minimum = 1, maximum = 60, example = 14)]
    pub update_every_days: i32,
    pub tone: Tone,
    /// In which the agency speaks with the debtor.
    #[serde(default)]
    pub languages: Vec<Language>,
    /// What part of the claim you promise to recover. It does not rank; your score holds it against what came.
    #[schema(minimum = 0, maximum = 10_000, example = 6000)]
    pub recovery_bp: Option<BasisPoints>,
}

impl NewOffer {
    fn read(self) -> Result<Promises, Problem> {
        let fee = match (self.fee, self.fee_bp) {
            (Some(fee), None) => fee,
            (None, Some(rate_bp)) if !(0..=FEE_CAP.0).contains(&rate_bp.0) => {
                return Err(Problem::invalid("/fee_bp", format!("from 0 to {}, not {}", FEE_CAP.0, rate_bp.0)));
            }
            (None, Some(rate_bp)) => FeeSchedule::Success { rate_bp },
            (None, None) => return Err(Problem::invalid("/fee", "say what you ask: a schedule, or a plain share as `fee_bp`")),
            (Some(_), Some(_)) => return Err(Problem::invalid("/fee_bp", "say what you ask once: `fee` or `fee_bp`")),
        };
        let Self { first_contact_hours, update_every_days, tone, languages, recovery_bp, .. } = self;
        Ok(Promises { fee, first_contact_hours, update_every_days, tone, languages, recovery_bp })
    }
}

/// Makes an offer; one made before on the same listing is replaced, and the new time counts. The answer holds no terms: it is
/// kept for the Idempotency-Key, and what is under seal is written nowhere else.
#[utoipa::path(post, path = "/listings/{listing_id}/offers", tag = "market", params(("listing_id" = ListingId, Path)),
    request_body = NewOffer, responses((status = 201, body = OfferView),
    (status = 403, description = "a rule of qualification is not met; the detail names it"),
    (status = 409, description = "over, too late, full, or an agency of the same owner has offered")))]
pub async fn make_offer(
    app: Data<App>,
    agency: AgencyMember,
    id: Path<ListingId>,
    command: Command<NewOffer>,
) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Offer)?;
    let promises = command.input.read()?;
    answer(&app, &*agency, &command.envelope, StatusCode::CREATED, async |conn, by| {
        market::submit_offer(conn, by, &app.keys, agency.org, *id, promises).await.map(OfferView::from)
    })
    .await
}

/// Withdraws an offer before the deadline.
#[utoipa::path(delete, path = "/offers/{offer_id}", tag = "market", params(("offer_id" = OfferId, Path)),
    responses((status = 200, body = OfferView)))]
pub async fn withdraw(app: Data<App>, agency: AgencyMember, id: Path<OfferId>) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Offer)?;
    let by = agency.by(app.clock.now());
    let withdrawn = app.db.transaction(by.scope, async |conn| market::withdraw_offer(conn, &by, agency.org, *id).await).await?;
    resource(StatusCode::OK, &OfferView::from(withdrawn.opened(&app.keys)?))
}

/// The agency's own offers, newest first.
#[utoipa::path(get, path = "/offers", tag = "market", params(PageQuery), responses((status = 200, body = Page<OfferView>)))]
pub async fn list_offers(app: Data<App>, agency: AgencyMember, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Read)?;
    let (by, cursor) = (agency.by(app.clock.now()), query.0.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| market::list_own_offers(conn, &by, agency.org, cursor).await).await?;
    let opened = found.into_iter().map(|offer| offer.opened(&app.keys)).collect::<Result<Vec<_>, _>>()?;
    resource(StatusCode::OK, &cursor.page(opened, |offer| offer.id.0).map(OfferView::from))
}

/// Who made an offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Bidder {
    pub id: OrgId,
    pub legal_name: String,
    pub country: Country,
}

/// The VAT that an agency charges the creditor on its fee.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeeVat {
    pub rate_bp: BasisPoints,
    #[schema(example = "Ley 37/1992 art. 90.Uno")]
    pub ground: String,
}

/// An opened offer as the creditor sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenedOffer {
    pub agency: Bidder,
    /// What is added to the fee.
    pub fee_vat: FeeVat,
    #[serde(flatten)]
    pub offer: OfferView,
}

/// The opened offers on a case, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenedOffers {
    pub listing_id: ListingId,
    pub offers_until: DateTime<Utc>,
    pub decide_by: DateTime<Utc>,
    pub data: Vec<OpenedOffer>,
}

/// Offers on a case once the deadline has opened them, ranked with their arithmetic.
#[utoipa::path(get, path = "/cases/{case_id}/offers", tag = "market", params(("case_id" = CaseId, Path)),
    responses((status = 200, body = OpenedOffers)))]
pub async fn list_case_offers(app: Data<App>, creditor: CreditorMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let opened = app.db.transaction(by.scope, async |conn| {
        let (listing, offers) = market::ranked_offers(conn, &by, *id).await?;
        let own = parties::find_organisation(conn, &by, creditor.org).await?.country;
        let on = day_in(own.time_zone(), by.at);
        let agencies: Vec<OrgId> = offers.iter().map(|offer| offer.agency).collect();
        let names = parties::names_of(conn, &by, &agencies).await?;
        let mut data = Vec::with_capacity(offers.len());
        for offer in offers {
            let Named { id, legal_name, country } = names.get(&offer.agency).cloned().ok_or(PartiesError::NotFound)?;
            let due = vat::due(country, own, on).map_err(|error| MarketError::Vat(error.to_string()))?;
            let fee_vat = FeeVat { rate_bp: due.rate, ground: due.ground.to_owned() };
            data.push(OpenedOffer { agency: Bidder { id, legal_name, country }, fee_vat, offer: offer.into() });
        }
        let (offers_until, decide_by) = (listing.offers_until, listing.decide_by);
        Ok::<_, MarketError>(OpenedOffers { listing_id: listing.id, offers_until, decide_by, data })
    });
    resource(StatusCode::OK, &opened.await?)
}

/// The creditor's choice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AwardChoice {
    pub offer_id: OfferId,
    /// Needed unless the offer came first in rank. No agency reads it.
    pub reason: Option<String>,
}

/// Awards a case by hand to one of the opened offers.
#[utoipa::path(post, path = "/cases/{case_id}/award", tag = "market", params(("case_id" = CaseId, Path)), request_body = AwardChoice,
    responses((status = 201, body = MandateView)))]
pub async fn award_case(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<CaseId>,
    command: Command<AwardChoice>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let terms = MarketTerms::of(&app);
    let AwardChoice { offer_id, reason } = &command.input;
    answer(&app, &AsSystem(&*creditor), &command.envelope, StatusCode::CREATED, async |conn, by| {
        let mandate = market::award_by_hand(conn, by, terms, (creditor.org, *id), *offer_id, reason.as_deref()).await?;
        MandateView::of(conn, by, mandate, Vec::new()).await
    })
    .await
}
