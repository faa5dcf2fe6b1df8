//! A line of a case's timeline in the reader's words.

use serde_json::Value;

use super::super::Shell;
use crate::{
    cases::{Case, Event, EventKind},
    types::Money,
};

/// What happened, who did it, and what there is to say of it.
pub struct Told {
    pub at: String,
    pub what: String,
    pub who: String,
    /// Amounts, days, reasons: of closed vocabularies.
    pub facts: Vec<String>,
    /// As a person wrote it.
    pub said: Option<String>,
}

/// Of a member of an event's data, the vocabulary that its words are from.
const WORDS: [(&str, &str); 11] = [
    ("channel", "channel"),
    ("outcome", "outcome"),
    ("result", "task_result"),
    ("ground", "recall_ground"),
    ("party", "party"),
    ("promise", "agency_promise"),
    ("rule", "policy_rule"),
    ("status", "dispute_status"),
    ("route", "route"),
    ("kind", "hold_kind"),
    ("tone", "tone"),
];

#[must_use]
pub fn told(shell: &Shell, case: &Case, event: &Event) -> Told {
    let text = |name: &str| event.data.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let amount = event.data.get("amount_minor").or_else(|| event.data.get("applied_minor")).and_then(Value::as_i64);
    let mut facts: Vec<String> = amount.map(|minor| shell.money(Money::new(minor, case.currency))).into_iter().collect();
    for name in ["promised_on", "received_on"] {
        facts.extend(text(name).and_then(|day| day.parse::<chrono::NaiveDate>().ok()).map(|day| shell.day(day)));
    }
    facts.extend(WORDS.iter().filter_map(|(name, vocabulary)| text(name).map(|word| shell.word(vocabulary, word))));
    let mut said = text("text").or_else(|| text("note")).or_else(|| text("statement")).map(str::to_owned);
    if let Some(reason) = text("reason") {
        match vocabulary_of(event.kind) {
            Some(vocabulary) => facts.push(shell.word(vocabulary, reason)),
            None => said = said.or_else(|| Some(reason.to_owned())),
        }
    }
    Told {
        at: shell.instant(&event.at),
        what: shell.word("event", event.kind),
        who: shell.word("actor", event.actor_kind),
        facts,
        said,
    }
}

/// The words of the reasons of an event; none where a person wrote it.
fn vocabulary_of(kind: EventKind) -> Option<&'static str> {
    let known = [
        (EventKind::DisputeOpened, "dispute_reason"),
        (EventKind::TaskOpened, "task_reason"),
        (EventKind::TaskDone, "task_reason"),
        (EventKind::Returned, "return_reason"),
        (EventKind::Unlisted, "unlisted_reason"),
    ];
    known.iter().find(|(of, _)| *of == kind).map(|(_, vocabulary)| *vocabulary)
}
