//! Payment terms in words, where they say one thing only: `30 days net`, `zahlbar bis 04.07.2018`.
//!
//! What may never happen here: a day for a discount taken for the due day, or one of two days picked.

use chrono::NaiveDate;

use super::{dates, document::after_days};
use crate::types::fold::fold;

const DISCOUNTS: &[&str] = &["%", "skonto", "escompte", "descuento", "sconto", "discount", "korting", "desconto", "rabatt"];
const DAYS: &[&str] =
    &["day", "days", "tag", "tage", "tagen", "dia", "dias", "jour", "jours", "giorno", "giorni", "dag", "dagen"];
/// Days that are not counted from the issue, or not on the calendar.
const OTHERWISE: &[&str] =
    &["month", "monat", "mois", "mes", "mese", "maand", "werktag", "arbeitstag", "working", "business", "habiles", "ouvr"];
const LONGEST_DAYS: u64 = 365;

/// The day that the terms lead to. None where they name no day, a discount only, or more than one day.
pub fn due(terms: &str, issued_on: NaiveDate) -> Option<NaiveDate> {
    let clauses: Vec<String> = terms
        .split([',', ';', '\n'])
        .map(str::to_lowercase)
        .filter(|clause| !DISCOUNTS.iter().any(|word| clause.contains(word)))
        .collect();
    let words = || clauses.iter().flat_map(|clause| clause.split_whitespace());
    let dated: Vec<NaiveDate> =
        words().filter_map(|word| dates::parse(word.trim_end_matches(['.', ')']), dates::Order::DayFirst)).collect();
    if !dated.is_empty() {
        return only(dated).filter(|day| *day >= issued_on);
    }
    let folded: Vec<String> = words().map(fold).collect();
    if folded.iter().any(|word| OTHERWISE.iter().any(|sign| word.starts_with(sign))) {
        return None;
    }
    let counted = folded.windows(2).filter_map(|pair| match pair {
        [count, unit] if DAYS.contains(&unit.as_str()) => count.parse().ok().filter(|days| *days <= LONGEST_DAYS),
        _ => None,
    });
    only(counted.collect()).and_then(|days| after_days(issued_on, days))
}

/// The one value, however often it is said.
fn only<T: PartialEq + Copy>(found: Vec<T>) -> Option<T> {
    let first = *found.first()?;
    found.iter().all(|value| *value == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_that_say_one_day_are_understood_and_no_others() {
        let issued = NaiveDate::from_ymd_opt(2026, 6, 4).unwrap();
        let table = [
            ("Payment within 30 days", "2026-07-04"),
            ("30 jours net", "2026-07-04"),
            ("A 30 días", "2026-07-04"),
            ("Zahlbar innerhalb 14 Tagen nach Erhalt der Rechnung.", "2026-06-18"),
            ("Zahlbar innerhalb 30 Tagen netto bis 04.07.2026, 3% Skonto innerhalb 10 Tagen bis 14.06.2026", "2026-07-04"),
            ("10 Tage 3% Skonto, 30 Tage netto", "2026-07-04"),
            ("Pagamento entro il 15/07/2026", "2026-07-15"),
            ("betaling binnen 8 dagen", "2026-06-12"),
        ];
        for (text, day) in table {
            assert_eq!(due(text, issued).map(|day| day.to_string()).as_deref(), Some(day), "{text}");
        }
        let silent = [
            "",
            "Zahlbar sofort ohne Abzug.",
            "#SKONTO#TAGE=7#PROZENT=2.00#",
            "2 % discount if paid within 2 days",
            "14 days or 30 days",
            "bis 01.07.2026 oder 15.07.2026",
            "Zahlbar bis 01.05.2026",
            "30 days end of month",
            "45 jours fin de mois",
            "999999999999999999999 days",
            "9999 days",
        ];
        for text in silent {
            assert_eq!(due(text, issued), None, "{text}");
        }
    }
}
