//! Debtors and claims as sheets, mails and pages print them: a claim's own lines, what was received as one row more.

use super::{
    Debtor,
    claim::{Claim, ClaimLine, Part},
};
use crate::{
    paper::{self, ClaimRow, Party, RowKind},
    types::Money,
};

impl Debtor {
    /// As addressed.
    #[must_use]
    pub fn printed(&self) -> Party {
        Party {
            name: self.legal_name.clone(),
            company_number: self.tax_number.clone(),
            street: self.street.clone(),
            postal_code: self.postal_code.clone(),
            city: self.city.clone(),
            country: self.country,
            email: self.email.clone(),
            phone: self.phone.clone(),
        }
    }
}

impl Claim {
    /// Its rows sum to `total`.
    #[must_use]
    pub fn printed(&self) -> paper::Claim {
        let received = self.paid.is_positive().then(|| ClaimRow {
            invoice: None,
            kind: RowKind::Paid,
            amount: Money::new(-self.paid.minor, self.paid.currency),
        });
        paper::Claim { on: self.on, rows: self.lines.iter().map(ClaimLine::printed).chain(received).collect() }
    }
}

impl ClaimLine {
    fn printed(&self) -> ClaimRow {
        let ground = self.citation.to_owned();
        let kind = match (self.part, self.rate) {
            (Part::Principal, _) => RowKind::Principal { issued_on: self.from, due_on: self.to, ground },
            (Part::Interest, Some(rate)) => {
                RowKind::Interest { from: self.from, until: self.to, days: self.days, rate, base: self.base, ground }
            }
            (Part::Interest, None) | (Part::Compensation, _) => RowKind::Compensation { ground },
        };
        ClaimRow { invoice: Some(self.number.clone()), kind, amount: self.amount }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use crate::{
        receivables::{
            DebtorKind,
            claim::{ClaimTerms, Invoice, claim},
        },
        types::{Country, Currency, Money, ReceivableId},
    };

    #[test]
    fn what_is_printed_sums_to_what_is_claimed() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let eur = |minor| Money::new(minor, Currency::EUR);
        let invoice = Invoice {
            receivable_id: ReceivableId::fresh(),
            number: "F-1".to_owned(),
            issued_on: day("2026-06-01"),
            due_on: day("2026-06-30"),
            principal: eur(100_000),
            principal_payments: vec![(day("2026-08-15"), eur(30_000))],
            interest_paid: eur(500),
            compensation_paid: eur(4_000),
        };
        let terms = ClaimTerms { country: Country::Spain, kind: DebtorKind::Business, with_interest: true };
        let claim = claim(&terms, &[invoice], day("2026-11-02")).unwrap();
        assert_eq!(claim.printed().total().unwrap(), claim.total);
        assert_eq!(claim.printed().rows.last().unwrap().amount, eur(-34_500));
    }
}
