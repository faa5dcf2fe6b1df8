//! An organisation as it is on record, and what it says of itself when it signs up. Rules of both, no database.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    contact::{Email, Line, Phone},
    error::PartiesError,
    roles::OrgKind,
};
use crate::paper::Party;
use crate::types::{CompanyNumber, Country, Iban, Language, OrgId, text_enum};

/// A creditor, an agency or the operator.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
pub struct Organisation {
    #[diesel(sql_type = SqlUuid)]
    pub id: OrgId,
    #[diesel(sql_type = Text)]
    pub kind: OrgKind,
    #[diesel(sql_type = Text)]
    pub legal_name: String,
    #[diesel(sql_type = Text)]
    pub country: Country,
    #[diesel(sql_type = Nullable<Text>)]
    pub company_number: Option<CompanyNumber>,
    /// A creditor's: where payouts go. An agency's: its client account.
    #[diesel(sql_type = Nullable<Text>)]
    pub iban: Option<Iban>,
    #[diesel(sql_type = Text)]
    pub language: Language,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub phone: Option<String>,
    #[diesel(embed)]
    pub address: Address,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub suspended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// Who an organisation is, where no more is needed.
#[derive(Debug, Clone, QueryableByName)]
pub struct Named {
    #[diesel(sql_type = SqlUuid)]
    pub id: OrgId,
    #[diesel(sql_type = Text)]
    pub legal_name: String,
    #[diesel(sql_type = Text)]
    pub country: Country,
}

/// Where mail reaches it; the country is the organisation's.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
pub struct Address {
    #[diesel(sql_type = Text)]
    pub street: String,
    #[diesel(sql_type = Text)]
    pub postal_code: String,
    #[diesel(sql_type = Text)]
    pub city: String,
}

text_enum! {
    /// Who may sign up by itself. The operator is made by the CLI.
    pub enum SignUpKind {
        Creditor => "creditor",
        Agency => "agency",
    }
}

impl From<SignUpKind> for OrgKind {
    fn from(kind: SignUpKind) -> Self {
        match kind {
            SignUpKind::Creditor => Self::Creditor,
            SignUpKind::Agency => Self::Agency,
        }
    }
}

/// A company as it describes itself.
#[derive(Debug, Clone)]
pub struct Company {
    /// As typed; read with `country`'s help.
    pub company_number: String,
    pub legal_name: Line,
    pub country: Option<Country>,
    pub iban: Iban,
    pub address: CompanyAddress,
    pub email: Email,
    pub phone: Option<Phone>,
    pub language: Option<Language>,
}

/// Where mail reaches a company; the country is that of its number.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompanyAddress {
    #[schema(example = "Calle de Alcalá 42")]
    pub street: Line,
    #[schema(example = "28014")]
    pub postal_code: Line,
    #[schema(example = "Madrid")]
    pub city: Line,
}

impl Organisation {
    /// The organisation that `company` becomes.
    ///
    /// # Errors
    /// The company number is none, or is of another country than said.
    pub(super) fn of(company: &Company, kind: OrgKind, at: DateTime<Utc>) -> Result<Self, PartiesError> {
        let number = read_number(&company.company_number, company.country)?;
        let country = number.country();
        Ok(Self {
            id: OrgId::fresh(),
            kind,
            legal_name: company.legal_name.to_string(),
            country,
            company_number: Some(number),
            iban: Some(company.iban.clone()),
            language: company.language.unwrap_or_else(|| country.language()),
            email: company.email.to_string(),
            phone: company.phone.as_ref().map(ToString::to_string),
            address: Address {
                street: company.address.street.to_string(),
                postal_code: company.address.postal_code.to_string(),
                city: company.address.city.to_string(),
            },
            suspended_at: None,
            created_at: at,
        })
    }

    /// Under which the enterprise is known, whichever of its numbers it gave.
    pub(super) fn enterprise_key(&self) -> Option<String> {
        self.company_number.as_ref().map(CompanyNumber::enterprise_key)
    }
}

/// Nine digits may be a SIREN or a Portuguese or German number: the country said decides.
fn read_number(text: &str, country: Option<Country>) -> Result<CompanyNumber, PartiesError> {
    let bare = text.parse::<CompanyNumber>();
    let Some(country) = country else { return Ok(bare?) };
    if let Ok(number) = &bare
        && number.country() == country
    {
        return Ok(number.clone());
    }
    match (format!("{country}{text}").parse::<CompanyNumber>(), bare) {
        (Ok(prefixed), _) => Ok(prefixed),
        (Err(_), Ok(number)) => Err(PartiesError::OtherCountry { number: number.country(), said: country }),
        (Err(_), Err(error)) => Err(error.into()),
    }
}

impl Organisation {
    /// As paper, mails and pages name it.
    #[must_use]
    pub fn printed(&self) -> Party {
        Party {
            name: self.legal_name.clone(),
            company_number: self.company_number.as_ref().map(ToString::to_string),
            street: Some(self.address.street.clone()),
            postal_code: Some(self.address.postal_code.clone()),
            city: Some(self.address.city.clone()),
            country: self.country,
            email: Some(self.email.clone()),
            phone: self.phone.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::company_number::CompanyNumberError;

    #[test]
    fn the_country_comes_from_the_number() {
        assert_eq!(read_number("732829320", None).unwrap().country(), Country::France);
        assert_eq!(read_number("A46353538", Some(Country::Spain)).unwrap().country(), Country::Spain);
    }

    #[test]
    fn with_its_country_said_a_vat_number_needs_no_prefix() {
        assert_eq!(read_number("136695976", Some(Country::Germany)).unwrap().as_str(), "DE136695976");
        assert_eq!(read_number("501964843", Some(Country::Portugal)).unwrap().as_str(), "PT501964843");
    }

    #[test]
    fn a_number_of_another_country_than_said_is_refused() {
        let refusal = read_number("A46353538", Some(Country::France)).unwrap_err();
        assert!(matches!(refusal, PartiesError::OtherCountry { number: Country::Spain, said: Country::France }));
    }

    #[test]
    fn a_wrong_check_digit_is_still_named_as_such() {
        for country in [None, Some(Country::Spain)] {
            let refusal = read_number("A46353537", country).unwrap_err();
            assert!(matches!(refusal, PartiesError::CompanyNumber(CompanyNumberError::CheckDigit(_))), "{country:?}");
        }
    }
}
