//! Which lines of a timeline are worth a notice, and to whom. Pure and total: a new kind of event does not compile until it
//! is decided.

use serde_json::Value;

use crate::cases::EventKind;

/// Who is told. The agency is the one that may read the line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Audience {
    pub creditor: bool,
    pub agency: bool,
    pub operator: bool,
}

const BOTH: Audience = Audience { creditor: true, agency: true, operator: false };
const CREDITOR: Audience = Audience { creditor: true, agency: false, operator: false };
const AGENCY: Audience = Audience { creditor: false, agency: true, operator: false };
const NOBODY: Audience = Audience { creditor: false, agency: false, operator: false };

/// Who should know of an event.
#[must_use]
pub fn of(kind: EventKind, data: &Value) -> Audience {
    match kind {
        EventKind::PaymentDeclared => answering(data),
        EventKind::NoteAdded => other_side(data),
        EventKind::PaymentContested => Audience { operator: true, ..BOTH },
        EventKind::Awarded
        | EventKind::MandateSigned
        | EventKind::MandateLapsed
        | EventKind::Engaged
        | EventKind::PaymentConfirmed
        | EventKind::PaymentRejected
        | EventKind::PaymentReversed
        | EventKind::RefundAsked
        | EventKind::PayoutPaid
        | EventKind::PayoutReturned
        | EventKind::LimitationNear
        | EventKind::TimeBarred
        | EventKind::IdleWarned
        | EventKind::Idle
        | EventKind::PromiseMade
        | EventKind::PromiseBroken
        | EventKind::AgencyPromiseBroken
        | EventKind::MessageReceived
        | EventKind::PlanAgreed
        | EventKind::PlanKept
        | EventKind::PlanBroken
        | EventKind::SettlementOffered
        | EventKind::SettlementAsked
        | EventKind::SettlementAgreed
        | EventKind::SettlementDeclined
        | EventKind::SettlementExpired
        | EventKind::SettlementKept
        | EventKind::SettlementBroken
        | EventKind::CircumstanceStated
        | EventKind::DisputeOpened
        | EventKind::DisputeEvidenceGiven
        | EventKind::DisputeResolved
        | EventKind::Credited
        | EventKind::CreditCancelled
        | EventKind::Closed
        | EventKind::Reopened => BOTH,
        EventKind::Returned | EventKind::OffersRanked | EventKind::ContactFailed | EventKind::MessageBounced => CREDITOR,
        EventKind::Recalled => AGENCY,
        EventKind::Posted
        | EventKind::Started
        | EventKind::Listed
        | EventKind::Unlisted
        | EventKind::PoolJoined
        | EventKind::PoolLeft
        | EventKind::OffersExtended
        | EventKind::AgencyPromiseKept
        | EventKind::AwardExplained
        | EventKind::StrategyChosen
        | EventKind::StrategyChanged
        | EventKind::StepLeftOut
        | EventKind::ContactSent
        | EventKind::ContactDeferred
        | EventKind::ContactRefused
        | EventKind::ContactStopped
        | EventKind::TaskOpened
        | EventKind::TaskDone
        | EventKind::PromiseKept
        | EventKind::HoldPlaced
        | EventKind::HoldReleased => NOBODY,
    }
}

/// Whoever did not declare a payment is asked; nobody where the creditor recovers by itself.
fn answering(data: &Value) -> Audience {
    match data.get("declared_by").and_then(Value::as_str) {
        Some("creditor") => AGENCY,
        Some("agency") => CREDITOR,
        Some(_) | None => NOBODY,
    }
}

/// Whoever did not write a note.
fn other_side(data: &Value) -> Audience {
    match data.get("from").and_then(Value::as_str) {
        Some("creditor") => AGENCY,
        Some("agency") => CREDITOR,
        Some(_) | None => NOBODY,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_side_that_did_not_declare_a_payment_is_told() {
        assert_eq!(of(EventKind::PaymentDeclared, &json!({ "declared_by": "agency" })), CREDITOR);
        assert_eq!(of(EventKind::PaymentDeclared, &json!({ "declared_by": "creditor" })), AGENCY);
        assert_eq!(of(EventKind::PaymentDeclared, &json!({})), NOBODY);
    }

    #[test]
    fn what_people_work_on_every_day_is_no_news() {
        for kind in [EventKind::Listed, EventKind::ContactSent, EventKind::AwardExplained] {
            assert_eq!(of(kind, &json!({})), NOBODY, "{kind}");
        }
    }

    #[test]
    fn the_operator_is_told_of_a_quarrel() {
        assert!(of(EventKind::PaymentContested, &json!({})).operator);
    }
}
