//! UBL 2.1 invoices (EN 16931, Peppol BIS 3, XRechnung).
//!
//! What may never happen here: an amount in one currency read as another, or a credit note taken for a debt.

use chrono::NaiveDate;

use super::{
    columns::Column,
    encoding::decode_xml,
    fault::{Fault, FileRefusal, Refusal},
    row::{DebtorDraft, Draft},
    values,
    xml::{Leaf, walk},
};
use crate::{
    receivables::DebtorKind,
    types::{CompanyNumber, Currency, Money, MoneyError},
};

const INVOICE: &str = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";
const CREDIT_NOTE: &str = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2";

/// Reads one invoice. The outer refusal is of the file, the inner one of the invoice in it.
///
/// # Errors
/// No UBL, or XML that is broken or hostile.
pub fn read(bytes: &[u8]) -> Result<Result<Draft, Refusal>, FileRefusal> {
    let decoded = decode_xml(bytes)?;
    let (mut found, mut credit_note) = (Found::default(), false);
    let on_root = |namespace: &str, name: &str| match (namespace, name) {
        (INVOICE, "Invoice") => Ok(()),
        (CREDIT_NOTE, "CreditNote") => {
            credit_note = true;
            Ok(())
        }
        (_, name) => Err(FileRefusal::NotUbl(name.chars().take(60).collect())),
    };
    walk(&decoded.text, on_root, |leaf| found.take(leaf))?;
    if credit_note {
        return Ok(Err(Refusal::of_row(&Fault::CreditNote(found.type_code.unwrap_or_else(|| "CreditNote".to_owned())))));
    }
    Ok(found.draft())
}

/// The texts that matter, as they stand in the file; the first of its kind wins.
#[derive(Debug, Default)]
struct Found {
    type_code: Option<String>,
    number: Option<String>,
    issued_on: Option<String>,
    due_on: Option<String>,
    currency: Option<String>,
    payable: Option<(String, Option<String>)>,
    order: Option<String>,
    seller: Party,
    buyer: Party,
}

#[derive(Debug, Default)]
struct Party {
    registered_name: Option<String>,
    trading_name: Option<String>,
    tax_scheme_number: Option<String>,
    vat_number: Option<String>,
    register_number: Option<String>,
    country: Option<String>,
    street: Option<String>,
    more_street: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

fn keep(slot: &mut Option<String>, text: &str) {
    slot.get_or_insert_with(|| text.to_owned());
}

impl Found {
    fn take(&mut self, leaf: &Leaf<'_>) {
        let Some((_root, path)) = leaf.path.split_once('/') else { return };
        if let Some(inner) = path.strip_prefix("AccountingSupplierParty/Party/") {
            return self.seller.take(inner, leaf.text);
        }
        if let Some(inner) = path.strip_prefix("AccountingCustomerParty/Party/") {
            return self.buyer.take(inner, leaf.text);
        }
        match path {
            "InvoiceTypeCode" | "CreditNoteTypeCode" => keep(&mut self.type_code, leaf.text),
            "ID" => keep(&mut self.number, leaf.text),
            "IssueDate" => keep(&mut self.issued_on, leaf.text),
            "DueDate" | "PaymentMeans/PaymentDueDate" => keep(&mut self.due_on, leaf.text),
            "DocumentCurrencyCode" => keep(&mut self.currency, leaf.text),
            "OrderReference/ID" => keep(&mut self.order, leaf.text),
            "LegalMonetaryTotal/PayableAmount" => {
                self.payable.get_or_insert_with(|| (leaf.text.to_owned(), leaf.currency.map(str::to_owned)));
            }
            _ => {}
        }
    }

    fn draft(self) -> Result<Draft, Refusal> {
        if let Some(code) = &self.type_code {
            refuse_by_type(code).map_err(|fault| Refusal::of_row(&fault))?;
        }
        let issued_on = self.issued_on.ok_or_else(|| Fault::Missing.at(Column::IssuedOn))?;
        Ok(Draft {
            number: self.number.ok_or_else(|| Fault::Missing.at(Column::Number))?,
            issuer: self.seller.tax_number().filter(|text| text.parse::<CompanyNumber>().is_ok()),
            issued_on: day(&issued_on, Column::IssuedOn)?,
            due_on: self.due_on.map(|text| day(&text, Column::DueOn)).transpose()?,
            principal: principal(self.currency.as_deref(), self.payable)?,
            purchase_order: self.order,
            debtor: self.buyer.debtor()?,
        })
    }
}

impl Party {
    fn take(&mut self, path: &str, text: &str) {
        match path {
            "PartyLegalEntity/RegistrationName" => keep(&mut self.registered_name, text),
            "PartyName/Name" => keep(&mut self.trading_name, text),
            "PartyTaxScheme/CompanyID" => self.tax_scheme_number = Some(text.to_owned()),
            // The scheme follows its number; only VAT schemes name the enterprise (`FC` is a tax-office number).
            "PartyTaxScheme/TaxScheme/ID" => {
                let number = self.tax_scheme_number.take();
                if text.eq_ignore_ascii_case("VAT") {
                    self.vat_number = self.vat_number.take().or(number);
                }
            }
            "PartyLegalEntity/CompanyID" => keep(&mut self.register_number, text),
            "PostalAddress/StreetName" => keep(&mut self.street, text),
            "PostalAddress/AdditionalStreetName" => keep(&mut self.more_street, text),
            "PostalAddress/PostalZone" => keep(&mut self.postal_code, text),
            "PostalAddress/CityName" => keep(&mut self.city, text),
            "PostalAddress/Country/IdentificationCode" => keep(&mut self.country, text),
            "Contact/ElectronicMail" => keep(&mut self.email, text),
            "Contact/Telephone" => keep(&mut self.phone, text),
            _ => {}
        }
    }

    fn debtor(self) -> Result<DebtorDraft, Refusal> {
        Ok(DebtorDraft {
            tax_number: self.tax_number(),
            kind: self.register_number.is_some().then_some(DebtorKind::Business),
            legal_name: self.registered_name.or(self.trading_name).ok_or_else(|| Fault::Missing.at(Column::DebtorName))?,
            country: self.country.as_deref().map(values::country).transpose().map_err(|fault| fault.at(Column::Country))?,
            sector: None,
            language: None,
            email: self.email,
            phone: self.phone,
            street: match (self.street, self.more_street) {
                (Some(street), Some(more)) => Some(format!("{street}, {more}")),
                (street, more) => street.or(more),
            },
            postal_code: self.postal_code,
            city: self.city,
        })
    }

    /// The VAT number; else the register number where it is one that we know (SIREN, SIRET, NIF).
    fn tax_number(&self) -> Option<String> {
        let known = |text: &&String| text.parse::<CompanyNumber>().is_ok();
        self.vat_number.clone().or_else(|| self.register_number.as_ref().filter(known).cloned())
    }
}

/// UNTDID 1001: credit notes and pro-forma invoices that come under an invoice root.
fn refuse_by_type(code: &str) -> Result<(), Fault> {
    match code {
        "81" | "83" | "261" | "262" | "296" | "308" | "381" | "396" | "420" | "458" | "532" => {
            Err(Fault::CreditNote(code.to_owned()))
        }
        "325" => Err(Fault::ProForma(code.to_owned())),
        _ => Ok(()),
    }
}

/// XSD dates may carry a zone, which no invoice means.
fn day(text: &str, column: Column) -> Result<NaiveDate, Refusal> {
    text.get(..10).and_then(|day| day.parse().ok()).ok_or_else(|| Fault::NotADate(text.chars().take(40).collect()).at(column))
}

fn principal(document_currency: Option<&str>, payable: Option<(String, Option<String>)>) -> Result<Money, Refusal> {
    let code = document_currency.ok_or_else(|| Fault::Missing.at(Column::Currency))?;
    let (text, stated) = payable.ok_or_else(|| Fault::Missing.at(Column::Amount))?;
    if let Some(other) = stated.filter(|stated| stated != code) {
        return Err(Fault::CurrencyMismatch(other, code.chars().take(12).collect()).at(Column::Currency));
    }
    let currency: Currency =
        code.parse().map_err(|error: MoneyError| Fault::UnknownCurrency(error.to_string()).at(Column::Currency))?;
    let shown: String = text.chars().take(40).collect();
    Money::parse_decimal(&text, currency).map_err(|_| Fault::NotAnAmount(shown, currency.code().to_owned()).at(Column::Amount))
}
