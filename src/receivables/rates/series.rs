//! One law's rates over time for one debt: gapless, in order, looked up by day.

use chrono::NaiveDate;

use crate::types::BasisPoints;

/// The days for which rates are known, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownDays {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

/// One rate and the days it governs, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateStep {
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// `None`: the law has a rate for these days, and we do not know it.
    pub rate: Option<BasisPoints>,
    /// What somebody should check about it.
    pub doubt: Option<&'static str>,
}

/// Where a step begins; it ends where the next one does.
#[derive(Debug, Clone, Copy)]
pub struct Beginning {
    pub from: NaiveDate,
    pub rate: Option<BasisPoints>,
    pub doubt: Option<&'static str>,
}

/// The rates of one law for one debt, gapless and in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    steps: Vec<RateStep>,
}

impl Series {
    /// No rate for any day.
    pub const UNKNOWN: Self = Self { steps: Vec::new() };

    /// From the days on which rates begin; the last one ends on `until`.
    #[must_use]
    pub fn new(mut beginnings: Vec<Beginning>, until: NaiveDate) -> Self {
        beginnings.sort_by_key(|beginning| beginning.from);
        // Of two that begin on one day the later one holds: a gap that the next rate fills at once.
        let overtaken =
            |at: usize| beginnings.get(at + 1).is_some_and(|next| Some(next.from) == beginnings.get(at).map(|one| one.from));
        let kept: Vec<Beginning> =
            beginnings.iter().enumerate().filter(|(at, _)| !overtaken(*at)).map(|(_, beginning)| *beginning).collect();
        let ends = kept.iter().skip(1).map(|next| next.from.pred_opt().unwrap_or(next.from)).chain([until]);
        let step = |(beginning, until): (&Beginning, NaiveDate)| RateStep {
            from: beginning.from,
            until,
            rate: beginning.rate,
            doubt: beginning.doubt,
        };
        Self { steps: kept.iter().zip(ends).map(step).collect() }
    }

    /// One rate for every day: what the parties agreed.
    #[must_use]
    pub fn constant(rate: BasisPoints) -> Self {
        Self { steps: vec![RateStep { from: NaiveDate::MIN, until: NaiveDate::MAX, rate: Some(rate), doubt: None }] }
    }

    /// The step that governs `day`.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<RateStep> {
        let after = self.steps.partition_point(|step| step.from <= day);
        self.steps.get(after.checked_sub(1)?).filter(|step| day <= step.until).copied()
    }

    /// `None` for a series without a single rate.
    #[must_use]
    pub fn known(&self) -> Option<KnownDays> {
        Some(KnownDays { from: self.steps.first()?.from, until: self.steps.last()?.until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_that_the_next_rate_fills_at_once_is_none() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let beginning = |from, bp: Option<i32>| Beginning { from: day(from), rate: bp.map(BasisPoints), doubt: None };
        let beginnings = vec![beginning("2024-01-01", None), beginning("2024-01-01", Some(7)), beginning("2024-07-01", None)];
        let series = Series::new(beginnings, day("2024-12-31"));
        let steps: Vec<_> = series.steps.iter().map(|step| (step.until.to_string(), step.rate)).collect();
        assert_eq!(steps, [("2024-06-30".to_owned(), Some(BasisPoints(7))), ("2024-12-31".to_owned(), None)]);
        assert_eq!(series.on(day("2025-01-01")), None);
        assert_eq!(series.on(day("2023-12-31")), None);
    }
}
