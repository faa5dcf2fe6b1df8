//! An invoice as owed: what was invoiced, credited, split into instalments, and paid on each part of it.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::claim::ClaimRefusal;
use crate::types::{Money, MoneyError, ReceivableId};

/// Amounts with the day they came in.
pub type Dated = (NaiveDate, Money);

/// An invoice as owed, with what was paid on each part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    pub receivable_id: ReceivableId,
    pub number: String,
    pub issued_on: NaiveDate,
    /// The agreed day: default begins the day after it without a reminder (Ley 3/2004 art. 5; L441-10 II; BGB § 286(2) no. 1).
    pub due_on: NaiveDate,
    /// As invoiced, VAT included (CJEU C-585/20).
    pub principal: Money,
    /// What credit notes took off, with their own day. It counts from the invoice's: nobody owed it for a day.
    pub credits: Vec<Dated>,
    /// What the debtor objects to and has not been answered on: it is not asked for, nor is interest on it.
    pub disputed: Money,
    /// What falls due when, summing to `principal`; empty where all of it does on `due_on`.
    pub instalments: Vec<Dated>,
    pub principal_payments: Vec<Dated>,
    pub interest_payments: Vec<Dated>,
    pub compensation_paid: Money,
    pub costs_paid: Money,
    /// The day on which the debtor received a formal notice to pay: some interest and costs begin with it.
    pub notice_on: Option<NaiveDate>,
}

/// What falls due on one day: all of an invoice, or an instalment.
pub(super) struct DuePart<'a> {
    pub due_on: NaiveDate,
    pub principal: Money,
    pub payments: Cow<'a, [Dated]>,
}

impl Invoice {
    /// On which nothing was credited or paid.
    #[must_use]
    pub const fn new(
        receivable_id: ReceivableId,
        number: String,
        (issued_on, due_on): (NaiveDate, NaiveDate),
        principal: Money,
    ) -> Self {
        let zero = Money::zero(principal.currency);
        Self {
            receivable_id,
            number,
            issued_on,
            due_on,
            principal,
            credits: Vec::new(),
            disputed: zero,
            instalments: Vec::new(),
            principal_payments: Vec::new(),
            interest_payments: Vec::new(),
            compensation_paid: zero,
            costs_paid: zero,
            notice_on: None,
        }
    }

    /// As invoiced, less credit notes known on `on` and what is disputed.
    ///
    /// # Errors
    /// Another currency, or more than an `i64` holds.
    pub fn net_principal(&self, on: NaiveDate) -> Result<Money, MoneyError> {
        self.principal.checked_sub(until(&self.credits, on, self.principal)?)?.checked_sub(self.withheld()?)
    }

    /// What of the disputed part is still open: what was paid or credited since is not disputed any more.
    ///
    /// # Errors
    /// As [`Self::net_principal`].
    pub fn withheld(&self) -> Result<Money, MoneyError> {
        let settled = total(&self.credits, self.principal)?.checked_add(total(&self.principal_payments, self.principal)?)?;
        let open = self.principal.checked_sub(settled)?;
        Ok(Money::new(self.disputed.minor.min(open.minor).max(0), self.principal.currency))
    }

    /// With the disputed part: what would be owed if the debtor were wrong.
    #[must_use]
    pub const fn whole(mut self) -> Self {
        self.disputed = Money::zero(self.principal.currency);
        self
    }

    /// What is left of it when all payments are counted, whenever they came in.
    ///
    /// # Errors
    /// As [`Self::net_principal`].
    pub fn open_principal(&self, on: NaiveDate) -> Result<Money, MoneyError> {
        self.net_principal(on)?.checked_sub(total(&self.principal_payments, self.principal)?)
    }

    /// # Errors
    /// As [`Self::net_principal`].
    pub fn interest_paid(&self) -> Result<Money, MoneyError> {
        total(&self.interest_payments, self.principal)
    }

    /// What falls due when, with the payments that went to it: the oldest instalment is paid first, and a credit note takes
    /// the same share off each.
    pub(super) fn due_parts(&self, on: NaiveDate) -> Result<Vec<DuePart<'_>>, ClaimRefusal> {
        let net = self.net_principal(on)?;
        if net.minor < 0 {
            return Err(ClaimRefusal::Overcredited(self.number.clone()));
        }
        if self.instalments.is_empty() {
            let payments = Cow::Borrowed(self.principal_payments.as_slice());
            return Ok(vec![DuePart { due_on: self.due_on, principal: net, payments }]);
        }
        let invoiced = total(&self.instalments, self.principal)?;
        let weights: Option<Vec<u64>> = self.instalments.iter().map(|(_, amount)| u64::try_from(amount.minor).ok()).collect();
        let Some(weights) = weights.filter(|_| invoiced == self.principal) else {
            return Err(ClaimRefusal::Instalments(self.number.clone()));
        };
        let amounts = self.instalments.iter().zip(net.split(&weights));
        let mut parts: Vec<DuePart<'_>> = amounts
            .map(|((due_on, _), principal)| DuePart { due_on: *due_on, principal, payments: Cow::Owned(Vec::new()) })
            .collect();
        parts.sort_by_key(|part| part.due_on);
        self.spread(&mut parts)?;
        Ok(parts)
    }

    /// Gives each payment to the oldest instalments; what none of them takes goes to the last, to be found as overpaid.
    fn spread(&self, parts: &mut [DuePart<'_>]) -> Result<(), MoneyError> {
        let mut payments = self.principal_payments.clone();
        payments.sort_by_key(|(paid_on, _)| *paid_on);
        let last = parts.len().saturating_sub(1);
        for (paid_on, mut left) in payments {
            for (at, part) in parts.iter_mut().enumerate() {
                let open = part.principal.checked_sub(total(&part.payments, left)?)?;
                let taken = if at == last { left } else { Money::new(left.minor.min(open.minor).max(0), left.currency) };
                if taken.is_positive() {
                    part.payments.to_mut().push((paid_on, taken));
                    left = left.checked_sub(taken)?;
                }
            }
        }
        Ok(())
    }
}

/// The sum of `amounts`, in the currency of `like`.
pub(super) fn total(amounts: &[Dated], like: Money) -> Result<Money, MoneyError> {
    Money::sum(like.currency, amounts.iter().map(|(_, amount)| *amount))
}

/// The sum of those that had come in on `on`.
pub(super) fn until(amounts: &[Dated], on: NaiveDate, like: Money) -> Result<Money, MoneyError> {
    Money::sum(like.currency, amounts.iter().filter(|(day, _)| *day <= on).map(|(_, amount)| *amount))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Currency;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn in_three() -> Invoice {
        let mut invoice =
            Invoice::new(ReceivableId::fresh(), "F-1".to_owned(), (day("2026-01-01"), day("2026-01-31")), eur(100_000));
        invoice.instalments =
            vec![(day("2026-02-28"), eur(30_000)), (day("2026-01-31"), eur(30_000)), (day("2026-03-31"), eur(40_000))];
        invoice
    }

    fn shown(invoice: &Invoice) -> Vec<(i64, i64)> {
        let parts = invoice.due_parts(day("2026-12-31")).unwrap();
        parts.iter().map(|part| (part.principal.minor, total(&part.payments, eur(0)).unwrap().minor)).collect()
    }

    #[test]
    fn payments_go_to_the_oldest_instalment_and_on_to_the_next() {
        let mut invoice = in_three();
        assert_eq!(shown(&invoice), [(30_000, 0), (30_000, 0), (40_000, 0)]);
        invoice.principal_payments = vec![(day("2026-03-01"), eur(20_000)), (day("2026-02-01"), eur(35_000))];
        assert_eq!(shown(&invoice), [(30_000, 30_000), (30_000, 25_000), (40_000, 0)]);
    }

    #[test]
    fn a_credit_note_takes_its_share_off_each_instalment() {
        let mut invoice = in_three();
        invoice.credits = vec![(day("2026-04-01"), eur(10_000))];
        assert_eq!(shown(&invoice), [(27_000, 0), (27_000, 0), (36_000, 0)]);
    }

    #[test]
    fn a_disputed_part_is_not_owed_until_it_is_answered_and_never_more_than_is_open() {
        let mut invoice = in_three();
        invoice.disputed = eur(10_000);
        assert_eq!(shown(&invoice), [(27_000, 0), (27_000, 0), (36_000, 0)]);
        invoice.principal_payments = vec![(day("2026-03-01"), eur(95_000))];
        assert_eq!((invoice.withheld(), invoice.open_principal(NaiveDate::MAX)), (Ok(eur(5_000)), Ok(eur(0))));
        assert_eq!(invoice.whole().open_principal(NaiveDate::MAX), Ok(eur(5_000)));
    }

    #[test]
    fn instalments_that_do_not_sum_to_the_invoice_are_refused() {
        let mut invoice = in_three();
        invoice.principal = eur(100_001);
        let refusal = invoice.due_parts(day("2026-12-31")).err();
        assert_eq!(refusal, Some(ClaimRefusal::Instalments("F-1".to_owned())));
        invoice.credits = vec![(day("2026-04-01"), eur(100_002))];
        assert_eq!(invoice.due_parts(day("2026-12-31")).err(), Some(ClaimRefusal::Overcredited("F-1".to_owned())));
    }
}
