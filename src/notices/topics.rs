//! What notifications are about, for people to choose among. Pure.

use crate::types::text_enum;

text_enum! {
    /// What notifications are about.
    pub enum Topic {
        /// Offers, questions, cases that a saved search found.
        Market => "market",
        /// Mandates and framework mandates.
        Mandates => "mandates",
        Payments => "payments",
        Payouts => "payouts",
        /// Promises, plans, settlements, hardship.
        Answers => "answers",
        Objections => "objections",
        /// What debtors wrote, what did not arrive, notes of the other side, texts that wait for a yes.
        Messages => "messages",
        /// How cases go on and end.
        Cases => "cases",
        Complaints => "complaints",
        Scores => "scores",
        /// Terms that end before somebody has acted.
        Terms => "terms",
    }
}

impl Topic {
    /// What a kind of notification is about.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        Self::known(kind).unwrap_or(Self::Cases)
    }

    fn known(kind: &str) -> Option<Self> {
        Some(match kind {
            "offers_ranked" | "offer_awarded" | "offer_lost" | "offer_void" | "listing_found" | "question_asked"
            | "question_answered" => Self::Market,
            "awarded" | "mandate_signed" | "mandate_lapsed" | "engaged" | "framework_to_sign" | "framework_in_force"
            | "framework_ended" => Self::Mandates,
            "payment_declared" | "payment_confirmed" | "payment_contested" | "payment_rejected" | "payment_reversed"
            | "refund_asked" => Self::Payments,
            "payout_paid" | "payout_returned" | "payout_due" | "payout_overdue" | "payout_escalated" => Self::Payouts,
            "promise_made"
            | "promise_broken"
            | "plan_agreed"
            | "plan_kept"
            | "plan_broken"
            | "settlement_offered"
            | "settlement_asked"
            | "settlement_agreed"
            | "settlement_declined"
            | "settlement_expired"
            | "settlement_kept"
            | "settlement_broken"
            | "circumstance_stated" => Self::Answers,
            "dispute_opened" | "dispute_evidence_given" | "dispute_resolved" => Self::Objections,
            "message_received" | "message_bounced" | "contact_failed" | "note_added" | "task_opened" | "task_done" => {
                Self::Messages
            }
            "returned"
            | "recalled"
            | "closed"
            | "reopened"
            | "limitation_near"
            | "time_barred"
            | "idle_warned"
            | "idle"
            | "credited"
            | "credit_cancelled"
            | "agency_promise_broken" => Self::Cases,
            "complaint_filed" | "complaint_withdrawn" | "complaint_to_decide" | "complaint_overdue" | "complaint_decided" => {
                Self::Complaints
            }
            "score_published" | "appeal_filed" | "appeal_decided" => Self::Scores,
            "term_ending" => Self::Terms,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        cases::EventKind,
        notices::audience::{self, Audience},
    };

    #[test]
    fn every_event_that_is_told_is_about_something() {
        let asks = json!({ "declared_by": "agency", "from": "agency", "reason": "creditor_approval", "result": "declined" });
        for kind in EventKind::ALL.iter().filter(|kind| audience::of(**kind, &asks) != Audience::default()) {
            assert!(Topic::known(kind.as_str()).is_some(), "{kind}");
        }
        assert_eq!(Topic::of("something_new"), Topic::Cases);
    }
}
