//! A creditor's rule for the award, in CEL: at the deadline the first in rank of which it is true is awarded. Pure.

use super::award::Arithmetic;
use crate::types::{
    Tone,
    condition::{self, Fact},
};

/// An opened offer, as a rule sees it.
#[derive(Debug, Clone)]
pub struct Offered<'a> {
    pub rank: i32,
    /// How many offers were ranked.
    pub offers: usize,
    pub arithmetic: &'a Arithmetic,
    pub take_now_bp: i32,
    pub first_contact_hours: i32,
    pub update_every_days: i32,
    pub tone: Tone,
}

impl Offered<'_> {
    /// What a rule may name.
    fn facts(&self) -> [(&'static str, Fact<'static>); 10] {
        [
            ("rank", Fact::Number(i64::from(self.rank))),
            ("offers", Fact::Number(i64::try_from(self.offers).unwrap_or(i64::MAX))),
            ("fee_bp", Fact::Number(i64::from(self.arithmetic.fee_bp.0))),
            ("take_now_bp", Fact::Number(i64::from(self.take_now_bp))),
            ("recovery_bp", Fact::Number(i64::from(self.arithmetic.recovery_bp.0))),
            ("expected_net_ppm", Fact::Number(self.arithmetic.expected_net_ppm)),
            ("score_ppm", Fact::Number(self.arithmetic.score_ppm)),
            ("first_contact_hours", Fact::Number(i64::from(self.first_contact_hours))),
            ("update_every_days", Fact::Number(i64::from(self.update_every_days))),
            ("tone", Fact::Text(self.tone.as_str())),
        ]
    }
}

/// A rule that was read and tried out.
#[derive(Debug)]
pub struct Condition(condition::Condition);

impl Condition {
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        condition::Condition::read(text, &example(&Arithmetic::example()).facts()).map(Self)
    }

    /// Whether it is true of an offer.
    ///
    /// # Errors
    /// It cannot be reckoned, or comes to something that is neither true nor false.
    pub fn holds(&self, offer: &Offered<'_>) -> Result<bool, String> {
        self.0.holds(&offer.facts())
    }
}

const fn example(arithmetic: &Arithmetic) -> Offered<'_> {
    Offered {
        rank: 1,
        offers: 3,
        arithmetic,
        take_now_bp: 1_300,
        first_contact_hours: 24,
        update_every_days: 14,
        tone: Tone::Neutral,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> Result<bool, String> {
        Condition::read(text)?.holds(&example(&Arithmetic::example()))
    }

    #[test]
    fn a_rule_compares_what_an_offer_has() {
        for (rule, expected) in [
            ("fee_bp <= 1200 && first_contact_hours <= 24", true),
            ("fee_bp < take_now_bp", true),
            ("rank == 1 && offers >= 4", false),
            ("tone == 'neutral' || tone == 'gentle'", true),
            ("update_every_days <= 7", false),
            ("score_ppm > 500000 && expected_net_ppm > 500000 && recovery_bp >= 5000", true),
            ("true", true),
        ] {
            assert_eq!(holds(rule), Ok(expected), "{rule}");
        }
    }

    #[test]
    fn a_rule_that_could_fail_is_refused_when_it_is_set() {
        for (rule, told) in [("debtor == 'x'", "`debtor`"), ("fee_bp / 0 > 1", "cannot be reckoned"), ("fee_bp", "true or false")]
        {
            let refusal = holds(rule).unwrap_err();
            assert!(refusal.contains(told), "{rule}: {refusal}");
        }
    }
}
