//! Money that arrived or was declared, and how it is spent on what is owed.
//!
//! What may never happen here: a payment lost or counted twice, more spent than was paid or owed, a reminder sent after the
//! money came, money moved on the word of one side against the other's.
//!
//! Lock order: the case, always; a payment changes only under its case's lock; accounts of the ledger last.
//!
//! Why answers and remittances run in `Scope::System`: settling reaches accounts, fees and payouts of all parties, and an
//! agency settles what it collected after it has given the case back. Such a command takes the organisation and compares.

pub mod allocation;
mod answer;
pub mod api;
mod debt;
mod declaration;
mod error;
mod finding;
pub mod jobs;
pub mod pages;
mod payment;
pub mod receipt;
pub mod rehearsal;
mod remittance;
mod reversal;
mod settling;
mod store;
pub mod stripe;

pub use answer::{Decision, answer_by_default, confirm, contest, decide};
pub use declaration::{Declaration, declare};
pub use error::PaymentsError;
pub use finding::{Found, found};
pub use payment::{Allocation, Payment, PaymentStatus, Route, Side};
pub use receipt::{Receipt, find_receipt};
pub use remittance::{remit, send_back};
pub use reversal::{Reversal, reverse, reverse_proven};

use crate::{
    app::App,
    db::{By, Conn, Scope},
    http::Cursor,
    types::{BasisPoints, CaseId, PaymentId},
};

/// The terms of the platform that money comes under.
#[derive(Debug, Clone, Copy)]
pub struct House {
    /// The platform's part of the agency's fee.
    pub commission: BasisPoints,
    /// Days within which the other side answers a declared payment.
    pub answer_days: u32,
    /// Days within which the holder of money pays it out.
    pub payout_days: u32,
}

impl House {
    #[must_use]
    pub fn of(app: &App) -> Self {
        let platform = &app.settings.platform;
        Self {
            commission: BasisPoints(platform.commission_bp),
            answer_days: platform.answer_days,
            payout_days: platform.payout_days,
        }
    }
}

/// A payment that `by` may see.
///
/// # Errors
/// Not visible.
pub async fn find(conn: &mut Conn<'_>, _by: &By, id: PaymentId) -> Result<Payment, PaymentsError> {
    store::find(conn, id).await?.ok_or(PaymentsError::NotFound)
}

/// Which payments are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    pub case: Option<CaseId>,
    pub status: Option<PaymentStatus>,
}

/// Payments of a creditor, or of those an agency was engaged for, newest first; all of them for the operator.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, by: &By, wanted: Wanted, cursor: Cursor) -> Result<Vec<Payment>, PaymentsError> {
    match by.scope {
        Scope::Creditor(org) => Ok(store::list_of_creditor(conn, org, wanted, cursor).await?),
        Scope::Agency(org) => Ok(store::list_of_agency(conn, org, wanted, cursor).await?),
        Scope::Operator(_) => Ok(store::list_all(conn, wanted, cursor).await?),
        Scope::Debtor(_) | Scope::System => Ok(Vec::new()),
    }
}

/// How a payment was spent.
///
/// # Errors
/// The database fails.
pub async fn list_allocations(conn: &mut Conn<'_>, _by: &By, payment: &Payment) -> Result<Vec<Allocation>, PaymentsError> {
    Ok(store::list_allocations(conn, payment).await?)
}
