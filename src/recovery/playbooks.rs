//! The playbooks that ship with the platform, and which of them a case runs through where its pursuer has chosen none. Pure.

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::strategy::{Faulty, Strategy, StrategyFault};
use crate::{cases::Phase, receivables::DebtorKind, types::Country};

/// What they are called.
pub const NAMES: [&str; 7] =
    ["default", "past_due_periods", "strategic_customers", "consumers", "public_bodies", "small_amounts", "letter_first"];

/// By name.
const SHIPPED: [(&str, &str); 7] = [
    ("default", include_str!("../../config/strategies/default.toml")),
    ("past_due_periods", include_str!("../../config/strategies/past_due_periods.toml")),
    ("strategic_customers", include_str!("../../config/strategies/strategic_customers.toml")),
    ("consumers", include_str!("../../config/strategies/consumers.toml")),
    ("public_bodies", include_str!("../../config/strategies/public_bodies.toml")),
    ("small_amounts", include_str!("../../config/strategies/small_amounts.toml")),
    ("letter_first", include_str!("../../config/strategies/letter_first.toml")),
];

/// Below this a letter and a call cost more than they bring.
const SMALL_MINOR: i64 = 10_000;
/// A case that begins later than this after the due date has most of the eight periods behind it.
const FRESH_DAYS: i64 = 30;

/// All of them, read once.
///
/// # Errors
/// A shipped file is broken, which a test rules out.
pub fn all() -> Result<&'static [Strategy], Vec<Faulty>> {
    static READ: LazyLock<Result<Vec<Strategy>, Vec<Faulty>>> =
        LazyLock::new(|| SHIPPED.iter().map(|(_, text)| Strategy::parse(text)).collect());
    READ.as_deref().map_err(Clone::clone)
}

/// The one of this name.
///
/// # Errors
/// There is none, or a file is broken, both of which a test rules out.
pub fn find(name: &str) -> Result<&'static Strategy, Vec<Faulty>> {
    let missing = || vec![Faulty { pointer: String::new(), fault: StrategyFault::NoSuchPlaybook(name.to_owned()) }];
    all()?.iter().find(|playbook| playbook.name == name).ok_or_else(missing)
}

/// What the choice among them looks at.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer {
    pub phase: Phase,
    pub country: Country,
    pub debtor_kind: DebtorKind,
    pub principal_minor: i64,
    pub oldest_due_on: NaiveDate,
    pub today: NaiveDate,
}

/// The name of the playbook for a case, and why.
#[must_use]
pub fn choose(case: &Newcomer) -> (&'static str, &'static str) {
    if case.phase == Phase::Active && matches!(case.country, Country::France | Country::Italy) {
        return ("letter_first", "an agency's first contact with a debtor of this country is a letter");
    }
    match case.debtor_kind {
        DebtorKind::Consumer => return ("consumers", "the debtor is a consumer"),
        DebtorKind::Public => return ("public_bodies", "the debtor is a public body"),
        DebtorKind::Business => {}
    }
    if case.principal_minor < SMALL_MINOR {
        return ("small_amounts", "less than 100.00 is owed");
    }
    let is_fresh = (case.today - case.oldest_due_on).num_days() <= FRESH_DAYS;
    if case.phase == Phase::InHouse && is_fresh {
        return ("past_due_periods", "the creditor begins within 30 days of the due date");
    }
    ("default", "nothing more particular applies")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        recovery::strategy::Template,
        types::{Channel, Tone},
    };

    #[test]
    fn every_shipped_playbook_can_be_carried_out_and_bears_its_name() {
        for (name, text) in SHIPPED {
            let playbook = Strategy::parse(text).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
            assert_eq!(playbook.name, name);
        }
        assert!(find("no_such_playbook").is_err());
        assert_eq!(SHIPPED.map(|(name, _)| name), NAMES);
    }

    #[test]
    fn the_default_is_two_mails_a_letter_a_call_and_a_final_notice() {
        let templates: Vec<Template> = find("default").unwrap().steps.iter().map(|step| step.template).collect();
        use Template::{CallScript, FinalNotice, Letter, Reminder, SecondReminder};
        assert_eq!(templates, [Reminder, SecondReminder, Letter, CallScript, FinalNotice]);
    }

    #[test]
    fn the_eight_past_due_periods_are_those_of_the_trade() {
        let starts: Vec<i16> = find("past_due_periods").unwrap().steps.iter().map(|step| step.days).collect();
        assert_eq!(starts, [1, 11, 21, 31, 41, 51, 61, 76]);
    }

    #[test]
    fn strategic_customers_and_consumers_are_treated_with_more_care() {
        let strategic = &find("strategic_customers").unwrap().steps;
        assert!(strategic.iter().all(|step| step.tone < Tone::Firm) && strategic[0].channel == Channel::Call);
        assert!(strategic.iter().filter(|step| step.channel != Channel::Call).all(|step| step.approval));
        assert!(find("consumers").unwrap().steps.iter().all(|step| step.channel != Channel::Call));
        assert!(find("small_amounts").unwrap().steps.iter().all(|step| step.channel == Channel::Mail));
    }

    #[test]
    fn a_case_without_a_choice_of_its_pursuer_gets_the_playbook_of_its_kind() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let fresh = Newcomer {
            phase: Phase::InHouse,
            country: Country::Spain,
            debtor_kind: DebtorKind::Business,
            principal_minor: 100_000,
            oldest_due_on: day("2026-10-31"),
            today: day("2026-11-02"),
        };
        for (case, name) in [
            (fresh, "past_due_periods"),
            (Newcomer { today: day("2026-12-01"), ..fresh }, "default"),
            (Newcomer { phase: Phase::Active, ..fresh }, "default"),
            (Newcomer { phase: Phase::Active, country: Country::France, ..fresh }, "letter_first"),
            (Newcomer { principal_minor: 9_999, ..fresh }, "small_amounts"),
            (Newcomer { debtor_kind: DebtorKind::Public, principal_minor: 1, ..fresh }, "public_bodies"),
            (Newcomer { debtor_kind: DebtorKind::Consumer, ..fresh }, "consumers"),
        ] {
            assert_eq!(choose(&case).0, name, "{case:?}");
        }
    }
}
