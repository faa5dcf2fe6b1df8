//! The dated table of statutory rates (`config/rates.toml`), compiled into the program.
//!
//! What may never happen here: a rate guessed for a day that no row covers. Beyond the last half-year there is no answer.

use std::sync::LazyLock;

use chrono::{Months, NaiveDate};
use serde::Deserialize;

use crate::types::{BasisPoints, text_enum};

text_enum! {
    /// A law under which late payment bears interest.
    pub enum Law {
        SpanishCommercial => "es_commercial",
        FrenchCommercial => "fr_commercial",
        GermanCommercial => "de_commercial",
        GermanConsumer => "de_consumer",
    }
}

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
    pub rate: BasisPoints,
}

/// The rates of one law for one debt, gapless and in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    steps: Vec<RateStep>,
}

impl Series {
    /// From rates and the days on which they begin; the last one ends on `until`.
    #[must_use]
    pub fn new(mut beginnings: Vec<(NaiveDate, BasisPoints)>, until: NaiveDate) -> Self {
        beginnings.sort_by_key(|(from, _)| *from);
        let ends = beginnings.iter().skip(1).map(|(next, _)| next.pred_opt().unwrap_or(*next)).chain([until]);
        let steps =
            beginnings.iter().zip(ends).map(|((from, rate), until)| RateStep { from: *from, until, rate: *rate }).collect();
        Self { steps }
    }

    /// The rate that governs `day`.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<RateStep> {
        self.steps.iter().find(|step| step.from <= day && day <= step.until).copied()
    }

    /// `None` for a series without a single rate.
    #[must_use]
    pub fn known(&self) -> Option<KnownDays> {
        Some(KnownDays { from: self.steps.first()?.from, until: self.steps.last()?.until })
    }
}

/// The whole table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    retrieved_on: NaiveDate,
    half_years: Vec<HalfYear>,
    laws: Vec<LawRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HalfYear {
    from: NaiveDate,
    ecb_bp: i32,
    de_base_bp: i32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LawRow {
    law: Law,
    reference: Reference,
    decided_by: DecidedBy,
    margins: Vec<Margin>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Margin {
    from: NaiveDate,
    bp: i32,
}

/// What a law adds its margin to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Reference {
    #[serde(rename = "ecb")]
    MainRefinancing,
    #[serde(rename = "de_base")]
    GermanBase,
}

/// Which day's margin applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DecidedBy {
    Day,
    Contract,
}

static EMBEDDED: LazyLock<Rates> = LazyLock::new(read_embedded);

#[expect(clippy::expect_used, reason = "the text is part of the program; a test reads it")]
fn read_embedded() -> Rates {
    let source = config::File::from_str(include_str!("../../config/rates.toml"), config::FileFormat::Toml);
    let parsed = config::Config::builder().add_source(source).build().and_then(config::Config::try_deserialize);
    parsed.expect("config/rates.toml reads as a table of rates")
}

impl Rates {
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// When the newest row was read from its source.
    #[must_use]
    pub const fn retrieved_on(&self) -> NaiveDate {
        self.retrieved_on
    }

    /// The rates of `law` for a debt that arose on `arose_on`. Empty when the table has no such law.
    #[must_use]
    pub fn series(&self, law: Law, arose_on: NaiveDate) -> Series {
        let Some(row) = self.laws.iter().find(|row| row.law == law) else { return Series { steps: Vec::new() } };
        let mut beginnings: Vec<NaiveDate> = self.half_years.iter().map(|half| half.from).collect();
        if row.decided_by == DecidedBy::Day {
            let first = self.half_years.first().map(|half| half.from);
            beginnings.extend(row.margins.iter().map(|margin| margin.from).filter(|from| Some(*from) >= first));
        }
        beginnings.sort_unstable();
        beginnings.dedup();
        let rates = beginnings.into_iter().filter_map(|day| {
            let margin_day = match row.decided_by {
                DecidedBy::Day => day,
                DecidedBy::Contract => arose_on,
            };
            Some((day, self.reference(row.reference, day)?.plus(row.margin(margin_day)?)))
        });
        Series::new(rates.collect(), self.known_until())
    }

    fn reference(&self, reference: Reference, day: NaiveDate) -> Option<BasisPoints> {
        let half = self.half_years.iter().rfind(|half| half.from <= day)?;
        Some(BasisPoints(match reference {
            Reference::MainRefinancing => half.ecb_bp,
            Reference::GermanBase => half.de_base_bp,
        }))
    }

    /// The last day of the last half-year in the table.
    #[must_use]
    pub fn known_until(&self) -> NaiveDate {
        let last = self.half_years.last().map_or(NaiveDate::MIN, |half| half.from);
        last.checked_add_months(Months::new(6)).and_then(|next| next.pred_opt()).unwrap_or(last)
    }
}

impl LawRow {
    fn margin(&self, day: NaiveDate) -> Option<BasisPoints> {
        self.margins.iter().rfind(|margin| margin.from <= day).map(|margin| BasisPoints(margin.bp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rate(law: Law, on: &str) -> Option<i32> {
        Rates::embedded().series(law, day("2020-01-01")).on(day(on)).map(|step| step.rate.0)
    }

    #[test]
    fn published_rates_come_out_of_reference_and_margin() {
        let table = [
            ("2013-02-23", 775, 1075, 787, 487),
            ("2013-02-24", 875, 1075, 787, 487),
            ("2014-03-25", 825, 1025, 737, 437),
            ("2022-12-31", 800, 1000, 812, 412),
            ("2024-09-01", 1225, 1425, 1237, 837),
            ("2025-06-30", 1115, 1315, 1127, 727),
            ("2026-11-22", 1040, 1240, 1052, 652),
        ];
        for (on, es, fr, de, consumer) in table {
            assert_eq!(rate(Law::SpanishCommercial, on), Some(es), "ES {on}");
            assert_eq!(rate(Law::FrenchCommercial, on), Some(fr), "FR {on}");
            let german = if day(on) < day("2014-07-29") { de + 100 } else { de };
            assert_eq!(rate(Law::GermanCommercial, on), Some(german), "DE {on}");
            assert_eq!(rate(Law::GermanConsumer, on), Some(consumer), "DE consumer {on}");
        }
    }

    #[test]
    fn an_old_german_debt_keeps_the_old_margin() {
        let old = Rates::embedded().series(Law::GermanCommercial, day("2014-07-28"));
        assert_eq!(old.on(day("2015-01-01")).map(|step| step.rate), Some(BasisPoints(717)));
        let new = Rates::embedded().series(Law::GermanCommercial, day("2014-07-29"));
        assert_eq!(new.on(day("2015-01-01")).map(|step| step.rate), Some(BasisPoints(817)));
    }

    #[test]
    fn the_german_base_rate_trails_the_ecb_by_88_points_in_every_half_year() {
        for half in &Rates::embedded().half_years {
            assert_eq!(half.de_base_bp, half.ecb_bp - 88, "{}", half.from);
        }
    }

    #[test]
    fn half_years_follow_each_other_without_a_gap() {
        let rates = Rates::embedded();
        for pair in rates.half_years.windows(2) {
            assert_eq!(pair[0].from.checked_add_months(Months::new(6)), Some(pair[1].from));
        }
        assert_eq!(rates.known_until(), day("2026-12-31"));
        assert!(rates.retrieved_on() < rates.known_until());
    }

    #[test]
    fn no_rate_is_known_outside_the_table() {
        assert_eq!(rate(Law::SpanishCommercial, "2027-01-01"), None);
        assert_eq!(rate(Law::SpanishCommercial, "2012-12-31"), None);
    }
}
