//! A strategy: a versioned playbook of steps, as data. Pure.
//!
//! A strategy that parses can be carried out: every step has a channel that speaks its template, and none waits for a
//! step that is not there.

use config::{Config, File, FileFormat};
use serde::{Deserialize, Serialize};

use crate::types::{Channel, Tone, text_enum};

text_enum! {
    /// The day a step counts from.
    pub enum Anchor {
        /// The creditor's own start, or the agency's engagement.
        PhaseStart => "phase_start",
        /// When the oldest receivable fell due.
        DueDate => "due_date",
        /// When the step before it was taken.
        PreviousStep => "previous_step",
    }
}

text_enum! {
    /// What is said in a step. Each exists in every tone and language.
    pub enum Template {
        Reminder => "reminder",
        SecondReminder => "second_reminder",
        FinalNotice => "final_notice",
        Letter => "letter",
        CallScript => "call_script",
    }
}

impl Template {
    /// The one channel it is written for.
    #[must_use]
    pub const fn channel(self) -> Channel {
        match self {
            Self::Reminder | Self::SecondReminder | Self::FinalNotice => Channel::Mail,
            Self::Letter => Channel::Letter,
            Self::CallScript => Channel::Call,
        }
    }
}

/// One planned action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub anchor: Anchor,
    /// Calendar days after the anchor; before it, for a due date.
    pub days: i16,
    pub channel: Channel,
    pub template: Template,
    pub tone: Tone,
}

/// A playbook as it is shipped or written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strategy {
    pub name: String,
    pub version: i32,
    pub steps: Vec<Step>,
}

/// Why a strategy cannot be carried out. Steps are counted from 1, as people do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StrategyError {
    #[error("the strategy cannot be read: {0}")]
    Unreadable(String),
    #[error("a strategy has 1 to {STEPS_MAX} steps")]
    StepCount,
    #[error("step {step}: `{template}` is not written for {channel}")]
    WrongChannel { step: usize, template: Template, channel: Channel },
    #[error("step 1 has no step before it to count from")]
    NothingBefore,
    #[error("step {step}: days run from {DAYS_MIN} (due_date only; else 0) to {DAYS_MAX}")]
    Days { step: usize },
}

pub const STEPS_MAX: usize = 50;
const DAYS_MIN: i16 = -60;
const DAYS_MAX: i16 = 730;

impl Strategy {
    /// The one that ships with the platform.
    ///
    /// # Errors
    /// The shipped file is broken, which a test rules out.
    pub fn shipped() -> Result<Self, StrategyError> {
        Self::parse(include_str!("../../config/strategies/default.toml"))
    }

    /// # Errors
    /// See [`StrategyError`].
    pub fn parse(toml: &str) -> Result<Self, StrategyError> {
        let source = Config::builder().add_source(File::from_str(toml, FileFormat::Toml));
        let read = source.build().and_then(Config::try_deserialize::<Self>);
        let strategy = read.map_err(|error| StrategyError::Unreadable(error.to_string()))?;
        check(&strategy.steps)?;
        Ok(strategy)
    }
}

/// # Errors
/// See [`StrategyError`].
pub fn check(steps: &[Step]) -> Result<(), StrategyError> {
    if steps.is_empty() || steps.len() > STEPS_MAX {
        return Err(StrategyError::StepCount);
    }
    if steps.first().is_some_and(|step| step.anchor == Anchor::PreviousStep) {
        return Err(StrategyError::NothingBefore);
    }
    for (number, step) in (1..).zip(steps) {
        let Step { channel, template, .. } = *step;
        if template.channel() != channel {
            return Err(StrategyError::WrongChannel { step: number, template, channel });
        }
        let earliest = if step.anchor == Anchor::DueDate { DAYS_MIN } else { 0 };
        if !(earliest..=DAYS_MAX).contains(&step.days) {
            return Err(StrategyError::Days { step: number });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut Vec<Step>)) -> Result<(), StrategyError> {
        let mut steps = Strategy::shipped().unwrap().steps;
        change(&mut steps);
        check(&steps)
    }

    #[test]
    fn the_shipped_strategy_is_two_mails_a_letter_a_call_and_a_final_notice() {
        let templates: Vec<Template> = Strategy::shipped().unwrap().steps.iter().map(|step| step.template).collect();
        use Template::{CallScript, FinalNotice, Letter, Reminder, SecondReminder};
        assert_eq!(templates, [Reminder, SecondReminder, Letter, CallScript, FinalNotice]);
    }

    #[test]
    fn what_cannot_be_carried_out_is_refused_with_its_step() {
        assert_eq!(with(Vec::clear), Err(StrategyError::StepCount));
        assert_eq!(with(|steps| steps.resize(STEPS_MAX + 1, steps[0])), Err(StrategyError::StepCount));
        assert_eq!(with(|steps| steps[0].anchor = Anchor::PreviousStep), Err(StrategyError::NothingBefore));
        assert_eq!(with(|steps| steps[1].days = -1), Err(StrategyError::Days { step: 2 }));
        assert_eq!(with(|steps| (steps[1].anchor, steps[1].days) = (Anchor::DueDate, -5)), Ok(()));
        let refusal = StrategyError::WrongChannel { step: 3, template: Template::Letter, channel: Channel::Sms };
        assert_eq!(with(|steps| steps[2].channel = Channel::Sms), Err(refusal));
    }

    #[test]
    fn an_unknown_word_is_refused() {
        let shipped = include_str!("../../config/strategies/default.toml");
        assert!(Strategy::parse(&shipped.replace("tone = \"firm\"", "tone = \"threatening\"")).is_err());
        assert!(Strategy::parse(&shipped.replace("days = 28", "day = 28")).is_err());
    }

    #[test]
    fn steps_read_back_as_written() {
        let steps = Strategy::shipped().unwrap().steps;
        let stored = serde_json::to_value(&steps).unwrap();
        assert_eq!(serde_json::from_value::<Vec<Step>>(stored).unwrap(), steps);
    }
}
