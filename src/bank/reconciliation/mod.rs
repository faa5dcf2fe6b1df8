//! Once a day the books are held against what they should follow: payments, payouts and set-offs; and these against the bank
//! statements. What differs is listed with its age, for the operator; the goal is none.
//!
//! What may never happen here: a difference that is mended here instead of shown. The run only reads, and writes its list.
//!
//! In the same run holders of money are reminded of what they have to pay out, and the operator is told of who does not.

pub mod api;
pub mod jobs;
mod remittances;
mod store;

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::BankError;
use crate::{
    app::App,
    db::{By, Conn, DbError, Scope},
    jobs as queue,
    types::{Money, OrgId, text_enum},
};

/// So long a payment or payout may wait for the statement that proves it.
const PROVEN_WITHIN_DAYS: u64 = 5;

text_enum! {
    /// What differs from what.
    pub enum DifferenceKind {
        /// An organisation's accounts in the ledger from what its payments, payouts and set-offs come to.
        Books => "books",
        /// The same for the money that it holds.
        Cash => "cash",
        /// The suspense account from the entries that nobody has explained.
        Suspense => "suspense",
        /// The platform's balance at Stripe in the ledger from what payments, payouts, refunds and Stripe's charges come to.
        Stripe => "stripe",
        /// The same from the lines that Stripe itself keeps of that balance.
        StripeBalance => "stripe_balance",
        /// An agency reports a payment that no statement of its client account shows.
        UnprovenPayment => "unproven_payment",
        /// A payout is said to have gone, and later statements of the payer do not show it.
        UnprovenPayout => "unproven_payout",
        /// Money came in, and nobody has said what for.
        UnexplainedEntry => "unexplained_entry",
        /// Money of somebody else is kept longer than promised.
        OverduePayout => "overdue_payout",
    }
}

/// Two figures that should be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    pub kind: DifferenceKind,
    /// Whose books, statement or duty it is.
    pub organisation_id: OrgId,
    pub organisation: String,
    /// The payment, payout or entry; of books, the kind of accounts.
    pub subject: String,
    pub expected: Money,
    pub found: Money,
    pub since: NaiveDate,
    pub age_days: i64,
}

/// A day's run.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reconciliation {
    pub day: NaiveDate,
    /// None while it is at work.
    pub finished_at: Option<DateTime<Utc>>,
    /// Oldest first.
    pub differences: Vec<Difference>,
}

/// Asks for the day's run when nobody has yet; returns how many were asked for.
///
/// # Errors
/// The database fails.
pub async fn round(app: &App) -> Result<usize, DbError> {
    let at = app.clock.now();
    let day = at.date_naive();
    let asked = app.db.transaction(Scope::System, async |conn| {
        if !store::begin(conn, day, at).await? {
            return Ok(0);
        }
        queue::enqueue(conn, jobs::Run::KIND, &jobs::Run { day }, at).await.map(|()| 1)
    });
    asked.await
}

/// Looks for all differences there are, and writes them down as those of `day` in place of an earlier run's.
///
/// # Errors
/// The database fails.
pub async fn run(conn: &mut Conn<'_>, by: &By, day: NaiveDate) -> Result<Reconciliation, BankError> {
    store::begin(conn, day, by.at).await?;
    let proven_by = day.checked_sub_days(Days::new(PROVEN_WITHIN_DAYS)).unwrap_or(day);
    let mut found = store::list_books_that_differ(conn, day).await?;
    found.extend(store::list_stripe_balances_that_differ(conn, day).await?);
    found.extend(store::list_unproven(conn, proven_by).await?);
    found.extend(store::list_open(conn, day).await?);
    store::write(conn, day, &found, by.at).await?;
    find(conn, day).await
}

/// The run of a day.
///
/// # Errors
/// There was none.
pub async fn find(conn: &mut Conn<'_>, day: NaiveDate) -> Result<Reconciliation, BankError> {
    store::find(conn, day).await?.ok_or(BankError::NoRun(day))
}
