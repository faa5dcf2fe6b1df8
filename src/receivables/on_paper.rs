//! Claims, debtors and organisations as letters, mails and pages print them: no figure is reckoned anew here.

use super::{
    Debtor,
    claim::{Claim, ClaimLine, Part},
};
use crate::{
    paper::{self, ClaimRow, Party, RowKind},
    parties::Organisation,
    types::{BasisPoints, Money, MoneyError},
};

/// A claim's lines as rows, with what was received as the last one: the rows sum to the claim's total.
///
/// # Errors
/// More than money holds.
pub fn claim_on_paper(claim: &Claim) -> Result<paper::Claim, MoneyError> {
    let mut rows: Vec<ClaimRow> = claim.lines.iter().map(row).collect();
    if claim.paid.is_positive() {
        let amount = Money::zero(claim.currency).checked_sub(claim.paid)?;
        rows.push(ClaimRow { invoice: None, kind: RowKind::Paid, amount });
    }
    Ok(paper::Claim { on: claim.on, rows })
}

fn row(line: &ClaimLine) -> ClaimRow {
    let ground = line.ground.citation().to_owned();
    let kind = match line.part {
        Part::Principal => RowKind::Principal { issued_on: line.from, due_on: line.to, ground },
        Part::Interest => RowKind::Interest {
            from: line.from,
            until: line.to,
            days: line.days,
            rate: line.rate.unwrap_or(BasisPoints(0)),
            base: line.base,
            ground,
        },
        Part::Compensation => RowKind::Compensation { ground },
    };
    ClaimRow { invoice: Some(line.number.clone()), kind, amount: line.amount }
}

/// A debtor as an address window shows it.
#[must_use]
pub fn debtor_on_paper(debtor: &Debtor) -> Party {
    Party {
        name: debtor.legal_name.clone(),
        company_number: debtor.tax_number.clone(),
        street: debtor.street.clone(),
        postal_code: debtor.postal_code.clone(),
        city: debtor.city.clone(),
        country: debtor.country,
        email: debtor.email.clone(),
        phone: debtor.phone.clone(),
    }
}

/// A creditor or agency as a letter head shows it.
#[must_use]
pub fn organisation_on_paper(organisation: &Organisation) -> Party {
    Party {
        name: organisation.legal_name.clone(),
        company_number: organisation.company_number.as_ref().map(ToString::to_string),
        street: Some(organisation.address.street.clone()),
        postal_code: Some(organisation.address.postal_code.clone()),
        city: Some(organisation.address.city.clone()),
        country: organisation.country,
        email: Some(organisation.email.clone()),
        phone: organisation.phone.clone(),
    }
}
