//! What a payment can be spent on, and what is left after it. Pure.
//!
//! Payments may be confirmed in another order than they came in. Interest and compensation are reckoned on the day the money
//! came; principal that a later payment has taken meanwhile is not there to be paid again.

use chrono::NaiveDate;

use super::allocation::Allocated;
use crate::{
    receivables::{
        claim::{ClaimRefusal, ClaimTerms, Owed, Part, owed_by_invoice},
        invoice::Invoice,
    },
    types::{Currency, Money, MoneyError},
};

/// What is owed of each invoice on the day `on`, and open still.
///
/// # Errors
/// The claim cannot be reckoned for that day.
pub fn open_on(terms: &ClaimTerms, invoices: &[Invoice], on: NaiveDate) -> Result<Vec<Owed>, ClaimRefusal> {
    let mut owed = owed_by_invoice(terms, invoices, on)?;
    for one in &mut owed {
        let Some(invoice) = invoices.iter().find(|invoice| invoice.receivable_id == one.receivable_id) else { continue };
        let open = invoice.open_principal(NaiveDate::MAX)?;
        one.principal.minor = one.principal.minor.min(open.minor);
    }
    Ok(owed)
}

/// What a payment of `amount` may be spent on: what is asked for; where it is more than that, what is disputed too.
///
/// # Errors
/// As [`open_on`].
pub fn open_for(terms: &ClaimTerms, invoices: &[Invoice], on: NaiveDate, amount: Money) -> Result<Vec<Owed>, ClaimRefusal> {
    let asked = open_on(terms, invoices, on)?;
    let suffices = amount.minor <= total(&asked, amount.currency)?.minor;
    if suffices || invoices.iter().all(|invoice| !invoice.disputed.is_positive()) {
        return Ok(asked);
    }
    open_on(terms, &whole(invoices), on)
}

/// The invoices with what is disputed of them.
#[must_use]
pub fn whole(invoices: &[Invoice]) -> Vec<Invoice> {
    invoices.iter().cloned().map(Invoice::whole).collect()
}

/// # Errors
/// More than an `i64` holds.
pub fn total(owed: &[Owed], currency: Currency) -> Result<Money, MoneyError> {
    Money::sum(currency, owed.iter().flat_map(|one| [one.principal, one.interest, one.compensation, one.costs]))
}

/// Writes on the invoices what a payment received on `received_on` was spent on.
///
/// # Errors
/// More than an `i64` holds.
pub fn book(invoices: &mut [Invoice], spent: &[Allocated], received_on: NaiveDate) -> Result<(), MoneyError> {
    for line in spent {
        let Some(invoice) = invoices.iter_mut().find(|invoice| invoice.receivable_id == line.receivable_id) else { continue };
        match line.part {
            Part::Principal => invoice.principal_payments.push((received_on, line.amount)),
            Part::Interest => invoice.interest_payments.push((received_on, line.amount)),
            Part::Compensation => invoice.compensation_paid = invoice.compensation_paid.checked_add(line.amount)?,
            Part::Costs => invoice.costs_paid = invoice.costs_paid.checked_add(line.amount)?,
        }
    }
    Ok(())
}

/// What is still owed after `spent` came in on `received_on`, on the day of the last payment, with what is disputed: nothing
/// closes the case.
///
/// # Errors
/// The claim cannot be reckoned for that day.
pub fn left_after(
    terms: &ClaimTerms,
    invoices: &[Invoice],
    spent: &[Allocated],
    received_on: NaiveDate,
) -> Result<Money, ClaimRefusal> {
    let mut invoices = whole(invoices);
    book(&mut invoices, spent, received_on)?;
    let paid_on = invoices.iter().flat_map(|invoice| &invoice.principal_payments).map(|(day, _)| *day);
    let last_payment = paid_on.max().unwrap_or(received_on).max(received_on);
    let currency = invoices.first().map(|invoice| invoice.principal.currency).ok_or(ClaimRefusal::NoInvoices)?;
    Ok(total(&open_on(terms, &invoices, last_payment)?, currency)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        payments::allocation::allocate,
        receivables::{DebtorKind, law},
        types::{Country, ReceivableId},
    };

    const TERMS: ClaimTerms = ClaimTerms::statutory(Country::Spain, DebtorKind::Business, true);

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn invoice() -> Invoice {
        let id = ReceivableId(uuid::Uuid::from_u128(1));
        Invoice::new(id, "F-1".to_owned(), (day("2026-07-01"), day("2026-07-31")), eur(100_000))
    }

    #[test]
    fn what_is_owed_on_the_day_leaves_nothing() {
        let on = day("2026-10-31");
        let owed = open_on(&TERMS, &[invoice()], on).unwrap();
        assert_eq!(total(&owed, Currency::EUR), Ok(eur(106_621)));
        let spent = allocate(&law::of(Country::Spain).allocation, &owed, eur(106_621)).unwrap();
        assert_eq!(left_after(&TERMS, &[invoice()], &spent, on), Ok(eur(0)));
    }

    #[test]
    fn a_cent_too_little_leaves_a_cent() {
        let on = day("2026-10-31");
        let owed = open_on(&TERMS, &[invoice()], on).unwrap();
        let spent = allocate(&law::of(Country::Spain).allocation, &owed, eur(106_620)).unwrap();
        assert_eq!(left_after(&TERMS, &[invoice()], &spent, on), Ok(eur(1)));
    }

    #[test]
    fn what_is_asked_for_is_paid_first_and_what_is_disputed_keeps_the_case_open() {
        let on = day("2026-10-31");
        let disputed = Invoice { disputed: eur(40_000), ..invoice() };
        // 600.00 at 10.40 % for 92 days: 15.73, and the fixed sum.
        let asked = total(&open_on(&TERMS, std::slice::from_ref(&disputed), on).unwrap(), Currency::EUR).unwrap();
        assert_eq!(asked, eur(60_000 + 1_573 + 4_000));
        let owed = open_for(&TERMS, std::slice::from_ref(&disputed), on, asked).unwrap();
        let spent = allocate(&law::of(Country::Spain).allocation, &owed, asked).unwrap();
        assert!(left_after(&TERMS, std::slice::from_ref(&disputed), &spent, on).unwrap().minor >= 40_000);
        let all = open_for(&TERMS, &[disputed], on, eur(106_621)).unwrap();
        assert_eq!(total(&all, Currency::EUR), Ok(eur(106_621)));
    }

    #[test]
    fn principal_taken_by_a_later_payment_is_not_there_for_an_earlier_one() {
        let mut paid = invoice();
        paid.principal_payments.push((day("2026-10-20"), eur(100_000)));
        let owed = open_on(&TERMS, &[paid], day("2026-10-10")).unwrap();
        assert_eq!(owed[0].principal, eur(0));
        assert!(owed[0].interest.is_positive());
    }
}
