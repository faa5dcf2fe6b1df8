//! ISO 11649 creditor references (`RF…`): what a debtor writes on a transfer so that the money finds its case.
//!
//! `RF`, two check digits (mod 97, as in an IBAN), then up to 21 letters and digits.

use std::{fmt, str::FromStr};

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};

use super::spelled::{in_groups_of_four, spelled};

/// A reference whose check digits are right, without spaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct CreditorReference(String);

/// Why a text is not a creditor reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreditorReferenceError {
    #[error("a creditor reference holds 1 to 21 letters and digits after `RF` and its two check digits; `{0}` does not")]
    Shape(String),
    #[error("the check digits of `{0}` are wrong: look for a mistyped character")]
    CheckDigits(String),
}

const BODY_LENGTH_MAX: usize = 21;

impl CreditorReference {
    /// Puts `RF` and check digits before `body`.
    ///
    /// # Errors
    /// [`CreditorReferenceError::Shape`] unless `body` is 1 to 21 ASCII letters and digits.
    pub fn from_body(body: &str) -> Result<Self, CreditorReferenceError> {
        let body = body.to_ascii_uppercase();
        if body.is_empty() || body.len() > BODY_LENGTH_MAX || !body.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(CreditorReferenceError::Shape(body.chars().take(40).collect()));
        }
        let check = 98 - remainder(&format!("{body}RF00"));
        Ok(Self(format!("RF{check:02}{body}")))
    }

    /// Without spaces, as payment files want it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text read as one number modulo 97, letters counting from A = 10 (ISO 7064).
fn remainder(text: &str) -> u32 {
    text.chars().filter_map(|character| character.to_digit(36)).fold(0, |rest, value| {
        let shift = if value < 10 { 10 } else { 100 };
        (rest * shift + value) % 97
    })
}

/// Spaces and case are forgiven, as people copy references from paper.
impl FromStr for CreditorReference {
    type Err = CreditorReferenceError;
    fn from_str(text: &str) -> Result<Self, CreditorReferenceError> {
        let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
        let shape = || CreditorReferenceError::Shape(text.chars().take(40).collect());
        let body = squeezed.strip_prefix("RF").and_then(|rest| rest.split_at_checked(2)).ok_or_else(shape)?.1;
        let made = Self::from_body(body).map_err(|_| shape())?;
        if made.0 == squeezed { Ok(made) } else { Err(CreditorReferenceError::CheckDigits(squeezed)) }
    }
}

/// In groups of four, as printed.
impl fmt::Display for CreditorReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        in_groups_of_four(&self.0, f)
    }
}

spelled!(CreditorReference by as_str, "ISO 11649 creditor reference: what a debtor writes on a transfer", example "RF18539007547034", pattern "^RF[0-9]{2}[A-Z0-9]{1,21}$");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn published_references_verify() {
        for text in ["RF18539007547034", "rf18 5390 0754 7034", "RF712348231", "RF45G72UUR", "RF6518K5"] {
            assert!(text.parse::<CreditorReference>().is_ok(), "{text}");
        }
        assert_eq!(
            CreditorReference::from_body("539007547034").map(|made| made.to_string()),
            Ok("RF18 5390 0754 7034".to_owned())
        );
    }

    #[test]
    fn a_mistyped_reference_is_told_from_what_is_none() {
        let parse = |text: &str| text.parse::<CreditorReference>();
        assert!(matches!(parse("RF18539007547043"), Err(CreditorReferenceError::CheckDigits(_))));
        for text in ["", "RF", "RF18", "XX18539007547034", "RF18-539", "RF00é", "RF180123456789012345678901"] {
            assert!(matches!(parse(text), Err(CreditorReferenceError::Shape(_))), "{text}");
        }
        assert!(CreditorReference::from_body("").is_err());
        assert!(CreditorReference::from_body("A-1").is_err());
    }

    proptest! {
        #[test]
        fn what_is_made_is_read_back(body in "[A-Z0-9]{1,21}") {
            let made = CreditorReference::from_body(&body).expect("a reference");
            prop_assert_eq!(made.to_string().parse::<CreditorReference>(), Ok(made));
        }

        #[test]
        fn one_changed_digit_is_noticed(body in "[0-9]{4,21}", position in 0_usize..4, shift in 1_u8..10) {
            let made = CreditorReference::from_body(&body).expect("a reference");
            let mut bytes = made.as_str().as_bytes().to_vec();
            bytes[4 + position] = b'0' + (bytes[4 + position] - b'0' + shift) % 10;
            let changed = String::from_utf8(bytes).expect("ASCII");
            prop_assert!(changed.parse::<CreditorReference>().is_err());
        }
    }
}
