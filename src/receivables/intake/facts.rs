//! What a reader gathers from a file, still as text; [`Facts::document`] turns it into values or says what is none.
//!
//! What may never happen here: more decimals than the currency has, rounded in silence (no standard that we read allows them
//! in a total, so they are refused), or an amount that takes its currency from another place than its own.

use chrono::NaiveDate;

use super::{
    columns::Column,
    document::{Instalment, InvoiceDocument, InvoiceKind, Party, Preceding, after_days},
    fault::{Fault, Refusal},
    rules, terms,
};
use crate::types::{Currency, Money, MoneyError};

/// Whose rules a document promises to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standard {
    /// UBL and CII.
    En16931,
    /// ZUGFeRD 1, Facturae, FatturaPA.
    #[default]
    Own,
}

/// An amount as written, with the currency that stands beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amount {
    pub text: String,
    pub currency: Option<String>,
}

impl Amount {
    pub fn new(text: &str, currency: Option<&str>) -> Self {
        Self { text: text.to_owned(), currency: currency.map(str::to_owned) }
    }
}

/// When a part of the payment is due, as written.
#[derive(Debug, Clone, Default)]
pub struct Part {
    pub due_on: Option<String>,
    pub amount: Option<Amount>,
    /// Days counted from `from`, or from the issue.
    pub days: Option<String>,
    pub from: Option<String>,
}

/// An invoice that the document refers to, as written.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    pub series: Option<String>,
    pub number: Option<String>,
    pub issued_on: Option<String>,
}

/// The texts of one document; of a thing that may stand once, the first.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub standard: Standard,
    pub kind: Option<InvoiceKind>,
    pub type_code: Option<String>,
    pub series: Option<String>,
    pub number: Option<String>,
    pub issued_on: Option<String>,
    pub due_on: Option<String>,
    pub terms: Option<String>,
    pub parts: Vec<Part>,
    pub currency: Option<String>,
    /// Added up: one for each rate where the document gives no sum.
    pub net: Vec<Amount>,
    /// Added up, but for those in the currency of the tax office.
    pub taxes: Vec<Amount>,
    pub total: Option<Amount>,
    pub prepaid: Option<Amount>,
    pub rounding: Option<Amount>,
    /// Added up: taxes withheld and split.
    pub withheld: Vec<Amount>,
    /// Added up: claims of others collected with the invoice (an extension of XRechnung).
    pub third_parties: Vec<Amount>,
    pub payable: Option<Amount>,
    /// The document states what is payable in parts only.
    pub payable_by_parts: bool,
    pub seller: Party,
    pub buyer: Party,
    pub payee: Option<String>,
    pub purchase_order: Option<String>,
    pub delivery_note: Option<String>,
    pub delivered_on: Option<String>,
    pub preceding: Vec<Reference>,
    pub lines: u32,
}

/// Keeps the first text of its kind.
pub fn keep(slot: &mut Option<String>, text: &str) {
    slot.get_or_insert_with(|| text.to_owned());
}

impl Facts {
    /// The document, each value of its type.
    ///
    /// # Errors
    /// A date that is none, an amount that is none, an unknown currency, or more than one currency. What is absent is no error.
    pub fn document(self) -> Result<InvoiceDocument, Refusal> {
        let currency = self.currency.as_deref().map(currency).transpose()?;
        let read = |amount: &Amount| money(amount, currency);
        let one = |amount: &Option<Amount>| amount.as_ref().and_then(|amount| read(amount).transpose()).transpose();
        let issued_on = self.issued_on.as_deref().map(|text| day(text, Column::IssuedOn)).transpose()?;
        let instalments = self.parts.iter().map(|part| instalment(part, issued_on, read)).collect::<Result<Vec<_>, _>>()?;
        let stated = self.due_on.as_deref().map(|text| day(text, Column::DueOn)).transpose()?;
        let due_on = stated.or_else(|| instalments.iter().find_map(|instalment| instalment.due_on));
        let total = one(&self.total)?;
        let by_parts = if self.payable_by_parts { all_parts(&instalments, total) } else { None };
        let payable = one(&self.payable)?.or(by_parts);
        let by_terms = || terms::due(self.terms.as_deref()?, issued_on?);
        let mut document = InvoiceDocument {
            kind: self.kind.unwrap_or(InvoiceKind::Invoice),
            due_by_terms: if due_on.is_some() { None } else { by_terms() },
            due_on,
            issued_on,
            net: sum(&self.net, currency)?,
            tax: sum(&self.own_taxes(), currency)?,
            total,
            prepaid: one(&self.prepaid)?,
            withheld: sum(&self.withheld, currency)?,
            payable,
            delivered_on: self.delivered_on.as_deref().and_then(|text| day(text, Column::IssuedOn).ok()),
            preceding: self.preceding.into_iter().filter_map(preceding).collect(),
            breaches: Vec::new(),
            currency,
            instalments,
            type_code: self.type_code,
            series: self.series,
            number: self.number,
            payment_terms: self.terms,
            seller: self.seller,
            buyer: self.buyer,
            payee: self.payee,
            purchase_order: self.purchase_order,
            delivery_note: self.delivery_note,
            lines: self.lines,
        };
        let (rounding, third_parties) = (one(&self.rounding)?, sum(&self.third_parties, currency)?);
        document.breaches = rules::breaches(&document, rounding, third_parties, self.standard);
        Ok(document)
    }

    fn own_taxes(&self) -> Vec<Amount> {
        let own = |amount: &&Amount| amount.currency.as_deref().is_none_or(|code| Some(code) == self.currency.as_deref());
        self.taxes.iter().filter(own).cloned().collect()
    }
}

/// The sum of the parts; but several that are each the whole are ways to pay it, not parts of it.
fn all_parts(parts: &[Instalment], total: Option<Money>) -> Option<Money> {
    let amounts = parts.iter().map(|part| part.amount).collect::<Option<Vec<Money>>>()?;
    let first = *amounts.first()?;
    if total == Some(first) && amounts.iter().all(|amount| *amount == first) {
        return total;
    }
    Money::sum(first.currency, amounts).ok()
}

fn preceding(reference: Reference) -> Option<Preceding> {
    let number = reference.number?;
    let issued_on = reference.issued_on.and_then(|text| day(&text, Column::IssuedOn).ok());
    Some(Preceding { number: reference.series.map_or(number.clone(), |series| format!("{series}/{number}")), issued_on })
}

fn instalment(
    part: &Part,
    issued_on: Option<NaiveDate>,
    read: impl Fn(&Amount) -> Result<Option<Money>, Refusal>,
) -> Result<Instalment, Refusal> {
    let due = |text: &str| day(text, Column::DueOn);
    let stated = part.due_on.as_deref().map(due).transpose()?;
    let from = part.from.as_deref().map(due).transpose()?.or(issued_on);
    let counted = || after_days(from?, part.days.as_deref()?.parse().ok()?);
    let amount = part.amount.as_ref().map_or(Ok(None), read)?;
    Ok(Instalment { due_on: stated.or_else(counted), amount })
}

fn currency(code: &str) -> Result<Currency, Refusal> {
    code.parse().map_err(|error: MoneyError| Fault::UnknownCurrency(error.to_string()).at(Column::Currency))
}

/// In the currency that stands beside it, which must be the document's where that names one. None where neither does.
fn money(amount: &Amount, document: Option<Currency>) -> Result<Option<Money>, Refusal> {
    let own = amount.currency.as_deref().map(currency).transpose()?;
    let currency = match (own, document) {
        (Some(own), Some(document)) if own != document => {
            let fault = Fault::CurrencyMismatch(own.code().to_owned(), document.code().to_owned());
            return Err(fault.at(Column::Currency));
        }
        (Some(currency), _) | (None, Some(currency)) => currency,
        (None, None) => return Ok(None),
    };
    let shown: String = amount.text.chars().take(40).collect();
    let fault = || Fault::NotAnAmount(shown, currency.code().to_owned()).at(Column::Amount);
    // XML Schema lets a decimal begin with a plus sign, and begin or end with its point.
    let plain = amount.text.strip_prefix('+').unwrap_or(&amount.text);
    Money::parse_decimal(plain, currency).map(Some).map_err(|_| fault())
}

fn sum(amounts: &[Amount], currency: Option<Currency>) -> Result<Option<Money>, Refusal> {
    let read = amounts.iter().map(|amount| money(amount, currency)).collect::<Result<Option<Vec<_>>, _>>()?.unwrap_or_default();
    let Some(first) = read.first() else { return Ok(None) };
    Money::sum(first.currency, read.iter().copied()).map(Some).map_err(|error| Fault::Sum(error).at(Column::Amount))
}

/// `2026-03-31` with or without a time or a zone, which no invoice means, or `20260331` as CII writes it.
fn day(text: &str, column: Column) -> Result<NaiveDate, Refusal> {
    let fault = || Fault::NotADate(text.chars().take(40).collect()).at(column);
    if text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return NaiveDate::parse_from_str(text.get(..8).unwrap_or_default(), "%Y%m%d").map_err(|_| fault());
    }
    let (date, rest) = text.split_at_checked(10).ok_or_else(fault)?;
    if !(rest.is_empty() || rest.starts_with(['T', 'Z', '+', '-'])) {
        return Err(fault());
    }
    date.parse().map_err(|_| fault())
}
