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

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use crate::{
        cases::{DisputeReason, DisputeSide, DisputeStatus, HoldKind, Outcome, Phase, Proof, Proposer, SettlementStatus},
        paper::Texts,
        receivables::DebtorKind,
        recovery::{
            answers::Answer,
            assignments::AssignmentScope,
            playbooks::{self, Newcomer},
            policy::Rule,
            records::{TaskKind, TaskReason, TaskResult},
            strategy::Template,
        },
        types::{Country, Currency, DebtorId, Language},
    };

    use super::*;

    /// Of a closed vocabulary, the words that a language lacks.
    fn missing(language: Language, vocabulary: &str, words: impl Iterator<Item = &'static str>) -> Vec<String> {
        let key = |word| format!("vocabulary.{vocabulary}.{word}");
        words.map(key).filter(|key| Texts::of(language).find(key).is_none()).collect()
    }

    /// Why a case may have got its strategy.
    fn reasons() -> Vec<String> {
        let newcomer = Newcomer {
            phase: Phase::InHouse,
            country: Country::Spain,
            debtor_kind: DebtorKind::Business,
            principal_minor: 50_000,
            oldest_due_on: NaiveDate::MIN,
            today: NaiveDate::MAX,
        };
        let playbooks = [
            newcomer,
            Newcomer { phase: Phase::Active, country: Country::France, ..newcomer },
            Newcomer { debtor_kind: DebtorKind::Consumer, ..newcomer },
            Newcomer { debtor_kind: DebtorKind::Public, ..newcomer },
            Newcomer { principal_minor: 1, ..newcomer },
            Newcomer { today: NaiveDate::MIN, ..newcomer },
        ];
        let scopes = [
            AssignmentScope::All,
            AssignmentScope::Class { debtor_kind: DebtorKind::Business },
            AssignmentScope::Amount { currency: Currency::EUR, from_minor: 0, below_minor: None },
            AssignmentScope::Customer { debtor_id: DebtorId::fresh() },
        ];
        let shipped = playbooks.iter().map(|case| playbooks::choose(case).1);
        shipped
            .chain(scopes.iter().map(|scope| scope.because()))
            .chain(["moved by hand"])
            .map(|why| why.replace('.', ""))
            .collect()
    }

    #[test]
    fn why_a_case_got_its_strategy_is_said_in_every_language() {
        for language in Language::ALL {
            for why in reasons() {
                assert!(Texts::of(*language).find(&format!("vocabulary.because.{why}")).is_some(), "{language}: {why}");
            }
        }
    }

    #[test]
    fn whatever_a_case_page_may_say_it_can_say_in_every_language() {
        for language in Language::ALL {
            let lacks = |vocabulary: &str, words: Vec<&'static str>| missing(*language, vocabulary, words.into_iter());
            for found in [
                lacks("event", EventKind::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("hold_kind", HoldKind::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("outcome", Outcome::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("policy_rule", Rule::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("answer", Answer::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("template", Template::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("task_kind", TaskKind::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("task_reason", TaskReason::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("task_result", TaskResult::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("dispute_reason", DisputeReason::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("dispute_status", DisputeStatus::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("dispute_side", DisputeSide::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("proof", Proof::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("proposer", Proposer::ALL.iter().map(|word| word.as_str()).collect()),
                lacks("settlement_status", SettlementStatus::ALL.iter().map(|word| word.as_str()).collect()),
            ] {
                assert_eq!(found, Vec::<String>::new(), "{language}");
            }
        }
    }
}
