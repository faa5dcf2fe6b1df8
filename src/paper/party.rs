//! People and companies as printed: who, where, under which number and licence, to which account.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::qr::{QrError, Remittance, Transfer};
use crate::types::{Country, CreditorReference, Iban, Language, Money};

/// An organisation or debtor as it stands in a letter head or an address window.
#[derive(Debug, Clone)]
pub struct Party {
    pub name: String,
    pub company_number: Option<String>,
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
    pub country: Country,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// A licence or an insurance, as vetted.
#[derive(Debug, Clone)]
pub struct Credential {
    pub issuer: String,
    pub reference: String,
    pub valid_until: NaiveDate,
}

/// Where a debtor's money goes.
#[derive(Debug, Clone)]
pub struct PaymentDetails {
    /// Holder of the account, in full.
    pub holder: String,
    pub iban: Iban,
    pub reference: CreditorReference,
}

impl Party {
    /// `08001 Barcelona`; for the United Kingdom the postcode stands on a line of its own.
    #[must_use]
    pub fn address_lines(&self) -> Vec<String> {
        let (code, city) = (self.postal_code.as_deref().unwrap_or_default(), self.city.as_deref().unwrap_or_default());
        let places = if self.country == Country::UnitedKingdom {
            [city.to_owned(), code.to_owned()]
        } else {
            [format!("{code} {city}").trim().to_owned(), String::new()]
        };
        self.street.iter().cloned().chain(places).filter(|line| !line.is_empty()).collect()
    }

    /// In one line, for running text.
    #[must_use]
    pub fn address(&self) -> String {
        self.address_lines().join(", ")
    }

    /// How to reach them: `+34 930 00 00 00 · hola@example.com`.
    #[must_use]
    pub fn ways(&self) -> Option<String> {
        let ways: Vec<&str> = [self.phone.as_deref(), self.email.as_deref()].into_iter().flatten().collect();
        (!ways.is_empty()).then(|| ways.join(" · "))
    }

    /// The telephone number as a link dials it: digits and a leading plus.
    #[must_use]
    pub fn dialled(&self) -> String {
        self.phone.iter().flat_map(|phone| phone.chars()).filter(|sign| sign.is_ascii_digit() || *sign == '+').collect()
    }

    pub(super) fn inputs(&self) -> Value {
        json!({
            "name": self.name, "number": self.company_number, "lines": self.address_lines(), "address": self.address(),
            "country": self.country.as_str(), "email": self.email, "phone": self.phone,
        })
    }
}

impl Credential {
    pub(super) fn inputs(&self, language: Language) -> Value {
        json!({"issuer": self.issuer, "reference": self.reference, "valid_until": language.short_day(self.valid_until)})
    }
}

impl PaymentDetails {
    /// The transfer a banking application fills in.
    #[must_use]
    pub fn transfer(&self, amount: Money) -> Transfer<'_> {
        Transfer { bic: None, name: &self.holder, iban: &self.iban, amount, remittance: Remittance::Structured(&self.reference) }
    }

    /// Its QR code; none where the guidelines know none (another currency, nothing to pay).
    ///
    /// # Errors
    /// An account without a holder.
    pub fn qr(&self, amount: Money) -> Result<Option<String>, QrError> {
        match self.transfer(amount).svg() {
            Ok(svg) => Ok(Some(svg)),
            Err(QrError::NotEuro(_) | QrError::Amount) => Ok(None),
            Err(error @ (QrError::NoName | QrError::TextTooLong | QrError::TooLong)) => Err(error),
        }
    }

    pub(super) fn inputs(&self) -> Value {
        json!({"holder": self.holder, "iban": self.iban.to_string(), "reference": self.reference.to_string()})
    }
}
