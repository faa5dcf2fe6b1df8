//! An entry of a bank statement as it is kept, and what became of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{BankError, matching::Proposal, readers::StatementFormat};
use crate::types::{BankEntryId, BankStatementId, Money, OrgId, text_enum};

text_enum! {
    /// What became of a movement.
    pub enum EntryStatus {
        /// Just taken; nobody has looked for what it pays.
        Arrived => "arrived",
        /// It is known what it pays; it is about to be posted.
        Certain => "certain",
        /// There are proposals; a person decides. The money stands in suspense.
        Likely => "likely",
        /// Nothing is known of it. The money stands in suspense.
        Suspense => "suspense",
        /// It is a payment.
        Matched => "matched",
        /// A person has said that it is none of ours.
        Dismissed => "dismissed",
        /// It was taken back, or took another one back.
        Reversed => "reversed",
        /// Money that left the account.
        Outgoing => "outgoing",
    }
}

/// A movement on a bank account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BankEntry {
    pub id: BankEntryId,
    pub statement_id: BankStatementId,
    #[serde(skip)]
    pub owner: OrgId,
    /// Where it stands in the file.
    #[schema(example = "line 17")]
    pub place: String,
    pub account: String,
    pub booked_on: NaiveDate,
    pub valued_on: Option<NaiveDate>,
    /// Positive: into the account. Negative: out of it.
    pub amount: Money,
    pub is_reversal: bool,
    pub bank_reference: Option<String>,
    pub end_to_end_id: Option<String>,
    pub counterparty: Option<String>,
    pub counterparty_account: Option<String>,
    pub text: String,
    pub status: EntryStatus,
    /// Best first, each with its score and reasons; empty where nothing speaks for a case.
    pub proposals: Vec<Proposal>,
    /// Why it waits for a person, or what the person said.
    pub note: Option<String>,
    /// The entry that this one takes back.
    pub reverses_id: Option<BankEntryId>,
    pub version: i32,
    pub decided_at: Option<DateTime<Utc>>,
}

impl BankEntry {
    /// Whether its money stands in suspense.
    #[must_use]
    pub const fn is_in_suspense(&self) -> bool {
        match self.status {
            EntryStatus::Arrived | EntryStatus::Certain | EntryStatus::Likely | EntryStatus::Suspense => self.amount.minor > 0,
            EntryStatus::Matched | EntryStatus::Dismissed | EntryStatus::Reversed | EntryStatus::Outgoing => false,
        }
    }

    /// # Errors
    /// It is decided, or nothing came in by it.
    pub fn must_wait(&self) -> Result<(), BankError> {
        if self.is_in_suspense() { Ok(()) } else { Err(BankError::WrongStatus(self.status)) }
    }

    /// The reference under which its payment is kept: the bank's own where there is one.
    #[must_use]
    pub fn reference(&self) -> String {
        self.bank_reference.clone().or_else(|| self.end_to_end_id.clone()).unwrap_or_else(|| self.id.to_string())
    }
}

/// A file that was taken.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Imported {
    pub id: BankStatementId,
    pub format: StatementFormat,
    pub file_name: Option<String>,
    /// IBANs where the bank writes them.
    pub accounts: Vec<String>,
    /// Booked entries of the file.
    pub entries: i32,
    /// Those that no file before had told of.
    pub fresh: i32,
    pub created_at: DateTime<Utc>,
}
