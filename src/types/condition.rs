//! Conditions in CEL that people write into rules and strategies: short, quick, and tried out when they are set.
//!
//! Pure. What may never happen here: a condition that runs long, or that fails only when it is needed. So it is short, has
//! no lists and maps (without them nothing in CEL repeats), and names only what it is given.

use cel::{Context, Program, Value};

/// Longest condition.
const TEXT_MAX_CHARS: usize = 500;

/// A value that a condition may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact<'a> {
    Number(i64),
    Text(&'a str),
    Truth(bool),
}

/// Names with their values.
pub type Facts<'a> = [(&'static str, Fact<'a>)];

/// A condition that can be reckoned.
#[derive(Debug)]
pub struct Condition(Program);

impl Condition {
    /// Reads a condition and tries it out on an example, which has every name that it may use.
    ///
    /// # Errors
    /// What is wrong with it, for whoever wrote it.
    pub fn read(text: &str, example: &Facts<'_>) -> Result<Self, String> {
        let condition = Self::compile(text)?;
        let known = |name: &&str| example.iter().any(|(fact, _)| fact == name);
        if let Some(unknown) = condition.0.references().variables().into_iter().find(|name| !known(name)) {
            let names: Vec<&str> = example.iter().map(|(name, _)| *name).collect();
            return Err(format!("`{unknown}` is not known here: {}", names.join(", ")));
        }
        condition.holds(example)?;
        Ok(condition)
    }

    /// Reads a condition that was tried out when it was set.
    ///
    /// # Errors
    /// It is none that could have been set.
    pub fn compile(text: &str) -> Result<Self, String> {
        if text.chars().count() > TEXT_MAX_CHARS {
            return Err(format!("at most {TEXT_MAX_CHARS} characters"));
        }
        if text.contains(['[', '{']) {
            return Err("lists and maps are not for conditions: compare what is there".to_owned());
        }
        Program::compile(text).map(Self).map_err(|error| format!("this is no CEL: {error}"))
    }

    /// Whether it is true of `facts`.
    ///
    /// # Errors
    /// It cannot be reckoned, or comes to something that is neither true nor false.
    pub fn holds(&self, facts: &Facts<'_>) -> Result<bool, String> {
        let mut context = Context::default();
        for (name, fact) in facts {
            match *fact {
                Fact::Number(number) => context.add_variable_from_value(*name, number),
                Fact::Text(text) => context.add_variable_from_value(*name, text),
                Fact::Truth(truth) => context.add_variable_from_value(*name, truth),
            }
        }
        let answer = self.0.execute(&context).map_err(|error| format!("the condition cannot be reckoned: {error}"))?;
        if let Value::Bool(holds) = answer { Ok(holds) } else { Err("the condition must come to true or false".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: [(&str, Fact<'_>); 3] =
        [("days", Fact::Number(12)), ("country", Fact::Text("ES")), ("disputed", Fact::Truth(false))];

    fn holds(text: &str) -> Result<bool, String> {
        Condition::read(text, &EXAMPLE)?.holds(&EXAMPLE)
    }

    #[test]
    fn a_condition_compares_what_it_is_given() {
        for (condition, expected) in [
            ("days <= 12 && !disputed", true),
            ("country == 'FR'", false),
            ("country == 'ES' || days > 90", true),
            ("true", true),
        ] {
            assert_eq!(holds(condition), Ok(expected), "{condition}");
        }
    }

    #[test]
    fn one_that_could_fail_or_run_long_is_refused_when_it_is_set() {
        for (condition, told) in [
            ("days <=", "no CEL"),
            ("days", "true or false"),
            ("debtor == 'x'", "`debtor`"),
            ("days / 0 > 1", "cannot be reckoned"),
            ("days > 'x'", "cannot be reckoned"),
            ("[1, 2].all(a, [1, 2].all(b, a + b > 0))", "lists"),
            ("{'a': 1}.a == 1", "lists"),
        ] {
            let refusal = holds(condition).unwrap_err();
            assert!(refusal.contains(told), "{condition}: {refusal}");
        }
        assert!(holds(&format!("true{}", " && true".repeat(100))).unwrap_err().contains("500"));
    }
}
