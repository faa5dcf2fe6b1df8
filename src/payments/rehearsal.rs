//! What payments would be spent on if they had come in: for whoever reckons a claim that is in no case. Pure.

use chrono::NaiveDate;

use super::{
    allocation::{Allocated, AllocationRefusal, allocate},
    debt::{book, open_on},
};
use crate::{
    receivables::{
        claim::{ClaimRefusal, ClaimTerms},
        invoice::{Dated, Invoice},
        law,
    },
    types::Money,
};

/// How a payment was spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    pub received_on: NaiveDate,
    pub amount: Money,
    pub on: Vec<Allocated>,
}

/// Why payments cannot be spent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RehearsalRefusal {
    #[error("the payment of {received_on}: {refusal}")]
    Payment { received_on: NaiveDate, refusal: AllocationRefusal },
    #[error(transparent)]
    Claim(#[from] ClaimRefusal),
}

/// Spends `payments` on `invoices`, earliest first, by the law of the claim, and writes them there.
///
/// # Errors
/// A payment is for more than was owed on its day, or that day's claim cannot be reckoned.
pub fn spend(terms: &ClaimTerms, invoices: &mut [Invoice], payments: &[Dated]) -> Result<Vec<Spent>, RehearsalRefusal> {
    let mut in_turn = payments.to_vec();
    in_turn.sort_by_key(|(received_on, _)| *received_on);
    let spend_one = |(received_on, amount): Dated| {
        let owed = open_on(terms, invoices, received_on)?;
        let on = allocate(&law::of(terms.country).allocation, &owed, amount)
            .map_err(|refusal| RehearsalRefusal::Payment { received_on, refusal })?;
        book(invoices, &on, received_on).map_err(ClaimRefusal::from)?;
        Ok(Spent { received_on, amount, on })
    };
    in_turn.into_iter().map(spend_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        receivables::{
            DebtorKind,
            claim::{Part, claim},
        },
        types::{Country, Currency, ReceivableId},
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn invoice(due_on: &str, minor: i64) -> Invoice {
        Invoice::new(ReceivableId::fresh(), "F-1".to_owned(), (day(due_on), day(due_on)), eur(minor))
    }

    /// 1,000 due 30 June 2026, 200 paid 31 July: 40 of it on the fixed sum, 8.83 (31 days at 10.40 %) on interest, 151.17 on
    /// principal; then 848.83 bears 10.40 % for 31 days of August: 7.50.
    #[test]
    fn a_part_payment_is_spent_in_the_order_of_the_law_and_lowers_what_bears_interest() {
        let terms = ClaimTerms::statutory(Country::Spain, DebtorKind::Business, true);
        let mut invoices = [invoice("2026-06-30", 100_000)];
        let spent = spend(&terms, &mut invoices, &[(day("2026-07-31"), eur(20_000))]).unwrap();
        let parts: Vec<_> = spent[0].on.iter().map(|line| (line.part, line.amount.minor)).collect();
        assert_eq!(parts, [(Part::Compensation, 4_000), (Part::Interest, 883), (Part::Principal, 15_117)]);
        let claim = claim(&terms, &invoices, day("2026-08-31")).unwrap();
        assert_eq!((claim.principal, claim.interest, claim.compensation), (eur(84_883), eur(750), eur(0)));
        assert_eq!((claim.paid, claim.total), (eur(20_000), eur(85_633)));
    }

    #[test]
    fn more_than_is_owed_is_refused_with_its_day() {
        let terms = ClaimTerms::statutory(Country::Germany, DebtorKind::Consumer, true);
        let payments = [(day("2026-07-31"), eur(900)), (day("2026-07-01"), eur(200))];
        let refusal = spend(&terms, &mut [invoice("2026-08-31", 1_000)], &payments).unwrap_err();
        assert_eq!(refusal.to_string(), "the payment of 2026-07-31: 9.00 EUR is more than the 8.00 EUR owed on that day");
    }
}
