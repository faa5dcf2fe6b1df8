//! What a step's condition may name of a case. Pure.

use chrono::NaiveDate;

use crate::{
    cases::{Case, Phase},
    receivables::Debtor,
    types::condition::{Condition, Fact},
};

/// A case as conditions see it on a day.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    pub case: &'a Case,
    pub debtor: &'a Debtor,
    /// In the debtor's zone.
    pub today: NaiveDate,
}

impl Situation<'_> {
    /// # Errors
    /// It cannot be reckoned: it should have been refused when it was set.
    pub fn holds(&self, condition: &str) -> Result<bool, String> {
        let days_overdue = (self.today - self.case.oldest_due_on).num_days();
        let pursuer = if self.case.phase == Phase::Active { "agency" } else { "creditor" };
        Condition::compile(condition)?.holds(&facts(&Figures {
            principal_minor: self.case.principal_minor,
            recovered_minor: self.case.recovered_minor,
            currency: self.case.currency.code(),
            days_overdue,
            debtor_kind: self.debtor.kind.as_str(),
            country: self.debtor.country.as_str(),
            pursuer,
        }))
    }
}

struct Figures<'a> {
    principal_minor: i64,
    recovered_minor: i64,
    currency: &'a str,
    days_overdue: i64,
    debtor_kind: &'a str,
    country: &'a str,
    pursuer: &'a str,
}

const EXAMPLE: Figures<'_> = Figures {
    principal_minor: 100_000,
    recovered_minor: 0,
    currency: "EUR",
    days_overdue: 15,
    debtor_kind: "business",
    country: "ES",
    pursuer: "creditor",
};

/// The names that a condition may use.
const fn facts<'a>(figures: &Figures<'a>) -> [(&'static str, Fact<'a>); 7] {
    [
        ("principal_minor", Fact::Number(figures.principal_minor)),
        ("recovered_minor", Fact::Number(figures.recovered_minor)),
        ("currency", Fact::Text(figures.currency)),
        ("days_overdue", Fact::Number(figures.days_overdue)),
        ("debtor_kind", Fact::Text(figures.debtor_kind)),
        ("country", Fact::Text(figures.country)),
        ("pursuer", Fact::Text(figures.pursuer)),
    ]
}

/// Reads a condition and tries it out.
///
/// # Errors
/// What is wrong with it, for whoever wrote it.
pub fn check(condition: &str) -> Result<(), String> {
    Condition::read(condition, &facts(&EXAMPLE)).map(drop)
}

#[cfg(test)]
pub(in crate::recovery) mod tests {
    use super::*;

    /// Whether a condition is true of a plain case on a day.
    pub fn holds_at(condition: &str, today: NaiveDate, due_on: NaiveDate) -> bool {
        let figures = Figures { days_overdue: (today - due_on).num_days(), ..EXAMPLE };
        Condition::compile(condition).unwrap().holds(&facts(&figures)).unwrap()
    }

    #[test]
    fn every_name_of_a_condition_can_be_asked_for() {
        for (name, fact) in facts(&EXAMPLE) {
            let condition = match fact {
                Fact::Number(number) => format!("{name} == {number}"),
                Fact::Text(text) => format!("{name} == '{text}'"),
                Fact::Truth(truth) => format!("{name} == {truth}"),
            };
            assert_eq!(check(&condition), Ok(()));
        }
    }
}
