use proptest::prelude::*;

use super::*;
use crate::{
    recovery::{
        playbooks,
        strategy::{Branch, Template, check},
    },
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
    playbooks::find("default").unwrap().steps.clone()
}

fn start(on: &str) -> Progress {
    Progress { anchored_on: day(on), due_on: day(on), next_step: 0, last_step: None, last_step_on: None }
}

fn written(text: &str) -> Result<bool, String> {
    text.parse::<bool>().map_err(|error| error.to_string())
}

fn look(steps: &[Step], progress: Progress, answers: &[Answered], on: NaiveDate) -> Look {
    let course = Course { steps, progress, answers, decided_at: None, calendar: &MADRID, holds: &written };
    evaluate(&course, noon(on)).unwrap()
}

fn after(progress: Progress, step: usize, on: NaiveDate) -> Progress {
    Progress { next_step: step + 1, last_step: Some(step), last_step_on: Some(on), ..progress }
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
        last = look(steps, progress, &[], on).then;
        if let Evaluation::Due(step) = last {
            taken.push((on, step));
            progress = after(progress, step, on);
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
    let on_holiday = after(start("2026-12-01"), 0, day("2026-12-01"));
    assert_eq!(look(&shipped(), on_holiday, &[], day("2026-12-08")).then, Evaluation::LookOn(day("2026-12-09")));
}

#[test]
fn a_refused_step_neither_spaces_nor_anchors_the_next() {
    let mut steps = shipped();
    (steps[1].anchor, steps[1].days) = (Anchor::PreviousStep, 0);
    let refused = Progress { next_step: 1, ..start("2026-11-02") };
    assert_eq!(look(&steps, refused, &[], day("2026-11-02")).then, Evaluation::Due(1));
}

#[test]
fn the_debtor_has_time_to_answer_the_last_step() {
    let done = after(start("2026-11-02"), 4, day("2026-11-30"));
    assert_eq!(look(&shipped(), done, &[], day("2026-12-09")).then, Evaluation::LookOn(day("2026-12-10")));
    assert_eq!(look(&shipped(), done, &[], day("2026-12-10")).then, Evaluation::Finished);
}

#[test]
fn the_day_is_that_of_the_debtor() {
    let just_past_midnight = MADRID.instant_at(day("2026-11-03"), chrono::NaiveTime::from_hms_opt(0, 30, 0).unwrap());
    let (steps, progress) = (shipped(), start("2026-11-03"));
    let course = Course { steps: &steps, progress, answers: &[], decided_at: None, calendar: &MADRID, holds: &written };
    assert_eq!(evaluate(&course, just_past_midnight).unwrap().then, Evaluation::Due(0));
}

#[test]
fn a_day_that_does_not_exist_in_a_year_is_counted_over() {
    let leap = Progress { next_step: 1, ..start("2028-02-22") };
    assert_eq!(look(&shipped(), leap, &[], day("2028-02-22")).then, Evaluation::LookOn(day("2028-02-29")));
    let common = Progress { next_step: 1, ..start("2027-02-22") };
    assert_eq!(look(&shipped(), common, &[], day("2027-02-22")).then, Evaluation::LookOn(day("2027-03-01")));
}

#[test]
fn a_step_whose_condition_is_false_on_its_day_is_left_out() {
    let mut steps = shipped();
    steps[0].when = Some("false".to_owned());
    let found = look(&steps, start("2026-11-02"), &[], day("2026-11-02"));
    assert_eq!(found, Look { left_out: vec![(0, LeftOutFor::Condition)], then: Evaluation::LookOn(day("2026-11-09")) });
    steps[1].when = Some("true".to_owned());
    assert_eq!(look(&steps, start("2026-11-02"), &[], day("2026-11-09")).then, Evaluation::Due(1));
}

fn answered(answer: Answer, on: &str) -> Answered {
    Answered { answer, at: noon(day(on)) }
}

fn branching() -> Vec<Step> {
    let mut steps = shipped();
    for (step, key) in steps.iter_mut().zip(["first", "second", "letter", "call", "final"]) {
        step.key = Some(key.to_owned());
    }
    let branch = |on, go_to: &str| Branch { on, go_to: go_to.to_owned() };
    steps[0].branches =
        vec![branch(Answer::Bounced, "letter"), branch(Answer::Replied, "person"), branch(Answer::Promised, "end")];
    steps
}

#[test]
fn an_answer_leads_where_the_steps_branch_says() {
    let steps = branching();
    assert_eq!(check(&steps), Ok(()));
    let written_to = after(start("2026-11-02"), 0, day("2026-11-02"));
    let then = |answers: &[Answered]| look(&steps, written_to, answers, day("2026-11-16"));
    let bounced = then(&[answered(Answer::Bounced, "2026-11-02")]);
    assert_eq!(bounced, Look { left_out: vec![(1, LeftOutFor::Branch)], then: Evaluation::Due(2) });
    assert_eq!(then(&[answered(Answer::Replied, "2026-11-03")]).then, Evaluation::Person(Answer::Replied));
    let ended = then(&[answered(Answer::Promised, "2026-11-03")]);
    assert_eq!((ended.left_out.len(), ended.then), (4, Evaluation::Finished));
    assert_eq!(then(&[answered(Answer::Disputed, "2026-11-03")]).then, Evaluation::Due(1), "no branch: the next step");
    let twice = [answered(Answer::Replied, "2026-11-03"), answered(Answer::Bounced, "2026-11-04")];
    assert_eq!(then(&twice).then, Evaluation::Due(2), "the latest counts");
}

#[test]
fn what_a_person_has_decided_on_asks_nobody_again() {
    let steps = branching();
    let progress = after(start("2026-11-02"), 0, day("2026-11-02"));
    let answers = [answered(Answer::Replied, "2026-11-03")];
    let course = Course {
        steps: &steps,
        progress,
        answers: &answers,
        decided_at: Some(noon(day("2026-11-04"))),
        calendar: &MADRID,
        holds: &written,
    };
    assert_eq!(evaluate(&course, noon(day("2026-11-16"))).unwrap().then, Evaluation::Due(1));
}

#[test]
fn a_step_waits_for_its_answer_as_long_as_nothing_behind_it_is_due() {
    let mut steps = shipped();
    (steps[1].anchor, steps[1].after, steps[1].days) = (Anchor::Answer, Some(Answer::PromiseBroken), 1);
    let progress = after(start("2026-11-02"), 0, day("2026-11-02"));
    let broken = [answered(Answer::PromiseBroken, "2026-11-09")];
    assert_eq!(look(&steps, progress, &broken, day("2026-11-09")).then, Evaluation::LookOn(day("2026-11-10")));
    assert_eq!(look(&steps, progress, &broken, day("2026-11-10")).then, Evaluation::Due(1));
    let unanswered = look(&steps, progress, &[], day("2026-11-16"));
    assert_eq!(unanswered, Look { left_out: vec![(1, LeftOutFor::NoSuchAnswer)], then: Evaluation::Due(2) });
}

#[test]
fn the_period_that_a_case_is_in_decides_and_not_the_ones_that_were_missed() {
    let steps = &playbooks::find("past_due_periods").unwrap().steps;
    let due_on = day("2026-10-30");
    let progress = Progress { anchored_on: day("2026-11-02"), due_on, ..start("2026-11-02") };
    let on = |days: u64| {
        let today = due_on + Days::new(days);
        let overdue = |text: &str| Ok(crate::recovery::situation::tests::holds_at(text, today, due_on));
        let course = Course { steps, progress, answers: &[], decided_at: None, calendar: &MADRID, holds: &overdue };
        evaluate(&course, noon(today)).unwrap()
    };
    // Away from the third to the forty-fifth day: the step of the fifth period comes, and the four before it do not.
    let late = on(45);
    assert_eq!(late.then, Evaluation::Due(4));
    assert_eq!(late.left_out.iter().map(|(step, _)| *step).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(on(5).then, Evaluation::Due(0));
    assert_eq!(on(120).then, Evaluation::Finished);
}

fn any_steps() -> BoxedStrategy<Vec<Step>> {
    let step = (0..4_usize, 0..40_i16, prop::option::of(any::<bool>()), prop::option::of((any_answer(), 1..9_usize))).prop_map(
        |(anchor, days, when, branch)| Step {
            key: None,
            anchor: Anchor::ALL[anchor],
            after: (Anchor::ALL[anchor] == Anchor::Answer).then_some(Answer::PromiseBroken),
            days,
            channel: Channel::Mail,
            template: Template::Reminder,
            tone: Tone::Gentle,
            when: when.map(|truth| truth.to_string()),
            approval: false,
            fallback: None,
            branches: branch.map(|(on, far)| Branch { on, go_to: far.to_string() }).into_iter().collect(),
        },
    );
    let steps = prop::collection::vec(step, 1..8);
    steps
        .prop_map(|mut steps| {
            let count = steps.len();
            for (position, step) in steps.iter_mut().enumerate() {
                step.key = Some(format!("s{position}"));
                for branch in &mut step.branches {
                    let to = position + branch.go_to.parse::<usize>().unwrap();
                    branch.go_to = if to < count { format!("s{to}") } else { "end".to_owned() };
                }
            }
            steps
        })
        .boxed()
}

fn any_answer() -> impl proptest::strategy::Strategy<Value = Answer> {
    prop::sample::select(Answer::ALL)
}

proptest! {
    /// Whatever the strategy, the answers and however irregular the looks: each step is taken once at most, in order and
    /// spaced; what is not taken was left out and said to be; and the run comes to its end.
    #[test]
    fn nothing_is_lost_doubled_or_fired_in_a_burst(
        steps in any_steps(),
        gaps in prop::collection::vec(0..25_u64, 400),
        answers in prop::collection::vec(prop::option::weighted(0.3, any_answer()), 400),
    ) {
        let mut progress = start("2026-01-02");
        let (mut on, mut said) = (day("2026-01-02"), Vec::new());
        let (mut taken, mut left_out, mut last) = (Vec::new(), Vec::new(), Evaluation::LookOn(on));
        for (gap, answer) in gaps.into_iter().zip(answers) {
            on = on + Days::new(gap);
            said.extend(answer.map(|answer| Answered { answer, at: noon(on) }));
            let found = look(&steps, progress, &said, on);
            last = found.then;
            if let Evaluation::Due(step) = found.then {
                left_out.extend(found.left_out.iter().map(|(step, _)| *step));
                taken.push((on, step));
                progress = after(progress, step, on);
                said.clear();
            }
            if found.then == Evaluation::Finished {
                left_out.extend(found.left_out.iter().map(|(step, _)| *step));
                break;
            }
        }
        prop_assert_eq!(last, Evaluation::Finished);
        let mut all: Vec<usize> = taken.iter().map(|(_, step)| *step).chain(left_out).collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..steps.len()).collect::<Vec<_>>());
        for pair in taken.windows(2) {
            prop_assert!(pair[1].1 > pair[0].1);
            prop_assert!(pair[1].0 >= MADRID.add_working_days(pair[0].0, SPACING_WORKING_DAYS));
        }
    }

    /// Looking again on the day named finds what it was set for, or a later day: a sleeping case always wakes.
    #[test]
    fn the_next_look_finds_what_it_was_set_for(steps in any_steps(), next_step in 0..9_usize, since in 0..60_u64, taken in any::<bool>()) {
        let anchored_on = day("2026-03-02");
        let mut today = anchored_on + Days::new(since);
        let progress = Progress {
            anchored_on, due_on: anchored_on, next_step, last_step: None, last_step_on: taken.then_some(today),
        };
        for _ in 0..=steps.len() + 1 {
            let Evaluation::LookOn(on) = look(&steps, progress, &[], today).then else { return Ok(()) };
            prop_assert!(on > today && MADRID.is_working_day(on));
            today = on;
        }
        prop_assert!(false, "it never comes to anything");
    }
}
