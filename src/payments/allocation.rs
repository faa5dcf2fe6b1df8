//! How a payment is spent: on the oldest invoice first, and within it in the order of the country's law.
//!
//! Interest goes before principal everywhere, costs before interest where the law names them (`receivables::law`); among
//! several debts the debtor named none, the oldest is the one whose interest weighs most (ES CC art. 1174, FR CC art. 1342-10,
//! DE BGB § 366, NL BW 6:43, PT CC art. 784). Pure. What may never happen here: a cent that is spent twice, or not at all.

use crate::{
    receivables::{
        claim::{Owed, Part},
        law::AllocationRule,
    },
    types::{Money, MoneyError, ReceivableId},
};

/// What a payment paid of one part of one invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocated {
    pub receivable_id: ReceivableId,
    pub part: Part,
    pub amount: Money,
}

/// Why a payment cannot be spent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AllocationRefusal {
    #[error("a payment is for more than nothing")]
    NotPositive,
    #[error("{payment} is more than the {owed} owed on that day")]
    Surplus { payment: Money, owed: Money },
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Spends `payment` on `owed` by `rule`; the parts sum to it.
///
/// # Errors
/// Not positive, another currency, or more than is owed.
pub fn allocate(rule: &AllocationRule, owed: &[Owed], payment: Money) -> Result<Vec<Allocated>, AllocationRefusal> {
    if !payment.is_positive() {
        return Err(AllocationRefusal::NotPositive);
    }
    let mut oldest_first: Vec<&Owed> = owed.iter().collect();
    oldest_first.sort_by_key(|invoice| (invoice.due_on, invoice.receivable_id));
    let mut left = payment;
    let mut allocated = Vec::new();
    for (receivable_id, part, due) in oldest_first.into_iter().flat_map(|invoice| parts_in_order(rule, invoice)) {
        let amount = if left.checked_sub(due)?.is_positive() { due } else { left };
        if amount.is_positive() {
            left = left.checked_sub(amount)?;
            allocated.push(Allocated { receivable_id, part, amount });
        }
    }
    if left.is_positive() {
        return Err(AllocationRefusal::Surplus { payment, owed: payment.checked_sub(left)? });
    }
    Ok(allocated)
}

fn parts_in_order(rule: &AllocationRule, invoice: &Owed) -> [(ReceivableId, Part, Money); 4] {
    rule.order.map(|part| {
        let due = match part {
            Part::Principal => invoice.principal,
            Part::Interest => invoice.interest,
            Part::Compensation => invoice.compensation,
            Part::Costs => invoice.costs,
        };
        (invoice.receivable_id, part, due)
    })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        receivables::law,
        types::{Country, Currency},
    };

    const RULE: &AllocationRule = &law::of(Country::Spain).allocation;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn owed(number: u128, due_on: &str, compensation: i64, interest: i64, principal: i64) -> Owed {
        Owed {
            receivable_id: ReceivableId(uuid::Uuid::from_u128(number)),
            due_on: due_on.parse().unwrap(),
            principal: eur(principal),
            interest: eur(interest),
            compensation: eur(compensation),
            costs: eur(0),
        }
    }

    fn shown(allocated: &[Allocated]) -> Vec<(u128, Part, i64)> {
        allocated.iter().map(|line| (line.receivable_id.0.as_u128(), line.part, line.amount.minor)).collect()
    }

    #[test]
    fn within_an_invoice_compensation_comes_before_interest_and_interest_before_principal() {
        let invoice = [owed(1, "2026-03-01", 4000, 500, 100_000)];
        for (payment, expected) in [
            (3000, vec![(1, Part::Compensation, 3000)]),
            (4200, vec![(1, Part::Compensation, 4000), (1, Part::Interest, 200)]),
            (10_000, vec![(1, Part::Compensation, 4000), (1, Part::Interest, 500), (1, Part::Principal, 5500)]),
            (104_500, vec![(1, Part::Compensation, 4000), (1, Part::Interest, 500), (1, Part::Principal, 100_000)]),
        ] {
            assert_eq!(shown(&allocate(RULE, &invoice, eur(payment)).unwrap()), expected);
        }
    }

    #[test]
    fn the_oldest_invoice_is_paid_first() {
        let invoices =
            [owed(2, "2026-04-01", 4000, 0, 5000), owed(1, "2026-03-01", 4000, 10, 5000), owed(3, "2026-05-01", 0, 0, 7)];
        let spent = allocate(RULE, &invoices, eur(13_010)).unwrap();
        let expected =
            [(1, Part::Compensation, 4000), (1, Part::Interest, 10), (1, Part::Principal, 5000), (2, Part::Compensation, 4000)];
        assert_eq!(shown(&spent), expected);
    }

    /// A published Dutch case (HR 10 July 2015): costs of 875 and interest of 250 come before the principal of 10,000, so that
    /// 10,000 paid leave 1,125 of it.
    #[test]
    fn a_published_dutch_case_leaves_the_published_principal() {
        let debt = Owed { costs: eur(87_500), ..owed(1, "2015-01-01", 0, 25_000, 1_000_000) };
        let spent = allocate(&law::of(Country::Netherlands).allocation, &[debt], eur(1_000_000)).unwrap();
        assert_eq!(shown(&spent), [(1, Part::Costs, 87_500), (1, Part::Interest, 25_000), (1, Part::Principal, 887_500)]);
    }

    #[test]
    fn every_country_spends_on_costs_first_and_on_principal_last() {
        let debt = Owed { costs: eur(100), ..owed(1, "2026-03-01", 4000, 500, 100_000) };
        for country in Country::ALL {
            let spent = allocate(&law::of(*country).allocation, &[debt], eur(5_000)).unwrap();
            let expected =
                [(1, Part::Costs, 100), (1, Part::Compensation, 4000), (1, Part::Interest, 500), (1, Part::Principal, 400)];
            assert_eq!(shown(&spent), expected, "{country}");
        }
    }

    #[test]
    fn more_than_is_owed_is_refused_and_says_how_much_is() {
        let refusal = allocate(RULE, &[owed(1, "2026-03-01", 0, 0, 1000)], eur(1001)).unwrap_err();
        assert_eq!(refusal, AllocationRefusal::Surplus { payment: eur(1001), owed: eur(1000) });
        assert_eq!(allocate(RULE, &[], eur(1)), Err(AllocationRefusal::Surplus { payment: eur(1), owed: eur(0) }));
    }

    #[test]
    fn nothing_and_other_currencies_are_refused() {
        assert_eq!(allocate(RULE, &[], eur(0)), Err(AllocationRefusal::NotPositive));
        let pounds = Money::new(5, Currency::GBP);
        assert!(matches!(allocate(RULE, &[owed(1, "2026-03-01", 0, 0, 9)], pounds), Err(AllocationRefusal::Money(_))));
    }

    prop_compose! {
        fn some_owed()(number in 1_u128..1000, day in 0_u64..900, compensation in 0_i64..5000, interest in 0_i64..100_000, principal in 0_i64..10_000_000) -> Owed {
            let due_on = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Days::new(day);
            owed(number, &due_on.to_string(), compensation, interest, principal)
        }
    }

    proptest! {
        #[test]
        fn every_cent_is_spent_once_and_no_part_gets_more_than_it_is_owed(
            invoices in prop::collection::vec(some_owed(), 1..6), share in 1_i64..=10_000
        ) {
            let total: i64 = invoices.iter().map(|one| one.principal.minor + one.interest.minor + one.compensation.minor).sum();
            let payment = total / 10_000 * share + total % 10_000 * share / 10_000;
            prop_assume!(payment > 0);
            let spent = allocate(RULE, &invoices, eur(payment)).unwrap();
            prop_assert_eq!(spent.iter().map(|line| line.amount.minor).sum::<i64>(), payment);
            for line in &spent {
                let due: i64 = invoices.iter().filter(|one| one.receivable_id == line.receivable_id).map(|one| match line.part {
                    Part::Principal => one.principal.minor,
                    Part::Interest => one.interest.minor,
                    Part::Compensation => one.compensation.minor,
                    Part::Costs => one.costs.minor,
                }).max().unwrap_or(0);
                prop_assert!(line.amount.minor > 0 && line.amount.minor <= due);
            }
        }

        #[test]
        fn a_later_part_gets_nothing_before_an_earlier_one_is_full(
            invoices in prop::collection::vec(some_owed(), 1..6), payment in 1_i64..20_000_000
        ) {
            let mut sorted = invoices.clone();
            sorted.sort_by_key(|one| (one.due_on, one.receivable_id));
            let in_order: Vec<i64> = sorted.iter().flat_map(|one| parts_in_order(RULE, one)).map(|(_, _, due)| due.minor).filter(|due| *due > 0).collect();
            prop_assume!(payment <= in_order.iter().sum());
            let spent = allocate(RULE, &invoices, eur(payment)).unwrap();
            for (line, due) in spent.iter().zip(&in_order).take(spent.len() - 1) {
                prop_assert_eq!(line.amount.minor, *due);
            }
        }
    }
}
