//! The lines of a claim: for each invoice its principal, interest and fixed sum; for all together the costs. Pure.

use chrono::NaiveDate;

use super::{
    agreement::AgreementRefusal,
    claim::{Basis, ClaimLine, ClaimRefusal, Owed, Part},
    costs::{BELGIAN_FORMULA, DUTCH_FORMULA, belgian_cap, dutch_scale},
    interest::{DayCount, Debt, Segment, accrue, year_days},
    invoice::{DuePart, Invoice, until},
    law::{Band, Costs, FixedSum, Ground, Interest},
    rates::Series,
};
use crate::types::{Money, MoneyError};

/// A consumer pays no costs within this many days of the letter that names them (BW 6:96(6)).
const DAYS_TO_PAY: u64 = 14;

/// No law of any country: what the parties themselves do not agree on.
pub(super) const DISPUTED: Ground = Ground::new("disputed", "", "disputed: not asked for until the objection is answered");

const CREDIT_NOTE: &str = "credit note: counts from the day of the invoice";

/// What of the principal was unpaid when its due day had passed, over all invoices so far.
#[derive(Debug, Default)]
pub(super) struct LatePrincipal {
    sum: Option<Money>,
    invoices: i64,
    /// Place of the invoice that was due first.
    first: Option<(NaiveDate, usize)>,
    seen: usize,
}

impl LatePrincipal {
    fn count(&mut self, invoice: &Invoice, late: Money) -> Result<(), MoneyError> {
        if late.is_positive() {
            self.sum = Some(self.sum.unwrap_or(Money::zero(late.currency)).checked_add(late)?);
            self.invoices += 1;
            if self.first.is_none_or(|(due_on, _)| invoice.due_on < due_on) {
                self.first = Some((invoice.due_on, self.seen));
            }
        }
        self.seen += 1;
        Ok(())
    }
}

/// The lines of one invoice, added to `lines`; and what is still owed of it.
pub(super) fn of_invoice(
    basis: &Basis<'_>,
    invoice: &Invoice,
    lines: &mut Vec<ClaimLine>,
    late_sum: &mut LatePrincipal,
) -> Result<Owed, ClaimRefusal> {
    let zero = Money::zero(invoice.principal.currency);
    let left = invoice.net_principal(basis.on)?.checked_sub(until(&invoice.principal_payments, basis.on, invoice.principal)?)?;
    let (mut interest, mut compensation, mut late) = (zero, zero, zero);
    principal_lines(basis, invoice, lines)?;
    for part in invoice.due_parts(basis.on)? {
        let unpaid = part.principal.checked_sub(until(&part.payments, part.due_on, part.principal)?)?;
        if basis.on <= part.due_on || !unpaid.is_positive() {
            continue;
        }
        interest = interest.checked_add(interest_lines(basis, invoice, &part, lines)?)?;
        if late.minor == 0 || basis.law.fixed_sum_per_instalment {
            compensation = compensation.checked_add(fixed_sum(basis, invoice, &part, lines))?;
        }
        late = late.checked_add(unpaid)?;
    }
    if left.minor < 0 {
        return Err(ClaimRefusal::Overpaid(invoice.number.clone()));
    }
    late_sum.count(invoice, late)?;
    Ok(Owed {
        receivable_id: invoice.receivable_id,
        due_on: invoice.due_on,
        principal: left,
        interest: still_owed(interest, invoice.interest_paid()?)?,
        compensation: still_owed(compensation, invoice.compensation_paid)?,
        costs: zero,
    })
}

/// A part that was paid beyond what is due now (the principal was reduced since) owes nothing more, and gives nothing to other parts.
fn still_owed(due: Money, paid: Money) -> Result<Money, MoneyError> {
    let left = due.checked_sub(paid)?;
    Ok(if left.is_positive() { left } else { Money::zero(due.currency) })
}

/// A line without days and rate; the caller fills in what it has.
fn line(invoice: &Invoice, part: Part, ground: Ground, (from, to): (NaiveDate, NaiveDate), base: Money) -> ClaimLine {
    ClaimLine {
        receivable_id: invoice.receivable_id,
        number: invoice.number.clone(),
        part,
        ground: ground.code,
        citation: ground.citation,
        rule: ground.rule,
        uncertain: ground.doubt.is_some(),
        doubt: ground.doubt,
        from,
        to,
        days: 0,
        rate: None,
        base,
        day_count: None,
        formula: "",
        amount: Money::zero(base.currency),
    }
}

/// What was invoiced, instalment by instalment, what was credited since, and what is disputed.
fn principal_lines(basis: &Basis<'_>, invoice: &Invoice, lines: &mut Vec<ClaimLine>) -> Result<(), MoneyError> {
    let whole = [(invoice.due_on, invoice.principal)];
    let invoiced = if invoice.instalments.is_empty() { whole.as_slice() } else { invoice.instalments.as_slice() };
    for (due_on, amount) in invoiced.iter().filter(|(_, amount)| amount.is_positive()) {
        let days = (invoice.issued_on, *due_on);
        lines.push(ClaimLine {
            amount: *amount,
            formula: "as invoiced",
            ..line(invoice, Part::Principal, basis.law.contract, days, *amount)
        });
    }
    for (credited_on, amount) in invoice.credits.iter().filter(|(day, _)| *day <= basis.on) {
        let days = (invoice.issued_on, *credited_on);
        let taken = Money::new(amount.minor.saturating_neg(), amount.currency);
        lines.push(ClaimLine {
            amount: taken,
            formula: CREDIT_NOTE,
            ..line(invoice, Part::Principal, basis.law.contract, days, *amount)
        });
    }
    let withheld = invoice.withheld()?;
    if withheld.is_positive() {
        let days = (invoice.issued_on, invoice.due_on);
        lines.push(ClaimLine {
            amount: Money::new(withheld.minor.saturating_neg(), withheld.currency),
            formula: "as disputed",
            ..line(invoice, Part::Principal, DISPUTED, days, withheld)
        });
    }
    Ok(())
}

/// Adds the interest of what fell due on one day; answers its sum.
fn interest_lines(
    basis: &Basis<'_>,
    invoice: &Invoice,
    part: &DuePart<'_>,
    lines: &mut Vec<ClaimLine>,
) -> Result<Money, ClaimRefusal> {
    let (Some(late), Some(from)) = (basis.late, part.due_on.succ_opt()) else { return Ok(Money::zero(part.principal.currency)) };
    let legal = |law| basis.rates.series(law, invoice.issued_on);
    match (&basis.agreed, late.interest) {
        (Some((series, ground)), _) => accrued(basis, invoice, part, from, (series, *ground), lines),
        (None, Interest::ByItself { law, ground }) => accrued(basis, invoice, part, from, (legal(law), ground), lines),
        (None, Interest::FromNotice { law, ground, without }) => match invoice.notice_on.filter(|on| *on < basis.on) {
            Some(notice_on) => {
                let from = from.max(notice_on.succ_opt().unwrap_or(notice_on));
                accrued(basis, invoice, part, from, (legal(law), ground), lines)
            }
            None => Ok(nothing(basis, invoice, part, from, without, lines)),
        },
        (None, Interest::Unclaimed(why)) => Ok(nothing(basis, invoice, part, from, why, lines)),
    }
}

fn accrued(
    basis: &Basis<'_>,
    invoice: &Invoice,
    part: &DuePart<'_>,
    from: NaiveDate,
    (series, ground): (&Series, Ground),
    lines: &mut Vec<ClaimLine>,
) -> Result<Money, ClaimRefusal> {
    let debt = Debt { principal: part.principal, payments: &part.payments, interest_payments: &invoice.interest_payments };
    let mut sum = Money::zero(part.principal.currency);
    for segment in accrue(series, basis.law.convention, &debt, (from, basis.on))? {
        sum = sum.checked_add(segment.amount)?;
        lines.push(interest_line(basis, invoice, ground, &segment));
    }
    Ok(sum)
}

fn interest_line(basis: &Basis<'_>, invoice: &Invoice, ground: Ground, segment: &Segment) -> ClaimLine {
    let doubt = match segment.rate {
        Some(_) => segment.doubt.or(ground.doubt),
        None => Some("the rate of these days is not in the table: nothing is claimed for them"),
    };
    let day_count = basis.law.convention.day_count;
    ClaimLine {
        days: segment.days,
        rate: segment.rate,
        day_count: Some(day_count),
        formula: interest_formula(day_count, segment),
        amount: segment.amount,
        ..line(invoice, Part::Interest, Ground { doubt, ..ground }, (segment.from, segment.to), segment.base)
    }
}

fn interest_formula(day_count: DayCount, segment: &Segment) -> &'static str {
    match (segment.rate, year_days(day_count, segment.from)) {
        (None, _) => "nothing: no rate is known",
        (Some(_), 366) => "base × rate × days ÷ 366",
        (Some(_), 360) => "base × rate × days ÷ 360",
        (Some(_), _) => "base × rate × days ÷ 365",
    }
}

/// A line that says why no interest is claimed.
fn nothing(
    basis: &Basis<'_>,
    invoice: &Invoice,
    part: &DuePart<'_>,
    from: NaiveDate,
    why: Ground,
    lines: &mut Vec<ClaimLine>,
) -> Money {
    let days = basis.on.signed_duration_since(part.due_on).num_days();
    lines.push(ClaimLine {
        days: u32::try_from(days).unwrap_or(0),
        formula: "nothing is claimed",
        ..line(invoice, Part::Interest, why, (from, basis.on), part.principal)
    });
    Money::zero(part.principal.currency)
}

/// Due from the first day of delay, without a reminder. The law names it in its own currency, so others carry none.
fn fixed_sum(basis: &Basis<'_>, invoice: &Invoice, part: &DuePart<'_>, lines: &mut Vec<ClaimLine>) -> Money {
    let nothing = Money::zero(part.principal.currency);
    let Some(FixedSum::Bands(ground, bands)) = basis.late.map(|late| late.fixed_sum) else { return nothing };
    let Some(late_from) = part.due_on.succ_opt().filter(|_| part.principal.currency == basis.law.currency) else {
        return nothing;
    };
    if !basis.keeps_fixed_sum() {
        return nothing;
    }
    // The band goes by the size of the debt: of the invoice, or of the instalment where each is a debt of its own.
    let of_band = |band: &&Band| part.principal.minor < band.below_minor;
    let amount = bands.iter().find(of_band).map_or(nothing, |band| Money::new(band.sum_minor, part.principal.currency));
    lines.push(ClaimLine {
        amount,
        formula: "fixed sum",
        ..line(invoice, Part::Compensation, ground, (late_from, late_from), part.principal)
    });
    amount
}

/// Adds the costs of all invoices together, owed on the one that was due first.
pub(super) fn costs(
    basis: &Basis<'_>,
    invoices: &[Invoice],
    late: &LatePrincipal,
    lines: &mut Vec<ClaimLine>,
    owed: &mut [Owed],
) -> Result<(), ClaimRefusal> {
    let (Some(late_law), Some(base), Some((_, place))) = (basis.late, late.sum, late.first) else { return Ok(()) };
    let Some((invoice, owed)) = invoices.get(place).zip(owed.get_mut(place)) else { return Ok(()) };
    if base.currency != basis.law.currency {
        return Ok(());
    }
    let all_noticed: Option<Vec<NaiveDate>> = invoices.iter().map(|invoice| invoice.notice_on).collect();
    let last_notice = all_noticed.and_then(|days| days.into_iter().max());
    let letter_ran_out = last_notice.and_then(|on| on.checked_add_days(chrono::Days::new(DAYS_TO_PAY)));
    let (ground, formula, amount) = match late_law.costs {
        Costs::OnProof => return Ok(()),
        Costs::Scale(ground) => (ground, DUTCH_FORMULA, dutch_scale(base, late.invoices)?),
        Costs::ScaleAfterLetter { ground, .. } if letter_ran_out.is_some_and(|last| last < basis.on) => {
            (ground, DUTCH_FORMULA, dutch_scale(base, 1)?)
        }
        Costs::ScaleAfterLetter { without, .. } => (without, "nothing is claimed", Money::zero(base.currency)),
        Costs::AgreedPenalty { ground, without } => match basis.terms.agreement.penalty {
            Some(penalty) => (ground, BELGIAN_FORMULA, within_cap(penalty, belgian_cap(base)?, ground)?),
            None => (without, "nothing is claimed", Money::zero(base.currency)),
        },
    };
    let days = (invoice.due_on.succ_opt().unwrap_or(invoice.due_on), basis.on);
    lines.push(ClaimLine { amount, formula, ..line(invoice, Part::Costs, ground, days, base) });
    let paid = Money::sum(base.currency, invoices.iter().map(|invoice| invoice.costs_paid))?;
    owed.costs = still_owed(amount, paid)?;
    Ok(())
}

/// A clause that names more than the cap is void as a whole.
fn within_cap(penalty: Money, most: Money, ground: Ground) -> Result<Money, ClaimRefusal> {
    if penalty.checked_sub(most)?.is_positive() || !penalty.is_positive() {
        return Err(AgreementRefusal::Penalty { penalty, most, article: ground.citation }.into());
    }
    Ok(penalty)
}
