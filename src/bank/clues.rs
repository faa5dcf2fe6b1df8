//! What an entry says that could name a case or an invoice. Pure.

use std::collections::BTreeSet;

use super::statement::Entry;
use crate::types::CreditorReference;

/// Words that are joined to one: `RF18 5390 0754 7034` is printed in groups of four, `F 2026 0817` in three.
const REFERENCE_WORDS: usize = 7;
const NUMBER_WORDS: usize = 4;
/// A shorter text is no number of an invoice that anything could be built on.
const NUMBER_LENGTH: std::ops::RangeInclusive<usize> = 3..=24;
/// Of one entry: more than any payer writes, and a bound on what is looked up.
const NUMBERS_MAX: usize = 96;

/// The texts of an entry as they are looked up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clues {
    /// Creditor references whose check digits are right.
    pub references: BTreeSet<String>,
    /// What could be a number of an invoice: letters and digits, at least one digit.
    pub numbers: BTreeSet<String>,
}

impl Clues {
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let mut clues = Self::default();
        for text in [Some(entry.text.as_str()), entry.end_to_end_id.as_deref()].into_iter().flatten() {
            clues.look(text);
        }
        clues
    }

    fn look(&mut self, text: &str) {
        let words: Vec<String> = text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_uppercase).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        for start in 0..words.len() {
            let mut joined = String::new();
            for (count, word) in (1..).zip(words.iter().skip(start).take(REFERENCE_WORDS)) {
                joined.push_str(word);
                if joined.starts_with("RF")
                    && let Ok(reference) = joined.parse::<CreditorReference>()
                {
                    self.references.insert(reference.as_str().to_owned());
                }
                let could_be = NUMBER_LENGTH.contains(&joined.len()) && joined.bytes().any(|byte| byte.is_ascii_digit());
                if count <= NUMBER_WORDS && could_be && self.numbers.len() < NUMBERS_MAX {
                    self.numbers.insert(joined.clone());
                }
            }
        }
    }
}

/// A number as it is compared: `F-2026/0817` and `f 2026 0817` are one. The index of receivables is built over the same.
#[must_use]
pub fn number_key(number: &str) -> String {
    number.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;
    use crate::types::{Currency, Money};

    fn clues(text: &str) -> Clues {
        let on = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
        Clues::of(&Entry { text: text.to_owned(), ..Entry::new(String::new(), on, Money::new(1, Currency::EUR)) })
    }

    #[test]
    fn a_reference_is_found_however_it_is_written_and_only_if_its_check_digits_are_right() {
        for text in ["RF18539007547034", "SVWZ+rf18 5390 0754 7034 gracias", "Ref: RF18-5390-0754-7034."] {
            assert!(clues(text).references.contains("RF18539007547034"), "{text}");
        }
        assert!(!clues("RF19539007547034").references.contains("RF19539007547034"));
    }

    #[test]
    fn numbers_of_invoices_are_found_with_their_signs_left_out() {
        let found = clues("Facturas F-2026/0817 y F 2026 0818");
        for number in ["F20260817", "F20260818"] {
            assert!(found.numbers.contains(number), "{found:?}");
        }
        assert!(!found.numbers.contains("FACTURAS"));
        assert_eq!(number_key("f-2026/0817"), "F20260817");
    }

    proptest! {
        #[test]
        fn any_text_gives_a_bounded_number_of_clues(text in "\\PC{0,300}") {
            let found = clues(&text);
            prop_assert!(found.numbers.len() <= NUMBERS_MAX);
            prop_assert!(found.numbers.iter().all(|number| NUMBER_LENGTH.contains(&number.len())));
        }

        #[test]
        fn an_invoice_is_found_wherever_its_number_stands(number in "[A-Z]{1,3}-?[0-9]{4}/?[0-9]{2,5}", before in "[a-z ]{0,40}", after in "[a-z ]{0,40}") {
            let found = clues(&format!("{before} {number} {after}"));
            prop_assert!(found.numbers.contains(&number_key(&number)), "{number}: {found:?}");
        }
    }
}
