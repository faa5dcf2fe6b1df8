//! A claim for invoices that are not here: anybody can check the arithmetic of the law before they post, or after they are asked.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    DebtorKind,
    agreement::Agreement,
    claim::{Claim, ClaimLine, ClaimRefusal, ClaimTerms, Part, Remark, claim},
    interest::DayCount,
    invoice::{Dated, Invoice},
    limitation::{Interruption, TimeBar, time_bar},
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
    /// The yearly rate that the contract names, in the place of the legal one.
    pub agreed_rate: Option<BasisPoints>,
    /// The lump sum for late payment that a consumer's contract names (Belgium).
    pub agreed_penalty: Option<Money>,
    /// When the debtor received a formal notice to pay.
    pub notice_on: Option<NaiveDate>,
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
    /// What falls due when, where not all of it does on `due_on`; sums to the principal.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub instalments: Vec<CalculatedInstalment>,
    /// What credit notes took off: it counts from the day of the invoice.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub credits: Vec<CalculatedCredit>,
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

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalculatedInstalment {
    pub due_on: NaiveDate,
    pub amount: Money,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalculatedCredit {
    pub credited_on: NaiveDate,
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
    pub costs: Money,
    pub paid: Money,
    pub total: Money,
    /// What is left out, and why.
    pub remarks: Vec<Remark>,
    /// Until when each invoice can be enforced, if nothing began the time anew.
    pub limitation: Vec<LimitedInvoice>,
}

/// Until when an invoice can be enforced.
#[derive(Debug, Serialize, ToSchema)]
pub struct LimitedInvoice {
    pub number: String,
    #[serde(flatten)]
    pub time_bar: TimeBar,
    /// Whether that day was before the day of the claim.
    pub time_barred: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CalculatedLine {
    pub number: String,
    pub part: Part,
    #[schema(example = "es_interest")]
    pub ground: &'static str,
    /// The text of law.
    #[schema(example = "Ley 3/2004 art. 7.2")]
    pub citation: &'static str,
    /// What it says, in a few words.
    pub rule: &'static str,
    /// Whether somebody should check before a court sees the line; `doubt` says what.
    pub uncertain: bool,
    pub doubt: Option<&'static str>,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub days: u32,
    pub rate: Option<BasisPoints>,
    pub base: Money,
    pub day_count: Option<DayCount>,
    #[schema(example = "base × rate × days ÷ 365")]
    pub formula: &'static str,
    pub amount: Money,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalculationRefusal {
    #[error("at most {MOST_INVOICES} invoices at a time")]
    TooManyInvoices,
    #[error("at most {MOST_PAYMENTS} payments, credits and instalments an invoice")]
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
    let terms = ClaimTerms {
        agreement: Agreement { rate: wanted.agreed_rate, penalty: wanted.agreed_penalty },
        ..ClaimTerms::statutory(wanted.country, wanted.debtor_kind, wanted.with_interest)
    };
    let invoices: Vec<Invoice> =
        wanted.invoices.into_iter().map(|invoice| Invoice { notice_on: wanted.notice_on, ..invoice.into() }).collect();
    let reckoned = claim(&terms, &invoices, wanted.on)?;
    Ok(CalculatedClaim::of(reckoned, invoices.iter().map(|invoice| limited(&terms, invoice, wanted.on)).collect()))
}

/// Part payments acknowledge the debt, where the law counts that.
fn limited(terms: &ClaimTerms, invoice: &Invoice, on: NaiveDate) -> LimitedInvoice {
    let paid = invoice.principal_payments.iter().filter(|(paid_on, _)| *paid_on <= on);
    let acknowledged: Vec<_> = paid.map(|(paid_on, _)| (*paid_on, Interruption::Acknowledgement)).collect();
    let time_bar = time_bar(terms.country, terms.kind, invoice.due_on, &acknowledged);
    LimitedInvoice { number: invoice.number.clone(), time_barred: time_bar.has_passed(on), time_bar }
}

fn check_input(wanted: &Calculation) -> Result<(), CalculationRefusal> {
    if wanted.invoices.len() > MOST_INVOICES {
        return Err(CalculationRefusal::TooManyInvoices);
    }
    for (position, invoice) in wanted.invoices.iter().enumerate() {
        if !invoice.principal.is_positive() {
            return Err(CalculationRefusal::Amount { pointer: format!("/invoices/{position}/principal/minor") });
        }
        check_amounts(position, "payments", invoice.payments.iter().map(|payment| payment.amount))?;
        check_amounts(position, "credits", invoice.credits.iter().map(|credit| credit.amount))?;
        check_amounts(position, "instalments", invoice.instalments.iter().map(|instalment| instalment.amount))?;
    }
    Ok(())
}

fn check_amounts(invoice: usize, list: &str, amounts: impl ExactSizeIterator<Item = Money>) -> Result<(), CalculationRefusal> {
    let pointer = format!("/invoices/{invoice}/{list}");
    if amounts.len() > MOST_PAYMENTS {
        return Err(CalculationRefusal::TooManyPayments { pointer });
    }
    for (position, amount) in amounts.enumerate() {
        if !amount.is_positive() {
            return Err(CalculationRefusal::Amount { pointer: format!("{pointer}/{position}/amount/minor") });
        }
    }
    Ok(())
}

impl From<CalculatedInvoice> for Invoice {
    fn from(invoice: CalculatedInvoice) -> Self {
        let days = (invoice.issued_on.unwrap_or(invoice.due_on), invoice.due_on);
        let dated = |on, amount| -> Dated { (on, amount) };
        Self {
            credits: invoice.credits.into_iter().map(|credit| dated(credit.credited_on, credit.amount)).collect(),
            instalments: invoice.instalments.into_iter().map(|part| dated(part.due_on, part.amount)).collect(),
            principal_payments: invoice.payments.into_iter().map(|payment| dated(payment.received_on, payment.amount)).collect(),
            ..Self::new(ReceivableId::fresh(), invoice.number, days, invoice.principal)
        }
    }
}

impl CalculatedClaim {
    fn of(claim: Claim, limitation: Vec<LimitedInvoice>) -> Self {
        Self {
            limitation,
            costs: claim.costs,
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
            rule: line.rule,
            uncertain: line.uncertain,
            doubt: line.doubt,
            from: line.from,
            to: line.to,
            days: line.days,
            rate: line.rate,
            base: line.base,
            day_count: line.day_count,
            formula: line.formula,
            amount: line.amount,
        }
    }
}
