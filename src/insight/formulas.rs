//! The formulas of credit management, in whole numbers. Sources: Credit Research Foundation, "Directions, formulas and definitions"
//! of the National Summary of Domestic Trade Receivables (CEI, DSO); The Hackett Group (best possible DSO); Oracle Hyperion
//! Financial Management (the count-back walk). Days are in hundredths, shares in basis points.

use crate::types::{BasisPoints, MoneyError, Rounding, money::divide};

/// What a formula says: nothing where there is nothing to reckon from.
pub type Said = Result<Option<i64>, MoneyError>;

/// Collection effectiveness, in basis points: of what could be collected in a quarter, how much was. `before` is what was owed
/// when it began, `total` and `not_due` are of its end; a third of the quarter's sales stands for the last month's.
///
/// # Errors
/// More than an `i64` holds.
pub fn cei(before: i64, sales: i64, total: i64, not_due: i64) -> Said {
    // Three times numerator and denominator, so that the third of the sales loses nothing.
    let available = i128::from(before) * 3 + i128::from(sales);
    let base = available - i128::from(not_due) * 3;
    if base <= 0 {
        return Ok(None);
    }
    divide((available - i128::from(total) * 3) * 10_000, base, Rounding::HalfUp).map(Some)
}

/// Days sales outstanding of a quarter: the mean of three month ends over a day's sales, a month being thirty days. With what is
/// not due yet at the month ends instead of the totals it is the best possible one.
///
/// # Errors
/// More than an `i64` holds.
pub fn dso(month_ends: [i64; 3], sales: i64) -> Said {
    let sum: i128 = month_ends.iter().copied().map(i128::from).sum();
    ratio_of_days(sum, 30, sales)
}

/// What is owed over a day's sales of a period.
///
/// # Errors
/// More than an `i64` holds.
pub fn simple_dso(total: i64, sales: i64, days: i64) -> Said {
    ratio_of_days(total.into(), days, sales)
}

fn ratio_of_days(amount: i128, days: i64, sales: i64) -> Said {
    if sales <= 0 {
        return Ok(None);
    }
    divide(amount * i128::from(days) * 100, sales.into(), Rounding::HalfUp).map(Some)
}

/// A month's sales and its days.
pub type MonthOfSales = (i64, i64);

/// Days sales outstanding by exhaustion: months are walked back, the latest first, each that its sales do not cover counting with
/// all its days, the one that covers the rest with a part of them. Nothing where all months together do not.
///
/// # Errors
/// More than an `i64` holds.
pub fn count_back(total: i64, months: &[MonthOfSales]) -> Said {
    let (mut left, mut days_so_far) = (total.max(0), 0_i64);
    for (sales, days) in months {
        if left <= *sales {
            let part = if left == 0 { Some(0) } else { ratio_of_days(left.into(), *days, *sales)? };
            return Ok(part.map(|part| days_so_far.saturating_add(part)));
        }
        left = left.saturating_sub(*sales);
        days_so_far = days_so_far.saturating_add(days.saturating_mul(100));
    }
    Ok(None)
}

/// The bounds within which a share lies in 95 of 100 samples, in basis points, of so many among so many (Wilson 1927): it is as
/// wide as a small sample deserves, and never leaves 0 to 100 %.
///
/// # Errors
/// More than an `i64` holds.
pub fn wilson(part: i64, whole: i64) -> Result<(i64, i64), MoneyError> {
    // 1.96 squared in ten thousandths, and half of it; ten thousandths throughout.
    const Z2: i128 = 38_416;
    let (x, n) = (i128::from(part), i128::from(whole.max(1)));
    let below = n * 10_000 + Z2;
    let root = (x * (n - x) * 100_000_000 / n + Z2 * 10_000 / 4).max(0).isqrt();
    let middle = (x * 10_000 + Z2 / 2) * 10_000;
    let half = 19_600 * root;
    let bound = |sum: i128| divide(sum, below, Rounding::HalfUp);
    Ok((bound((middle - half).max(0))?, bound(middle + half)?.min(BasisPoints::WHOLE)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_credit_research_foundations_examples_come_out() {
        assert_eq!(cei(12_327_157, 47_881_064, 13_663_598, 7_846_547), Ok(Some(7_154)));
        assert_eq!(dso([16_935_357, 17_936_658, 13_663_598], 47_881_064), Ok(Some(3_041)));
    }

    #[test]
    fn the_count_back_walks_month_by_month() {
        // Oracle's example; its printed result takes 2,000 where 1,000 is left, so the figure here is the walk's own.
        let months = [(2_500, 31), (1_750, 30), (2_250, 31), (2_500, 30), (2_000, 31), (2_250, 30)];
        assert_eq!(count_back(12_000, &months), Ok(Some(16_633)));
        for (total, expected) in [
            (0, Some(0)),
            (-5, Some(0)),
            (1_250, Some(1_550)),
            (2_500, Some(3_100)),
            (2_501, Some(3_102)),
            (13_250, Some(18_300)),
            (13_251, None),
        ] {
            assert_eq!(count_back(total, &months), Ok(expected), "{total}");
        }
        // A month in which nothing was sold counts with all its days.
        assert_eq!(count_back(100, &[(0, 31), (200, 30)]), Ok(Some(4_600)));
        assert_eq!(count_back(100, &[]), Ok(None));
    }

    #[test]
    fn nothing_sold_and_nothing_to_collect_have_no_figure() {
        assert_eq!(dso([1, 1, 1], 0), Ok(None));
        assert_eq!(simple_dso(1, 0, 92), Ok(None));
        assert_eq!(cei(0, 0, 0, 0), Ok(None));
        assert_eq!(cei(100, 0, 100, 100), Ok(None), "nothing was due");
    }

    #[test]
    fn all_collected_is_all_effective_and_nothing_collected_not_at_all() {
        assert_eq!(cei(1_000, 3_000, 400, 400), Ok(Some(10_000)));
        assert_eq!(cei(1_000, 3_000, 2_000, 400), Ok(Some(0)));
        assert_eq!(simple_dso(9_000, 9_000, 92), Ok(Some(9_200)));
    }

    proptest! {
        #[test]
        fn effectiveness_stays_between_nothing_and_all(before in 0_i64..1_000_000_000, sales in 1_i64..1_000_000_000, late in 0_i64..1_000_000_000, not_due in 0_i64..100_000_000) {
            let available = before + sales / 3;
            let total = not_due + late;
            prop_assume!(total <= available);
            if let Some(bp) = cei(before, sales, total, not_due).unwrap() {
                prop_assert!((0..=10_000).contains(&bp));
            }
        }

        #[test]
        fn more_owed_is_more_days(total in 0_i64..40_000, sales in prop::collection::vec(0_i64..5_000, 1..24)) {
            let months: Vec<MonthOfSales> = sales.into_iter().map(|sold| (sold, 30)).collect();
            if let (Some(less), Some(more)) = (count_back(total, &months).unwrap(), count_back(total + 1, &months).unwrap()) {
                prop_assert!(less <= more);
                prop_assert!(more <= 3_000 * i64::try_from(months.len()).unwrap());
            }
        }
    }

    /// The examples of Wilson's interval that textbooks give: 10 of 100, none of 20, all of 20.
    #[test]
    fn a_share_of_few_lies_in_a_wide_band() {
        assert_eq!(wilson(10, 100).unwrap(), (552, 1_744));
        assert_eq!(wilson(0, 20).unwrap(), (0, 1_611));
        assert_eq!(wilson(20, 20).unwrap(), (8_389, 10_000));
        assert_eq!(wilson(1, 1).unwrap(), (2_065, 10_000));
    }
}
