//! A claim for invoices that are not here: anybody can check the arithmetic of the law before they post, or after they are asked.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    DebtorKind,
    claim::{Claim, ClaimLine, ClaimRefusal, ClaimTerms, Invoice, Part, Remark, claim},
    grounds::Ground,
};
use crate::types::{BasisPoints, Country, Money, ReceivableId};

const MOST_INVOICES: usize = 1_000;
const MOST_PAYMENTS: usize = 100;

/// What is to be reckoned.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Calculation {
    /// Where the creditor has its seat.
    pub country: Country,
    pub debtor_kind: DebtorKind,
    #[serde(default = "yes")]
    pub with_interest: bool,
    /// The last day that bears interest.
    pub on: NaiveDate,
    #[schema(min_items = 1, max_items = 1000)]
    pub invoices: Vec<CalculatedInvoice>,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalculatedInvoice {
    pub number: String,
    /// When the debt arose; the due day unless given.
    pub issued_on: Option<NaiveDate>,
    pub due_on: NaiveDate,
    pub principal: Money,
    /// What was paid on the principal.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub payments: Vec<CalculatedPayment>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalculatedPayment {
    pub received_on: NaiveDate,
    pub amount: Money,
}

/// A claim on a day, line by line. The lines sum to `paid` and `total`.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalculatedClaim {
    pub on: NaiveDate,
    pub lines: Vec<CalculatedLine>,
    pub principal: Money,
    pub interest: Money,
    pub compensation: Money,
    pub paid: Money,
    pub total: Money,
    /// What is left out, and why.
    pub remarks: Vec<Remark>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CalculatedLine {
    pub number: String,
    pub part: Part,
    pub ground: Ground,
    /// The text of law.
    #[schema(example = "Ley 3/2004 art. 7.2")]
    pub citation: &'static str,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub days: u32,
    pub rate: Option<BasisPoints>,
    pub base: Money,
    pub amount: Money,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalculationRefusal {
    #[error("at most {MOST_INVOICES} invoices at a time")]
    TooManyInvoices,
    #[error("at most {MOST_PAYMENTS} payments an invoice")]
    TooManyPayments { pointer: String },
    #[error("an amount must be above zero")]
    Amount { pointer: String },
    #[error(transparent)]
    Claim(#[from] ClaimRefusal),
}

/// # Errors
/// An amount that is none, or what [`claim`] refuses.
pub fn calculate(wanted: Calculation) -> Result<CalculatedClaim, CalculationRefusal> {
    check_input(&wanted)?;
    let terms = ClaimTerms { country: wanted.country, kind: wanted.debtor_kind, with_interest: wanted.with_interest };
    let invoices: Vec<Invoice> = wanted.invoices.into_iter().map(Invoice::from).collect();
    Ok(claim(&terms, &invoices, wanted.on)?.into())
}

fn check_input(wanted: &Calculation) -> Result<(), CalculationRefusal> {
    if wanted.invoices.len() > MOST_INVOICES {
        return Err(CalculationRefusal::TooManyInvoices);
    }
    for (position, invoice) in wanted.invoices.iter().enumerate() {
        if invoice.payments.len() > MOST_PAYMENTS {
            return Err(CalculationRefusal::TooManyPayments { pointer: format!("/invoices/{position}/payments") });
        }
        if !invoice.principal.is_positive() {
            return Err(CalculationRefusal::Amount { pointer: format!("/invoices/{position}/principal/minor") });
        }
        if let Some(payment) = invoice.payments.iter().position(|payment| !payment.amount.is_positive()) {
            return Err(CalculationRefusal::Amount { pointer: format!("/invoices/{position}/payments/{payment}/amount/minor") });
        }
    }
    Ok(())
}

impl From<CalculatedInvoice> for Invoice {
    fn from(invoice: CalculatedInvoice) -> Self {
        let nothing = Money::zero(invoice.principal.currency);
        Self {
            receivable_id: ReceivableId::fresh(),
            number: invoice.number,
            issued_on: invoice.issued_on.unwrap_or(invoice.due_on),
            due_on: invoice.due_on,
            principal: invoice.principal,
            principal_payments: invoice.payments.into_iter().map(|payment| (payment.received_on, payment.amount)).collect(),
            interest_paid: nothing,
            compensation_paid: nothing,
        }
    }
}

impl From<Claim> for CalculatedClaim {
    fn from(claim: Claim) -> Self {
        Self {
            on: claim.on,
            lines: claim.lines.into_iter().map(CalculatedLine::from).collect(),
            principal: claim.principal,
            interest: claim.interest,
            compensation: claim.compensation,
            paid: claim.paid,
            total: claim.total,
            remarks: claim.remarks,
        }
    }
}

impl From<ClaimLine> for CalculatedLine {
    fn from(line: ClaimLine) -> Self {
        Self {
            number: line.number,
            part: line.part,
            ground: line.ground,
            citation: line.citation,
            from: line.from,
            to: line.to,
            days: line.days,
            rate: line.rate,
            base: line.base,
            amount: line.amount,
        }
    }
}
