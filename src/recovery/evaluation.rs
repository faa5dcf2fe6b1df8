//! The catch-up clock: which step of a strategy is due now, or when to look next. Pure.
//!
//! The rule, whole:
//! 1. Steps are taken in their order. A firmer step never overtakes a gentler one, however late both are.
//! 2. One evaluation answers with one step at most.
//! 3. A step is due on the later of its own day (anchor + days) and [`SPACING_WORKING_DAYS`] working days after the step
//!    taken before it; a day that is not a working day of the debtor's country becomes the next one that is.
//! 4. A step the policy refused was not taken: it neither spaces nor anchors the one after it.
//! 5. What the debtor answered to the last step leads where that step's branch for it leads, always forwards; the latest
//!    answer that has a branch counts.
//! 6. A step is left out where its condition is false on its day, where it waits for an answer that has not come while the
//!    step behind it is due, or where a branch leads past it. What is left out is left out for good once a later step is due.
//! 7. [`REVIEW_AFTER_DAYS`] after the last step a person decides how the case goes on.
//!
//! So after a week of downtime the step that should have come first comes first, and those behind it follow spaced out, or
//! are left out where their conditions say that their time has passed: none is skipped unsaid, doubled or fired in a burst.

use std::ops::Range;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::{
    answers::{Answer, Answered},
    strategy::{Anchor, Step, Target, target},
};
use crate::types::{Calendar, clock::day_in, text_enum};

/// Working days between two steps, at least.
pub const SPACING_WORKING_DAYS: u32 = 3;
/// The debtor's time to answer the last step.
pub const REVIEW_AFTER_DAYS: u64 = 10;

/// How far a case has come. Days are those of the debtor's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// When the phase started.
    pub anchored_on: NaiveDate,
    /// When the oldest receivable fell due.
    pub due_on: NaiveDate,
    /// Counted from 0.
    pub next_step: usize,
    /// Which step was taken last in this run.
    pub last_step: Option<usize>,
    /// When a step was last taken, in this run or in one before it.
    pub last_step_on: Option<NaiveDate>,
}

/// All that an evaluation looks at.
#[derive(Clone, Copy)]
pub struct Course<'a> {
    pub steps: &'a [Step],
    pub progress: Progress,
    /// What the debtor has answered since the last step was taken, in its order.
    pub answers: &'a [Answered],
    /// When a person last decided on an answer: what came before it asks nobody again.
    pub decided_at: Option<DateTime<Utc>>,
    pub calendar: &'a Calendar,
    /// Whether a condition is true of the case today.
    pub holds: &'a (dyn Fn(&str) -> Result<bool, String> + Sync),
}

text_enum! {
    /// Why a step was left out.
    pub enum LeftOutFor {
        Condition => "condition",
        NoSuchAnswer => "no_such_answer",
        Branch => "branch",
    }
}

/// What an evaluation comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evaluation {
    /// This step, now.
    Due(usize),
    /// Nothing before this day, which is a working day after today.
    LookOn(NaiveDate),
    /// The debtor answered so that a person decides.
    Person(Answer),
    /// All steps are taken or left out and had their time: a person decides.
    Finished,
}

/// An evaluation, and the steps that are left out before what it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub left_out: Vec<(usize, LeftOutFor)>,
    pub then: Evaluation,
}

/// What is due at `now` by the rule above.
///
/// # Errors
/// A condition cannot be reckoned.
pub fn evaluate(course: &Course<'_>, now: DateTime<Utc>) -> Result<Look, String> {
    let today = day_in(course.calendar.zone(), now);
    let mut look = Look { left_out: Vec::new(), then: Evaluation::Finished };
    let mut position = course.progress.next_step;
    match branch_taken(course) {
        Some((answer, Target::Person)) => return Ok(Look { then: Evaluation::Person(answer), ..look }),
        Some((_, Target::End)) => position = look.leave_out(position..course.steps.len(), LeftOutFor::Branch),
        Some((_, Target::Step(to))) => position = look.leave_out(position..to.max(position), LeftOutFor::Branch),
        None => {}
    }
    while let Some(step) = course.steps.get(position) {
        let Some(on) = due_on(step, course) else {
            position = look.leave_out(position..position + 1, LeftOutFor::NoSuchAnswer);
            continue;
        };
        if on > today {
            look.then = Evaluation::LookOn(on);
            return Ok(look);
        }
        if step.when.as_deref().map_or(Ok(true), course.holds)? {
            look.then = Evaluation::Due(position);
            return Ok(look);
        }
        position = look.leave_out(position..position + 1, LeftOutFor::Condition);
    }
    let review_on = review_on(&course.progress, course.calendar);
    if review_on > today {
        look.then = Evaluation::LookOn(review_on);
    }
    Ok(look)
}

impl Look {
    /// Where it goes on behind them.
    fn leave_out(&mut self, steps: Range<usize>, why: LeftOutFor) -> usize {
        let behind = steps.end;
        self.left_out.extend(steps.map(|step| (step, why)));
        behind
    }
}

fn branch_taken(course: &Course<'_>) -> Option<(Answer, Target)> {
    let last = course.progress.last_step?;
    let leads = |answered: &Answered| {
        let to = target(course.steps, last, answered.answer)?;
        let is_decided = course.decided_at.is_some_and(|decided| answered.at <= decided);
        (to != Target::Person || !is_decided).then_some((answered.answer, to))
    };
    course.answers.iter().rev().find_map(leads)
}

/// None: it waits for an answer that has not come.
fn due_on(step: &Step, course: &Course<'_>) -> Option<NaiveDate> {
    let Course { progress, calendar, answers, .. } = course;
    let anchor = match step.anchor {
        Anchor::PhaseStart => progress.anchored_on,
        Anchor::DueDate => progress.due_on,
        Anchor::PreviousStep => progress.last_step_on.unwrap_or(progress.anchored_on),
        Anchor::Answer => {
            let answered = answers.iter().rfind(|answered| Some(answered.answer) == step.after)?;
            day_in(calendar.zone(), answered.at)
        }
    };
    let planned = anchor.checked_add_signed(TimeDelta::days(step.days.into())).unwrap_or(anchor);
    let spaced = progress.last_step_on.map(|last| calendar.add_working_days(last, SPACING_WORKING_DAYS));
    Some(calendar.working_day_from(spaced.map_or(planned, |spaced| planned.max(spaced))))
}

fn review_on(progress: &Progress, calendar: &Calendar) -> NaiveDate {
    let Some(last) = progress.last_step_on else { return progress.anchored_on };
    calendar.working_day_from(last.checked_add_days(Days::new(REVIEW_AFTER_DAYS)).unwrap_or(last))
}

#[cfg(test)]
mod tests;
