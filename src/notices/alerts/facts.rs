//! What an alert rule may name: what happened, for how long it has stood, and the case. Pure.

use crate::{
    cases::EventKind,
    types::{
        condition::{Condition, Fact},
        text_enum,
    },
};

text_enum! {
    /// What is noticed once a day, beside the events of the timeline.
    pub enum Standing {
        /// An objection is open, for so many days.
        DisputeOpen => "dispute_open",
        /// An agency has done nothing on a case, for so many days.
        AgencySilent => "agency_silent",
        /// A customer owes more than its credit limit.
        LimitExceeded => "limit_exceeded",
        /// A customer is less likely to pay than at some time in the last 30 days.
        RiskWorse => "risk_worse",
    }
}

/// Something that may be worth an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happened<'a> {
    /// A kind of event of the timeline, or a [`Standing`].
    pub event: &'a str,
    /// How long it has stood; 0 for what happened now.
    pub days: i64,
    pub principal_minor: i64,
    pub recovered_minor: i64,
    pub currency: &'a str,
    pub days_overdue: i64,
    pub debtor_kind: &'a str,
    pub country: &'a str,
    /// Empty of a customer as a whole.
    pub phase: &'a str,
    /// How much of the credit limit is used, in percent; 0 of whatever is not about the limit.
    pub limit_use: i64,
    /// By how many points of a hundred a customer is less likely to pay within 30 days; 0 of whatever is not about that.
    pub score_drop: i64,
}

const EXAMPLE: Happened<'_> = Happened {
    event: "promise_broken",
    days: 0,
    principal_minor: 100_000,
    recovered_minor: 0,
    currency: "EUR",
    days_overdue: 40,
    debtor_kind: "business",
    country: "ES",
    phase: "active",
    limit_use: 0,
    score_drop: 0,
};

impl Happened<'_> {
    const fn facts(&self) -> [(&'static str, Fact<'_>); 11] {
        [
            ("event", Fact::Text(self.event)),
            ("days", Fact::Number(self.days)),
            ("principal_minor", Fact::Number(self.principal_minor)),
            ("recovered_minor", Fact::Number(self.recovered_minor)),
            ("currency", Fact::Text(self.currency)),
            ("days_overdue", Fact::Number(self.days_overdue)),
            ("debtor_kind", Fact::Text(self.debtor_kind)),
            ("country", Fact::Text(self.country)),
            ("phase", Fact::Text(self.phase)),
            ("limit_use", Fact::Number(self.limit_use)),
            ("score_drop", Fact::Number(self.score_drop)),
        ]
    }

    /// Whether a rule speaks of it. One that cannot be reckoned of this does not.
    #[must_use]
    pub fn is_meant_by(&self, condition: &Condition) -> bool {
        condition.holds(&self.facts()).unwrap_or(false)
    }
}

/// Reads a rule's condition and tries it out, on one that happened and on one that stands.
///
/// # Errors
/// What is wrong with it, for whoever wrote it.
pub fn check(condition: &str) -> Result<(), String> {
    let read = Condition::read(condition, &EXAMPLE.facts())?;
    let standing = Happened { event: Standing::DisputeOpen.as_str(), days: 20, ..EXAMPLE };
    read.holds(&standing.facts())?;
    for word in quoted(condition) {
        if looks_like_an_event(word) && !is_event(word) {
            return Err(format!("nothing that happens is called `{word}`"));
        }
    }
    Ok(())
}

/// What is compared with `event`: words of lower case letters with an underscore, which no country, currency or phase has.
fn looks_like_an_event(word: &str) -> bool {
    word.contains('_') && !["in_house"].contains(&word)
}

fn is_event(word: &str) -> bool {
    word.parse::<EventKind>().is_ok() || word.parse::<Standing>().is_ok()
}

fn quoted(condition: &str) -> impl Iterator<Item = &str> {
    condition.split(['\'', '"']).skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_tried_out_when_it_is_set() {
        for good in [
            "event == 'promise_broken' && principal_minor > 50000",
            "event == 'dispute_open' && days > 14",
            "event == \"agency_silent\" && days >= 10",
            "event == 'message_bounced' || event == 'contact_failed'",
            "event == 'limit_exceeded' && limit_use >= 120",
            "event == 'risk_worse' && score_drop >= 20 && principal_minor > 100000",
            "phase == 'in_house' && event == 'payment_confirmed'",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, told) in [
            ("event ==", "no CEL"),
            ("event", "true or false"),
            ("debtor == 'x'", "`debtor`"),
            ("event == 'promise_brken'", "`promise_brken`"),
            ("[1].all(x, x > 0)", "lists"),
            ("days / 0 > 1", "cannot be reckoned"),
        ] {
            let why = check(bad).unwrap_err();
            assert!(why.contains(told), "{bad}: {why}");
        }
        assert!(check(&format!("true{}", " && true".repeat(100))).unwrap_err().contains("500"));
    }

    #[test]
    fn a_rule_speaks_of_what_it_means() {
        let rule = Condition::compile("event == 'dispute_open' && days > 14 && principal_minor >= 100000").unwrap();
        let open = |days| Happened { event: "dispute_open", days, ..EXAMPLE };
        assert!(open(15).is_meant_by(&rule) && !open(14).is_meant_by(&rule));
        assert!(!EXAMPLE.is_meant_by(&rule));
    }
}
