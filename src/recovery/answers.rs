//! What the debtor answered since the last step, read off the case's timeline. Pure.

use chrono::{DateTime, Utc};

use super::records::{TaskReason, TaskResult};
use crate::{
    cases::{Event, EventKind},
    types::text_enum,
};

text_enum! {
    /// What may come back after a step.
    pub enum Answer {
        /// A message could not be delivered.
        Bounced => "bounced",
        /// The debtor wrote back.
        Replied => "replied",
        /// A call that nobody took.
        NoAnswer => "no_answer",
        /// A day was named.
        Promised => "promised",
        /// The day passed without the money.
        PromiseBroken => "promise_broken",
        /// An instalment of a plan did not come.
        PlanBroken => "plan_broken",
        /// Some of the money came.
        PaidInPart => "paid_in_part",
        /// An objection was raised.
        Disputed => "disputed",
        /// It was settled, and something is still owed.
        DisputeSettled => "dispute_settled",
    }
}

/// An answer and when it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    pub answer: Answer,
    pub at: DateTime<Utc>,
}

/// The answers among `events`, in their order.
#[must_use]
pub fn read(events: &[Event]) -> Vec<Answered> {
    events.iter().filter_map(|event| Some(Answered { answer: answer_in(event)?, at: event.at })).collect()
}

/// Lines that are an answer whatever they say.
const PLAIN: [(EventKind, Answer); 9] = [
    (EventKind::MessageReceived, Answer::Replied),
    (EventKind::MessageBounced, Answer::Bounced),
    (EventKind::PromiseMade, Answer::Promised),
    (EventKind::PromiseBroken, Answer::PromiseBroken),
    (EventKind::PlanBroken, Answer::PlanBroken),
    (EventKind::SettlementBroken, Answer::PromiseBroken),
    (EventKind::PaymentConfirmed, Answer::PaidInPart),
    (EventKind::DisputeOpened, Answer::Disputed),
    (EventKind::DisputeResolved, Answer::DisputeSettled),
];

fn answer_in(event: &Event) -> Option<Answer> {
    let said = |name: &str, word: &str| event.data.get(name).and_then(|value| value.as_str()) == Some(word);
    // An objection to a part is no answer to what was asked: the rest goes on as it was.
    let is_of_a_part = event.data.get("amount_minor").is_some_and(|amount| !amount.is_null());
    if matches!(event.kind, EventKind::DisputeOpened | EventKind::DisputeResolved) && is_of_a_part {
        return None;
    }
    if event.kind == EventKind::ContactFailed && said("reason", TaskReason::NotDelivered.as_str()) {
        return Some(Answer::Bounced);
    }
    if event.kind == EventKind::TaskDone && said("result", TaskResult::NoAnswer.as_str()) {
        return Some(Answer::NoAnswer);
    }
    PLAIN.iter().find(|(kind, _)| *kind == event.kind).map(|(_, answer)| *answer)
}
