//! QR codes for bank transfers (EPC069-12: "BCD", version 002, SCT, UTF-8), as payload and as SVG.
//!
//! A phone that reads one fills in the transfer; a wrong byte sends money astray, so what does not fit is refused, never cut
//! (but for the name, which the bank does not match on beyond 70 characters).

use qrcode::{EcLevel, QrCode, Version, render::svg};

use super::texts::one_line;
use crate::types::{CreditorReference, Currency, Iban, Money};

/// What the guidelines allow at most: 331 bytes, QR version 13, error correction level M.
const PAYLOAD_BYTES_MAX: usize = 331;
const NAME_CHARACTERS_MAX: usize = 70;
const TEXT_CHARACTERS_MAX: usize = 140;
/// 0.01 to 999,999,999.99 EUR.
const AMOUNT_MINOR_MAX: i64 = 99_999_999_999;

/// A transfer to be filled in by a banking application.
#[derive(Debug, Clone)]
pub struct Transfer<'a> {
    /// Needed only outside the European Economic Area.
    pub bic: Option<&'a str>,
    pub name: &'a str,
    pub iban: &'a Iban,
    pub amount: Money,
    pub remittance: Remittance<'a>,
}

/// The guidelines take one or the other, never both.
#[derive(Debug, Clone)]
pub enum Remittance<'a> {
    Structured(&'a CreditorReference),
    Text(&'a str),
}

/// Why there is no QR code for a transfer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    #[error("transfers by QR code are in euro, not {0}")]
    NotEuro(Currency),
    #[error("the amount must be between 0.01 and 999,999,999.99 EUR")]
    Amount,
    #[error("the transfer needs the name of the account's holder")]
    NoName,
    #[error("the text is longer than 140 characters")]
    TextTooLong,
    #[error("the payload is longer than a payment code may be")]
    TooLong,
}

impl Transfer<'_> {
    /// # Errors
    /// Not in euro, an amount or text out of bounds, or no name.
    pub fn payload(&self) -> Result<String, QrError> {
        if self.amount.currency != Currency::EUR {
            return Err(QrError::NotEuro(self.amount.currency));
        }
        if !(1..=AMOUNT_MINOR_MAX).contains(&self.amount.minor) {
            return Err(QrError::Amount);
        }
        // A line break would start the next field.
        let name: String = one_line(self.name).chars().take(NAME_CHARACTERS_MAX).collect();
        if name.is_empty() {
            return Err(QrError::NoName);
        }
        let (structured, text) = match self.remittance {
            Remittance::Structured(reference) => (reference.as_str().to_owned(), String::new()),
            Remittance::Text(text) => (String::new(), one_line(text)),
        };
        if text.chars().count() > TEXT_CHARACTERS_MAX {
            return Err(QrError::TextTooLong);
        }
        let amount = format!("EUR{}", self.amount.decimal());
        let bic = self.bic.unwrap_or_default();
        let lines = ["BCD", "002", "1", "SCT", bic, name.trim_end(), self.iban.as_str(), &amount, "", &structured, &text];
        let payload = lines.join("\n").trim_end().to_owned();
        if payload.len() > PAYLOAD_BYTES_MAX { Err(QrError::TooLong) } else { Ok(payload) }
    }

    /// An `<svg>` element that scales: black on white with the four quiet modules around, whatever the page's theme.
    ///
    /// # Errors
    /// As [`Transfer::payload`].
    pub fn svg(&self) -> Result<String, QrError> {
        let payload = self.payload()?;
        let code = QrCode::with_error_correction_level(payload.as_bytes(), EcLevel::M).map_err(|_| QrError::TooLong)?;
        if let Version::Normal(version) = code.version()
            && version > 13
        {
            return Err(QrError::TooLong);
        }
        Ok(drawn(&code))
    }
}

/// A code that opens an address, drawn as [`Transfer::svg`] is.
///
/// # Errors
/// The address is longer than a code can hold.
pub fn address_svg(address: &str) -> Result<String, QrError> {
    QrCode::with_error_correction_level(address.as_bytes(), EcLevel::M).map(|code| drawn(&code)).map_err(|_| QrError::TooLong)
}

/// One `<svg>` element: without the XML prologue it can stand in a page.
fn drawn(code: &QrCode) -> String {
    let document = code.render::<svg::Color>().module_dimensions(1, 1).quiet_zone(true).build();
    document.find("<svg").and_then(|start| document.get(start..)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iban() -> Iban {
        "ES91 2100 0418 4502 0005 1332".parse().expect("an IBAN")
    }

    fn transfer<'a>(iban: &'a Iban, name: &'a str, remittance: Remittance<'a>) -> Transfer<'a> {
        Transfer { bic: None, name, iban, amount: Money::new(109_585, Currency::EUR), remittance }
    }

    #[test]
    fn a_creditor_reference_stands_in_the_structured_field() {
        let (iban, reference) = (iban(), "RF18539007547034".parse().expect("a reference"));
        let payload = transfer(&iban, "Cobros Claros SL", Remittance::Structured(&reference)).payload();
        let expected = "BCD\n002\n1\nSCT\n\nCobros Claros SL\nES9121000418450200051332\nEUR1095.85\n\nRF18539007547034";
        assert_eq!(payload, Ok(expected.to_owned()));
    }

    #[test]
    fn a_text_stands_in_the_field_after_it_and_a_bic_in_its_own() {
        let iban = iban();
        let mut transfer = transfer(&iban, "Étienne & Fils", Remittance::Text("Facture F-17"));
        transfer.bic = Some("CAIXESBBXXX");
        let expected = "BCD\n002\n1\nSCT\nCAIXESBBXXX\nÉtienne & Fils\nES9121000418450200051332\nEUR1095.85\n\n\nFacture F-17";
        assert_eq!(transfer.payload(), Ok(expected.to_owned()));
    }

    #[test]
    fn a_line_break_in_a_name_cannot_reach_the_next_field() {
        let iban = iban();
        let payload = transfer(&iban, "Bad\nES0000\r\nEUR9", Remittance::Text("x\ny")).payload().expect("a payload");
        assert_eq!(payload.lines().count(), 11);
        assert_eq!(payload.lines().nth(5), Some("Bad ES0000 EUR9"));
    }

    #[test]
    fn what_banks_do_not_take_is_refused() {
        let iban = iban();
        let with = |amount: Money, name: &str, text: &str| {
            Transfer { amount, ..transfer(&iban, name, Remittance::Text(text)) }.payload()
        };
        assert_eq!(with(Money::new(100, Currency::GBP), "A", ""), Err(QrError::NotEuro(Currency::GBP)));
        assert_eq!(with(Money::new(0, Currency::EUR), "A", ""), Err(QrError::Amount));
        assert_eq!(with(Money::new(AMOUNT_MINOR_MAX + 1, Currency::EUR), "A", ""), Err(QrError::Amount));
        assert_eq!(with(Money::new(1, Currency::EUR), " \n", ""), Err(QrError::NoName));
        assert_eq!(with(Money::new(1, Currency::EUR), "A", &"x".repeat(141)), Err(QrError::TextTooLong));
        assert_eq!(with(Money::new(1, Currency::EUR), "A", &"€".repeat(140)), Err(QrError::TooLong));
        let long_name = with(Money::new(1, Currency::EUR), &"ñ".repeat(80), "").expect("a payload");
        assert_eq!(long_name.lines().nth(5).map(|name| name.chars().count()), Some(70));
    }

    #[test]
    fn the_drawing_is_one_svg_element_without_prologue() {
        let iban = iban();
        let svg = transfer(&iban, "A", Remittance::Text("B")).svg().expect("a drawing");
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>"));
        assert!(!svg.contains("style") && !svg.contains("script"));
    }
}
