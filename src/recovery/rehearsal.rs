//! A strategy walked through without anybody being contacted: what would be done when, and what would be refused by which rule. Pure.
//!
//! It asks the same two functions as the engine: `evaluation::evaluate` what is due, `policy::decide` whether it may be done. What
//! may never happen here: a rule of its own. What nobody can know is assumed: that the debtor answers nothing but what is given,
//! that nobody takes a call, and that a person who is asked for a yes gives it.

use std::fmt;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{
    answers::Answered,
    evaluation::{Course, Evaluation, LeftOutFor, Progress, evaluate},
    policy::{Approval, Contact, Facts, OwnerWindow, PACE_DAYS, Reach, Rule, RunningHold, Verdict, Writing, decide},
    strategy::Step,
    tasks::OWNER_WORKING_DAYS,
};
use crate::{
    cases::HoldKind,
    types::{Calendar, Channel, clock::day_in},
};

/// More looks than any strategy needs in a year: a walk ends.
const LOOKS_MAX: usize = 2_000;

/// A hold, from when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldSpan {
    pub kind: HoldKind,
    pub from: DateTime<Utc>,
    /// None: it has no end yet.
    pub until: Option<DateTime<Utc>>,
}

/// Whether an address is known, whether something came back from it, and whether it refused the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    pub known: bool,
    pub unreachable: bool,
    pub opted_out: bool,
}

/// Whether a condition is true of a case at a moment.
pub type HoldsAt<'a> = dyn Fn(&str, DateTime<Utc>) -> Result<bool, String> + Sync + 'a;

/// All that a walk looks at.
pub struct Stage<'a> {
    pub steps: &'a [Step],
    pub progress: Progress,
    pub calendar: &'a Calendar,
    /// As at the beginning. Their time, contacts and holds are reckoned on.
    pub facts: Facts,
    pub holds: &'a [HoldSpan],
    /// What the debtor answered, in its order.
    pub answers: &'a [Answered],
    pub reached: &'a dyn Fn(Channel) -> Reached,
    pub holds_at: &'a HoldsAt<'a>,
}

impl fmt::Debug for Stage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("steps", &self.steps.len()).field("progress", &self.progress).finish_non_exhaustive()
    }
}

/// What happens to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Taken,
    /// Put off, by this rule; it comes again.
    Deferred(Rule),
    Refused(Rule),
    LeftOut(LeftOutFor),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walked {
    pub at: DateTime<Utc>,
    /// Of the step, from 0.
    pub position: usize,
    pub outcome: Outcome,
}

/// How a walk ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All steps were taken or left out.
    Finished,
    /// More would follow later.
    Ahead,
    /// Nothing goes on until something changes, by this rule.
    Stands(Rule),
    /// An answer leads to a person.
    Person,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    pub steps: Vec<Walked>,
    pub end: End,
}

/// Walks from `from` until before `until`.
///
/// # Errors
/// A condition cannot be reckoned.
pub fn walk(stage: Stage<'_>, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Walk, String> {
    let mut walker = Walker { stage, now: from, last_step_at: None, walk: Walk { steps: Vec::new(), end: End::Ahead } };
    for _ in 0..LOOKS_MAX {
        if walker.now >= until {
            break;
        }
        if let Some(end) = walker.look()? {
            walker.walk.end = end;
            break;
        }
    }
    Ok(walker.walk)
}

struct Walker<'a> {
    stage: Stage<'a>,
    now: DateTime<Utc>,
    last_step_at: Option<DateTime<Utc>>,
    walk: Walk,
}

impl Walker<'_> {
    /// One look, as the engine's. None: it goes on at `now`, which has moved or has a step behind it.
    fn look(&mut self) -> Result<Option<End>, String> {
        let now = self.now;
        let since = self.last_step_at;
        let answers: Vec<Answered> = self
            .stage
            .answers
            .iter()
            .filter(|answered| answered.at <= now && since.is_none_or(|since| answered.at >= since))
            .copied()
            .collect();
        let holds = |condition: &str| (self.stage.holds_at)(condition, now);
        let course = Course {
            steps: self.stage.steps,
            progress: self.stage.progress,
            answers: &answers,
            decided_at: None,
            calendar: self.stage.calendar,
            holds: &holds,
        };
        let look = evaluate(&course, now)?;
        match look.then {
            Evaluation::LookOn(day) => {
                self.now = self.opening(day);
                Ok(None)
            }
            Evaluation::Person(_) => Ok(Some(End::Person)),
            Evaluation::Finished => {
                self.leave_out(&look.left_out);
                Ok(Some(End::Finished))
            }
            Evaluation::Due(position) => {
                self.leave_out(&look.left_out);
                self.stage.progress.next_step = position;
                Ok(self.take(position))
            }
        }
    }

    fn take(&mut self, position: usize) -> Option<End> {
        let step = self.stage.steps.get(position)?;
        let (channel, tone) = (step.channel, step.tone);
        self.bring_facts_to_now();
        let reached = (self.stage.reached)(channel);
        let contact = Contact {
            channel,
            tone,
            address_known: reached.known,
            address_unreachable: reached.unreachable,
            opted_out: reached.opted_out,
            approval: Approval::NotNeeded,
            prepared_under: None,
        };
        match decide(&self.stage.facts, &contact) {
            Verdict::Send(_) => {
                self.note(position, Outcome::Taken);
                self.took(position, channel);
                None
            }
            Verdict::DeferUntil(until, rule) => {
                self.note(position, Outcome::Deferred(rule));
                self.now = until;
                None
            }
            Verdict::Ask(Rule::OwnerFirst) => {
                self.note(position, Outcome::Deferred(Rule::OwnerFirst));
                self.stage.facts.owner = OwnerWindow::Open { until: self.end_of_owners_window() };
                None
            }
            Verdict::Ask(rule) | Verdict::Refuse(rule) => {
                self.note(position, Outcome::Refused(rule));
                self.stage.progress.next_step = position + 1;
                (rule.reach() == Reach::Case).then_some(End::Stands(rule))
            }
        }
    }

    /// As `tasks::ask_owner` sets it; the owner is taken to let it run.
    fn end_of_owners_window(&self) -> DateTime<Utc> {
        let calendar = self.stage.calendar;
        let day = calendar.add_working_days(day_in(calendar.zone(), self.now), OWNER_WORKING_DAYS);
        let midnight = calendar.instant(day, 0);
        self.stage.facts.hours.open_from(Channel::Mail, midnight).unwrap_or(midnight)
    }

    fn bring_facts_to_now(&mut self) {
        let (now, facts) = (self.now, &mut self.stage.facts);
        facts.now = now;
        facts.recent_contacts.retain(|at| *at > now - TimeDelta::days(PACE_DAYS));
        let in_force = |hold: &&HoldSpan| hold.from <= now && hold.until.is_none_or(|until| until > now);
        facts.holds =
            self.stage.holds.iter().filter(in_force).map(|hold| RunningHold { kind: hold.kind, ends_at: hold.until }).collect();
    }

    fn took(&mut self, position: usize, channel: Channel) {
        let (now, zone) = (self.now, self.stage.calendar.zone());
        let progress = &mut self.stage.progress;
        *progress =
            Progress { next_step: position + 1, last_step: Some(position), last_step_on: Some(day_in(zone, now)), ..*progress };
        self.last_step_at = Some(now);
        let facts = &mut self.stage.facts;
        facts.recent_contacts.push(now);
        facts.last_contact_at = Some(now);
        if channel != Channel::Call {
            facts.writings.push(Writing { channel, at: now });
        }
    }

    fn leave_out(&mut self, steps: &[(usize, LeftOutFor)]) {
        for (position, why) in steps {
            self.note(*position, Outcome::LeftOut(*why));
        }
    }

    fn note(&mut self, position: usize, outcome: Outcome) {
        self.walk.steps.push(Walked { at: self.now, position, outcome });
    }

    /// The opening of a day that is to come, for the step that is next.
    fn opening(&self, day: NaiveDate) -> DateTime<Utc> {
        let next = self.stage.steps.get(self.stage.progress.next_step);
        let midnight = self.stage.calendar.instant(day, 0);
        let channel = next.map_or(Channel::Letter, |step| step.channel);
        self.stage.facts.hours.open_from(channel, midnight).unwrap_or(midnight).max(self.now + TimeDelta::seconds(1))
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveTime;

    use super::*;
    use crate::{
        cases::Phase,
        receivables::DebtorKind,
        recovery::{answers::Answer, hours::Hours, playbooks, policy::OwnerWindow, situation::tests::holds_at},
        types::{Country, Tone},
    };

    const MADRID: Calendar = Calendar::of(Country::Spain);

    fn at(day: &str, hour: u32) -> DateTime<Utc> {
        MADRID.instant(day.parse::<NaiveDate>().unwrap(), hour)
    }

    fn facts() -> Facts {
        Facts {
            now: at("2026-11-02", 10),
            phase: Phase::InHouse,
            country: Country::Spain,
            debtor_kind: DebtorKind::Business,
            contact_epoch: 0,
            holds: Vec::new(),
            do_not_contact: false,
            owner: OwnerWindow::NoOwner,
            channels: Channel::ALL.to_vec(),
            tone_ceiling: Tone::Firm,
            promised_tone: None,
            hours: Hours { calendar: MADRID, from: NaiveTime::MIN, until: NaiveTime::from_hms_opt(23, 59, 0).unwrap() },
            writings: Vec::new(),
            recent_contacts: Vec::new(),
            contacts_per_week: 3,
            last_contact_at: None,
            last_conversation_at: None,
        }
    }

    fn walked(facts: Facts, holds: &[HoldSpan], answers: &[Answered]) -> Walk {
        let steps = playbooks::find("default").unwrap().steps.clone();
        let due_on: NaiveDate = "2026-07-31".parse().unwrap();
        let stage = Stage {
            steps: &steps,
            progress: Progress {
                anchored_on: "2026-11-02".parse().unwrap(),
                due_on,
                next_step: 0,
                last_step: None,
                last_step_on: None,
            },
            calendar: &MADRID,
            facts,
            holds,
            answers,
            reached: &|_| Reached { known: true, unreachable: false, opted_out: false },
            holds_at: &|condition, now| Ok(holds_at(condition, day_in(MADRID.zone(), now), due_on)),
        };
        walk(stage, at("2026-11-02", 10), at("2027-01-31", 10)).unwrap()
    }

    fn days(walk: &Walk) -> Vec<String> {
        let taken = walk.steps.iter().filter(|step| step.outcome == Outcome::Taken);
        taken.map(|step| day_in(MADRID.zone(), step.at).to_string()).collect()
    }

    #[test]
    fn the_default_playbook_goes_as_the_engine_takes_it() {
        let walk = walked(facts(), &[], &[]);
        // The same days as in tests/it/recovery/steps.rs.
        assert_eq!(days(&walk), ["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23", "2026-11-30"]);
        assert_eq!(walk.end, End::Finished);
    }

    #[test]
    fn a_hold_puts_off_until_its_end_and_one_without_an_end_stands() {
        let hold = |until| [HoldSpan { kind: HoldKind::Promise, from: at("2026-11-05", 9), until }];
        let held = walked(facts(), &hold(Some(at("2026-11-20", 9))), &[]);
        assert_eq!(days(&held)[..2], ["2026-11-02", "2026-11-20"]);
        assert!(held.steps.iter().any(|step| step.outcome == Outcome::Deferred(Rule::Promise)));
        assert_eq!(walked(facts(), &hold(None), &[]).end, End::Stands(Rule::Promise));
    }

    #[test]
    fn what_is_refused_names_its_rule_and_the_walk_goes_on() {
        let walk = walked(Facts { channels: vec![Channel::Mail], ..facts() }, &[], &[]);
        let refused: Vec<Outcome> =
            walk.steps.iter().map(|step| step.outcome).filter(|outcome| matches!(outcome, Outcome::Refused(_))).collect();
        assert_eq!(refused, [Outcome::Refused(Rule::ChannelNotAllowed); 2], "the letter and the call");
        assert_eq!(walk.end, End::Finished);
    }

    #[test]
    fn an_answer_counts_from_when_it_came() {
        let mut steps = playbooks::find("default").unwrap().steps.clone();
        steps[0].branches = vec![crate::recovery::strategy::Branch { on: Answer::Promised, go_to: "end".to_owned() }];
        let answers = [Answered { answer: Answer::Promised, at: at("2026-11-04", 12) }];
        let stage = Stage {
            steps: &steps,
            progress: Progress {
                anchored_on: "2026-11-02".parse().unwrap(),
                due_on: "2026-07-31".parse().unwrap(),
                next_step: 0,
                last_step: None,
                last_step_on: None,
            },
            calendar: &MADRID,
            facts: facts(),
            holds: &[],
            answers: &answers,
            reached: &|_| Reached { known: true, unreachable: false, opted_out: false },
            holds_at: &|_, _| Ok(true),
        };
        let walk = walk(stage, at("2026-11-02", 10), at("2027-01-31", 10)).unwrap();
        assert_eq!((days(&walk).len(), walk.end), (1, End::Finished));
    }
}
