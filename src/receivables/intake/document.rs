//! An invoice or credit note as its file states it, whatever the syntax: the one shape behind every reader.
//!
//! What may never happen here: an amount in one currency read as another, or a credit note taken for a debt.

use chrono::{Days, NaiveDate};

use super::{
    columns::Column,
    fault::{Fault, Refusal},
    particulars::InstalmentDraft,
    row::{DebtorDraft, Draft},
    rules, values,
};
use crate::{
    receivables::DebtorKind,
    types::{CompanyNumber, Currency, Money, text_enum},
};

text_enum! {
    /// What a document does to what is owed.
    pub enum InvoiceKind {
        Invoice => "invoice",
        /// Takes the place of an earlier invoice, or adds to it.
        Correction => "correction",
        /// Lowers what an earlier invoice claims.
        CreditNote => "credit_note",
        /// Announces an invoice and claims nothing.
        ProForma => "pro_forma",
        /// Issued to the tax office by whoever owes the tax: nobody else owes anything on it.
        SelfInvoice => "self_invoice",
    }
}

/// What one document in a file says. Nothing is completed or guessed here: what is absent in the file is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceDocument {
    pub kind: InvoiceKind,
    /// As the file has it: UNTDID 1001 in UBL and CII, `FC/OO` (document type and class) in Facturae, `TD01` in FatturaPA.
    pub type_code: Option<String>,
    /// Facturae numbers within a series.
    pub series: Option<String>,
    pub number: Option<String>,
    pub issued_on: Option<NaiveDate>,
    /// The first due date that the file states.
    pub due_on: Option<NaiveDate>,
    /// The day that the payment terms lead to, where no due date is stated.
    pub due_by_terms: Option<NaiveDate>,
    /// The terms in words.
    pub payment_terms: Option<String>,
    /// Parts of the payable amount that fall due one after the other, as stated; one or none when it is due at once.
    pub instalments: Vec<Instalment>,
    pub currency: Option<Currency>,
    /// Without tax (BT-109).
    pub net: Option<Money>,
    /// Value added tax (BT-110).
    pub tax: Option<Money>,
    /// With tax (BT-112).
    pub total: Option<Money>,
    /// Paid before the document was issued (BT-113).
    pub prepaid: Option<Money>,
    /// Income tax that the buyer withholds, or tax that it pays to the treasury itself (split payment).
    pub withheld: Option<Money>,
    /// What remains to be paid (BT-115). Negative where the file says so.
    pub payable: Option<Money>,
    pub seller: Party,
    pub buyer: Party,
    /// Who is to be paid where it is not the seller: a factor, an assignee.
    pub payee: Option<String>,
    pub purchase_order: Option<String>,
    pub delivery_note: Option<String>,
    pub delivered_on: Option<NaiveDate>,
    /// The invoices that a credit note or a correction is about.
    pub preceding: Vec<Preceding>,
    pub lines: u32,
    /// Rules of the document's own standard that its totals break.
    pub breaches: Vec<rules::Breach>,
}

/// A part of what is payable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instalment {
    pub due_on: Option<NaiveDate>,
    pub amount: Option<Money>,
}

/// An earlier invoice that a document refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preceding {
    pub number: String,
    pub issued_on: Option<NaiveDate>,
}

/// A seller or a buyer, in the words of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// As registered.
    pub name: Option<String>,
    pub trading_name: Option<String>,
    /// With its country's prefix where the file has one.
    pub vat_number: Option<String>,
    /// In the trade register, or with the tax office.
    pub register_number: Option<String>,
    /// What the file says by its form; none when it says nothing.
    pub kind: Option<DebtorKind>,
    /// ISO 3166, two letters or three.
    pub country: Option<String>,
    pub street: Option<String>,
    pub more_street: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Where electronic invoices go: scheme and identifier (`0088:7300010000001`, `EM:…`, an Italian recipient code).
    pub electronic_address: Option<String>,
}

impl Party {
    /// The registered name, else the one it trades under.
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        self.name.as_deref().or(self.trading_name.as_deref())
    }

    /// The VAT number; else the register number where it is one that we know (SIREN, SIRET, NIF).
    #[must_use]
    pub fn tax_number(&self) -> Option<String> {
        let known = |text: &&String| text.parse::<CompanyNumber>().is_ok();
        self.vat_number.clone().or_else(|| self.register_number.as_ref().filter(known).cloned())
    }

    fn debtor(&self) -> Result<DebtorDraft, Refusal> {
        let country = self.country.as_deref().map(values::country).transpose().map_err(|fault| fault.at(Column::Country))?;
        Ok(DebtorDraft {
            legal_name: self.display_name().ok_or_else(|| Fault::Missing.at(Column::DebtorName))?.to_owned(),
            tax_number: self.tax_number(),
            kind: self.kind.or(self.register_number.is_some().then_some(DebtorKind::Business)),
            sector: None,
            country,
            language: None,
            email: self.email.clone(),
            phone: self.phone.clone(),
            street: match (&self.street, &self.more_street) {
                (Some(street), Some(more)) => Some(format!("{street}, {more}")),
                (street, more) => street.as_ref().or(more.as_ref()).cloned(),
            },
            postal_code: self.postal_code.clone(),
            city: self.city.clone(),
        })
    }
}

impl InvoiceDocument {
    /// The number by which people call it: with its series where it has one.
    #[must_use]
    pub fn full_number(&self) -> Option<String> {
        let number = self.number.as_ref()?;
        Some(self.series.as_ref().map_or_else(|| number.clone(), |series| format!("{series}/{number}")))
    }

    /// What is owed on it: as stated, else the total less what was paid and withheld.
    #[must_use]
    pub fn owed(&self) -> Option<Money> {
        self.payable.or_else(|| {
            let total = self.total.or_else(|| self.net?.checked_add(self.tax?).ok())?;
            [self.prepaid, self.withheld].into_iter().flatten().try_fold(total, |rest, part| rest.checked_sub(part).ok())
        })
    }

    /// The day after which it is overdue as a whole: the last instalment's, else the stated day, else the one its terms lead to.
    #[must_use]
    pub fn due(&self) -> Option<NaiveDate> {
        let last = self.instalments.iter().filter_map(|instalment| instalment.due_on).max();
        last.max(self.due_on).or(self.due_by_terms)
    }

    /// By how much a credit note, or a correction below zero, lowers what is owed.
    #[must_use]
    pub fn credited(&self) -> Option<Money> {
        let amount = self.total.or(self.payable)?;
        let lowers = self.kind == InvoiceKind::CreditNote || amount.minor < 0;
        lowers.then(|| amount.minor.checked_abs().map(|minor| Money::new(minor, amount.currency))).flatten()
    }

    /// The receivable that this document makes, not yet checked against what an invoice can be.
    ///
    /// # Errors
    /// It claims nothing (a credit note, a pro-forma invoice, a self-invoice), something is missing, or its totals do not add up.
    pub fn draft(&self) -> Result<Draft, Refusal> {
        let code = || self.type_code.clone().unwrap_or_else(|| self.kind.as_str().to_owned());
        match self.kind {
            InvoiceKind::Invoice | InvoiceKind::Correction => {}
            InvoiceKind::CreditNote => return Err(Refusal::of_row(&Fault::CreditNote(code()))),
            InvoiceKind::ProForma => return Err(Refusal::of_row(&Fault::ProForma(code()))),
            InvoiceKind::SelfInvoice => return Err(Refusal::of_row(&Fault::SelfInvoice(code()))),
        }
        if self.currency.is_none() {
            return Err(Fault::Missing.at(Column::Currency));
        }
        if let Some(breach) = self.breaches.first() {
            return Err(Fault::Breach(breach.clone()).at(Column::Amount));
        }
        Ok(Draft {
            number: self.full_number().ok_or_else(|| Fault::Missing.at(Column::Number))?,
            issuer: self.seller.tax_number().filter(|text| text.parse::<CompanyNumber>().is_ok()),
            issued_on: self.issued_on.ok_or_else(|| Fault::Missing.at(Column::IssuedOn))?,
            due_on: self.due(),
            principal: self.owed().ok_or_else(|| Fault::Missing.at(Column::Amount))?,
            vat: self.tax.filter(|tax| Some(tax.currency) == self.currency && tax.minor >= 0),
            purchase_order: self.purchase_order.clone(),
            delivery_note: self.delivery_note.clone(),
            delivered_on: self.delivered_on,
            instalments: self.parts(),
            payments: Vec::new(),
            reminders: Vec::new(),
            debtor: self.buyer.debtor()?,
        })
    }

    /// Its instalments, where they are several, dated, and sum to what is owed; else it is due as a whole.
    fn parts(&self) -> Vec<InstalmentDraft> {
        let dated = |part: &Instalment| Some(InstalmentDraft { due_on: part.due_on?, amount: part.amount? });
        let parts: Option<Vec<InstalmentDraft>> = self.instalments.iter().map(dated).collect();
        let sums = |parts: &[InstalmentDraft]| {
            let sum = parts.iter().fold(0, |sum, part| i64::saturating_add(sum, part.amount.minor));
            parts.len() > 1 && self.owed().is_some_and(|owed| owed.minor == sum)
        };
        parts.filter(|parts| sums(parts)).unwrap_or_default()
    }
}

/// Payment terms in days lead from the issue to the due day.
#[must_use]
pub fn after_days(from: NaiveDate, days: u64) -> Option<NaiveDate> {
    from.checked_add_days(Days::new(days))
}
