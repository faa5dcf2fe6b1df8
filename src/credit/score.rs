//! The score: how likely a customer is to have paid an invoice within 30, 60 and 90 days of its due day, and how late it is expected
//! to be. A published rule table, in whole numbers (`docs/insight.md`); each part of it is a contribution in basis points, and they
//! sum to the probability exactly. Pure.
//!
//! Its inputs are what the customer did towards this creditor, and nothing else: no trait of a person, no country, no sector.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::types::{Rounding, money::divide, text_enum};

/// The name of this table; a change of it is another name.
pub const FORMULA: &str = "pay-1";

/// Of invoices, the part that is paid within 30 days of the due day where nothing is known of a customer; and of what is unpaid
/// then, the part that is paid within the next 30, and the next. Ours, not measured.
const PRIOR_30_BP: i64 = 8_000;
const PRIOR_60_BP: i64 = 5_000;
const PRIOR_90_BP: i64 = 4_000;
/// And how late they are, in hundredths of days.
const PRIOR_DAYS_LATE: i64 = 1_000;
/// How many invoices of its own outweigh what is assumed of everybody.
const PRIOR_WEIGHT: i64 = 5;
/// Nobody is certain to pay, or not to.
const LEAST_BP: i64 = 100;
const MOST_BP: i64 = 9_900;
const WHOLE_BP: i64 = 10_000;

text_enum! {
    /// Why a score is what it is.
    pub enum ScoreReason {
        /// What is assumed of everybody.
        Prior => "prior",
        /// How its invoices of two years were paid.
        History => "history",
        /// The oldest of what is overdue now.
        Overdue => "overdue",
        /// It pays later than it did, or earlier.
        Trend => "trend",
        PromisesKept => "promises_kept",
        PromisesBroken => "promises_broken",
        /// Cases that closed within two years with something unpaid.
        LeftUnpaid => "left_unpaid",
        Hardship => "hardship",
        Insolvency => "insolvency",
        /// No score says certainly, so the sum is cut.
        Bound => "bound",
    }
}

/// A part of the probability of paying within 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScoreContribution)]
pub struct Contribution {
    pub reason: ScoreReason,
    pub bp: i64,
}

/// A score. The contributions sum to `paid_30_bp`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Score {
    /// Probability of having paid within 30 days of the due day, in basis points; then within 60 and 90.
    pub paid_30_bp: i64,
    pub paid_60_bp: i64,
    pub paid_90_bp: i64,
    /// Expected days from due day to payment, in hundredths; below nothing where it pays early.
    pub days_late_hundredths: i64,
    pub contributions: Vec<Contribution>,
    /// Fewer invoices of its own than what is assumed weighs: little is known.
    pub is_thin: bool,
    /// Which rule table.
    #[schema(example = "pay-1")]
    pub formula: &'static str,
}

/// What a customer did towards one creditor in two years.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Record {
    /// Invoices that fell due 30 days ago or earlier, and those of them paid within 30 days.
    pub seen_30: i64,
    pub paid_30: i64,
    /// Due 60 days ago or earlier and unpaid after 30 days; those of them paid within 60.
    pub seen_60: i64,
    pub paid_60: i64,
    /// Due 90 days ago or earlier and unpaid after 60 days; those of them paid within 90.
    pub seen_90: i64,
    pub paid_90: i64,
    /// Invoices paid in full, and how many days late they were together; of these, what was paid in the last 90 days.
    pub paid: i64,
    pub days_late: i64,
    pub lately_paid: i64,
    pub lately_days_late: i64,
    /// Days since the oldest open invoice fell due; nothing or less: none is overdue.
    pub oldest_overdue_days: i64,
    /// Promises judged in a year.
    pub promises_kept: i64,
    pub promises_broken: i64,
    /// Cases closed with something unpaid.
    pub left_unpaid: i64,
    pub is_in_hardship: bool,
    pub is_insolvent: bool,
}

/// A rate of one's own, drawn towards the prior as if that were some invoices more.
fn drawn(paid: i64, seen: i64, prior_bp: i64) -> i64 {
    let sum = i128::from(paid) * i128::from(WHOLE_BP) + i128::from(PRIOR_WEIGHT * prior_bp);
    divide(sum, (seen.max(0).saturating_add(PRIOR_WEIGHT)).into(), Rounding::HalfUp).unwrap_or(prior_bp)
}

/// The score of a record.
#[must_use]
pub fn score(record: &Record) -> Score {
    let contributions = contributions(record);
    let paid_30_bp = contributions.iter().map(|part| part.bp).sum();
    // Of what is left, as much as was paid of what was left; nothing where nobody may pay.
    let next = |so_far: i64, paid: i64, seen: i64, prior: i64| {
        let rate = if record.is_insolvent { 0 } else { drawn(paid, seen, prior) };
        so_far + (WHOLE_BP - so_far) * rate / WHOLE_BP
    };
    let paid_60_bp = next(paid_30_bp, record.paid_60, record.seen_60, PRIOR_60_BP);
    Score {
        paid_30_bp,
        paid_60_bp,
        paid_90_bp: next(paid_60_bp, record.paid_90, record.seen_90, PRIOR_90_BP),
        days_late_hundredths: days_late(record),
        contributions,
        is_thin: record.seen_30 < PRIOR_WEIGHT,
        formula: FORMULA,
    }
}

fn contributions(record: &Record) -> Vec<Contribution> {
    let history = drawn(record.paid_30, record.seen_30, PRIOR_30_BP) - PRIOR_30_BP;
    let mut parts = Vec::with_capacity(8);
    let mut sum = 0;
    for (reason, bp) in [
        (ScoreReason::Prior, PRIOR_30_BP),
        (ScoreReason::History, history),
        (ScoreReason::Overdue, for_overdue(record.oldest_overdue_days)),
        (ScoreReason::Trend, for_trend(record)),
        (ScoreReason::PromisesKept, if record.promises_broken == 0 && record.promises_kept > 0 { 200 } else { 0 }),
        (ScoreReason::PromisesBroken, -600 * record.promises_broken.clamp(0, 3)),
        (ScoreReason::LeftUnpaid, -1_500 * record.left_unpaid.clamp(0, 2)),
        (ScoreReason::Hardship, if record.is_in_hardship { -1_000 } else { 0 }),
    ] {
        if bp != 0 {
            parts.push(Contribution { reason, bp });
            sum += bp;
        }
    }
    let (reason, end) =
        if record.is_insolvent { (ScoreReason::Insolvency, 0) } else { (ScoreReason::Bound, sum.clamp(LEAST_BP, MOST_BP)) };
    if end != sum {
        parts.push(Contribution { reason, bp: end - sum });
    }
    parts
}

/// What is overdue now says more than what was: the older, the more.
const fn for_overdue(days: i64) -> i64 {
    match days {
        ..=0 => 0,
        1..=30 => -300,
        31..=60 => -1_000,
        61..=90 => -2_000,
        91.. => -3_500,
    }
}

/// The last 90 days against the time before, where both have something to say.
fn for_trend(record: &Record) -> i64 {
    let before = record.paid - record.lately_paid;
    if record.lately_paid < 2 || before < 2 {
        return 0;
    }
    // In whole days: (lately / n) - (before / m), over a common denominator.
    let later = record.lately_days_late * before - (record.days_late - record.lately_days_late) * record.lately_paid;
    match later / (record.lately_paid * before) {
        ..=-5 => 200,
        -4..=5 => 0,
        6..=15 => -500,
        16.. => -1_200,
    }
}

/// The mean of what was paid, drawn towards the prior; no earlier than what is overdue already.
fn days_late(record: &Record) -> i64 {
    let sum = i128::from(record.days_late) * 100 + i128::from(PRIOR_WEIGHT * PRIOR_DAYS_LATE);
    let mean = divide(sum, (record.paid.max(0).saturating_add(PRIOR_WEIGHT)).into(), Rounding::HalfUp).unwrap_or(PRIOR_DAYS_LATE);
    if record.oldest_overdue_days > 0 { mean.max(record.oldest_overdue_days.saturating_mul(100)) } else { mean }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOTHING: Record = Record {
        seen_30: 0,
        paid_30: 0,
        seen_60: 0,
        paid_60: 0,
        seen_90: 0,
        paid_90: 0,
        paid: 0,
        days_late: 0,
        lately_paid: 0,
        lately_days_late: 0,
        oldest_overdue_days: 0,
        promises_kept: 0,
        promises_broken: 0,
        left_unpaid: 0,
        is_in_hardship: false,
        is_insolvent: false,
    };

    fn parts(record: &Record) -> Vec<(ScoreReason, i64)> {
        score(record).contributions.iter().map(|part| (part.reason, part.bp)).collect()
    }

    #[test]
    fn of_whom_nothing_is_known_the_prior_is_said() {
        let score = score(&NOTHING);
        assert_eq!((score.paid_30_bp, score.paid_60_bp, score.paid_90_bp), (8_000, 9_000, 9_400));
        assert_eq!((score.days_late_hundredths, score.is_thin), (1_000, true));
        assert_eq!(parts(&NOTHING), [(ScoreReason::Prior, 8_000)]);
    }

    /// The table of `docs/insight.md`, line by line.
    #[test]
    fn every_line_of_the_table_counts_as_published() {
        let with = |change: fn(&mut Record)| {
            let mut record = NOTHING;
            change(&mut record);
            parts(&record)[1..].to_vec()
        };
        type Line = (fn(&mut Record), &'static [(ScoreReason, i64)]);
        let cases: [Line; 16] = [
            // (15 × 10,000 + 5 × 8,000) / 20 = 9,500.
            (|r| (r.seen_30, r.paid_30) = (15, 15), &[(ScoreReason::History, 1_500)]),
            (|r| (r.seen_30, r.paid_30) = (15, 0), &[(ScoreReason::History, -6_000)]),
            (|r| r.oldest_overdue_days = 1, &[(ScoreReason::Overdue, -300)]),
            (|r| r.oldest_overdue_days = 31, &[(ScoreReason::Overdue, -1_000)]),
            (|r| r.oldest_overdue_days = 61, &[(ScoreReason::Overdue, -2_000)]),
            (|r| r.oldest_overdue_days = 91, &[(ScoreReason::Overdue, -3_500)]),
            // Before 10 days late each; lately 16, 26, 4 and, of one invoice alone, 90.
            (|r| (r.paid, r.days_late, r.lately_paid, r.lately_days_late) = (4, 52, 2, 32), &[(ScoreReason::Trend, -500)]),
            (|r| (r.paid, r.days_late, r.lately_paid, r.lately_days_late) = (4, 72, 2, 52), &[(ScoreReason::Trend, -1_200)]),
            (|r| (r.paid, r.days_late, r.lately_paid, r.lately_days_late) = (4, 28, 2, 8), &[(ScoreReason::Trend, 200)]),
            (|r| (r.paid, r.days_late, r.lately_paid, r.lately_days_late) = (3, 110, 1, 90), &[]),
            (|r| r.promises_kept = 2, &[(ScoreReason::PromisesKept, 200)]),
            (|r| (r.promises_kept, r.promises_broken) = (2, 1), &[(ScoreReason::PromisesBroken, -600)]),
            (|r| r.promises_broken = 9, &[(ScoreReason::PromisesBroken, -1_800)]),
            (|r| r.left_unpaid = 5, &[(ScoreReason::LeftUnpaid, -3_000)]),
            (|r| r.is_in_hardship = true, &[(ScoreReason::Hardship, -1_000)]),
            (|r| r.is_insolvent = true, &[(ScoreReason::Insolvency, -8_000)]),
        ];
        for (place, (change, expected)) in cases.into_iter().enumerate() {
            assert_eq!(with(change), expected, "line {place}");
        }
    }

    #[test]
    fn no_score_is_certain_but_of_the_insolvent() {
        let best = Record { seen_30: 1_000, paid_30: 1_000, promises_kept: 1, ..NOTHING };
        assert_eq!(score(&best).paid_30_bp, 9_900);
        assert_eq!(parts(&best).last().map(|(reason, _)| *reason), Some(ScoreReason::Bound));
        let worst = Record { seen_30: 1_000, oldest_overdue_days: 400, left_unpaid: 2, ..NOTHING };
        assert_eq!(score(&worst).paid_30_bp, 100);
        let insolvent = score(&Record { is_insolvent: true, ..best });
        assert_eq!((insolvent.paid_30_bp, insolvent.paid_60_bp, insolvent.paid_90_bp), (0, 0, 0));
    }

    #[test]
    fn later_probabilities_follow_what_was_paid_of_what_was_left() {
        // Of 10 unpaid after 30 days all 10 were paid within 60: (10 × 10,000 + 5 × 5,000) / 15 = 8,333 of the 2,000 left.
        let record = Record { seen_60: 10, paid_60: 10, ..NOTHING };
        assert_eq!(score(&record).paid_60_bp, 8_000 + 2_000 * 8_333 / 10_000);
    }

    #[test]
    fn what_is_overdue_is_at_least_so_late() {
        assert_eq!(score(&Record { paid: 20, days_late: 100, ..NOTHING }).days_late_hundredths, 600);
        assert_eq!(score(&Record { paid: 20, days_late: -100, ..NOTHING }).days_late_hundredths, -200);
        assert_eq!(score(&Record { oldest_overdue_days: 45, ..NOTHING }).days_late_hundredths, 4_500);
    }

    fn records() -> impl Strategy<Value = Record> {
        let small = 0_i64..1_000;
        let pair = || (0_i64..100_000).prop_flat_map(|seen| (Just(seen), 0..=seen));
        (
            pair(),
            pair(),
            pair(),
            (pair(), -100_000_i64..100_000, -1_000_i64..1_000),
            (-50_i64..5_000, small.clone(), small.clone(), small),
            any::<(bool, bool)>(),
        )
            .prop_map(
                |(
                    (seen_30, paid_30),
                    (seen_60, paid_60),
                    (seen_90, paid_90),
                    ((paid, lately_paid), days_late, lately),
                    rest,
                    flags,
                )| {
                    let (oldest_overdue_days, promises_kept, promises_broken, left_unpaid) = rest;
                    let (is_in_hardship, is_insolvent) = flags;
                    Record {
                        seen_30,
                        paid_30,
                        seen_60,
                        paid_60,
                        seen_90,
                        paid_90,
                        paid,
                        days_late,
                        lately_paid,
                        lately_days_late: lately,
                        oldest_overdue_days,
                        promises_kept,
                        promises_broken,
                        left_unpaid,
                        is_in_hardship,
                        is_insolvent,
                    }
                },
            )
    }

    proptest! {
        #[test]
        fn contributions_sum_to_the_probability_and_later_ones_are_no_smaller(record in records()) {
            let score = score(&record);
            prop_assert_eq!(score.contributions.iter().map(|part| part.bp).sum::<i64>(), score.paid_30_bp);
            prop_assert!(0 <= score.paid_30_bp && score.paid_30_bp <= score.paid_60_bp);
            prop_assert!(score.paid_60_bp <= score.paid_90_bp && score.paid_90_bp <= 10_000);
        }

        #[test]
        fn paying_one_more_in_time_never_lowers_it(record in records()) {
            prop_assume!(record.paid_30 < record.seen_30);
            let better = Record { paid_30: record.paid_30 + 1, ..record };
            prop_assert!(score(&better).paid_30_bp >= score(&record).paid_30_bp);
        }
    }

    /// The goal is 50,000 customers a second on one core; a build without optimisation keeps it too.
    #[test]
    fn fifty_thousand_customers_take_less_than_a_second() {
        let began = std::time::Instant::now();
        let sum: i64 = (0..50_000)
            .map(|number| {
                score(&Record { seen_30: number % 40, paid_30: number % 7, oldest_overdue_days: number % 120, ..NOTHING })
                    .paid_30_bp
            })
            .sum();
        assert!(sum > 0 && began.elapsed().as_secs_f32() < 1.0, "{:?}", began.elapsed());
    }
}
