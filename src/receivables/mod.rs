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
mod checklist;
pub mod claim;
mod contacts;
mod contradictions;
mod costs;
pub mod credits;
pub mod customers_api;
mod debtor_kind;
mod debtors;
pub mod documents;
mod enforcement;
pub mod enforcement_api;
mod error;
mod evidence;
#[cfg(test)]
mod golden;
mod groups;
pub mod intake;
mod intakes;
pub mod interest;
pub mod invoice;
mod invoices;
pub mod law;
pub mod limitation;
mod lines;
mod matches;
pub mod matching;
mod printed;
pub mod profile;
pub mod profile_defaults;
pub mod rates;
mod store;
#[cfg(test)]
pub(crate) mod test_support;

pub use checklist::{ChecklistItem, Need, Paper};
pub use contacts::{
    ContactDraft, ContactRole, DebtorContact, add_contact, change_contact, list_contacts, mark_bounced, remove_contact,
};
pub use contradictions::refuse_contradictions;
pub use credits::{
    CreditNote, NewCredit, awaited_by_credits, cancel_credit, credit, find_by_number, find_credit, keep_waiting, list_credits,
};
pub use debtor_kind::DebtorKind;
pub use debtors::{Debtor, add_debtor, debtor_names, find_debtor, list_debtors, profile_of, set_locale, set_profile};
pub use documents::{
    Document, DocumentEntry, DocumentKind, NewDocument, Shelve, add_evidence, add_proof, download, find_document, list_evidence,
    read_content, shelve, store_document,
};
pub use enforcement::{
    Enforceability, Interrupted, NewInterruption, check_enforceable, enforceability_of, enforceability_of_case, interrupt,
    may_be_barred,
};
pub use error::ReceivablesError;
pub use evidence::checklist_of;
pub use groups::{Group, GroupSum, group_of, set_parent};
pub use intakes::{
    CaseOf, CheckedRow, IntakeView, RefusedInvoice, RowAnswer, RowStatus, Source, accepted, check_file, intake_defaults,
    keep_original, look_for_matches, take_in, take_in_all, take_rows,
};
pub use invoices::{
    PaidParts, PartOf, Receivable, Wanted, apply_allocation, assign_many, assign_to_case, claim_of_case, find_receivable,
    invoices_of_case, list_receivables, lock_open_receivables, lock_uploaded, of_case, owed_of_case, reduce_principal,
    release_from_case, set_aside, take_up_again, waive_parts,
};
pub use matches::{
    DebtorEvent, DebtorMatch, MatchDebtors, MatchDecision, MatchStatus, decide_match, list_debtor_events, list_matches,
    match_debtors,
};
pub use matching::core_name;
pub use profile::{Channel, Profile, ProfileSetting, Tone};
