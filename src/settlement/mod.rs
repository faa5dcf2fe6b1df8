//! Who gets what of a payment: fees and commission with their VAT, payouts, statements of account.
//!
//! What may never happen here: shares that do not sum to the payment, a fee on what was not recovered, a payout paid twice,
//! a statement that the ledger does not bear out.

pub mod fees;
pub mod vat;
