//! The dated table of statutory rates: `config/rates.toml`, compiled into the program, or a newer file that settings name.
//!
//! What may never happen here: a rate guessed for a day that no row covers. Beyond the last half-year there is no answer.

mod file;
mod series;

use std::{
    path::Path,
    sync::{LazyLock, OnceLock},
};

use chrono::{Months, NaiveDate};

pub use file::{NewHalfYear, RatesError, appended};
pub use series::{Beginning, KnownDays, RateStep, Series};

use self::file::{DecidedBy, HalfYear, LawRow, Reference, Table};
use crate::types::{BasisPoints, text_enum};

text_enum! {
    /// A law under which late payment bears interest.
    pub enum Law {
        SpanishCommercial => "es_commercial",
        SpanishLegal => "es_legal",
        FrenchCommercial => "fr_commercial",
        FrenchLegal => "fr_legal",
        GermanCommercial => "de_commercial",
        GermanConsumer => "de_consumer",
        ItalianCommercial => "it_commercial",
        PortugueseCommercial => "pt_commercial",
        BelgianCommercial => "be_commercial",
        BelgianLegal => "be_legal",
        DutchCommercial => "nl_commercial",
        DutchConsumer => "nl_consumer",
        BritishCommercial => "gb_commercial",
    }
}

/// The text inside the program.
pub const EMBEDDED_TEXT: &str = include_str!("../../config/rates.toml");

/// The whole table, reckoned out once: a claim only looks rates up.
#[derive(Debug)]
pub struct Rates {
    half_years: Vec<HalfYear>,
    laws: Vec<LawRates>,
}

/// The rates of one law: one series, or one for each margin that a debt can have been born under.
#[derive(Debug)]
struct LawRates {
    law: Law,
    by_birth: Vec<(NaiveDate, Series)>,
}

static EMBEDDED: LazyLock<Rates> = LazyLock::new(read_embedded);
/// No rate for any day.
static UNKNOWN: Series = Series::UNKNOWN;
static INSTALLED: OnceLock<Rates> = OnceLock::new();

#[expect(clippy::expect_used, reason = "the text is part of the program; a test reads it")]
fn read_embedded() -> Rates {
    EMBEDDED_TEXT.parse().expect("config/rates.toml reads as a table of rates")
}

impl Rates {
    /// The table in use: the one installed at the start of the process, else the one inside the program.
    #[must_use]
    pub fn current() -> &'static Self {
        INSTALLED.get().unwrap_or_else(|| Self::embedded())
    }

    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Uses the table in `path` from now on. Once in a process, before the first claim.
    ///
    /// # Errors
    /// The file cannot be read, is none, or knows less than the program itself; another one is in use.
    pub fn install(path: &Path) -> Result<(), RatesError> {
        let text = std::fs::read_to_string(path).map_err(|error| RatesError::Unreadable(path.to_owned(), error.to_string()))?;
        let rates: Self = text.parse()?;
        let (known, embedded) = (rates.known_until(), Self::embedded().known_until());
        if known < embedded {
            return Err(RatesError::Outdated { known, embedded });
        }
        INSTALLED.set(rates).map_err(|_| RatesError::InUse)
    }

    /// When the newest row was compared with its source.
    #[must_use]
    pub fn read_on(&self) -> NaiveDate {
        self.half_years.iter().map(|half| half.read_on).max().unwrap_or(NaiveDate::MIN)
    }

    /// The rates of `law` for a debt that arose on `arose_on`.
    #[must_use]
    pub fn series(&self, law: Law, arose_on: NaiveDate) -> &Series {
        let births = self.laws.iter().find(|row| row.law == law).map(|row| row.by_birth.as_slice()).unwrap_or_default();
        let born_under = births.iter().rfind(|(from, _)| *from <= arose_on).or_else(|| births.first());
        born_under.map_or(&UNKNOWN, |(_, series)| series)
    }

    /// The last day of the last half-year in the table.
    #[must_use]
    pub fn known_until(&self) -> NaiveDate {
        let last = self.half_years.last().map_or(NaiveDate::MIN, |half| half.from);
        last.checked_add_months(Months::new(6)).and_then(|next| next.pred_opt()).unwrap_or(last)
    }
}

impl From<Table> for Rates {
    /// Of a table that was checked.
    fn from(table: Table) -> Self {
        let mut rates = Self { half_years: table.half_years, laws: Vec::new() };
        rates.laws = table.laws.iter().map(|row| LawRates { law: row.law, by_birth: rates.by_birth(row) }).collect();
        rates
    }
}

impl Rates {
    fn by_birth(&self, row: &LawRow) -> Vec<(NaiveDate, Series)> {
        if let Some((reference, decided_by)) = row.reference.zip(row.decided_by) {
            return match decided_by {
                DecidedBy::Day => vec![(NaiveDate::MIN, self.sums(row, reference, None))],
                DecidedBy::Contract => {
                    row.margins.iter().map(|margin| (margin.from, self.sums(row, reference, Some(margin.from)))).collect()
                }
            };
        }
        vec![(NaiveDate::MIN, self.published(row))]
    }

    /// Reference plus margin, day by day. `born_on`: the margin of that day, whatever day bears interest.
    fn sums(&self, row: &LawRow, reference: Reference, born_on: Option<NaiveDate>) -> Series {
        let first = self.half_years.first().map(|half| half.from);
        let changes = row.margins.iter().map(|margin| margin.from).filter(|from| born_on.is_none() && Some(*from) >= first);
        let mut days: Vec<NaiveDate> = self.half_years.iter().map(|half| half.from).chain(changes).collect();
        days.sort_unstable();
        days.dedup();
        let beginning = |from| {
            let half = self.half_years.iter().rfind(|half| half.from <= from)?;
            let sum = half.reference(reference).plus(row.margin(born_on.unwrap_or(from))?);
            Some(Beginning { from, rate: Some(row.rounded(sum)), doubt: row.doubt(from) })
        };
        Series::new(days.into_iter().filter_map(beginning).collect(), self.known_until())
    }

    /// The law's own rates; between them none is known.
    fn published(&self, row: &LawRow) -> Series {
        let start = self.half_years.first().map_or(NaiveDate::MIN, |half| half.from);
        let mut beginnings = vec![Beginning { from: start, rate: None, doubt: None }];
        for own in &row.rates {
            beginnings.push(Beginning { from: own.from, rate: Some(BasisPoints(own.bp)), doubt: row.doubt(own.from) });
            if let Some(after) = own.until.succ_opt().filter(|after| *after <= self.known_until()) {
                beginnings.push(Beginning { from: after, rate: None, doubt: None });
            }
        }
        Series::new(beginnings, self.known_until())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rate(law: Law, on: &str) -> Option<i32> {
        Rates::embedded().series(law, day("2020-01-01")).on(day(on)).and_then(|step| step.rate).map(|rate| rate.0)
    }

    /// Half-year, then ES/IT/PT/NL, FR, BE, DE consumer, DE business, UK: the published table.
    const PUBLISHED: &[(&str, [i32; 6])] = &[
        ("2013-07-01", [850, 1050, 850, 462, 862, 850]),
        ("2014-01-01", [825, 1025, 850, 437, 837, 850]),
        ("2014-07-01", [815, 1015, 850, 427, 827, 850]),
        ("2015-01-01", [805, 1005, 850, 417, 817, 850]),
        ("2015-07-01", [805, 1005, 850, 417, 817, 850]),
        ("2016-01-01", [805, 1005, 850, 417, 817, 850]),
        ("2016-07-01", [800, 1000, 800, 412, 812, 850]),
        ("2017-01-01", [800, 1000, 800, 412, 812, 825]),
        ("2017-07-01", [800, 1000, 800, 412, 812, 825]),
        ("2018-01-01", [800, 1000, 800, 412, 812, 850]),
        ("2018-07-01", [800, 1000, 800, 412, 812, 850]),
        ("2019-01-01", [800, 1000, 800, 412, 812, 875]),
        ("2019-07-01", [800, 1000, 800, 412, 812, 875]),
        ("2020-01-01", [800, 1000, 800, 412, 812, 875]),
        ("2020-07-01", [800, 1000, 800, 412, 812, 810]),
        ("2021-01-01", [800, 1000, 800, 412, 812, 810]),
        ("2021-07-01", [800, 1000, 800, 412, 812, 810]),
        ("2022-01-01", [800, 1000, 800, 412, 812, 825]),
        ("2022-07-01", [800, 1000, 800, 412, 812, 925]),
        ("2023-01-01", [1050, 1250, 1050, 662, 1062, 1150]),
        ("2023-07-01", [1200, 1400, 1200, 812, 1212, 1300]),
        ("2024-01-01", [1250, 1450, 1250, 862, 1262, 1325]),
        ("2024-07-01", [1225, 1425, 1250, 837, 1237, 1325]),
        ("2025-01-01", [1115, 1315, 1150, 727, 1127, 1275]),
        ("2025-07-01", [1015, 1215, 1050, 627, 1027, 1225]),
        ("2026-01-01", [1015, 1215, 1050, 627, 1027, 1175]),
        ("2026-07-01", [1040, 1240, 1050, 652, 1052, 1175]),
    ];

    #[test]
    fn published_rates_come_out_of_reference_margin_and_rounding() {
        for (from, [plus_eight, fr, be, de_consumer, de, gb]) in PUBLISHED {
            for law in [Law::SpanishCommercial, Law::ItalianCommercial, Law::PortugueseCommercial, Law::DutchCommercial] {
                assert_eq!(rate(law, from), Some(*plus_eight), "{law} {from}");
            }
            assert_eq!(rate(Law::FrenchCommercial, from), Some(*fr), "FR {from}");
            assert_eq!(rate(Law::BelgianCommercial, from), Some(*be), "BE {from}");
            assert_eq!(rate(Law::GermanConsumer, from), Some(*de_consumer), "DE consumer {from}");
            assert_eq!(rate(Law::GermanCommercial, from), Some(*de), "DE {from}");
            assert_eq!(rate(Law::BritishCommercial, from), Some(*gb), "UK {from}");
        }
    }

    #[test]
    fn margins_rose_in_2013_on_their_own_day_in_each_country() {
        let table = [
            (Law::SpanishCommercial, "2013-02-23", 775),
            (Law::SpanishCommercial, "2013-02-24", 875),
            (Law::FrenchCommercial, "2013-01-01", 1075),
            (Law::ItalianCommercial, "2013-01-01", 875),
            (Law::PortugueseCommercial, "2013-06-30", 775),
            (Law::PortugueseCommercial, "2013-07-01", 850),
            (Law::DutchCommercial, "2013-03-15", 775),
            (Law::DutchCommercial, "2013-03-16", 875),
        ];
        for (law, on, expected) in table {
            assert_eq!(rate(law, on), Some(expected), "{law} {on}");
        }
        let belgian = |arose_on, on| Rates::embedded().series(Law::BelgianCommercial, day(arose_on)).on(day(on)).unwrap().rate;
        assert_eq!(belgian("2013-03-15", "2013-04-01"), Some(BasisPoints(800)));
        assert_eq!(belgian("2013-03-16", "2013-04-01"), Some(BasisPoints(900)));
        assert_eq!(belgian("2013-03-15", "2026-08-01"), Some(BasisPoints(950)), "the old margin stays with an old contract");
    }

    #[test]
    fn an_old_german_debt_keeps_the_old_margin() {
        let rate_of =
            |arose_on| Rates::embedded().series(Law::GermanCommercial, day(arose_on)).on(day("2015-01-01")).unwrap().rate;
        assert_eq!(rate_of("2014-07-28"), Some(BasisPoints(717)));
        assert_eq!(rate_of("2014-07-29"), Some(BasisPoints(817)));
    }

    #[test]
    fn where_a_law_publishes_its_own_rates_the_days_between_them_have_none() {
        let table = [
            (Law::DutchConsumer, "2023-06-30", None),
            (Law::DutchConsumer, "2023-07-01", Some(600)),
            (Law::DutchConsumer, "2024-12-31", Some(700)),
            (Law::DutchConsumer, "2025-06-01", None),
            (Law::DutchConsumer, "2026-06-01", Some(400)),
            (Law::SpanishLegal, "2015-12-31", Some(350)),
            (Law::SpanishLegal, "2021-01-01", None),
            (Law::SpanishLegal, "2025-12-31", Some(325)),
            (Law::SpanishLegal, "2026-01-01", None),
            (Law::FrenchLegal, "2024-07-01", Some(492)),
            (Law::FrenchLegal, "2025-06-30", Some(371)),
            (Law::FrenchLegal, "2025-07-01", None),
            (Law::BelgianLegal, "2026-12-31", Some(450)),
        ];
        for (law, on, expected) in table {
            assert_eq!(rate(law, on), expected, "{law} {on}");
        }
        let series = Rates::embedded().series(Law::DutchConsumer, day("2024-01-01"));
        assert!(series.on(day("2026-03-01")).unwrap().doubt.is_some_and(|words| words.contains("2026")));
        assert_eq!(series.on(day("2024-03-01")).unwrap().doubt, None);
    }

    #[test]
    fn the_german_base_rate_trails_the_ecb_by_88_points_in_every_half_year() {
        for half in &Rates::embedded().half_years {
            assert_eq!(half.de_base_bp, half.ecb_bp - 88, "{}", half.from);
        }
    }

    #[test]
    fn the_table_reaches_from_2013_to_the_end_of_2026() {
        let rates = Rates::embedded();
        assert_eq!((rates.half_years.len(), rates.known_until()), (28, day("2026-12-31")));
        assert!(rates.read_on() < rates.known_until());
        for law in Law::ALL {
            let series = rates.series(*law, day("2020-01-01"));
            assert_eq!(series.known().map(|known| known.until), Some(day("2026-12-31")), "{law}");
            assert_eq!((series.on(day("2027-01-01")), series.on(day("2012-12-31"))), (None, None), "{law}");
        }
    }
}
