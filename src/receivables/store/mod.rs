//! SQL of debtors, their groups and contacts, profiles, receivables, credit notes, intakes and documents.

pub(super) mod contacts;
pub(super) mod credits;
pub(super) mod debtors;
pub(super) mod documents;
pub(super) mod evidence;
pub(super) mod groups;
pub(super) mod intakes;
pub(super) mod interruptions;
pub(super) mod invoices;
pub(super) mod matches;
pub(super) mod profile_defaults;
pub(super) mod profiles;
