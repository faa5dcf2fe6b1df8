//! IBANs, checked for country, length and check digits (ISO 13616) by `iban_validate`.

use std::{fmt, str::FromStr};

use ::iban::IbanLike;
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types::Text,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
        for (position, character) in self.0.chars().enumerate() {
            if position > 0 && position % 4 == 0 {
                f.write_str(" ")?;
            }
            write!(f, "{character}")?;
        }
        Ok(())
    }
}

impl Serialize for Iban {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Iban {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl ToSql<Text, Pg> for Iban {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <str as ToSql<Text, Pg>>::to_sql(&self.0, out)
    }
}

impl FromSql<Text, Pg> for Iban {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(<String as FromSql<Text, Pg>>::from_sql(value)?.parse()?)
    }
}

impl utoipa::PartialSchema for Iban {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("IBAN (ISO 13616); spaces are ignored, check digits are verified"))
            .examples(["ES9121000418450200051332"])
            .into()
    }
}

impl utoipa::ToSchema for Iban {}

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
