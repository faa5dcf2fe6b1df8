//! Money: whole minor units of one currency. No operators and no floats; every rounding names its mode.

use std::{fmt, str::FromStr};

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BasisPoints, spelled::spelled};

/// An ISO 4217 currency in which invoices are written: test codes, metals and funds are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    pub const EUR: Self = Self(iso_currency::Currency::EUR);
    pub const GBP: Self = Self(iso_currency::Currency::GBP);

    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the decimal point: 2 for EUR, 0 for JPY.
    #[must_use]
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(text)
            .filter(|currency| currency.exponent().is_some())
            .filter(|currency| !text.starts_with('X') || matches!(currency.code(), "XAF" | "XOF" | "XPF" | "XCD"))
            .map(Self)
            .ok_or_else(|| MoneyError::UnknownCurrency(text.chars().take(12).collect()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

spelled!(Currency by code, "ISO 4217 code", example "EUR", pattern "^[A-Z]{3}$");

/// What money refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("`{0}` is not the code of a currency in circulation (ISO 4217)")]
    UnknownCurrency(String),
    #[error("{0} and {1} cannot be added: different currencies")]
    CurrencyMismatch(Currency, Currency),
    #[error("the amount is larger than can be kept")]
    Overflow,
    #[error("`{0}` is not an amount: write digits, and at most {1} after the decimal point")]
    NotAnAmount(String, u32),
}

/// How a fraction of a minor unit becomes whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Halves away from zero: what people, courts and tax offices expect of a printed amount.
    HalfUp,
    /// Towards zero: a share never takes more than its due.
    Down,
}

/// An amount in minor units (cents) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Whole minor units: 1000.00 EUR is 100000.
    #[schema(example = 100_000)]
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// # Errors
    /// Other currency, or more than an `i64` holds.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.with_same(other, i64::checked_add)
    }

    /// # Errors
    /// Other currency, or more than an `i64` holds.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.with_same(other, i64::checked_sub)
    }

    fn with_same(self, other: Self, apply: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch(self.currency, other.currency));
        }
        apply(self.minor, other.minor).map(|minor| Self::new(minor, self.currency)).ok_or(MoneyError::Overflow)
    }

    /// # Errors
    /// As [`Money::checked_add`].
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// `rate` of this amount.
    ///
    /// # Errors
    /// More than an `i64` holds.
    pub fn share(self, rate: BasisPoints, rounding: Rounding) -> Result<Self, MoneyError> {
        divide(i128::from(self.minor) * i128::from(rate.0), i128::from(BasisPoints::WHOLE), rounding)
            .map(|minor| Self::new(minor, self.currency))
    }

    /// Splits into parts proportional to `weights`; the parts sum to the whole. What rounding leaves
    /// goes one unit at a time to the first parts with a weight. All weights zero: all to the first part.
    #[must_use]
    pub fn split(self, weights: &[u64]) -> Vec<Self> {
        let total: i128 = weights.iter().copied().map(i128::from).sum();
        let mut left = self.minor;
        let mut parts: Vec<i64> = weights
            .iter()
            .map(|weight| {
                let part = divide(i128::from(self.minor) * i128::from(*weight), total.max(1), Rounding::Down).unwrap_or(0);
                left -= part;
                part
            })
            .collect();
        // What is left is smaller than the number of weights, so one round hands it out.
        let step = left.signum();
        for (part, weight) in parts.iter_mut().zip(weights) {
            if total == 0 {
                *part = left;
                break;
            }
            if left != 0 && *weight > 0 {
                *part += step;
                left -= step;
            }
        }
        parts.into_iter().map(|minor| Self::new(minor, self.currency)).collect()
    }

    /// Reads an amount as people type it: `1.234,50 €`, `1,234.50`, `1 234,5`.
    ///
    /// # Errors
    /// As [`Self::parse_decimal`].
    pub fn parse_typed(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let typed: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{202f}' && *c != '€' && *c != '£').collect();
        let exponent = usize::try_from(currency.exponent()).unwrap_or(2);
        let mark = typed.rfind([',', '.']).filter(|at| (1..=exponent).contains(&(typed.len() - at - 1)));
        let (whole, fraction) = mark
            .map_or((typed.as_str(), ""), |at| (typed.get(..at).unwrap_or_default(), typed.get(at + 1..).unwrap_or_default()));
        let whole: String = whole.chars().filter(|c| *c != ',' && *c != '.').collect();
        let decimal = if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") };
        Self::parse_decimal(&decimal, currency)
    }

    /// Reads `1234`, `1234.5`, `-1234.56`: a dot, no thousands separators.
    ///
    /// # Errors
    /// Anything else, more decimals than the currency has, or too many digits.
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let not_an_amount = || MoneyError::NotAnAmount(text.chars().take(40).collect(), currency.exponent());
        let (negative, digits) = text.trim().strip_prefix('-').map_or((false, text.trim()), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let exponent = usize::try_from(currency.exponent()).map_err(|_| MoneyError::Overflow)?;
        let fraction = if fraction.len() > exponent { fraction.trim_end_matches('0') } else { fraction };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || fraction.len() > exponent {
            return Err(not_an_amount());
        }
        let minor: i64 = format!("{whole}{fraction:0<exponent$}").parse().map_err(|_| MoneyError::Overflow)?;
        Ok(Self::new(if negative { -minor } else { minor }, currency))
    }

    /// `1234.56`, as files and the API's decimal strings want it.
    #[must_use]
    pub fn decimal(self) -> String {
        let exponent = self.currency.exponent();
        let unit = 10_u64.pow(exponent);
        let sign = if self.minor < 0 { "-" } else { "" };
        let abs = self.minor.unsigned_abs();
        if exponent == 0 {
            return format!("{sign}{abs}");
        }
        let width = usize::try_from(exponent).unwrap_or(2);
        format!("{sign}{}.{:0width$}", abs / unit, abs % unit)
    }
}

/// `numerator / denominator` in whole units. `denominator` is positive.
///
/// # Errors
/// More than an `i64` holds.
pub fn divide(numerator: i128, denominator: i128, rounding: Rounding) -> Result<i64, MoneyError> {
    let quotient = match rounding {
        Rounding::Down => numerator / denominator,
        Rounding::HalfUp => (numerator.abs() * 2 + denominator) / (denominator * 2) * numerator.signum(),
    };
    i64::try_from(quotient).map_err(|_| MoneyError::Overflow)
}

/// `1234.56 EUR`: for logs and errors. Pages write money in the reader's habit.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    #[test]
    fn decimals_read_back_as_written() {
        for text in ["0.00", "0.01", "-0.01", "1234.56", "90071992547409.91"] {
            assert_eq!(Money::parse_decimal(text, Currency::EUR).map(Money::decimal), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in ["", ".", "1,5", "1.234.5", "1.005", "1e3", "+1", " - 1", "NaN", "99999999999999999999"] {
            assert!(Money::parse_decimal(text, Currency::EUR).is_err(), "{text}");
        }
        assert_eq!(Money::parse_decimal("1.500", Currency::EUR), Ok(eur(150)));
    }

    #[test]
    fn currencies_that_nobody_invoices_in_are_refused() {
        for code in ["XXX", "XAU", "XTS", "EUX", "eur", ""] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(eur(50).share(BasisPoints(100), Rounding::HalfUp), Ok(eur(1)));
        assert_eq!(eur(-50).share(BasisPoints(100), Rounding::HalfUp), Ok(eur(-1)));
        assert_eq!(eur(49).share(BasisPoints(100), Rounding::HalfUp), Ok(eur(0)));
    }

    proptest! {
        #[test]
        fn a_split_sums_to_its_total(minor in -1_000_000_000_i64..1_000_000_000, weights in prop::collection::vec(0_u64..10_000, 1..12)) {
            let parts = eur(minor).split(&weights);
            prop_assert_eq!(Money::sum(Currency::EUR, parts), Ok(eur(minor)));
        }
    }
}
