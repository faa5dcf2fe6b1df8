//! IBANs, checked for country, length and check digits (ISO 13616) by `iban_validate`.

use std::{fmt, str::FromStr};

use ::iban::IbanLike;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};

use super::spelled::{in_groups_of_four, spelled};

/// A valid IBAN, kept without spaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Iban(String);

/// Why a text is not an IBAN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not a valid IBAN: {0}")]
pub struct IbanError(String);

impl Iban {
    /// Without spaces, as payment files want it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `ES91 2100 …1332`: enough to recognise, not enough to use.
    #[must_use]
    pub fn masked(&self) -> String {
        let head: String = self.0.chars().take(4).collect();
        let tail: String = self.0.chars().skip(self.0.len().saturating_sub(4)).collect();
        format!("{head} … {tail}")
    }
}

impl FromStr for Iban {
    type Err = IbanError;
    fn from_str(text: &str) -> Result<Self, IbanError> {
        let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        squeezed
            .parse::<::iban::Iban>()
            .map(|iban| Self(iban.electronic_str().to_owned()))
            .map_err(|error| IbanError(error.to_string()))
    }
}

/// In groups of four, as printed.
impl fmt::Display for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        in_groups_of_four(&self.0, f)
    }
}

spelled!(Iban by as_str, "IBAN (ISO 13616); spaces are ignored, check digits are verified", example "ES9121000418450200051332");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_ignored_and_check_digits_are_not() {
        assert!("es91 2100 0418 4502 0005 1332".parse::<Iban>().is_ok());
        assert!("ES9121000418450200051333".parse::<Iban>().is_err());
        assert!("".parse::<Iban>().is_err());
    }
}
