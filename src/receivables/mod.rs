//! What the creditor's customers owe: debtors, invoices as owed, the formats they arrive in, and the claim on a day.
//!
//! What may never happen here: an amount through a float, a row lost without an answer, one bad row that costs the others,
//! or a claim line without its legal ground.

pub mod claim;
pub mod grounds;
pub mod intake;
pub mod interest;
pub mod rates;
#[cfg(test)]
mod test_support;

use crate::types::text_enum;

text_enum! {
    /// Who owes: the law protects consumers where it charges businesses.
    pub enum DebtorKind {
        Business => "business",
        Consumer => "consumer",
        Public => "public",
    }
}
