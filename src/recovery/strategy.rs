//! A strategy: a playbook of steps, as data. Pure.
//!
//! What may never happen here: a playbook that cannot be carried out, that goes round in a circle, or that never ends. Branches
//! lead forwards only, so a run of a playbook takes each step at most once and comes to an end; [`check`] refuses the rest
//! before a playbook is published.

use config::{Config, File, FileFormat};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{answers::Answer, situation};
use crate::{
    paper::{DebtorMail, DebtorText, Form},
    types::{Channel, Tone, text_enum},
};

text_enum! {
    /// The day a step counts from.
    pub enum Anchor {
        /// The creditor's own start, or the agency's engagement.
        PhaseStart => "phase_start",
        /// When the oldest receivable fell due.
        DueDate => "due_date",
        /// When the step before it was taken.
        PreviousStep => "previous_step",
        /// When the debtor last answered as `after` says. A step whose answer has not come is left out.
        Answer => "answer",
    }
}

text_enum! {
    /// What is said in a step. Each exists in every tone and language.
    pub enum Template {
        Reminder => "reminder",
        SecondReminder => "second_reminder",
        FinalNotice => "final_notice",
        TextReminder => "text_reminder",
        TextFinalNotice => "text_final_notice",
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
            Self::TextReminder | Self::TextFinalNotice => Channel::Sms,
            Self::Letter => Channel::Letter,
            Self::CallScript => Channel::Call,
        }
    }

    /// What is written; none where somebody speaks.
    #[must_use]
    pub const fn form(self) -> Option<Form> {
        match self {
            Self::Reminder => Some(Form::Mail(DebtorMail::Reminder)),
            Self::SecondReminder => Some(Form::Mail(DebtorMail::SecondReminder)),
            Self::FinalNotice => Some(Form::Mail(DebtorMail::FinalNotice)),
            Self::TextReminder => Some(Form::TextMessage(DebtorText::Reminder)),
            Self::TextFinalNotice => Some(Form::TextMessage(DebtorText::FinalNotice)),
            Self::Letter => Some(Form::Letter),
            Self::CallScript => None,
        }
    }
}

/// Where a run goes on when the debtor answers a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    pub on: Answer,
    /// The key of a later step; `person`: somebody decides; `end`: nothing follows.
    #[schema(example = "letter")]
    pub go_to: String,
}

/// Another channel for a step whose message comes back, is refused, or cannot leave for four hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fallback {
    pub channel: Channel,
    pub template: Template,
}

/// One planned action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name within the strategy, for branches: lower case letters, digits and underscores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "first_reminder")]
    pub key: Option<String>,
    pub anchor: Anchor,
    /// Which answer an `answer` step waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Answer>,
    /// Calendar days after the anchor; before it, for a due date.
    pub days: i16,
    pub channel: Channel,
    pub template: Template,
    pub tone: Tone,
    /// A condition in CEL, asked on the step's day: where it is false the step is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "days_overdue <= 30 && principal_minor >= 50000")]
    pub when: Option<String>,
    /// Whether a person has to say yes before it is taken.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approval: bool,
    /// What is taken instead where its message comes back, is refused, or its provider stays away. It goes before a branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<Branch>,
}

impl Step {
    /// The step by its other channel, where it names one.
    #[must_use]
    pub fn by_fallback(&self) -> Option<Self> {
        let Fallback { channel, template } = self.fallback?;
        Some(Self { channel, template, ..self.clone() })
    }
}

/// A playbook as it is shipped or written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strategy {
    pub name: String,
    pub version: i32,
    pub steps: Vec<Step>,
}

/// Where a branch leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Counted from 0.
    Step(usize),
    Person,
    End,
}

/// Why a strategy cannot be carried out. Steps are counted from 1, as people do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StrategyFault {
    #[error("the strategy cannot be read: {0}")]
    Unreadable(String),
    #[error("no playbook called `{0}` ships with the platform")]
    NoSuchPlaybook(String),
    #[error("a strategy has 1 to {STEPS_MAX} steps")]
    StepCount,
    #[error("a key is 1 to {KEY_MAX_CHARS} lower case letters, digits and underscores, and neither `person` nor `end`")]
    Key,
    #[error("the key `{0}` names an earlier step already")]
    KeyTwice(String),
    #[error("`{template}` is not written for {channel}")]
    WrongChannel { template: Template, channel: Channel },
    #[error("a fallback takes another channel than its step")]
    SameChannel,
    #[error("the first step has no step before it to count from")]
    NothingBefore,
    #[error("days run from {DAYS_MIN} (due_date only; else 0) to {DAYS_MAX}")]
    Days,
    #[error("a step anchored to an answer says in `after` which one, and no other step has an `after`")]
    After,
    #[error("{0}")]
    Condition(String),
    #[error("no step has the key `{0}`; `person` and `end` lead out of the strategy")]
    NoSuchStep(String),
    #[error("`{0}` is this step or an earlier one: branches lead forwards, or the strategy would go round in a circle")]
    Loop(String),
    #[error("the same answer leads to two places")]
    BranchTwice,
    #[error("with all its waiting it takes {0} days: a strategy ends within {LENGTH_MAX_DAYS}")]
    Endless(i64),
}

/// A fault and where it is: a JSON pointer into the strategy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faulty {
    pub pointer: String,
    pub fault: StrategyFault,
}

pub const STEPS_MAX: usize = 50;
const DAYS_MIN: i16 = -60;
const DAYS_MAX: i16 = 730;
const KEY_MAX_CHARS: usize = 40;
/// Three years: no amicable strategy outlives the shortest general limitation.
const LENGTH_MAX_DAYS: i64 = 1_095;
const PERSON: &str = "person";
const END: &str = "end";

impl Strategy {
    /// # Errors
    /// It cannot be read or carried out.
    pub fn parse(toml: &str) -> Result<Self, Vec<Faulty>> {
        let unreadable = |error: config::ConfigError| {
            vec![Faulty { pointer: String::new(), fault: StrategyFault::Unreadable(error.to_string()) }]
        };
        let source = Config::builder().add_source(File::from_str(toml, FileFormat::Toml));
        let strategy = source.build().and_then(Config::try_deserialize::<Self>).map_err(unreadable)?;
        check(&strategy.steps)?;
        Ok(strategy)
    }
}

/// Where the branch of step `from` for an answer leads, if it has one.
#[must_use]
pub fn target(steps: &[Step], from: usize, answer: Answer) -> Option<Target> {
    let branch = steps.get(from)?.branches.iter().find(|branch| branch.on == answer)?;
    match branch.go_to.as_str() {
        PERSON => Some(Target::Person),
        END => Some(Target::End),
        key => steps.iter().position(|step| step.key.as_deref() == Some(key)).map(Target::Step),
    }
}

/// Everything that speaks against carrying it out.
///
/// # Errors
/// See [`StrategyFault`].
pub fn check(steps: &[Step]) -> Result<(), Vec<Faulty>> {
    if steps.is_empty() || steps.len() > STEPS_MAX {
        return Err(vec![Faulty { pointer: "/steps".to_owned(), fault: StrategyFault::StepCount }]);
    }
    let mut faults: Vec<Faulty> = steps.iter().enumerate().flat_map(|(position, _)| faults_of(steps, position)).collect();
    let length = longest(steps);
    if length > LENGTH_MAX_DAYS {
        faults.push(Faulty { pointer: "/steps".to_owned(), fault: StrategyFault::Endless(length) });
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn faults_of(steps: &[Step], position: usize) -> Vec<Faulty> {
    let Some(step) = steps.get(position) else { return Vec::new() };
    let mut faults = Vec::new();
    let mut blame = |field: &str, fault| faults.push(Faulty { pointer: format!("/steps/{position}/{field}"), fault });
    if let Some(key) = &step.key {
        if !is_key(key) {
            blame("key", StrategyFault::Key);
        } else if steps.iter().take(position).any(|earlier| earlier.key.as_ref() == Some(key)) {
            blame("key", StrategyFault::KeyTwice(key.clone()));
        }
    }
    if position == 0 && step.anchor == Anchor::PreviousStep {
        blame("anchor", StrategyFault::NothingBefore);
    }
    if (step.anchor == Anchor::Answer) != step.after.is_some() {
        blame("after", StrategyFault::After);
    }
    let earliest = if step.anchor == Anchor::DueDate { DAYS_MIN } else { 0 };
    if !(earliest..=DAYS_MAX).contains(&step.days) {
        blame("days", StrategyFault::Days);
    }
    if step.template.channel() != step.channel {
        blame("channel", StrategyFault::WrongChannel { template: step.template, channel: step.channel });
    }
    if let Some(Fallback { channel, template }) = step.fallback {
        if template.channel() != channel {
            blame("fallback/channel", StrategyFault::WrongChannel { template, channel });
        } else if channel == step.channel {
            blame("fallback/channel", StrategyFault::SameChannel);
        }
    }
    if let Some(Err(why)) = step.when.as_deref().map(situation::check) {
        blame("when", StrategyFault::Condition(why));
    }
    for (number, branch) in step.branches.iter().enumerate() {
        if let Some(fault) = fault_of_branch(steps, position, number, branch) {
            blame(&format!("branches/{number}/go_to"), fault);
        }
    }
    faults
}

fn fault_of_branch(steps: &[Step], from: usize, number: usize, branch: &Branch) -> Option<StrategyFault> {
    let before = steps.get(from).into_iter().flat_map(|step| step.branches.iter().take(number));
    if before.into_iter().any(|other| other.on == branch.on) {
        return Some(StrategyFault::BranchTwice);
    }
    match target(steps, from, branch.on) {
        None => Some(StrategyFault::NoSuchStep(branch.go_to.clone())),
        Some(Target::Step(to)) if to <= from => Some(StrategyFault::Loop(branch.go_to.clone())),
        Some(Target::Step(_) | Target::Person | Target::End) => None,
    }
}

fn is_key(key: &str) -> bool {
    let plain = key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    plain && (1..=KEY_MAX_CHARS).contains(&key.len()) && ![PERSON, END].contains(&key)
}

/// Days from the start to the last step where every step is taken, each as late as it may plan to be.
fn longest(steps: &[Step]) -> i64 {
    steps.iter().fold(0, |so_far: i64, step| match step.anchor {
        Anchor::PhaseStart | Anchor::DueDate => so_far.max(step.days.into()),
        Anchor::PreviousStep | Anchor::Answer => so_far.saturating_add(step.days.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recovery::playbooks;

    fn shipped() -> Vec<Step> {
        playbooks::find("default").unwrap().steps.clone()
    }

    fn with(change: impl FnOnce(&mut Vec<Step>)) -> Result<(), Vec<(String, StrategyFault)>> {
        let mut steps = shipped();
        change(&mut steps);
        check(&steps).map_err(|faults| faults.into_iter().map(|faulty| (faulty.pointer, faulty.fault)).collect())
    }

    fn refused(pointer: &str, fault: StrategyFault) -> Result<(), Vec<(String, StrategyFault)>> {
        Err(vec![(pointer.to_owned(), fault)])
    }

    fn branch(on: Answer, go_to: &str) -> Branch {
        Branch { on, go_to: go_to.to_owned() }
    }

    #[test]
    fn what_cannot_be_carried_out_is_refused_with_its_place() {
        assert_eq!(with(Vec::clear), refused("/steps", StrategyFault::StepCount));
        assert_eq!(with(|steps| steps.resize(STEPS_MAX + 1, steps[0].clone())), refused("/steps", StrategyFault::StepCount));
        assert_eq!(
            with(|steps| steps[0].anchor = Anchor::PreviousStep),
            refused("/steps/0/anchor", StrategyFault::NothingBefore)
        );
        assert_eq!(with(|steps| steps[1].days = -1), refused("/steps/1/days", StrategyFault::Days));
        assert_eq!(with(|steps| (steps[1].anchor, steps[1].days) = (Anchor::DueDate, -5)), Ok(()));
        assert_eq!(with(|steps| steps[1].anchor = Anchor::Answer), refused("/steps/1/after", StrategyFault::After));
        let wrong = StrategyFault::WrongChannel { template: Template::Letter, channel: Channel::Sms };
        assert_eq!(with(|steps| steps[2].channel = Channel::Sms), refused("/steps/2/channel", wrong));
        assert_eq!(with(|steps| steps[1].key = Some("Letter!".into())), refused("/steps/1/key", StrategyFault::Key));
        let instead = |channel, template| move |steps: &mut Vec<Step>| steps[0].fallback = Some(Fallback { channel, template });
        assert_eq!(with(instead(Channel::Letter, Template::Letter)), Ok(()));
        let same = refused("/steps/0/fallback/channel", StrategyFault::SameChannel);
        assert_eq!(with(instead(Channel::Mail, Template::FinalNotice)), same);
        let twice = StrategyFault::KeyTwice("a".into());
        let same = |steps: &mut Vec<Step>| (steps[1].key, steps[2].key) = (Some("a".into()), Some("a".into()));
        assert_eq!(with(same), refused("/steps/2/key", twice));
    }

    #[test]
    fn a_strategy_that_goes_round_or_never_ends_is_refused() {
        let looping = |go_to: &'static str| {
            with(move |steps| {
                (steps[0].key, steps[1].key) = (Some("first".into()), Some("second".into()));
                steps[1].branches = vec![branch(Answer::Replied, go_to)];
            })
        };
        for back in ["first", "second"] {
            assert_eq!(looping(back), refused("/steps/1/branches/0/go_to", StrategyFault::Loop(back.into())));
        }
        assert_eq!(looping("third"), refused("/steps/1/branches/0/go_to", StrategyFault::NoSuchStep("third".into())));
        assert_eq!((looping("person"), looping("end")), (Ok(()), Ok(())));
        let endless = |steps: &mut Vec<Step>| {
            steps.iter_mut().skip(1).for_each(|step| (step.anchor, step.days) = (Anchor::PreviousStep, 700))
        };
        assert_eq!(with(endless), refused("/steps", StrategyFault::Endless(2_800)));
        let both =
            |steps: &mut Vec<Step>| steps[0].branches = vec![branch(Answer::Bounced, "end"), branch(Answer::Bounced, "person")];
        assert_eq!(with(both), refused("/steps/0/branches/1/go_to", StrategyFault::BranchTwice));
    }

    #[test]
    fn a_condition_is_tried_out_before_it_is_needed() {
        for (when, told) in
            [("days_overdue <", "no CEL"), ("debtor_name == 'x'", "`debtor_name`"), ("principal_minor", "true or false")]
        {
            let faults = with(|steps| steps[1].when = Some(when.to_owned())).unwrap_err();
            assert_eq!(faults[0].0, "/steps/1/when");
            assert!(faults[0].1.to_string().contains(told), "{when}: {:?}", faults[0]);
        }
        assert_eq!(with(|steps| steps[1].when = Some("days_overdue < 30 && debtor_kind != 'consumer'".into())), Ok(()));
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let faults = with(|steps| (steps[0].days, steps[1].days, steps[2].channel) = (-1, 999, Channel::Mail)).unwrap_err();
        assert_eq!(
            faults.iter().map(|(pointer, _)| pointer.as_str()).collect::<Vec<_>>(),
            ["/steps/0/days", "/steps/1/days", "/steps/2/channel"]
        );
    }

    #[test]
    fn an_unknown_word_is_refused() {
        let shipped = include_str!("../../config/strategies/default.toml");
        assert!(Strategy::parse(&shipped.replace("tone = \"firm\"", "tone = \"threatening\"")).is_err());
        assert!(Strategy::parse(&shipped.replace("days = 28", "day = 28")).is_err());
    }

    #[test]
    fn steps_read_back_as_written_and_as_they_were_written_before_they_had_branches() {
        let steps = shipped();
        let stored = serde_json::to_value(&steps).unwrap();
        assert_eq!(serde_json::from_value::<Vec<Step>>(stored).unwrap(), steps);
        let old = serde_json::json!({ "anchor": "phase_start", "days": 7, "channel": "mail", "template": "reminder", "tone": "gentle" });
        assert_eq!(serde_json::from_value::<Step>(old).unwrap().branches, []);
    }
}
