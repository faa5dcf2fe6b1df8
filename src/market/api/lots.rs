//! Lots over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::listings::{ListingView, to_everybody};
use crate::{
    app::App,
    http::{Caller, Command, Problem, answer, resource},
    market::{self, AwardRule, Listing, ListingAudience, MarketTerms, Posting},
    parties::{AnyMember, CreditorMember, OrgKind, Permission},
    types::{CaseId, LotId},
};

/// Cases that go on the market together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLot {
    /// Of debtors in one country, in one currency.
    #[schema(min_items = 2, max_items = 50)]
    pub case_ids: Vec<CaseId>,
    /// Not `assign`.
    pub award_rule: AwardRule,
    /// As of a single listing; the figures are those of the lot.
    pub award_condition: Option<String>,
    #[serde(default = "to_everybody")]
    pub audience: ListingAudience,
}

/// The listings of a lot that are on the market. An offer on any of them is one on all.
#[derive(Debug, Serialize, ToSchema)]
pub struct LotView {
    pub id: LotId,
    pub data: Vec<ListingView>,
}

impl LotView {
    fn of(id: LotId, listings: Vec<Listing>, reader: OrgKind) -> Self {
        Self { id, data: listings.into_iter().map(|listing| ListingView::of(listing, reader)).collect() }
    }
}

/// Puts several cases on the market as one lot: one offer, one award, a mandate for each.
#[utoipa::path(post, path = "/lots", tag = "market", request_body = NewLot, responses((status = 201, body = LotView)))]
pub async fn list_lot(app: Data<App>, creditor: CreditorMember, command: Command<NewLot>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let NewLot { case_ids, award_rule, award_condition, audience } = command.input;
    let (terms, posting) = (MarketTerms::of(&app), Posting { award_rule, award_condition, audience, lot: None, pooled: false });
    answer(&app, &*creditor, &command.envelope, StatusCode::CREATED, async |conn, by| {
        let listings = market::list_lot(conn, by, terms, case_ids, posting).await?;
        let id = listings.first().and_then(|listing| listing.lot).ok_or(market::MarketError::NotFound("lot"))?;
        Ok::<_, market::MarketError>(LotView::of(id, listings, OrgKind::Creditor))
    })
    .await
}

/// A lot as far as it is on the market.
#[utoipa::path(get, path = "/lots/{lot_id}", tag = "market", params(("lot_id" = LotId, Path)),
    responses((status = 200, body = LotView)))]
pub async fn show_lot(app: Data<App>, member: AnyMember, id: Path<LotId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| market::find_lot(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &LotView::of(*id, found, member.kind))
}
