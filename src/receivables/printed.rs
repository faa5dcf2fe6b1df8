//! Debtors and claims as sheets, mails and pages print them: a claim's own lines, what was received as one row more.

use super::{
    Debtor,
    claim::{Claim, ClaimLine, Part},
    lines::DISPUTED,
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
            uncertain: false,
            amount: Money::new(-self.paid.minor, self.paid.currency),
        });
        // Lines of nothing explain what is not asked: no demand prints them.
        let asked = self.lines.iter().filter(|line| line.amount.minor != 0);
        paper::Claim { on: self.on, rows: asked.map(ClaimLine::printed).chain(received).collect() }
    }
}

impl ClaimLine {
    fn printed(&self) -> ClaimRow {
        let ground = self.citation.to_owned();
        let kind = match (self.part, self.rate) {
            (Part::Principal, _) if self.ground == DISPUTED.code => RowKind::Disputed,
            (Part::Principal, _) if self.amount.minor < 0 => RowKind::Credit { credited_on: self.to, ground },
            (Part::Principal, _) => RowKind::Principal { issued_on: self.from, due_on: self.to, ground },
            (Part::Interest, Some(rate)) => {
                RowKind::Interest { from: self.from, until: self.to, days: self.days, rate, base: self.base, ground }
            }
            (Part::Interest, None) | (Part::Compensation, _) => RowKind::Compensation { ground },
            (Part::Costs, _) => RowKind::Costs { base: self.base, ground },
        };
        // Costs are asked for all invoices together.
        let invoice = (self.part != Part::Costs).then(|| self.number.clone());
        ClaimRow { invoice, kind, uncertain: self.uncertain, amount: self.amount }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use crate::{
        receivables::{
            DebtorKind,
            claim::{ClaimTerms, claim},
            invoice::Invoice,
        },
        types::{Country, Currency, Money, ReceivableId},
    };

    #[test]
    fn what_is_printed_sums_to_what_is_claimed() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let eur = |minor| Money::new(minor, Currency::EUR);
        let days = (day("2026-06-01"), day("2026-06-30"));
        let invoice = Invoice {
            credits: vec![(day("2026-07-15"), eur(10_000))],
            disputed: eur(20_000),
            principal_payments: vec![(day("2026-08-15"), eur(30_000))],
            interest_payments: vec![(day("2026-08-15"), eur(500))],
            compensation_paid: eur(4_000),
            ..Invoice::new(ReceivableId::fresh(), "F-1".to_owned(), days, eur(110_000))
        };
        for kind in DebtorKind::ALL {
            let terms = ClaimTerms::statutory(Country::Spain, *kind, true);
            let claim = claim(&terms, std::slice::from_ref(&invoice), day("2026-11-02")).unwrap();
            assert_eq!(claim.printed().total().unwrap(), claim.total);
            assert!(claim.printed().rows.iter().all(|row| row.amount.minor != 0));
        }
        let terms = ClaimTerms::statutory(Country::Spain, DebtorKind::Business, true);
        let claim = claim(&terms, &[invoice], day("2026-11-02")).unwrap();
        assert_eq!(claim.printed().rows.last().unwrap().amount, eur(-34_500));
    }
}
