//! What a debtor is before the law.

use crate::types::text_enum;

text_enum! {
    /// Who owes: the law protects consumers where it charges businesses.
    pub enum DebtorKind {
        Business => "business",
        Consumer => "consumer",
        Public => "public",
    }
}
