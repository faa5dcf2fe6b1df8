//! The catch-up clock: which step of a strategy is due now, or when to look next. Pure.
//!
//! The rule, whole:
//! 1. Steps are taken in their order. A firmer step never overtakes a gentler one, however late both are.
//! 2. One evaluation answers with one step at most.
//! 3. A step is due on the later of its own day (anchor + days) and [`SPACING_WORKING_DAYS`] working days after the step
//!    taken before it; a day that is not a working day of the debtor's country becomes the next one that is.
//! 4. A step the policy refused was not taken: it neither spaces nor anchors the one after it.
//! 5. [`REVIEW_AFTER_DAYS`] after the last step a person decides how the case goes on.
//!
//! So after a week of downtime the step that should have come first comes first, and those behind it follow spaced out:
//! none is skipped, doubled or fired in a burst.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::strategy::{Anchor, Step};
use crate::types::{Calendar, clock::day_in};

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
    /// When a step was last taken.
    pub last_step_on: Option<NaiveDate>,
}

/// What an evaluation comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evaluation {
    /// This step, now.
    Due(Step),
    /// Nothing before this day, which is a working day after today.
    LookOn(NaiveDate),
    /// All steps are taken and had their time: a person decides.
    Finished,
}

/// What is due at `now` by the rule above.
#[must_use]
pub fn evaluate(steps: &[Step], progress: &Progress, calendar: &Calendar, now: DateTime<Utc>) -> Evaluation {
    let next = steps.get(progress.next_step);
    let on = next.map_or_else(|| review_on(progress, calendar), |step| due_on(step, progress, calendar));
    if on > day_in(calendar.zone(), now) {
        return Evaluation::LookOn(on);
    }
    next.map_or(Evaluation::Finished, |step| Evaluation::Due(*step))
}

fn due_on(step: &Step, progress: &Progress, calendar: &Calendar) -> NaiveDate {
    let anchor = match step.anchor {
        Anchor::PhaseStart => progress.anchored_on,
        Anchor::DueDate => progress.due_on,
        Anchor::PreviousStep => progress.last_step_on.unwrap_or(progress.anchored_on),
    };
    let planned = anchor.checked_add_signed(TimeDelta::days(step.days.into())).unwrap_or(anchor);
    let spaced = progress.last_step_on.map(|last| calendar.add_working_days(last, SPACING_WORKING_DAYS));
    calendar.working_day_from(spaced.map_or(planned, |spaced| planned.max(spaced)))
}

fn review_on(progress: &Progress, calendar: &Calendar) -> NaiveDate {
    let Some(last) = progress.last_step_on else { return progress.anchored_on };
    calendar.working_day_from(last.checked_add_days(Days::new(REVIEW_AFTER_DAYS)).unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, strategy::Strategy as _};

    use super::*;
    use crate::{
        recovery::strategy::{Strategy, Template},
        types::{Channel, Country, Tone},
    };

    const MADRID: Calendar = Calendar::of(Country::Spain);

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn noon(on: NaiveDate) -> DateTime<Utc> {
        MADRID.instant(on, 12)
    }

    fn shipped() -> Vec<Step> {
        Strategy::shipped().unwrap().steps
    }

    fn start(on: &str) -> Progress {
        Progress { anchored_on: day(on), due_on: day(on), next_step: 0, last_step_on: None }
    }

    /// Looks on each of these days and carries out what is due; `(day, step)`.
    fn walk(
        steps: &[Step],
        mut progress: Progress,
        days: impl IntoIterator<Item = NaiveDate>,
    ) -> (Vec<(NaiveDate, usize)>, Evaluation) {
        let mut taken = Vec::new();
        let mut last = Evaluation::Finished;
        for on in days {
            last = evaluate(steps, &progress, &MADRID, noon(on));
            if matches!(last, Evaluation::Due(_)) {
                taken.push((on, progress.next_step));
                progress = Progress { next_step: progress.next_step + 1, last_step_on: Some(on), ..progress };
            }
        }
        (taken, last)
    }

    fn every_day(from: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        from.iter_days().take(120)
    }

    #[test]
    fn looked_at_daily_each_step_comes_on_its_day() {
        let (taken, last) = walk(&shipped(), start("2026-11-02"), every_day(day("2026-11-02")));
        let days: Vec<String> = taken.iter().map(|(on, _)| on.to_string()).collect();
        assert_eq!(days, ["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23", "2026-11-30"]);
        assert_eq!(last, Evaluation::Finished);
    }

    #[test]
    fn after_three_weeks_of_downtime_steps_follow_in_order_and_spaced() {
        let (taken, _) = walk(&shipped(), start("2026-11-02"), every_day(day("2026-11-23")));
        let days: Vec<String> = taken.iter().map(|(on, _)| on.to_string()).collect();
        assert_eq!(days, ["2026-11-23", "2026-11-26", "2026-12-01", "2026-12-04", "2026-12-10"]);
        assert_eq!(taken.iter().map(|(_, step)| *step).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_step_that_falls_on_a_holiday_waits_for_the_next_working_day() {
        let steps = shipped();
        let on_holiday = Progress { next_step: 1, last_step_on: Some(day("2026-12-01")), ..start("2026-12-01") };
        assert_eq!(evaluate(&steps, &on_holiday, &MADRID, noon(day("2026-12-08"))), Evaluation::LookOn(day("2026-12-09")));
    }

    #[test]
    fn a_refused_step_neither_spaces_nor_anchors_the_next() {
        let mut steps = shipped();
        (steps[1].anchor, steps[1].days) = (Anchor::PreviousStep, 0);
        let refused = Progress { next_step: 1, ..start("2026-11-02") };
        assert_eq!(evaluate(&steps, &refused, &MADRID, noon(day("2026-11-02"))), Evaluation::Due(steps[1]));
    }

    #[test]
    fn the_debtor_has_time_to_answer_the_last_step() {
        let done = Progress { next_step: 5, last_step_on: Some(day("2026-11-30")), ..start("2026-11-02") };
        assert_eq!(evaluate(&shipped(), &done, &MADRID, noon(day("2026-12-09"))), Evaluation::LookOn(day("2026-12-10")));
        assert_eq!(evaluate(&shipped(), &done, &MADRID, noon(day("2026-12-10"))), Evaluation::Finished);
    }

    #[test]
    fn the_day_is_that_of_the_debtor() {
        let just_past_midnight_in_madrid =
            MADRID.instant_at(day("2026-11-03"), chrono::NaiveTime::from_hms_opt(0, 30, 0).unwrap());
        assert!(matches!(evaluate(&shipped(), &start("2026-11-03"), &MADRID, just_past_midnight_in_madrid), Evaluation::Due(_)));
    }

    fn any_steps() -> BoxedStrategy<Vec<Step>> {
        let step = (0..3_usize, 0..40_i16).prop_map(|(anchor, days)| Step {
            anchor: Anchor::ALL[anchor],
            days,
            channel: Channel::Mail,
            template: Template::Reminder,
            tone: Tone::Gentle,
        });
        prop::collection::vec(step, 1..8).boxed()
    }

    proptest! {
        /// Whatever the strategy and however irregular the looks, every step is taken once, in order, spaced, on working days.
        #[test]
        fn nothing_is_lost_doubled_or_fired_in_a_burst(steps in any_steps(), gaps in prop::collection::vec(0..25_u64, 400)) {
            let first = day("2026-01-02");
            let looks: Vec<NaiveDate> = gaps.iter().scan(first, |on, gap| { *on = *on + Days::new(*gap); Some(*on) }).collect();
            let (taken, last) = walk(&steps, start("2026-01-02"), looks);
            prop_assert_eq!(taken.iter().map(|(_, step)| *step).collect::<Vec<_>>(), (0..steps.len()).collect::<Vec<_>>());
            prop_assert_eq!(last, Evaluation::Finished);
            for pair in taken.windows(2) {
                prop_assert!(pair[1].0 >= MADRID.add_working_days(pair[0].0, SPACING_WORKING_DAYS));
            }
        }

        /// Looking again on the day named finds the step due: a sleeping case always wakes.
        #[test]
        fn the_next_look_finds_what_it_was_set_for(steps in any_steps(), next_step in 0..9_usize, since in 0..60_u64, taken in any::<bool>()) {
            let anchored_on = day("2026-03-02");
            let today = anchored_on + Days::new(since);
            let progress = Progress { anchored_on, due_on: anchored_on, next_step, last_step_on: taken.then_some(today) };
            if let Evaluation::LookOn(on) = evaluate(&steps, &progress, &MADRID, noon(today)) {
                prop_assert!(on > today && MADRID.is_working_day(on));
                prop_assert!(!matches!(evaluate(&steps, &progress, &MADRID, noon(on)), Evaluation::LookOn(_)));
            }
        }
    }
}
