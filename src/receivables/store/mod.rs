//! SQL of debtors, profiles, receivables, intakes and documents.

pub(super) mod debtors;
pub(super) mod documents;
pub(super) mod intakes;
pub(super) mod interruptions;
pub(super) mod invoices;
pub(super) mod profiles;
