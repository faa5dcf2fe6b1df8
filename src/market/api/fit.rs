//! The fit check: what a case over some invoices would be, before anybody posts it.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    cases::{self, Expected, Obstacle, Preview, api::NewCase},
    db::{By, Conn, Scope},
    http::{Caller, Command, Problem, resource},
    market::{
        MarketError,
        card::{Card, Evidence, Facts},
        price::{self, Price},
        store::listings as store,
    },
    parties::{CreditorMember, Permission},
    receivables::{self, ChecklistItem, Debtor, Enforceability, Receivable},
    types::{Money, clock::day_in},
};

/// What a case over these invoices would be. Nothing is stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct FitCheck {
    pub can_be_posted: bool,
    /// What stands in the way, where something does.
    pub obstacle: Option<Obstacle>,
    /// What a claim of this kind stands on, and what of it is there.
    pub checklist: Vec<ChecklistItem>,
    /// Until when the oldest of the invoices can be enforced.
    pub limitation: Option<Enforceability>,
    /// What is open of the invoices.
    pub principal: Option<Money>,
    pub oldest_due_on: Option<NaiveDate>,
    /// The fee at which a qualified agency could take the case today, with all that it is made of.
    pub take_now: Option<Price>,
    /// What similar cases came to, over all creditors.
    pub expected: Option<Expected>,
}

/// Looks at what posting these invoices would do: whether it can be done, what is missing, what it would cost on the market
/// and what similar cases came to.
#[utoipa::path(post, path = "/cases/preview", tag = "cases", request_body = NewCase,
    responses((status = 200, body = FitCheck), (status = 422, description = "a receivable that is not yours")))]
pub async fn preview_case(app: Data<App>, creditor: CreditorMember, command: Command<NewCase>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let by = creditor.by(app.clock.now());
    let NewCase { receivable_ids, with_interest, start } = command.input;
    let posting = cases::Posting { receivables: receivable_ids, with_interest, start };
    let (fit, debtor) = app.db.transaction(by.scope, async |conn| check(conn, &by, &posting).await).await?;
    let expected = match (fit.principal, debtor) {
        (Some(principal), Some(debtor)) => {
            let closed = app
                .db
                .transaction(Scope::System, async |conn| cases::expected(conn, debtor.country, debtor.kind, principal).await);
            Some(closed.await?)
        }
        _ => None,
    };
    resource(StatusCode::OK, &FitCheck { expected, ..fit })
}

async fn check(conn: &mut Conn<'_>, by: &By, posting: &cases::Posting) -> Result<(FitCheck, Option<Debtor>), MarketError> {
    let Preview { case, debtor, invoices, checklist, limitation } = cases::preview(conn, by, posting).await?;
    let (case, obstacle) = match case {
        Ok(case) => (Some(case), None),
        Err(obstacle) => (None, Some(obstacle)),
    };
    let take_now = match (&case, &debtor) {
        (Some(case), Some(debtor)) => Some(price_of(conn, by, case, debtor, &invoices).await?),
        _ => None,
    };
    let fit = FitCheck {
        can_be_posted: case.is_some(),
        obstacle,
        checklist,
        limitation,
        principal: case.as_ref().map(cases::Case::principal),
        oldest_due_on: case.as_ref().map(|case| case.oldest_due_on),
        take_now,
        expected: None,
    };
    Ok((fit, debtor))
}

/// As the card would be drawn today, in its first round and before any reminder.
async fn price_of(
    conn: &mut Conn<'_>,
    by: &By,
    case: &cases::Case,
    debtor: &Debtor,
    invoices: &[Receivable],
) -> Result<Price, MarketError> {
    let profile = receivables::profile_of(conn, by, debtor.id).await?;
    let invoice_file = invoices.iter().any(|invoice| invoice.document_id.is_some()).then_some(Evidence::InvoiceFile);
    let order = invoices.iter().any(|invoice| invoice.purchase_order.is_some()).then_some(Evidence::PurchaseOrder);
    let card = Card::of(&Facts {
        country: debtor.country,
        postal_code: debtor.postal_code.as_deref(),
        sector: debtor.sector.as_deref(),
        debtor_kind: debtor.kind,
        open_principal: case.principal(),
        oldest_due_on: case.oldest_due_on,
        on: day_in(chrono_tz::UTC, by.at),
        invoice_count: invoices.len(),
        documents: invoice_file.into_iter().chain(order).collect(),
        disputed: false,
        record: store::debtor_record(conn, debtor.id).await?,
        tone_ceiling: profile.tone_ceiling,
    });
    Ok(price::take_now(&card, 0, 1))
}
