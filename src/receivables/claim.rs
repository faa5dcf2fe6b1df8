//! What is asked on a day: principal, statutory interest, fixed compensation, less what was paid, each line with its legal ground.
//!
//! What may never happen here: a line without a ground, interest that a consumer does not owe, or lines that do not add up:
//! the lines sum to `paid + total`, and `principal + interest + compensation = total`.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    DebtorKind,
    grounds::{COMPENSATION_EUR_MINOR, Ground, LateLaw, late_law},
    interest::{InterestRefusal, accrue},
    rates::Rates,
};
use crate::types::{BasisPoints, Country, Currency, Money, MoneyError, ReceivableId, text_enum};

/// Under which law, against whom, and whether more than the principal is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimTerms {
    /// Where the creditor has its seat: that country's law governs the contract unless the parties chose another (Rome I art. 4(1)).
    pub country: Country,
    pub kind: DebtorKind,
    pub with_interest: bool,
}

/// An invoice as owed, with what was paid on each part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    pub receivable_id: ReceivableId,
    pub number: String,
    pub issued_on: NaiveDate,
    /// The agreed day: default begins the day after it without a reminder (Ley 3/2004 art. 5; L441-10 II; BGB § 286(2) no. 1).
    pub due_on: NaiveDate,
    pub principal: Money,
    pub principal_payments: Vec<(NaiveDate, Money)>,
    pub interest_paid: Money,
    pub compensation_paid: Money,
}

text_enum! {
    /// What a line of a claim, or a part of a payment, is.
    pub enum Part {
        Principal => "principal",
        Interest => "interest",
        Compensation => "compensation",
    }
}

text_enum! {
    /// What a claim leaves out, and why.
    pub enum Remark {
        NotRequested => "interest_not_requested",
        ConsumersOweNoInterestWithoutNotice => "consumer_owes_no_interest_without_notice",
        ConsumersOweNoCompensation => "consumer_owes_no_compensation",
        CompensationIsInEuro => "compensation_is_due_in_euro_only",
    }
}

/// One line. `amount` is before payments; `from` and `to` both bear interest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClaimLine {
    pub receivable_id: ReceivableId,
    pub number: String,
    pub part: Part,
    pub ground: Ground,
    /// The ground, as its country cites it.
    #[schema(example = "Ley 3/2004 art. 7.2")]
    pub citation: &'static str,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub days: u32,
    /// Yearly, in basis points; only interest has one.
    pub rate: Option<BasisPoints>,
    pub base: Money,
    pub amount: Money,
}

/// The claim on a day. `principal`, `interest` and `compensation` are what is still owed and sum to `total`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Claim {
    pub currency: Currency,
    pub on: NaiveDate,
    pub lines: Vec<ClaimLine>,
    pub principal: Money,
    pub interest: Money,
    pub compensation: Money,
    pub paid: Money,
    pub total: Money,
    pub remarks: Vec<Remark>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRefusal {
    #[error("there is no invoice to claim")]
    NoInvoices,
    #[error("invoices of {0} and {1} cannot be claimed together")]
    MixedCurrencies(Currency, Currency),
    #[error(
        "statutory interest is reckoned for creditors in ES, FR and DE so far, not in {0}; the principal can be claimed alone"
    )]
    CountryNotCovered(Country),
    #[error("more was paid on invoice `{0}` than its principal")]
    Overpaid(String),
    #[error(transparent)]
    Interest(#[from] InterestRefusal),
}

impl From<MoneyError> for ClaimRefusal {
    fn from(error: MoneyError) -> Self {
        Self::Interest(error.into())
    }
}

/// What is still owed of one invoice, by part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    pub receivable_id: ReceivableId,
    pub due_on: NaiveDate,
    pub principal: Money,
    pub interest: Money,
    pub compensation: Money,
}

/// The claim for `invoices` on the day `on`. Payments after that day are left out.
///
/// # Errors
/// See [`ClaimRefusal`]: no invoices, two currencies, interest under a law or for a day that we do not know.
pub fn claim(terms: &ClaimTerms, invoices: &[Invoice], on: NaiveDate) -> Result<Claim, ClaimRefusal> {
    let currency = common_currency(invoices)?;
    let law = law_of(terms)?;
    let mut claim = empty(terms, law, currency, on);
    for invoice in invoices {
        let (lines, owed) = of_invoice(terms, law, invoice, on)?;
        claim.principal = claim.principal.checked_add(owed.principal)?;
        claim.interest = claim.interest.checked_add(owed.interest)?;
        claim.compensation = claim.compensation.checked_add(owed.compensation)?;
        claim.lines.extend(lines);
    }
    claim.total = Money::sum(currency, [claim.principal, claim.interest, claim.compensation])?;
    claim.paid = Money::sum(currency, claim.lines.iter().map(|line| line.amount))?.checked_sub(claim.total)?;
    Ok(claim)
}

/// What is still owed of each invoice on the day `on`: the order and ceiling of an allocation.
///
/// # Errors
/// As [`claim`].
pub fn owed_by_invoice(terms: &ClaimTerms, invoices: &[Invoice], on: NaiveDate) -> Result<Vec<Owed>, ClaimRefusal> {
    common_currency(invoices)?;
    let law = law_of(terms)?;
    invoices.iter().map(|invoice| of_invoice(terms, law, invoice, on).map(|(_, owed)| owed)).collect()
}

fn common_currency(invoices: &[Invoice]) -> Result<Currency, ClaimRefusal> {
    let currency = invoices.first().map(|invoice| invoice.principal.currency).ok_or(ClaimRefusal::NoInvoices)?;
    match invoices.iter().find(|invoice| invoice.principal.currency != currency) {
        Some(other) => Err(ClaimRefusal::MixedCurrencies(currency, other.principal.currency)),
        None => Ok(currency),
    }
}

/// `None`: only the principal is asked.
fn law_of(terms: &ClaimTerms) -> Result<Option<LateLaw>, ClaimRefusal> {
    if !terms.with_interest {
        return Ok(None);
    }
    late_law(terms.country, terms.kind).map(Some).ok_or(ClaimRefusal::CountryNotCovered(terms.country))
}

fn empty(terms: &ClaimTerms, law: Option<LateLaw>, currency: Currency, on: NaiveDate) -> Claim {
    let zero = Money::zero(currency);
    let remarks = match law {
        None => vec![Remark::NotRequested],
        Some(law) => [
            law.interest.is_none().then_some(Remark::ConsumersOweNoInterestWithoutNotice),
            (terms.kind == DebtorKind::Consumer).then_some(Remark::ConsumersOweNoCompensation),
            (law.compensation.is_some() && currency != Currency::EUR).then_some(Remark::CompensationIsInEuro),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    Claim {
        currency,
        on,
        lines: Vec::new(),
        principal: zero,
        interest: zero,
        compensation: zero,
        paid: zero,
        total: zero,
        remarks,
    }
}

fn of_invoice(
    terms: &ClaimTerms,
    law: Option<LateLaw>,
    invoice: &Invoice,
    on: NaiveDate,
) -> Result<(Vec<ClaimLine>, Owed), ClaimRefusal> {
    let paid = |until: NaiveDate| {
        let counted = invoice.principal_payments.iter().filter(move |(day, _)| *day <= until);
        Money::sum(invoice.principal.currency, counted.map(|(_, amount)| *amount))
    };
    let left = invoice.principal.checked_sub(paid(on)?)?;
    if left.minor < 0 {
        return Err(ClaimRefusal::Overpaid(invoice.number.clone()));
    }
    let late = on > invoice.due_on && invoice.principal.checked_sub(paid(invoice.due_on)?)?.is_positive();
    let interest = match law.filter(|_| late) {
        Some(law) => interest_lines(law, invoice, on)?,
        None => Vec::new(),
    };
    let compensation = law.filter(|_| late).and_then(|law| compensation_line(law, invoice));
    let accrued = Money::sum(invoice.principal.currency, interest.iter().map(|line| line.amount))?;
    let owed = Owed {
        receivable_id: invoice.receivable_id,
        due_on: invoice.due_on,
        principal: left,
        interest: still_owed(accrued, invoice.interest_paid)?,
        compensation: match &compensation {
            Some(line) => still_owed(line.amount, invoice.compensation_paid)?,
            None => Money::zero(invoice.principal.currency),
        },
    };
    let principal = invoice.principal.is_positive().then(|| principal_line(terms.country, invoice));
    Ok((principal.into_iter().chain(interest).chain(compensation).collect(), owed))
}

/// A part that was paid beyond what is due now (the principal was reduced since) owes nothing more, and gives nothing to other parts.
fn still_owed(due: Money, paid: Money) -> Result<Money, MoneyError> {
    let left = due.checked_sub(paid)?;
    Ok(if left.is_positive() { left } else { Money::zero(due.currency) })
}

fn principal_line(country: Country, invoice: &Invoice) -> ClaimLine {
    ClaimLine {
        receivable_id: invoice.receivable_id,
        number: invoice.number.clone(),
        part: Part::Principal,
        ground: Ground::of_principal(country),
        citation: Ground::of_principal(country).citation(),
        from: invoice.issued_on,
        to: invoice.due_on,
        days: 0,
        rate: None,
        base: invoice.principal,
        amount: invoice.principal,
    }
}

fn interest_lines(law: LateLaw, invoice: &Invoice, on: NaiveDate) -> Result<Vec<ClaimLine>, ClaimRefusal> {
    let (Some((law_name, ground)), Some(from)) = (law.interest, invoice.due_on.succ_opt()) else { return Ok(Vec::new()) };
    let series = Rates::embedded().series(law_name, invoice.issued_on);
    let segments = accrue(&series, law.convention, invoice.principal, &invoice.principal_payments, (from, on))?;
    let line = |segment: super::interest::Segment| ClaimLine {
        receivable_id: invoice.receivable_id,
        number: invoice.number.clone(),
        part: Part::Interest,
        ground,
        citation: ground.citation(),
        from: segment.from,
        to: segment.to,
        days: segment.days,
        rate: Some(segment.rate),
        base: segment.base,
        amount: segment.amount,
    };
    Ok(segments.into_iter().map(line).collect())
}

/// Due from the first day of delay, without a reminder. The law names it in euro, so other currencies carry none.
fn compensation_line(law: LateLaw, invoice: &Invoice) -> Option<ClaimLine> {
    let ground = law.compensation.filter(|_| invoice.principal.currency == Currency::EUR)?;
    let late_from = invoice.due_on.succ_opt()?;
    Some(ClaimLine {
        receivable_id: invoice.receivable_id,
        number: invoice.number.clone(),
        part: Part::Compensation,
        ground,
        citation: ground.citation(),
        from: late_from,
        to: late_from,
        days: 0,
        rate: None,
        base: invoice.principal,
        amount: Money::new(COMPENSATION_EUR_MINOR, Currency::EUR),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eur(text: &str) -> Money {
        Money::parse_decimal(text, Currency::EUR).unwrap()
    }

    fn terms(country: Country, kind: DebtorKind) -> ClaimTerms {
        ClaimTerms { country, kind, with_interest: true }
    }

    fn invoice(principal: &str, due_on: &str, payments: &[(&str, &str)]) -> Invoice {
        let due_on = day(due_on);
        Invoice {
            receivable_id: ReceivableId::fresh(),
            number: "F-1".to_owned(),
            issued_on: due_on - chrono::TimeDelta::days(30),
            due_on,
            principal: eur(principal),
            principal_payments: payments.iter().map(|(on, amount)| (day(on), eur(amount))).collect(),
            interest_paid: eur("0"),
            compensation_paid: eur("0"),
        }
    }

    fn lines(claim: &Claim) -> Vec<(Part, &'static str, u32, String)> {
        claim.lines.iter().map(|line| (line.part, line.citation, line.days, line.amount.decimal())).collect()
    }

    #[test]
    fn a_spanish_business_owes_principal_interest_and_forty_euro() {
        let claim = claim(&terms(Country::Spain, DebtorKind::Business), &[invoice("1000", "2026-06-30", &[])], day("2026-11-22"))
            .unwrap();
        let expected = [
            (Part::Principal, "Código Civil art. 1091", 0, "1000.00".to_owned()),
            (Part::Interest, "Ley 3/2004 art. 7.2", 145, "41.32".to_owned()),
            (Part::Compensation, "Ley 3/2004 art. 8.1", 0, "40.00".to_owned()),
        ];
        assert_eq!(lines(&claim), expected);
        assert_eq!((claim.total, claim.paid), (eur("1081.32"), eur("0")));
    }

    #[test]
    fn each_half_year_bears_its_own_french_rate() {
        let claim =
            claim(&terms(Country::France, DebtorKind::Public), &[invoice("1000", "2025-12-31", &[])], day("2026-07-10")).unwrap();
        let interest: Vec<_> = claim.lines.iter().filter(|line| line.part == Part::Interest).collect();
        let shown: Vec<_> = interest.iter().map(|line| (line.days, line.rate.unwrap().0, line.amount.decimal())).collect();
        assert_eq!(shown, [(181, 1215, "60.25".to_owned()), (10, 1240, "3.40".to_owned())]);
    }

    #[test]
    fn german_interest_counts_366_days_in_a_leap_year() {
        let invoices = [invoice("1000", "2023-12-31", &[])];
        let business = claim(&terms(Country::Germany, DebtorKind::Business), &invoices, day("2024-12-31")).unwrap();
        assert_eq!(business.interest, eur("124.95"));
        let consumer = claim(&terms(Country::Germany, DebtorKind::Consumer), &invoices, day("2024-06-30")).unwrap();
        assert_eq!((consumer.interest, consumer.compensation), (eur("42.86"), eur("0")));
        assert_eq!(consumer.remarks, [Remark::ConsumersOweNoCompensation]);
    }

    #[test]
    fn consumers_in_spain_and_france_owe_the_principal_alone_and_are_told_so() {
        for country in [Country::Spain, Country::France] {
            let claim =
                claim(&terms(country, DebtorKind::Consumer), &[invoice("1000", "2026-01-31", &[])], day("2026-11-22")).unwrap();
            assert_eq!((claim.total, claim.lines.len()), (eur("1000"), 1));
            assert_eq!(claim.remarks, [Remark::ConsumersOweNoInterestWithoutNotice, Remark::ConsumersOweNoCompensation]);
        }
    }

    #[test]
    fn a_part_payment_lowers_the_base_and_is_shown_as_paid() {
        let invoices = [invoice("1000", "2026-06-30", &[("2026-07-31", "400")])];
        let claim = claim(&terms(Country::Spain, DebtorKind::Business), &invoices, day("2026-08-31")).unwrap();
        assert_eq!((claim.principal, claim.interest, claim.compensation), (eur("600"), eur("14.13"), eur("40")));
        assert_eq!((claim.total, claim.paid), (eur("654.13"), eur("400")));
    }

    #[test]
    fn forty_euro_are_due_per_unpaid_invoice_and_not_before_the_due_day_has_passed() {
        let invoices = [
            invoice("10", "2026-06-30", &[]),
            invoice("20", "2026-07-01", &[]),
            invoice("30", "2026-06-29", &[("2026-06-29", "30")]),
        ];
        let at = |on: &str| claim(&terms(Country::France, DebtorKind::Business), &invoices, day(on)).unwrap().compensation;
        assert_eq!(at("2026-06-30"), eur("0"));
        assert_eq!(at("2026-07-01"), eur("40"));
        assert_eq!(at("2026-07-02"), eur("80"));
    }

    #[test]
    fn an_invoice_paid_late_still_owes_interest_and_compensation() {
        let invoices = [invoice("1000", "2026-06-30", &[("2026-07-31", "1000")])];
        let claim = claim(&terms(Country::Spain, DebtorKind::Business), &invoices, day("2026-12-31")).unwrap();
        assert_eq!((claim.principal, claim.interest, claim.total), (eur("0"), eur("8.83"), eur("48.83")));
    }

    #[test]
    fn a_creditor_who_asks_for_the_principal_alone_is_served_in_every_country() {
        for country in Country::ALL {
            let terms = ClaimTerms { country: *country, kind: DebtorKind::Business, with_interest: false };
            let claim = claim(&terms, &[invoice("1000", "2026-01-31", &[])], day("2030-01-01")).unwrap();
            assert_eq!((claim.total, claim.remarks), (eur("1000"), vec![Remark::NotRequested]));
        }
    }

    #[test]
    fn what_cannot_be_reckoned_is_refused() {
        let one = [invoice("1000", "2026-01-31", &[])];
        let dollars = Invoice { principal: Money::new(1, "USD".parse().unwrap()), ..one[0].clone() };
        let refused = |terms: ClaimTerms, invoices: &[Invoice], on: &str| claim(&terms, invoices, day(on)).unwrap_err();
        let spain = terms(Country::Spain, DebtorKind::Business);
        assert_eq!(refused(spain, &[], "2026-02-01"), ClaimRefusal::NoInvoices);
        assert!(matches!(refused(spain, &[one[0].clone(), dollars], "2026-02-01"), ClaimRefusal::MixedCurrencies(_, _)));
        let italy = terms(Country::Italy, DebtorKind::Business);
        assert_eq!(refused(italy, &one, "2026-02-01"), ClaimRefusal::CountryNotCovered(Country::Italy));
        assert!(refused(spain, &one, "2027-01-01").to_string().contains("until 2026-12-31"));
        let overpaid = [invoice("10", "2026-01-31", &[("2026-02-01", "11")])];
        assert_eq!(refused(spain, &overpaid, "2026-02-01"), ClaimRefusal::Overpaid("F-1".to_owned()));
    }

    #[test]
    fn a_claim_in_dollars_bears_interest_but_no_forty_euro() {
        let mut one = invoice("1000", "2026-06-30", &[]);
        let dollars = "USD".parse().unwrap();
        (one.principal, one.interest_paid, one.compensation_paid) =
            (Money::new(100_000, dollars), Money::zero(dollars), Money::zero(dollars));
        let claim = claim(&terms(Country::Spain, DebtorKind::Business), &[one], day("2026-11-22")).unwrap();
        assert_eq!((claim.interest.minor, claim.compensation.minor), (4132, 0));
        assert_eq!(claim.remarks, [Remark::CompensationIsInEuro]);
    }

    proptest! {
        #[test]
        fn lines_sum_to_what_is_paid_and_what_is_owed(
            minor in 1_i64..100_000_000, paid in 0_i64..100_000_000, due in 0_i64..800, wait in 0_i64..900, interest in 0_i64..5_000,
        ) {
            let due_on = day("2022-01-01") + chrono::TimeDelta::days(due);
            let mut one = invoice("1", "2022-01-01", &[]);
            (one.principal, one.due_on, one.interest_paid) = (Money::new(minor, Currency::EUR), due_on, Money::new(interest, Currency::EUR));
            one.principal_payments = vec![(due_on + chrono::TimeDelta::days(wait / 2), Money::new(paid.min(minor), Currency::EUR))];
            let on = due_on + chrono::TimeDelta::days(wait);
            for country in [Country::Spain, Country::France, Country::Germany] {
                let terms = terms(country, DebtorKind::Business);
                let claim = claim(&terms, std::slice::from_ref(&one), on).unwrap();
                let lines: i64 = claim.lines.iter().map(|line| line.amount.minor).sum();
                prop_assert_eq!(lines, claim.paid.minor + claim.total.minor);
                prop_assert_eq!(claim.total.minor, claim.principal.minor + claim.interest.minor + claim.compensation.minor);
                prop_assert!(claim.paid.minor >= 0 && claim.total.minor >= 0);
                let owed = owed_by_invoice(&terms, std::slice::from_ref(&one), on).unwrap();
                prop_assert_eq!((owed[0].principal, owed[0].interest, owed[0].compensation), (claim.principal, claim.interest, claim.compensation));
            }
        }
    }
}
