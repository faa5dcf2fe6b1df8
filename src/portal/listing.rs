//! Putting a case on the market: what agencies will see of it, the price at which one may take it at once, and who chooses.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{Fields, Refused, Shell, case, visitor::CreditorVisitor};
use crate::{
    app::App,
    cases::{self, Case, Phase},
    db::By,
    http::Problem,
    market::{self, AwardRule, Listing, ListingAudience, MarketTerms, Pooling, Posting},
    parties::Permission,
    types::CaseId,
};

#[derive(Template)]
#[template(path = "portal/listing.html")]
struct ListingPage<'a> {
    shell: &'a Shell,
    case: Case,
    debtor: String,
    listing: Listing,
    pooling: Option<Pooling>,
    /// Small enough for a pool.
    may_pool: bool,
}

const fn by_hand() -> Posting {
    Posting { award_rule: AwardRule::ByHand, award_condition: None, audience: ListingAudience::Open, lot: None, pooled: false }
}

/// The case and its debtor, where it stands in the pools, and the listing as it would be drawn: rolled back, nobody sees it before
/// it is meant.
async fn rehearse(app: &App, by: &By, id: CaseId) -> Result<(Case, String, Option<Pooling>, Listing), Problem> {
    let terms = MarketTerms::of(app);
    app.db
        .rehearse(by.scope, async |conn| {
            let case = cases::find(conn, by, id).await?;
            let line = cases::desk::lines_of(conn, by, &[id]).await?.remove(&id);
            let pooling = market::pooling_of(conn, by, id).await?;
            let listing = market::list_case(conn, by, terms, id, by_hand()).await?;
            Ok::<_, Problem>((case, line.map(|line| line.debtor).unwrap_or_default(), pooling, listing))
        })
        .await
}

/// # Errors
/// Not one's own case, or one that cannot be listed.
pub async fn show(app: Data<App>, visitor: CreditorVisitor, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, *id, Refused::nothing()).await
}

async fn page(app: &App, visitor: &CreditorVisitor, id: CaseId, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::ManageMarket)?;
    let (case, debtor, pooling, listing) = rehearse(app, &visitor.by_now(), id).await?;
    if case.phase == Phase::Listed {
        return Ok(super::visitor::see_other(&format!("{}#offers", case::at(id))));
    }
    let shell = visitor.shell("portal.listing.title", refused);
    let may_pool = case.principal().minor <= MarketTerms::of(app).pool_max_minor;
    visitor.show(&shell, &ListingPage { shell: &shell, case, debtor, listing, pooling, may_pool })
}

/// # Errors
/// What is not the form's fault.
pub async fn post(app: Data<App>, visitor: CreditorVisitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::ManageMarket)?;
    let terms = MarketTerms::of(&app);
    let sent = async {
        let award_condition = fields.optional("award_condition").map(str::to_owned);
        let posting = Posting {
            award_rule: fields.parse("award_rule")?,
            award_condition,
            audience: fields.parse("audience")?,
            lot: None,
            pooled: false,
        };
        fields.perform(&app, &**visitor, async |conn, by| market::list_case(conn, by, terms, *id, posting).await.map(drop)).await
    };
    let refused = match sent.await {
        Ok(None) => return visitor.done(&format!("{}#offers", case::at(*id)), "listed"),
        Ok(Some(refused)) => refused,
        Err(problem) => fields.refused(problem)?,
    };
    page(&app, &visitor, *id, refused).await
}

/// Consents to the case being pooled with small claims of others on the same debtor.
///
/// # Errors
/// What is not the form's fault.
pub async fn pool(app: Data<App>, visitor: CreditorVisitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::ManageMarket)?;
    let terms = MarketTerms::of(&app);
    let sent = fields.perform(&app, &**visitor, async |conn, by| market::join_pool(conn, by, terms, *id).await.map(drop)).await?;
    match sent {
        None => visitor.done(&listing_of(*id), "pooled"),
        Some(refused) => page(&app, &visitor, *id, refused).await,
    }
}

/// Takes the consent back.
///
/// # Errors
/// What is not the form's fault.
pub async fn unpool(app: Data<App>, visitor: CreditorVisitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::ManageMarket)?;
    match fields.perform(&app, &**visitor, async |conn, by| market::leave_pool(conn, by, *id).await).await? {
        None => visitor.done(&listing_of(*id), "unpooled"),
        Some(refused) => page(&app, &visitor, *id, refused).await,
    }
}

fn listing_of(id: CaseId) -> String {
    format!("{}/listing", case::at(id))
}
