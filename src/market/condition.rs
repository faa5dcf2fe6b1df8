//! A creditor's rule for the award, in CEL: at the deadline the first in rank of which it is true is awarded.
//!
//! Pure. What may never happen here: a rule that runs long, or that fails only at the deadline. So a rule is short, has no
//! lists and maps (without them nothing in CEL repeats), names only what an offer has, and is tried out when it is set.

use cel::{Context, Program, Value};

use super::award::Arithmetic;
use crate::types::Tone;

/// Longest rule.
const TEXT_MAX_CHARS: usize = 500;

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

/// What a rule may name.
pub const NAMES: [&str; 10] = [
    "rank",
    "offers",
    "fee_bp",
    "take_now_bp",
    "recovery_bp",
    "expected_net_ppm",
    "score_ppm",
    "first_contact_hours",
    "update_every_days",
    "tone",
];

/// A rule that was read and tried out.
#[derive(Debug)]
pub struct Condition(Program);

impl Condition {
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.chars().count() > TEXT_MAX_CHARS {
            return Err(format!("at most {TEXT_MAX_CHARS} characters"));
        }
        if text.contains(['[', '{']) {
            return Err("lists and maps are not for rules: compare what an offer has".to_owned());
        }
        let program = Program::compile(text).map_err(|error| format!("this is no CEL: {error}"))?;
        if let Some(unknown) = program.references().variables().into_iter().find(|name| !NAMES.contains(name)) {
            return Err(format!("`{unknown}` is nothing that an offer has: {}", NAMES.join(", ")));
        }
        let condition = Self(program);
        condition.holds(&example(&Arithmetic::example()))?;
        Ok(condition)
    }

    /// Whether it is true of an offer.
    ///
    /// # Errors
    /// It cannot be reckoned, or comes to something that is neither true nor false.
    pub fn holds(&self, offer: &Offered<'_>) -> Result<bool, String> {
        let mut context = Context::default();
        let figures = [
            ("rank", i64::from(offer.rank)),
            ("offers", i64::try_from(offer.offers).unwrap_or(i64::MAX)),
            ("fee_bp", i64::from(offer.arithmetic.fee_bp.0)),
            ("take_now_bp", i64::from(offer.take_now_bp)),
            ("recovery_bp", i64::from(offer.arithmetic.recovery_bp.0)),
            ("expected_net_ppm", offer.arithmetic.expected_net_ppm),
            ("score_ppm", offer.arithmetic.score_ppm),
            ("first_contact_hours", i64::from(offer.first_contact_hours)),
            ("update_every_days", i64::from(offer.update_every_days)),
        ];
        for (name, figure) in figures {
            context.add_variable_from_value(name, figure);
        }
        context.add_variable_from_value("tone", offer.tone.as_str());
        let answer = self.0.execute(&context).map_err(|error| format!("the rule cannot be reckoned: {error}"))?;
        if let Value::Bool(holds) = answer { Ok(holds) } else { Err("the rule must come to true or false".to_owned()) }
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
    fn a_rule_that_could_fail_or_run_long_is_refused_when_it_is_set() {
        for (rule, told) in [
            ("fee_bp <=", "no CEL"),
            ("fee_bp", "true or false"),
            ("debtor == 'x'", "`debtor`"),
            ("fee_bp / 0 > 1", "cannot be reckoned"),
            ("fee_bp > 'x'", "cannot be reckoned"),
            ("[1, 2].all(a, [1, 2].all(b, a + b > 0))", "lists"),
            ("{'a': 1}.a == 1", "lists"),
        ] {
            let refusal = holds(rule).unwrap_err();
            assert!(refusal.contains(told), "{rule}: {refusal}");
        }
        assert!(holds(&format!("true{}", " && true".repeat(100))).unwrap_err().contains("500"));
    }
}
