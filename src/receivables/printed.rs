//! Debtors and claims as paper, mails and the debtor page show them.

use super::{
    Debtor, Receivable,
    claim::{Claim, ClaimLine, Part},
};
use crate::{
    paper::{self, RowKind},
    types::Money,
};

/// The debtor as addressed.
#[must_use]
pub fn debtor(debtor: Debtor) -> paper::Party {
    paper::Party {
        name: debtor.legal_name,
        company_number: debtor.tax_number,
        street: debtor.street,
        postal_code: debtor.postal_code,
        city: debtor.city,
        country: debtor.country,
        email: debtor.email,
        phone: debtor.phone,
    }
}

/// The claim as printed: its lines, less what has come in.
#[must_use]
pub fn claim(claim: &Claim, receivables: &[Receivable]) -> paper::Claim {
    let mut rows: Vec<paper::ClaimRow> = claim.lines.iter().map(|line| row(line, receivables)).collect();
    if claim.paid.is_positive() {
        rows.push(paper::ClaimRow { invoice: None, kind: RowKind::Paid, amount: Money::new(-claim.paid.minor, claim.currency) });
    }
    paper::Claim { on: claim.on, rows }
}

fn row(line: &ClaimLine, receivables: &[Receivable]) -> paper::ClaimRow {
    let ground = line.ground.citation().to_owned();
    let kind = match (line.part, line.rate) {
        (Part::Interest, Some(rate)) => {
            RowKind::Interest { from: line.from, until: line.to, days: line.days, rate, base: line.base, ground }
        }
        (Part::Compensation | Part::Interest, _) => RowKind::Compensation { ground },
        (Part::Principal, _) => {
            let invoice = receivables.iter().find(|receivable| receivable.id == line.receivable_id);
            RowKind::Principal {
                issued_on: invoice.map_or(line.from, |invoice| invoice.issued_on),
                due_on: invoice.map_or(line.from, |invoice| invoice.due_on),
                ground,
            }
        }
    };
    paper::ClaimRow { invoice: Some(line.number.clone()), kind, amount: line.amount }
}
