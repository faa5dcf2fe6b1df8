//! The table as written down: its shape, its checks, and how the next half-year is added to it.
//!
//! What may never happen here: a table with a hole, a row without its source, a new row that breaks what is known already.

use std::{fmt::Write, path::PathBuf, str::FromStr};

use chrono::{Datelike, Months, NaiveDate};
use serde::Deserialize;

use super::{Law, Rates};
use crate::types::BasisPoints;

/// Rates of central banks that we believe: beyond, somebody mistyped.
const BELIEVED_BP: std::ops::RangeInclusive<i32> = -200..=2_500;

/// The Bundesbank moves its base rate by what the ECB moves the main refinancing rate (BGB § 247), so they stay this far apart.
const GERMAN_BASE_BELOW_ECB_BP: i32 = 88;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub half_years: Vec<HalfYear>,
    pub laws: Vec<LawRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HalfYear {
    pub from: NaiveDate,
    pub ecb_bp: i32,
    pub boe_bp: i32,
    pub de_base_bp: i32,
    pub read_on: NaiveDate,
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LawRow {
    pub law: Law,
    pub reference: Option<Reference>,
    pub decided_by: Option<DecidedBy>,
    #[serde(default)]
    pub margins: Vec<Margin>,
    #[serde(default)]
    pub rates: Vec<OwnRate>,
    pub round_up_to_bp: Option<i32>,
    #[serde(default)]
    pub doubts: Vec<Doubt>,
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Margin {
    pub from: NaiveDate,
    pub bp: i32,
}

/// A rate that the law publishes itself. `until` is included.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnRate {
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub bp: i32,
}

/// What somebody should check about the rates of these days.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doubt {
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    pub words: Kept,
}

/// Words that lines of claims point to. A process reads its table once, so what is kept here does not grow.
#[derive(Debug, Clone, Copy)]
pub struct Kept(pub &'static str);

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(from)?.leak()))
    }
}

/// What a law adds its margin to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Reference {
    #[serde(rename = "ecb")]
    MainRefinancing,
    #[serde(rename = "boe")]
    OfficialDealing,
    #[serde(rename = "de_base")]
    GermanBase,
}

/// Which day's margin applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    Day,
    Contract,
}

/// Why a table of rates is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RatesError {
    #[error("cannot read the rates in {}: {}", .0.display(), .1)]
    Unreadable(PathBuf, String),
    #[error("this is not a table of rates: {0}")]
    NotATable(String),
    #[error("{0}")]
    Wrong(String),
    #[error("the rates end on {known}, those inside the program on {embedded}: take a newer file, or none")]
    Outdated { known: NaiveDate, embedded: NaiveDate },
    #[error("another table of rates is in use already")]
    InUse,
}

fn wrong<T>(words: String) -> Result<T, RatesError> {
    Err(RatesError::Wrong(words))
}

impl FromStr for Rates {
    type Err = RatesError;

    fn from_str(text: &str) -> Result<Self, RatesError> {
        let source = config::File::from_str(text, config::FileFormat::Toml);
        let table: Table = config::Config::builder()
            .add_source(source)
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| RatesError::NotATable(error.to_string()))?;
        table.check()?;
        Ok(table.into())
    }
}

impl Table {
    fn check(&self) -> Result<(), RatesError> {
        let Some(first) = self.half_years.first() else { return wrong("the table has no half-year".to_owned()) };
        if first.from.day() != 1 || !matches!(first.from.month(), 1 | 7) {
            return wrong(format!("a half-year begins on 1 January or 1 July, not on {}", first.from));
        }
        for half in &self.half_years {
            half.check()?;
        }
        for (one, next) in self.half_years.iter().zip(self.half_years.iter().skip(1)) {
            if following(one.from) != Some(next.from) {
                return wrong(format!("after the half-year of {} comes that of {}", one.from, next.from));
            }
        }
        for law in Law::ALL {
            match self.laws.iter().filter(|row| row.law == *law).count() {
                1 => {}
                0 => return wrong(format!("the table does not know the law {law}")),
                _ => return wrong(format!("the law {law} stands there twice")),
            }
        }
        self.laws.iter().try_for_each(|row| row.check(first.from))
    }
}

fn following(half_year: NaiveDate) -> Option<NaiveDate> {
    half_year.checked_add_months(Months::new(6))
}

impl HalfYear {
    fn check(&self) -> Result<(), RatesError> {
        for (name, bp) in [("ecb_bp", self.ecb_bp), ("boe_bp", self.boe_bp), ("de_base_bp", self.de_base_bp)] {
            if !BELIEVED_BP.contains(&bp) {
                return wrong(format!("{name} of {} is {}: hardly a rate of a central bank", self.from, BasisPoints(bp)));
            }
        }
        if self.source.trim().is_empty() { wrong(format!("the half-year of {} has no source", self.from)) } else { Ok(()) }
    }

    pub const fn reference(&self, reference: Reference) -> BasisPoints {
        BasisPoints(match reference {
            Reference::MainRefinancing => self.ecb_bp,
            Reference::OfficialDealing => self.boe_bp,
            Reference::GermanBase => self.de_base_bp,
        })
    }
}

impl LawRow {
    fn check(&self, first_day: NaiveDate) -> Result<(), RatesError> {
        let law = self.law;
        match (self.reference, self.decided_by, self.margins.first(), self.rates.first()) {
            (Some(_), Some(_), Some(margin), None) if margin.from <= first_day => {}
            (None, None, None, Some(_)) => {}
            _ => {
                return wrong(format!(
                    "{law} has either a reference, a day that decides and margins from {first_day} on, or rates"
                ));
            }
        }
        let margins_in_order = self.margins.iter().zip(self.margins.iter().skip(1)).all(|(one, next)| one.from < next.from);
        let rates_in_order = self.rates.iter().zip(self.rates.iter().skip(1)).all(|(one, next)| one.until < next.from);
        let whole = self.rates.iter().all(|own| own.from <= own.until && own.from >= first_day);
        if !(margins_in_order && rates_in_order && whole) {
            return wrong(format!("margins and rates of {law} follow each other in time, without overlap"));
        }
        if self.round_up_to_bp.is_some_and(|step| step < 1) {
            return wrong(format!("{law} is rounded up to a whole number of basis points, at least one"));
        }
        if self.source.trim().is_empty() { wrong(format!("{law} has no source")) } else { Ok(()) }
    }

    pub fn margin(&self, day: NaiveDate) -> Option<BasisPoints> {
        self.margins.iter().rfind(|margin| margin.from <= day).map(|margin| BasisPoints(margin.bp))
    }

    pub fn rounded(&self, rate: BasisPoints) -> BasisPoints {
        let Some(step) = self.round_up_to_bp else { return rate };
        BasisPoints(rate.0 + (step - rate.0.rem_euclid(step)).rem_euclid(step))
    }

    pub fn doubt(&self, day: NaiveDate) -> Option<&'static str> {
        let about = |doubt: &&Doubt| doubt.from <= day && doubt.until.is_none_or(|until| day <= until);
        self.doubts.iter().find(about).map(|doubt| doubt.words.0)
    }
}

/// The next half-year, as somebody read it.
#[derive(Debug, Clone)]
pub struct NewHalfYear {
    pub from: NaiveDate,
    pub ecb: BasisPoints,
    pub boe: BasisPoints,
    /// Follows from the ECB's rate unless given; then the two have to agree.
    pub de_base: Option<BasisPoints>,
    pub read_on: NaiveDate,
    pub source: String,
}

/// `text` with the next half-year as its last row, everything else as it was.
///
/// # Errors
/// `text` is no table; the row is not the next one, disagrees with itself, has no source, or was read before it could be known.
pub fn appended(text: &str, new: &NewHalfYear) -> Result<String, RatesError> {
    let rates: Rates = text.parse()?;
    let next = rates.known_until().succ_opt();
    if next != Some(new.from) {
        let next = next.map_or_else(String::new, |next| format!(": the next one begins on {next}"));
        return wrong(format!("the half-year of {} does not follow the table{next}", new.from));
    }
    if new.source.contains(['"', '\\']) || new.source.chars().any(char::is_control) {
        return wrong("a source is one line without quotation marks".to_owned());
    }
    // Rates are set at the earliest days before the half-year, on the last meeting before it.
    if new.read_on + Months::new(2) < new.from {
        return wrong(format!("what was read on {} cannot be the rate from {} on", new.read_on, new.from));
    }
    let derived = BasisPoints(new.ecb.0 - GERMAN_BASE_BELOW_ECB_BP);
    if let Some(given) = new.de_base.filter(|given| *given != derived) {
        let words = format!(
            "the German base rate {given} is not 0.88 points below the ECB's {}, as it has been in every half-year",
            new.ecb
        );
        return wrong(format!("{words}: check both"));
    }
    let mut grown = text.trim_end().to_owned();
    let row = write!(
        grown,
        "\n\n[[half_years]]\nfrom = \"{}\"\necb_bp = {}\nboe_bp = {}\nde_base_bp = {}\nread_on = \"{}\"\nsource = \"{}\"\n",
        new.from,
        new.ecb.0,
        new.boe.0,
        derived.0,
        new.read_on,
        new.source.trim()
    );
    row.map_err(|error| RatesError::Wrong(error.to_string()))?;
    let read_back: Rates = grown.parse()?;
    if read_back.known_until() <= rates.known_until() {
        return wrong("the new row did not become the last one: half-years stand at the end of the file".to_owned());
    }
    Ok(grown)
}

#[cfg(test)]
mod tests {
    use super::{super::EMBEDDED_TEXT, *};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn next() -> NewHalfYear {
        NewHalfYear {
            from: day("2027-01-01"),
            ecb: BasisPoints(225),
            boe: BasisPoints(350),
            de_base: None,
            read_on: day("2027-01-02"),
            source: "https://www.banque-france.fr/en/policy-rates".to_owned(),
        }
    }

    #[test]
    fn the_next_half_year_is_known_once_it_was_added() {
        let grown = appended(EMBEDDED_TEXT, &next()).unwrap();
        assert!(grown.starts_with(EMBEDDED_TEXT.trim_end()), "the rest stays as it was");
        let rates: Rates = grown.parse().unwrap();
        assert_eq!((rates.known_until(), rates.read_on()), (day("2027-06-30"), day("2027-01-02")));
        let rate = |law| rates.series(law, day("2026-01-01")).on(day("2027-03-01")).unwrap().rate.unwrap().0;
        assert_eq!(rate(Law::SpanishCommercial), 1025);
        assert_eq!(rate(Law::BelgianCommercial), 1050);
        assert_eq!(rate(Law::GermanConsumer), 637);
        assert_eq!(rate(Law::BritishCommercial), 1150);
        let after = NewHalfYear { from: day("2027-07-01"), read_on: day("2027-07-01"), ..next() };
        assert!(appended(&grown, &after).is_ok());
    }

    #[test]
    fn a_row_that_does_not_follow_or_agree_is_refused() {
        let refused = |new: NewHalfYear| appended(EMBEDDED_TEXT, &new).unwrap_err().to_string();
        assert!(refused(NewHalfYear { from: day("2027-07-01"), ..next() }).contains("the next one begins on 2027-01-01"));
        assert!(refused(NewHalfYear { from: day("2026-07-01"), ..next() }).contains("does not follow"));
        assert!(refused(NewHalfYear { de_base: Some(BasisPoints(152)), ..next() }).contains("0.88 points below"));
        assert!(refused(NewHalfYear { ecb: BasisPoints(22_500), ..next() }).contains("hardly a rate"));
        assert!(refused(NewHalfYear { source: "  ".to_owned(), ..next() }).contains("no source"));
        assert!(refused(NewHalfYear { source: "a\"\nb".to_owned(), ..next() }).contains("quotation"));
        assert!(refused(NewHalfYear { read_on: day("2026-10-01"), ..next() }).contains("cannot be the rate"));
        assert!(appended(EMBEDDED_TEXT, &NewHalfYear { de_base: Some(BasisPoints(137)), ..next() }).is_ok());
    }

    #[test]
    fn a_table_with_a_hole_or_a_stranger_is_refused() {
        let refused = |from: &str, to: &str| {
            let text = EMBEDDED_TEXT.replace(from, to);
            assert_ne!(text, EMBEDDED_TEXT, "{from}");
            text.parse::<Rates>().unwrap_err().to_string()
        };
        assert!(refused("from = \"2019-07-01\"", "from = \"2019-08-01\"").contains("2019-08-01"));
        assert!(refused("law = \"es_commercial\"", "law = \"xx_commercial\"").contains("xx_commercial"));
        assert!(refused("law = \"it_commercial\"", "law = \"es_commercial\"").contains("es_commercial stands there twice"));
        assert!(refused("until = \"2024-12-31\", bp = 700", "until = \"2026-12-31\", bp = 700").contains("nl_consumer"));
        assert!(refused("reference = \"boe\"", "").contains("gb_commercial"));
        assert!(refused("boe_bp = 525", "boe_rate = 525").contains("not a table"));
        assert!("".parse::<Rates>().unwrap_err().to_string().contains("not a table"));
    }

    #[test]
    fn belgian_rates_go_up_to_the_half_point_and_stay_on_it() {
        let row = LawRow {
            law: Law::BelgianCommercial,
            reference: None,
            decided_by: None,
            margins: Vec::new(),
            rates: Vec::new(),
            round_up_to_bp: Some(50),
            doubts: Vec::new(),
            source: String::new(),
        };
        for (exact, expected) in [(1015, 1050), (1050, 1050), (1051, 1100), (800, 800), (805, 850), (-13, 0), (-50, -50)] {
            assert_eq!(row.rounded(BasisPoints(exact)), BasisPoints(expected));
        }
    }
}
