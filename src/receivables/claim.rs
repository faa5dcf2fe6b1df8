//! What is asked on a day: principal, interest, the fixed sum, costs, less what was paid, each line with its legal ground.
//!
//! What may never happen here: a line without a ground, interest that a consumer does not owe, or lines that do not add up:
//! the lines sum to `paid + total`, and `principal + interest + compensation + costs = total`.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    DebtorKind,
    agreement::{Agreement, AgreementRefusal},
    interest::{DayCount, InterestRefusal},
    invoice::Invoice,
    law::{self, Costs, CountryLaw, FixedSum, Ground, Interest, LateLaw},
    lines::{self, LatePrincipal},
    rates::{Rates, Series},
};
use crate::types::{BasisPoints, Country, Currency, Money, MoneyError, ReceivableId, text_enum};

/// Under which law, against whom, and what is asked beside the principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimTerms {
    /// Where the creditor has its seat: that country's law governs the contract unless the parties chose another (Rome I art. 4(1)).
    pub country: Country,
    pub kind: DebtorKind,
    /// Whether interest, the fixed sum and costs are asked, or the principal alone.
    pub with_interest: bool,
    /// What the contract says of late payment, where it does.
    pub agreement: Agreement,
}

impl ClaimTerms {
    /// What the law gives by itself.
    #[must_use]
    pub const fn statutory(country: Country, kind: DebtorKind, with_interest: bool) -> Self {
        Self { country, kind, with_interest, agreement: Agreement { rate: None, penalty: None } }
    }
}

text_enum! {
    /// What a line of a claim, or a part of a payment, is.
    pub enum Part {
        Principal => "principal",
        Interest => "interest",
        Compensation => "compensation",
        Costs => "costs",
    }
}

text_enum! {
    /// What a claim leaves out, and why. Lines of nothing say it with their ground.
    pub enum Remark {
        NotRequested => "interest_not_requested",
        ConsumersOweNoInterestWithoutNotice => "consumer_owes_no_interest_without_notice",
        ConsumersOweNoCompensation => "consumer_owes_no_compensation",
        CompensationIsInEuro => "compensation_is_due_in_euro_only",
        CompensationIsInPounds => "compensation_is_due_in_pounds_only",
        CompensationIsWithinCosts => "compensation_is_the_least_of_the_costs",
        AgreedRemedyReplacesCompensation => "agreed_remedy_replaces_compensation",
        CostsNeedALetter => "consumer_owes_no_costs_before_a_letter",
        CostsNeedAClause => "penalty_needs_a_clause_in_the_contract",
        RateUnknownForSomeDays => "no_interest_for_days_without_a_known_rate",
    }
}

/// One line. `amount` is before payments; `from` and `to` both bear interest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClaimLine {
    pub receivable_id: ReceivableId,
    pub number: String,
    pub part: Part,
    /// The ground by its code, the same in every language.
    #[schema(example = "es_interest")]
    pub ground: &'static str,
    /// The ground, as its country cites it.
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
    /// Yearly, in basis points; only interest has one.
    pub rate: Option<BasisPoints>,
    pub base: Money,
    /// How days become parts of a year; only interest has it.
    pub day_count: Option<DayCount>,
    /// How the amount comes about, from the other fields.
    #[schema(example = "base × rate × days ÷ 365")]
    pub formula: &'static str,
    pub amount: Money,
}

/// The claim on a day. `principal`, `interest`, `compensation` and `costs` are what is still owed and sum to `total`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Claim {
    pub currency: Currency,
    pub on: NaiveDate,
    pub lines: Vec<ClaimLine>,
    pub principal: Money,
    pub interest: Money,
    pub compensation: Money,
    pub costs: Money,
    pub paid: Money,
    /// What of the principal is disputed and not asked for until it is answered: a line less, and no part of `total`.
    pub disputed: Money,
    pub total: Money,
    pub remarks: Vec<Remark>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRefusal {
    #[error("there is no invoice to claim")]
    NoInvoices,
    #[error("invoices of {0} and {1} cannot be claimed together")]
    MixedCurrencies(Currency, Currency),
    #[error("more was paid on invoice `{0}` than its principal")]
    Overpaid(String),
    #[error("more was credited on invoice `{0}` than its principal")]
    Overcredited(String),
    #[error("the instalments of invoice `{0}` do not sum to its principal")]
    Instalments(String),
    #[error(transparent)]
    Agreement(#[from] AgreementRefusal),
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
    pub costs: Money,
}

/// Terms that were checked, with the rates they lead to.
pub(super) struct Basis<'a> {
    pub terms: &'a ClaimTerms,
    pub law: &'static CountryLaw,
    /// `None`: only the principal is asked.
    pub late: Option<&'static LateLaw>,
    pub rates: &'static Rates,
    /// The rate of the contract, in the place of the legal one.
    pub agreed: Option<(Series, Ground)>,
    pub on: NaiveDate,
}

/// The claim for `invoices` on the day `on`. Payments after that day are left out.
///
/// # Errors
/// See [`ClaimRefusal`]: no invoices, two currencies, an agreement the law forbids, a day whose rate we do not know.
pub fn claim(terms: &ClaimTerms, invoices: &[Invoice], on: NaiveDate) -> Result<Claim, ClaimRefusal> {
    let currency = common_currency(invoices)?;
    let basis = Basis::of(terms, invoices, on)?;
    let mut claimed = Vec::with_capacity(invoices.len() * 5);
    let owed = reckon(&basis, invoices, &mut claimed)?;
    let sum = |part: fn(&Owed) -> Money| Money::sum(currency, owed.iter().map(part));
    let (principal, interest) = (sum(|one| one.principal)?, sum(|one| one.interest)?);
    let (compensation, costs) = (sum(|one| one.compensation)?, sum(|one| one.costs)?);
    let total = Money::sum(currency, [principal, interest, compensation, costs])?;
    let paid = Money::sum(currency, claimed.iter().map(|line| line.amount))?.checked_sub(total)?;
    let disputed: Vec<Money> = invoices.iter().map(Invoice::withheld).collect::<Result<_, _>>()?;
    let disputed = Money::sum(currency, disputed)?;
    let remarks = basis.remarks(invoices, currency, &claimed);
    Ok(Claim { currency, on, lines: claimed, principal, interest, compensation, costs, paid, disputed, total, remarks })
}

/// What is still owed of each invoice on the day `on`: the order and ceiling of an allocation.
///
/// # Errors
/// As [`claim`].
pub fn owed_by_invoice(terms: &ClaimTerms, invoices: &[Invoice], on: NaiveDate) -> Result<Vec<Owed>, ClaimRefusal> {
    common_currency(invoices)?;
    reckon(&Basis::of(terms, invoices, on)?, invoices, &mut Vec::new())
}

fn common_currency(invoices: &[Invoice]) -> Result<Currency, ClaimRefusal> {
    let currency = invoices.first().map(|invoice| invoice.principal.currency).ok_or(ClaimRefusal::NoInvoices)?;
    match invoices.iter().find(|invoice| invoice.principal.currency != currency) {
        Some(other) => Err(ClaimRefusal::MixedCurrencies(currency, other.principal.currency)),
        None => Ok(currency),
    }
}

/// Invoice by invoice, then what is asked for all of them together.
fn reckon(basis: &Basis<'_>, invoices: &[Invoice], claimed: &mut Vec<ClaimLine>) -> Result<Vec<Owed>, ClaimRefusal> {
    let mut owed = Vec::with_capacity(invoices.len());
    let mut late = LatePrincipal::default();
    for invoice in invoices {
        owed.push(lines::of_invoice(basis, invoice, claimed, &mut late)?);
    }
    lines::costs(basis, invoices, &late, claimed, &mut owed)?;
    Ok(owed)
}

impl<'a> Basis<'a> {
    fn of(terms: &'a ClaimTerms, invoices: &[Invoice], on: NaiveDate) -> Result<Self, ClaimRefusal> {
        let law = law::of(terms.country);
        let rates = Rates::current();
        let late = terms.with_interest.then(|| law.late(terms.kind));
        let agreed = match late {
            Some(late) => terms.agreement.check(law, late, terms.kind, rates, invoices)?,
            None => None,
        };
        Ok(Self { terms, law, late, rates, agreed, on })
    }

    fn remarks(&self, invoices: &[Invoice], currency: Currency, claimed: &[ClaimLine]) -> Vec<Remark> {
        let Some(late) = self.late else { return vec![Remark::NotRequested] };
        let consumer = self.terms.kind == DebtorKind::Consumer;
        let foreign = matches!(late.fixed_sum, FixedSum::Bands(..)) && currency != self.law.currency;
        let unclaimed = match late.interest {
            Interest::ByItself { .. } => false,
            Interest::FromNotice { .. } => invoices.iter().any(|invoice| invoice.notice_on.is_none()),
            Interest::Unclaimed(_) => true,
        };
        let gap = |line: &ClaimLine| line.part == Part::Interest && line.rate.is_none() && line.day_count.is_some();
        let no_costs = |code: &str| claimed.iter().any(|line| line.part == Part::Costs && line.ground == code);
        let (letter, clause) = match late.costs {
            Costs::ScaleAfterLetter { without, .. } => (no_costs(without.code), false),
            Costs::AgreedPenalty { without, .. } => (false, no_costs(without.code)),
            Costs::OnProof | Costs::Scale(_) => (false, false),
        };
        [
            (unclaimed && self.agreed.is_none()).then_some(Remark::ConsumersOweNoInterestWithoutNotice),
            consumer.then_some(Remark::ConsumersOweNoCompensation),
            (foreign && self.law.currency == Currency::EUR).then_some(Remark::CompensationIsInEuro),
            (foreign && self.law.currency != Currency::EUR).then_some(Remark::CompensationIsInPounds),
            (late.fixed_sum == FixedSum::WithinCosts).then_some(Remark::CompensationIsWithinCosts),
            (!self.keeps_fixed_sum() && !consumer).then_some(Remark::AgreedRemedyReplacesCompensation),
            letter.then_some(Remark::CostsNeedALetter),
            clause.then_some(Remark::CostsNeedAClause),
            claimed.iter().any(gap).then_some(Remark::RateUnknownForSomeDays),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// An agreed rate can take the place of the fixed sum too.
    pub(super) const fn keeps_fixed_sum(&self) -> bool {
        self.agreed.is_none() || self.law.agreed_rate.keeps_fixed_sum
    }
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
        ClaimTerms::statutory(country, kind, true)
    }

    fn invoice(principal: &str, due_on: &str, payments: &[(&str, &str)]) -> Invoice {
        let due_on = day(due_on);
        let days = (due_on - chrono::TimeDelta::days(30), due_on);
        Invoice {
            principal_payments: payments.iter().map(|(on, amount)| (day(on), eur(amount))).collect(),
            ..Invoice::new(ReceivableId::fresh(), "F-1".to_owned(), days, eur(principal))
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
    fn consumers_where_nothing_runs_by_itself_owe_the_principal_alone_and_are_told_why() {
        for country in [Country::Spain, Country::France, Country::Italy, Country::Portugal, Country::Belgium] {
            let claim =
                claim(&terms(country, DebtorKind::Consumer), &[invoice("1000", "2026-01-31", &[])], day("2026-11-22")).unwrap();
            assert_eq!(claim.total, eur("1000"));
            let why = claim.lines.iter().find(|line| line.part == Part::Interest).unwrap();
            assert_eq!((why.amount, why.days, why.rate), (eur("0"), 295, None));
            assert!(!why.citation.is_empty() && !why.rule.is_empty(), "{country}");
            assert_eq!(claim.remarks.first(), Some(&Remark::ConsumersOweNoInterestWithoutNotice), "{country}");
            assert!(claim.remarks.contains(&Remark::ConsumersOweNoCompensation));
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
            let terms = ClaimTerms::statutory(*country, DebtorKind::Business, false);
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
        assert!(refused(italy, &one, "2027-01-01").to_string().contains("until 2026-12-31"));
        assert!(refused(spain, &one, "2027-01-01").to_string().contains("until 2026-12-31"));
        let overpaid = [invoice("10", "2026-01-31", &[("2026-02-01", "11")])];
        assert_eq!(refused(spain, &overpaid, "2026-02-01"), ClaimRefusal::Overpaid("F-1".to_owned()));
    }

    #[test]
    fn a_claim_in_dollars_bears_interest_but_no_forty_euro() {
        let mut one = invoice("1000", "2026-06-30", &[]);
        let dollars = "USD".parse().unwrap();
        (one.principal, one.costs_paid, one.compensation_paid) =
            (Money::new(100_000, dollars), Money::zero(dollars), Money::zero(dollars));
        let claim = claim(&terms(Country::Spain, DebtorKind::Business), &[one], day("2026-11-22")).unwrap();
        assert_eq!((claim.interest.minor, claim.compensation.minor), (4132, 0));
        assert_eq!(claim.remarks, [Remark::CompensationIsInEuro]);
    }

    proptest! {
        #[test]
        fn lines_sum_to_what_is_paid_and_what_is_owed(
            minor in 1_i64..100_000_000, paid in 0_i64..100_000_000, due in 0_i64..800, wait in 0_i64..900, interest in 0_i64..5_000,
            credit in 0_i64..100_000,
        ) {
            let due_on = day("2022-01-01") + chrono::TimeDelta::days(due);
            let mut one = invoice("1", "2022-01-01", &[]);
            (one.principal, one.due_on) = (Money::new(minor + credit, Currency::EUR), due_on);
            one.credits = vec![(due_on, Money::new(credit, Currency::EUR))];
            one.interest_payments = vec![(due_on, Money::new(interest, Currency::EUR))];
            one.principal_payments = vec![(due_on + chrono::TimeDelta::days(wait / 2), Money::new(paid.min(minor), Currency::EUR))];
            let on = due_on + chrono::TimeDelta::days(wait);
            for (country, kind) in Country::ALL.iter().flat_map(|country| DebtorKind::ALL.iter().map(move |kind| (*country, *kind))) {
                let terms = terms(country, kind);
                let claim = claim(&terms, std::slice::from_ref(&one), on).unwrap();
                let lines: i64 = claim.lines.iter().map(|line| line.amount.minor).sum();
                prop_assert_eq!(lines, claim.paid.minor + claim.total.minor);
                let parts = [claim.principal, claim.interest, claim.compensation, claim.costs];
                prop_assert_eq!(claim.total.minor, parts.iter().map(|part| part.minor).sum::<i64>());
                prop_assert!(claim.paid.minor >= 0 && parts.iter().all(|part| part.minor >= 0));
                let owed = owed_by_invoice(&terms, std::slice::from_ref(&one), on).unwrap();
                prop_assert_eq!([owed[0].principal, owed[0].interest, owed[0].compensation, owed[0].costs], parts);
            }
        }

        #[test]
        fn interest_and_total_never_shrink_with_another_day(
            minor in 1_i64..100_000_000, due in 0_i64..1_200, wait in 0_i64..400, paid in 0_i64..50_000_000,
        ) {
            let due_on = day("2022-01-01") + chrono::TimeDelta::days(due);
            let mut one = invoice("1", "2022-01-01", &[]);
            (one.principal, one.due_on) = (Money::new(minor, Currency::EUR), due_on);
            // Paid at once, so that no payment falls between the two days.
            one.principal_payments = vec![(due_on, Money::new(paid.min(minor), Currency::EUR))];
            for (country, kind) in Country::ALL.iter().flat_map(|country| DebtorKind::ALL.iter().map(move |kind| (*country, *kind))) {
                let of = |days| claim(&terms(country, kind), std::slice::from_ref(&one), due_on + chrono::TimeDelta::days(days)).unwrap();
                let (today, tomorrow) = (of(wait), of(wait + 1));
                prop_assert!(today.interest.minor <= tomorrow.interest.minor, "{} {}", country, kind);
                prop_assert!(today.total.minor <= tomorrow.total.minor, "{} {}", country, kind);
            }
        }
    }
}
