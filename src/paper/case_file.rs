//! The case file: everything about a case on paper, with the hashes by which anyone can verify that nothing was changed.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Claim, PaperError, Party, Texts, engine};
use crate::types::{Language, Money};

#[derive(Debug, Clone)]
pub struct CaseFileSheet {
    pub language: Language,
    pub zone: Tz,
    pub case_reference: String,
    pub made_at: DateTime<Utc>,
    /// `draft`, `in_house`, `listed`, `awarded`, `active`, `closed`.
    pub phase: String,
    /// Once closed: `paid`, `settled`, …
    pub outcome: Option<String>,
    pub creditor: Party,
    pub agency: Option<Party>,
    pub debtor: Party,
    /// Nothing once everything is paid.
    pub claim: Option<Claim>,
    pub payments: Vec<PaymentRow>,
    pub timeline: Vec<TimelineRow>,
    pub verification: Verification,
}

#[derive(Debug, Clone)]
pub struct PaymentRow {
    pub received_on: NaiveDate,
    pub bank_reference: String,
    /// `declared`, `confirmed`, `contested`, `rejected`.
    pub status: String,
    pub amount: Money,
}

#[derive(Debug, Clone)]
pub struct TimelineRow {
    pub seq: i32,
    pub at: DateTime<Utc>,
    /// The event's kind as recorded; shown in words where the catalogue has them.
    pub kind: String,
    pub actor_kind: String,
    /// What a reader needs of the event's data, already in words; may be empty.
    pub note: String,
    /// SHA-256 in hexadecimal.
    pub hash: String,
}

/// What recomputing the chain of hashes found.
#[derive(Debug, Clone)]
pub enum Verification {
    Intact { last_hash: String },
    BrokenAt { seq: i32 },
}

impl CaseFileSheet {
    /// # Errors
    /// Rows of several currencies, or a fault of the template.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        engine::pdf("case_file.typ", self.inputs()?)
    }

    fn inputs(&self) -> Result<Value, PaperError> {
        let (language, texts) = (self.language, Texts::of(self.language));
        let made_on = self.made_at.with_timezone(&self.zone).date_naive();
        Ok(json!({
            "lang": language.as_str(),
            "t": texts.section("case_file"), "c": texts.section("common"), "claim_words": texts.section("claim"),
            "date": [made_on.year(), made_on.month(), made_on.day()],
            "reference": self.case_reference,
            "creditor": self.creditor.inputs(), "agency": self.agency.as_ref().map(Party::inputs), "debtor": self.debtor.inputs(),
            "phase": Texts::of(self.language).word("phase", &self.phase),
            "outcome": self.outcome.as_deref().map(|outcome| Texts::of(self.language).word("outcome", outcome)),
            "claim": self.claim.as_ref().map(|claim| claim.inputs(language)).transpose()?,
            "payments": self.payments.iter().map(|row| self.payment(row)).collect::<Vec<_>>(),
            "timeline": self.timeline.iter().map(|row| self.event(row)).collect::<Vec<_>>(),
            "intact": matches!(self.verification, Verification::Intact { .. }),
            "values": self.values(),
        }))
    }

    fn values(&self) -> Value {
        let (last_hash, broken_at) = match &self.verification {
            Verification::Intact { last_hash } => (last_hash.as_str(), 0),
            Verification::BrokenAt { seq } => ("", *seq),
        };
        json!({
            "case_reference": self.case_reference, "creditor": self.creditor.name, "debtor": self.debtor.name,
            "made_at": self.language.instant(self.made_at, self.zone), "zone": self.zone.name(),
            "count": self.timeline.len().to_string(), "last_hash": last_hash, "broken_at": broken_at.to_string(),
        })
    }

    fn payment(&self, row: &PaymentRow) -> Value {
        json!({
            "on": self.language.short_day(row.received_on), "reference": row.bank_reference,
            "status": Texts::of(self.language).word("payment_status", &row.status), "amount": self.language.money(row.amount),
        })
    }

    fn event(&self, row: &TimelineRow) -> Value {
        json!({
            "seq": row.seq.to_string(), "at": self.language.instant(row.at, self.zone),
            "kind": Texts::of(self.language).word("event", &row.kind), "actor": Texts::of(self.language).word("actor", &row.actor_kind),
            "note": row.note, "hash": row.hash.chars().take(12).collect::<String>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::samples::{self, text_of};

    #[test]
    fn a_case_file_says_whether_its_chain_holds() {
        let mut file = samples::case_file(Language::English);
        assert!(text_of(&file.pdf().expect("a case file")).contains("The chain is intact"));
        file.verification = Verification::BrokenAt { seq: 17 };
        let text = text_of(&file.pdf().expect("a case file"));
        assert!(text.contains("does not hold from event 17") && !text.contains("The chain is intact"), "{text}");
    }

    #[test]
    fn a_long_timeline_runs_over_pages_that_are_counted() {
        let mut file = samples::case_file(Language::French);
        let row = file.timeline[0].clone();
        file.timeline = (1..=120).map(|seq| TimelineRow { seq, ..row.clone() }).collect();
        let text = text_of(&file.pdf().expect("a case file"));
        assert!(text.contains("Page 2 sur"), "{text}");
    }
}
