//! Attempts to pay: each is a row before Stripe is asked for its page, and a case has one at a time that may still be paid.

use chrono::TimeDelta;

use super::{
    jobs::{FollowCheckout, OpenCheckout},
    store,
};
use crate::{
    cases,
    db::{By, Conn, DbError},
    jobs,
    payments::PaymentsError,
    types::{CaseId, CheckoutId, Language, Money, text_enum},
};

/// Stripe closes a page a day after it was opened; some minutes later we look whether it was paid.
const OPEN_FOR: TimeDelta = TimeDelta::minutes(24 * 60 + 10);
/// The debtor waits for the page meanwhile; a job takes over where the process dies or no answer comes.
const TAKEN_OVER_AFTER: TimeDelta = TimeDelta::minutes(1);

text_enum! {
    /// How far an attempt is, as we know it.
    pub enum CheckoutStatus {
        /// Stripe was asked for a page, or is about to be.
        Started => "started",
        /// The debtor may pay on the page.
        Open => "open",
        /// A direct debit is on its way.
        Processing => "processing",
        /// Money came.
        Paid => "paid",
        /// Nothing came, and nothing will.
        Over => "over",
    }
}

/// An attempt to pay.
#[derive(Debug, Clone)]
pub struct Checkout {
    pub id: CheckoutId,
    pub case: CaseId,
    pub amount: Money,
    pub language: Language,
    pub status: CheckoutStatus,
    /// Stripe's page.
    pub session: Option<String>,
    pub intent: Option<String>,
    pub charge: Option<String>,
    /// Where the page is.
    pub url: Option<String>,
    /// Came in and is nobody's payment, until it is refunded.
    pub surplus: Money,
    /// How often the books have followed.
    pub moves: i32,
}

/// What becomes of a debtor's wish to pay.
#[derive(Debug)]
pub enum Begun {
    /// Its page is to be opened.
    New(Checkout),
    /// Asked for before: its page is open, or Stripe has not answered.
    Known(Checkout),
    /// Another amount is on offer still: its page is to be closed first.
    Replace(Checkout),
}

/// The debtor wants to pay `amount`; the caller has read it off the form of the page, under the case's lock.
///
/// # Errors
/// The database fails.
pub async fn begin(
    conn: &mut Conn<'_>,
    by: &By,
    case: CaseId,
    amount: Money,
    language: Language,
) -> Result<Begun, PaymentsError> {
    match store::find_live(conn, case).await? {
        Some(live) if live.amount == amount => return Ok(Begun::Known(live)),
        Some(live) => return Ok(Begun::Replace(live)),
        None => {}
    }
    let checkout = Checkout {
        id: CheckoutId::fresh(),
        case,
        amount,
        language,
        status: CheckoutStatus::Started,
        session: None,
        intent: None,
        charge: None,
        url: None,
        surplus: Money::zero(amount.currency),
        moves: 0,
    };
    let expires_at = by.at + OPEN_FOR;
    store::insert_checkout(conn, &checkout, by.at, expires_at).await?;
    let id = checkout.id;
    jobs::enqueue(conn, OpenCheckout::KIND, &OpenCheckout { checkout_id: id }, by.at + TAKEN_OVER_AFTER).await?;
    jobs::enqueue(conn, FollowCheckout::KIND, &FollowCheckout { checkout_id: id }, expires_at).await?;
    Ok(Begun::New(checkout))
}

/// # Errors
/// There is none such.
pub async fn find(conn: &mut Conn<'_>, id: CheckoutId) -> Result<Checkout, PaymentsError> {
    store::find_checkout(conn, id).await?.ok_or(PaymentsError::NotFound)
}

/// What Stripe's page says it is for: whom it goes to, and the reference of the case.
///
/// # Errors
/// The case is gone.
pub async fn title_of(conn: &mut Conn<'_>, by: &By, checkout: &Checkout) -> Result<String, PaymentsError> {
    let case = cases::find(conn, by, checkout.case).await?;
    let creditor = crate::parties::find_organisation(conn, by, case.creditor).await.map_err(|_| PaymentsError::NotFound)?;
    Ok(format!("{} · {}", creditor.legal_name, case.reference))
}

/// Stripe has opened the page.
///
/// # Errors
/// The database fails.
pub async fn opened(conn: &mut Conn<'_>, id: CheckoutId, session: &str, url: Option<&str>) -> Result<(), DbError> {
    store::set_opened(conn, id, session, url).await
}
