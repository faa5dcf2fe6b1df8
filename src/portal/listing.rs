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
    db::{By, DbError},
    http::Problem,
    market::{self, AwardRule, Listing, ListingAudience, MarketError, MarketTerms, Posting},
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
}

/// Drawn as it would be, and rolled back: nobody sees it before it is meant.
enum Rehearsal {
    Drawn(Box<(Case, String, Listing)>),
    Refused(Problem),
}

impl From<DbError> for Rehearsal {
    fn from(error: DbError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<MarketError> for Rehearsal {
    fn from(error: MarketError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<cases::CasesError> for Rehearsal {
    fn from(error: cases::CasesError) -> Self {
        Self::Refused(error.into())
    }
}

const fn by_hand() -> Posting {
    Posting { award_rule: AwardRule::ByHand, award_condition: None, audience: ListingAudience::Open, lot: None, pooled: false }
}

async fn rehearse(app: &App, by: &By, id: CaseId) -> Result<(Case, String, Listing), Problem> {
    let terms = MarketTerms::of(app);
    let ended = app
        .db
        .transaction(by.scope, async |conn| {
            let case = cases::find(conn, by, id).await?;
            let line = cases::desk::lines_of(conn, by, &[id]).await?.remove(&id);
            let listing = market::list_case(conn, by, terms, id, by_hand()).await?;
            Err::<(), _>(Rehearsal::Drawn(Box::new((case, line.map(|line| line.debtor).unwrap_or_default(), listing))))
        })
        .await;
    match ended {
        Err(Rehearsal::Drawn(drawn)) => Ok(*drawn),
        Err(Rehearsal::Refused(problem)) => Err(problem),
        Ok(()) => Err(Problem::internal("a rehearsal was kept")),
    }
}

/// # Errors
/// Not one's own case, or one that cannot be listed.
pub async fn show(app: Data<App>, visitor: CreditorVisitor, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, *id, Refused::nothing()).await
}

async fn page(app: &App, visitor: &CreditorVisitor, id: CaseId, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::ManageMarket)?;
    let (case, debtor, listing) = rehearse(app, &visitor.by_now(), id).await?;
    if case.phase == Phase::Listed {
        return Ok(super::visitor::see_other(&format!("{}#offers", case::at(id))));
    }
    let shell = visitor.shell("portal.listing.title", refused);
    visitor.show(&shell, &ListingPage { shell: &shell, case, debtor, listing })
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
