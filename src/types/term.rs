//! A term that runs, after which silence decides, and when whoever must act is reminded of it. Pure.
//!
//! What may never happen here: a term that ends without a word to the side whose silence will be taken as an answer.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{DisputeId, ListingId, MandateId, PaymentId, SettlementId, text_enum};

text_enum! {
    /// What has to be done in time.
    pub enum TermKind {
        /// Confirm or contest a payment; else it counts as confirmed.
        Payment => "payment",
        /// Answer an objection; else the debtor is right.
        Dispute => "dispute",
        /// Answer a request or an offer to settle; else it expires.
        Settlement => "settlement",
        /// Sign a mandate; else it lapses.
        Mandate => "mandate",
        /// Choose among offers; else the case leaves the market.
        Decision => "decision",
    }
}

/// A term of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Term {
    Payment { payment_id: PaymentId },
    Dispute { dispute_id: DisputeId },
    Settlement { settlement_id: SettlementId },
    Mandate { mandate_id: MandateId },
    Decision { listing_id: ListingId },
}

impl Term {
    #[must_use]
    pub const fn kind(self) -> TermKind {
        match self {
            Self::Payment { .. } => TermKind::Payment,
            Self::Dispute { .. } => TermKind::Dispute,
            Self::Settlement { .. } => TermKind::Settlement,
            Self::Mandate { .. } => TermKind::Mandate,
            Self::Decision { .. } => TermKind::Decision,
        }
    }

    /// What it is a term of, by its name outside.
    #[must_use]
    pub fn thing(self) -> String {
        match self {
            Self::Payment { payment_id } => payment_id.to_string(),
            Self::Dispute { dispute_id } => dispute_id.to_string(),
            Self::Settlement { settlement_id } => settlement_id.to_string(),
            Self::Mandate { mandate_id } => mandate_id.to_string(),
            Self::Decision { listing_id } => listing_id.to_string(),
        }
    }
}

/// The job that reminds whoever still has to act, put beside the one that lets silence decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    #[serde(flatten)]
    pub term: Term,
    /// A term that was moved since reminds nobody.
    pub until: DateTime<Utc>,
}

/// Nobody is reminded earlier than this before the end.
const AT_MOST_BEFORE: TimeDelta = TimeDelta::days(3);

impl Reminder {
    pub const KIND: &'static str = "notices.remind";

    /// When two thirds of the term have passed, and not before the last three days.
    #[must_use]
    pub fn due(begun: DateTime<Utc>, until: DateTime<Utc>) -> DateTime<Utc> {
        let third = (until - begun) / 3;
        until - third.clamp(TimeDelta::zero(), AT_MOST_BEFORE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_reminder_leaves_time_to_act_and_comes_when_the_end_is_near() {
        let begun = at("2026-11-02T09:00:00Z");
        for (until, due) in [
            ("2026-11-16T09:00:00Z", "2026-11-13T09:00:00Z"),
            ("2026-11-08T09:00:00Z", "2026-11-06T09:00:00Z"),
            ("2026-11-02T12:00:00Z", "2026-11-02T11:00:00Z"),
            ("2026-11-02T09:00:00Z", "2026-11-02T09:00:00Z"),
            ("2026-11-01T09:00:00Z", "2026-11-01T09:00:00Z"),
        ] {
            assert_eq!(Reminder::due(begun, at(until)), at(due), "{until}");
        }
    }

    #[test]
    fn a_reminder_is_read_as_it_was_written() {
        let reminder = Reminder { term: Term::Payment { payment_id: PaymentId::fresh() }, until: at("2026-11-08T09:00:00Z") };
        let written = serde_json::to_value(reminder).unwrap();
        assert_eq!(written["of"], "payment");
        assert_eq!(serde_json::from_value::<Reminder>(written).unwrap(), reminder);
    }
}
