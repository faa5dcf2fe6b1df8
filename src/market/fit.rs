//! The fit check: what a case over some invoices would be and cost, before anybody posts it.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    MarketError,
    drawing::{DrawnFrom, draw_card},
    price::{self, Price},
};
use crate::{
    cases::{self, Expected, Obstacle, Preview},
    db::{By, Conn},
    receivables::{ChecklistItem, Debtor, Enforceability, Receivable},
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

/// Looks at what posting would do, but for what similar cases came to: that is read over all creditors.
///
/// # Errors
/// A receivable is not the creditor's.
pub async fn check_fit(
    conn: &mut Conn<'_>,
    by: &By,
    posting: &cases::Posting,
) -> Result<(FitCheck, Option<Debtor>), MarketError> {
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
    let drawn_from = DrawnFrom {
        debtor,
        invoices,
        open_principal: case.principal(),
        oldest_due_on: case.oldest_due_on,
        on: day_in(chrono_tz::UTC, by.at),
        letter_sent: false,
        disputed: false,
    };
    Ok(price::take_now(&draw_card(conn, by, &drawn_from).await?, 0, 1))
}
