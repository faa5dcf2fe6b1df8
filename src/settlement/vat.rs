//! VAT on a service between businesses: whose, how much, on what ground. Rates are dated data (`config/vat.toml`).
//!
//! Pure. What may never happen here: a rate without its ground, or one guessed for a day before the table begins.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::types::{BasisPoints, Country, text_enum};

/// B2B services are taxed where the customer is (art. 44); the customer accounts for the tax itself.
const REVERSE_CHARGE: &str = "reverse charge, art. 196 Directive 2006/112/EC";
/// A customer outside the Union: its own law decides.
const OUTSIDE_THE_UNION: &str = "not subject to VAT of the Union, art. 44 Directive 2006/112/EC";

text_enum! {
    /// Who accounts for the tax.
    pub enum Treatment {
        /// The supplier, at the rate of the day.
        Domestic => "domestic",
        /// The customer, in another member state: both VAT numbers stand on the invoice.
        ReverseCharge => "reverse_charge",
        /// Nobody in the Union.
        OutsideTheUnion => "outside_the_union",
    }
}

/// Who accounts for the tax on a service between two businesses.
#[must_use]
pub fn treatment(supplier: Country, customer: Country) -> Treatment {
    if supplier == customer {
        return Treatment::Domestic;
    }
    match customer {
        Country::UnitedKingdom => Treatment::OutsideTheUnion,
        Country::Spain
        | Country::France
        | Country::Germany
        | Country::Italy
        | Country::Portugal
        | Country::Belgium
        | Country::Netherlands => Treatment::ReverseCharge,
    }
}

/// The VAT that a supplier charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vat {
    pub rate: BasisPoints,
    /// Printed on the invoice.
    pub ground: &'static str,
}

/// The table does not reach back to that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no standard rate of VAT is known for {country} on {on}")]
pub struct UnknownRate {
    pub country: Country,
    pub on: NaiveDate,
}

/// VAT on a service that a business in `supplier` renders on `on` to a business in `customer`.
///
/// # Errors
/// Domestic, and before the first rate of the table.
pub fn due(supplier: Country, customer: Country, on: NaiveDate) -> Result<Vat, UnknownRate> {
    match treatment(supplier, customer) {
        Treatment::ReverseCharge => return Ok(Vat { rate: BasisPoints(0), ground: REVERSE_CHARGE }),
        Treatment::OutsideTheUnion => return Ok(Vat { rate: BasisPoints(0), ground: OUTSIDE_THE_UNION }),
        Treatment::Domestic => {}
    }
    let governing = TABLE.iter().filter(|row| row.country == supplier && row.from <= on).max_by_key(|row| row.from);
    governing.map(|row| Vat { rate: row.bp, ground: &row.ground }).ok_or(UnknownRate { country: supplier, on })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "for who reads the file")]
    retrieved_on: NaiveDate,
    rates: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    country: Country,
    from: NaiveDate,
    bp: BasisPoints,
    ground: String,
}

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(read_embedded);

#[expect(clippy::expect_used, reason = "the text is part of the program; a test reads it")]
fn read_embedded() -> Vec<Row> {
    let source = config::File::from_str(include_str!("../../config/vat.toml"), config::FileFormat::Toml);
    let parsed = config::Config::builder().add_source(source).build().and_then(config::Config::try_deserialize::<Table>);
    parsed.expect("config/vat.toml reads as a table of rates").rates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(supplier: Country, customer: Country, on: &str) -> Option<i32> {
        due(supplier, customer, on.parse().unwrap()).ok().map(|vat| vat.rate.0)
    }

    #[test]
    fn every_country_has_a_rate_and_a_ground_today() {
        for country in Country::ALL {
            let vat = due(*country, *country, "2026-11-23".parse().unwrap()).unwrap();
            assert!(vat.rate.0 >= 1500 && !vat.ground.is_empty(), "{country}");
        }
    }

    #[test]
    fn at_home_the_rate_of_the_day_applies() {
        assert_eq!(rate(Country::Spain, Country::Spain, "2026-11-23"), Some(2100));
        assert_eq!(rate(Country::France, Country::France, "2026-11-23"), Some(2000));
        assert_eq!(rate(Country::Germany, Country::Germany, "2020-06-30"), Some(1900));
        assert_eq!(rate(Country::Germany, Country::Germany, "2020-07-01"), Some(1600));
        assert_eq!(rate(Country::Germany, Country::Germany, "2020-12-31"), Some(1600));
        assert_eq!(rate(Country::Germany, Country::Germany, "2021-01-01"), Some(1900));
        assert_eq!(rate(Country::Spain, Country::Spain, "2012-08-31"), None);
    }

    #[test]
    fn across_borders_the_customer_accounts_for_it() {
        let vat = due(Country::France, Country::Spain, "2026-11-23".parse().unwrap()).unwrap();
        assert_eq!((vat.rate.0, vat.ground), (0, "reverse charge, art. 196 Directive 2006/112/EC"));
        let inward = due(Country::UnitedKingdom, Country::Spain, "2026-11-23".parse().unwrap()).unwrap();
        assert_eq!(inward.ground, REVERSE_CHARGE);
        let outward = due(Country::Spain, Country::UnitedKingdom, "2026-11-23".parse().unwrap()).unwrap();
        assert_eq!((outward.rate.0, outward.ground), (0, OUTSIDE_THE_UNION));
    }
}
