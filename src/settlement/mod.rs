//! Who gets what of a payment: fees and commission with their VAT, payouts, statements of account.
//!
//! What may never happen here: shares that do not sum to the payment, a fee on what was not recovered, a payout paid twice,
//! a statement that the ledger does not bear out.
//!
//! Lock order: whoever calls holds the case; then the payout, then accounts.

pub mod api;
pub mod batches;
mod error;
pub mod fees;
pub mod invoices;
pub mod payouts;
pub mod preferences;
mod recovery;
mod reversal;
pub mod set_off;
pub mod shares;
pub mod statement;
mod store;
pub mod vat;
mod xml;

pub use error::SettlementError;
pub use payouts::{PaidOut, Payout, PayoutStatus, Remittance, SentBack, list_payouts, pay_out};
pub use recovery::{
    Business, Engaged, Fee, FeeKind, Held, Recovery, Settled, list_fees, list_fees_of_payment, post, reckon, record,
};
pub use reversal::{TakenBack, reverse};
