//! What the creditor's customers owe: debtors, invoices as owed, the formats they arrive in, and the claim on a day.
//!
//! What may never happen here: an amount through a float, a row lost without an answer, one bad row that costs the others,
//! a claim line without its legal ground, or a receivable in two cases.
//!
//! Lock order: the case first (its owner locks it), then receivables by id. Intake holds no case: debtors by identity key,
//! then receivables by issuer and number.

pub mod agreement;
pub mod api;
mod calculation;
pub mod claim;
mod contradictions;
mod costs;
mod debtor_kind;
mod debtors;
pub mod documents;
mod enforcement;
pub mod enforcement_api;
mod error;
#[cfg(test)]
mod golden;
pub mod intake;
mod intakes;
pub mod interest;
pub mod invoice;
mod invoices;
pub mod law;
pub mod limitation;
mod lines;
mod printed;
pub mod profile;
pub mod rates;
mod store;
#[cfg(test)]
mod test_support;

pub use contradictions::refuse_contradictions;
pub use debtor_kind::DebtorKind;
pub use debtors::{Debtor, add_debtor, find_debtor, list_debtors, profile_of, set_profile};
pub use documents::{Document, DocumentKind, NewDocument, download, find_document, store_document};
pub use enforcement::{
    Enforceability, Interrupted, NewInterruption, check_enforceable, enforceability_of_case, interrupt, may_be_barred,
};
pub use error::ReceivablesError;
pub use intakes::{CheckedRow, IntakeView, RowAnswer, RowStatus, Source, take_in};
pub use invoices::{
    PaidParts, Receivable, Wanted, apply_allocation, assign_to_case, claim_of_case, find_receivable, invoices_of_case,
    list_receivables, lock_open_receivables, of_case, owed_of_case, reduce_principal, release_from_case,
};
pub use profile::{Channel, Profile, ProfileSetting, Tone};
