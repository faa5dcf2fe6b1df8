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
        EventKind::TaskOpened => asked(data),
        EventKind::TaskDone => answered(data),
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
        | EventKind::DebtorReminded
        | EventKind::OptedOut
        | EventKind::OptedIn
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

/// The creditor, whose yes to an agency's words is asked for; everybody else's work stands in their own lists.
fn asked(data: &Value) -> Audience {
    if is_creditor_approval(data) { CREDITOR } else { NOBODY }
}

/// The agency, when the creditor says no to its words.
fn answered(data: &Value) -> Audience {
    let is_no = data.get("result").and_then(Value::as_str) == Some("declined");
    if is_no && is_creditor_approval(data) { AGENCY } else { NOBODY }
}

fn is_creditor_approval(data: &Value) -> bool {
    data.get("reason").and_then(Value::as_str) == Some("creditor_approval")
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
    fn a_creditor_is_asked_for_its_yes_and_the_agency_told_of_a_no() {
        let of_creditor = |result: Value| json!({ "reason": "creditor_approval", "result": result });
        assert_eq!(of(EventKind::TaskOpened, &of_creditor(Value::Null)), CREDITOR);
        assert_eq!(of(EventKind::TaskDone, &of_creditor(json!("declined"))), AGENCY);
        assert_eq!(of(EventKind::TaskDone, &of_creditor(json!("approved"))), NOBODY);
        assert_eq!(of(EventKind::TaskOpened, &json!({ "reason": "call_due" })), NOBODY);
        assert_eq!(of(EventKind::TaskDone, &json!({ "reason": "approval_needed", "result": "declined" })), NOBODY);
    }

    #[test]
    fn the_operator_is_told_of_a_quarrel() {
        assert!(of(EventKind::PaymentContested, &json!({})).operator);
    }
}
