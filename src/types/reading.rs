//! How a reader of a language writes money, days, instants and rates. Only for people: files and the API have their own forms.
//!
//! Groups of digits never break across lines: the spaces written here are no-break spaces.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{BasisPoints, Currency, Language, Money};

/// Between a number and its unit.
const NO_BREAK: char = '\u{a0}';
/// Between groups of digits in French, and before its percent sign.
const NARROW_NO_BREAK: char = '\u{202f}';
/// A true minus: a hyphen is too short to be seen before an amount.
const MINUS: char = '\u{2212}';

impl Language {
    /// `1.234,56 €` · `1 234,56 €` · `€1,234.56`
    #[must_use]
    pub fn money(self, money: Money) -> String {
        let number = self.amount(money);
        let (sign, digits) = number.strip_prefix(MINUS).map_or(("", number.as_str()), |rest| ("\u{2212}", rest));
        match (self, symbol(money.currency)) {
            (Self::English, Some(symbol)) => format!("{sign}{symbol}{digits}"),
            (Self::English, None) => format!("{sign}{}{NO_BREAK}{digits}", money.currency),
            (Self::Spanish | Self::French, Some(symbol)) => format!("{number}{NO_BREAK}{symbol}"),
            (Self::Spanish | Self::French, None) => format!("{number}{NO_BREAK}{}", money.currency),
        }
    }

    /// The amount without its currency, for a column whose head names it.
    #[must_use]
    pub fn amount(self, money: Money) -> String {
        let decimal = money.decimal();
        let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal.as_str()), |rest| ("\u{2212}", rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = self.grouped(whole);
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}{}{fraction}", self.decimal_mark()) }
    }

    /// `12 %` · `10,15 %` · `10.15%`: no more decimals than the rate has.
    #[must_use]
    pub fn percent(self, rate: BasisPoints) -> String {
        self.as_percent(rate.0.into(), 2)
    }

    /// As [`Self::percent`], of parts per million: `65,12 %` · `0,125 %`.
    #[must_use]
    pub fn percent_of_ppm(self, ppm: i64) -> String {
        self.as_percent(ppm, 4)
    }

    /// `value` is in units of which a percent has ten to the power of `decimals`.
    fn as_percent(self, value: i64, decimals: usize) -> String {
        let unit = u32::try_from(decimals).map_or(1, |exponent| 10_u64.saturating_pow(exponent));
        let (whole, rest) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
        let fraction = format!("{rest:0decimals$}");
        let fraction = fraction.trim_end_matches('0');
        let mark = if fraction.is_empty() { String::new() } else { self.decimal_mark().to_string() };
        let sign = if value < 0 { MINUS.to_string() } else { String::new() };
        let number = format!("{sign}{}{mark}{fraction}", self.grouped(&whole.to_string()));
        match self {
            Self::Spanish => format!("{number}{NO_BREAK}%"),
            Self::French => format!("{number}{NARROW_NO_BREAK}%"),
            Self::English => format!("{number}%"),
        }
    }

    /// `23 de noviembre de 2026` · `1er décembre 2026` · `23 November 2026`
    #[must_use]
    pub fn day(self, day: NaiveDate) -> String {
        let (number, month, year) = (day.day(), self.month(day), day.year());
        match self {
            Self::Spanish => format!("{number}{NO_BREAK}de {month} de {year}"),
            Self::French if number == 1 => format!("1er{NO_BREAK}{month} {year}"),
            Self::French | Self::English => format!("{number}{NO_BREAK}{month} {year}"),
        }
    }

    /// `23/11/2026` in all three: day first, as these readers write it.
    #[must_use]
    pub fn short_day(self, day: NaiveDate) -> String {
        match self {
            Self::Spanish | Self::French | Self::English => format!("{:02}/{:02}/{}", day.day(), day.month(), day.year()),
        }
    }

    /// `23/11/2026 14:05`, by the clock on the wall in `zone`.
    #[must_use]
    pub fn instant(self, at: DateTime<Utc>, zone: Tz) -> String {
        let there = at.with_timezone(&zone);
        format!("{}{NO_BREAK}{}", self.short_day(there.date_naive()), there.format("%H:%M"))
    }

    /// A count with its thousands grouped.
    #[must_use]
    pub fn count(self, count: u64) -> String {
        self.grouped(&count.to_string())
    }

    const fn decimal_mark(self) -> char {
        match self {
            Self::Spanish | Self::French => ',',
            Self::English => '.',
        }
    }

    fn grouped(self, digits: &str) -> String {
        let mark = match self {
            Self::Spanish => '.',
            Self::French => NARROW_NO_BREAK,
            Self::English => ',',
        };
        let mut out = String::with_capacity(digits.len() * 2);
        for (position, digit) in digits.chars().enumerate() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                out.push(mark);
            }
            out.push(digit);
        }
        out
    }

    fn month(self, day: NaiveDate) -> &'static str {
        let months: [&str; 12] = match self {
            Self::Spanish => [
                "enero",
                "febrero",
                "marzo",
                "abril",
                "mayo",
                "junio",
                "julio",
                "agosto",
                "septiembre",
                "octubre",
                "noviembre",
                "diciembre",
            ],
            Self::French => [
                "janvier",
                "février",
                "mars",
                "avril",
                "mai",
                "juin",
                "juillet",
                "août",
                "septembre",
                "octobre",
                "novembre",
                "décembre",
            ],
            Self::English => [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
        };
        usize::try_from(day.month0()).ok().and_then(|month| months.get(month).copied()).unwrap_or_default()
    }
}

/// Signs that mean one currency wherever they are read; a dollar sign does not.
fn symbol(currency: Currency) -> Option<&'static str> {
    match currency.code() {
        "EUR" => Some("€"),
        "GBP" => Some("£"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As read, with no-break spaces shown as plain ones.
    fn read(text: &str) -> String {
        text.replace([NO_BREAK, NARROW_NO_BREAK], " ").replace(MINUS, "-")
    }

    #[test]
    fn money_is_written_as_its_reader_writes_it() {
        let table = [
            (123_456, "EUR", ["1.234,56 €", "1 234,56 €", "€1,234.56"]),
            (-123_456, "EUR", ["-1.234,56 €", "-1 234,56 €", "-€1,234.56"]),
            (5, "EUR", ["0,05 €", "0,05 €", "€0.05"]),
            (100_000_000, "GBP", ["1.000.000,00 £", "1 000 000,00 £", "£1,000,000.00"]),
            (1_234_567, "JPY", ["1.234.567 JPY", "1 234 567 JPY", "JPY 1,234,567"]),
            (-1_234_567, "KWD", ["-1.234,567 KWD", "-1 234,567 KWD", "-KWD 1,234.567"]),
            (99_900, "USD", ["999,00 USD", "999,00 USD", "USD 999.00"]),
        ];
        for (minor, code, expected) in table {
            let money = Money::new(minor, code.parse().expect("a currency"));
            for (language, expected) in [Language::Spanish, Language::French, Language::English].into_iter().zip(expected) {
                assert_eq!(read(&language.money(money)), expected);
            }
        }
    }

    #[test]
    fn french_digits_are_grouped_by_a_narrow_space_that_does_not_break() {
        let text = Language::French.money(Money::new(123_456, Currency::EUR));
        assert_eq!(text, "1\u{202f}234,56\u{a0}€");
    }

    #[test]
    fn the_largest_and_smallest_amounts_are_written_whole() {
        assert_eq!(read(&Language::English.money(Money::new(i64::MIN, Currency::EUR))), "-€92,233,720,368,547,758.08");
        assert_eq!(read(&Language::English.amount(Money::new(i64::MAX, Currency::EUR))), "92,233,720,368,547,758.07");
    }

    #[test]
    fn rates_show_the_decimals_they_have() {
        let table = [
            (1200, ["12 %", "12 %", "12%"]),
            (1050, ["10,5 %", "10,5 %", "10.5%"]),
            (1015, ["10,15 %", "10,15 %", "10.15%"]),
            (-88, ["-0,88 %", "-0,88 %", "-0.88%"]),
            (0, ["0 %", "0 %", "0%"]),
        ];
        for (rate, expected) in table {
            for (language, expected) in [Language::Spanish, Language::French, Language::English].into_iter().zip(expected) {
                assert_eq!(read(&language.percent(BasisPoints(rate))), expected);
            }
        }
    }

    #[test]
    fn parts_per_million_keep_their_decimals() {
        for (ppm, expected) in [(651_200, "65.12%"), (1_250, "0.125%"), (-10_000, "-1%"), (1, "0.0001%"), (0, "0%")] {
            assert_eq!(read(&Language::English.percent_of_ppm(ppm)), expected);
        }
    }

    #[test]
    fn days_are_written_out_in_the_language() {
        let table = [
            ("2026-11-23", ["23 de noviembre de 2026", "23 novembre 2026", "23 November 2026"]),
            ("2026-12-01", ["1 de diciembre de 2026", "1er décembre 2026", "1 December 2026"]),
            ("2027-08-31", ["31 de agosto de 2027", "31 août 2027", "31 August 2027"]),
        ];
        for (day, expected) in table {
            let day: NaiveDate = day.parse().expect("a day");
            for (language, expected) in [Language::Spanish, Language::French, Language::English].into_iter().zip(expected) {
                assert_eq!(read(&language.day(day)), expected);
                assert_eq!(language.short_day(day), day.format("%d/%m/%Y").to_string());
            }
        }
    }

    #[test]
    fn an_instant_is_told_by_the_clock_of_its_place() {
        let at = "2026-11-23T23:30:00Z".parse().expect("an instant");
        assert_eq!(read(&Language::Spanish.instant(at, Tz::Europe__Madrid)), "24/11/2026 00:30");
    }
}
