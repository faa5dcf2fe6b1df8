//! The demo's own arithmetic: whole cents, written without the product's code, so that agreement proves something.
//!
//! It follows each payment: who holds it, whose it is, who has been paid out. When everyone else has theirs the holder
//! draws its own part, and the payment has moved no balance any more.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

/// The six who have accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Urrutia,
    Comptoir,
    Serenos,
    Passerelle,
    Amable,
    Entente,
}

/// Positive: money held for others. The others, negative: what is still to be paid out to the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    Cash,
    Payable,
    Earned,
    Commission,
    Vat,
}

impl Account {
    pub const ALL: [Self; 5] = [Self::Cash, Self::Payable, Self::Earned, Self::Commission, Self::Vat];

    /// As the books call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Payable => "payable",
            Self::Earned => "earned",
            Self::Commission => "commission",
            Self::Vat => "vat",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Country {
    Spain,
    France,
}

impl Who {
    pub const ALL: [Self; 6] = [Self::Urrutia, Self::Comptoir, Self::Serenos, Self::Passerelle, Self::Amable, Self::Entente];

    const fn country(self) -> Country {
        match self {
            Self::Urrutia | Self::Serenos | Self::Amable | Self::Entente => Country::Spain,
            Self::Comptoir | Self::Passerelle => Country::France,
        }
    }
}

/// The platform's part of a fee.
const COMMISSION_BP: i64 = 2_000;
const WHOLE_BP: i64 = 10_000;

/// Standard rates of 2026; between countries the customer accounts for the tax.
fn vat_bp(supplier: Who, customer: Who) -> i64 {
    match (supplier.country(), customer.country()) {
        (Country::Spain, Country::Spain) => 2_100,
        (Country::France, Country::France) => 2_000,
        (Country::Spain, Country::France) | (Country::France, Country::Spain) => 0,
    }
}

fn half_up(numerator: i128, denominator: i128) -> i64 {
    i64::try_from((numerator * 2 + denominator) / (denominator * 2)).unwrap_or(i64::MAX)
}

/// An agency at work for a creditor, and its fee.
#[derive(Debug, Clone, Copy)]
pub struct Engaged {
    pub agency: Who,
    pub fee_bp: i64,
}

/// What a payment comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    pub fee: i64,
    pub fee_vat: i64,
    pub commission: i64,
    pub commission_vat: i64,
    pub creditor: i64,
    pub agency: i64,
}

/// Fees are rounded down, taxes to the nearest cent.
pub fn split(creditor: Who, engaged: Engaged, amount: i64) -> Split {
    let fee = amount * engaged.fee_bp / WHOLE_BP;
    let fee_vat = half_up(i128::from(fee * vat_bp(engaged.agency, creditor)), WHOLE_BP.into());
    let commission = fee * COMMISSION_BP / WHOLE_BP;
    let commission_vat = half_up(i128::from(commission * vat_bp(Who::Entente, engaged.agency)), WHOLE_BP.into());
    let creditor = amount - fee - fee_vat;
    Split { fee, fee_vat, commission, commission_vat, creditor, agency: fee + fee_vat - commission - commission_vat }
}

/// A payment on its way to those whose it is.
#[derive(Debug, Clone)]
struct Underway {
    payment: String,
    holder: Who,
    parts: Vec<(Who, Account, i64)>,
}

#[derive(Debug, Clone, Default)]
pub struct Tally {
    balances: BTreeMap<(Who, Account), i64>,
    /// All that ever went in or out, without signs.
    moved: BTreeMap<(Who, Account), i64>,
    underway: Vec<Underway>,
    recovered: BTreeMap<Who, i64>,
    /// On which days money moved.
    pub days: BTreeSet<NaiveDate>,
}

impl Tally {
    /// A confirmed payment in the account of `holder`.
    pub fn confirmed(&mut self, on: NaiveDate, payment: &str, creditor: Who, engaged: Option<Engaged>, holder: Who, amount: i64) {
        let parts = match engaged {
            None => vec![(creditor, Account::Payable, amount)],
            Some(engaged) => {
                let split = split(creditor, engaged, amount);
                vec![
                    (creditor, Account::Payable, split.creditor),
                    (engaged.agency, Account::Earned, split.agency),
                    (Who::Entente, Account::Commission, split.commission),
                    (Who::Entente, Account::Vat, split.commission_vat),
                ]
            }
        };
        self.days.insert(on);
        *self.recovered.entry(creditor).or_default() += amount;
        self.book(holder, Account::Cash, amount);
        for (owner, account, part) in &parts {
            self.book(*owner, *account, -part);
        }
        self.underway.push(Underway { payment: payment.to_owned(), holder, parts });
        self.draw();
    }

    /// What the holder of a payment still owes to `payee`.
    pub fn owed(&self, payment: &str, payee: Who) -> i64 {
        let parts = self.underway.iter().filter(|one| one.payment == payment && one.holder != payee).flat_map(|one| &one.parts);
        parts.filter(|part| part.0 == payee).map(|part| part.2).sum()
    }

    /// The holder paid `payee` its parts of a payment.
    pub fn remitted(&mut self, on: NaiveDate, payment: &str, payee: Who) {
        self.days.insert(on);
        let mut booked = Vec::new();
        for one in self.underway.iter_mut().filter(|one| one.payment == payment) {
            let (paid, left): (Vec<_>, Vec<_>) = one.parts.iter().copied().partition(|part| part.0 == payee);
            one.parts = left;
            booked.extend(paid.into_iter().map(|part| (one.holder, part)));
        }
        self.take_out(booked);
        self.draw();
    }

    /// Whoever holds money that is nobody else's any more takes it as its own.
    fn draw(&mut self) {
        let (done, left): (Vec<_>, Vec<_>) = std::mem::take(&mut self.underway)
            .into_iter()
            .partition(|one| one.parts.iter().all(|part| part.0 == one.holder || part.2 == 0));
        self.underway = left;
        self.take_out(done.into_iter().flat_map(|one| one.parts.into_iter().map(move |part| (one.holder, part))).collect());
    }

    fn take_out(&mut self, parts: Vec<(Who, (Who, Account, i64))>) {
        for (holder, (owner, account, amount)) in parts {
            self.book(owner, account, amount);
            self.book(holder, Account::Cash, -amount);
        }
    }

    fn book(&mut self, owner: Who, account: Account, amount: i64) {
        *self.balances.entry((owner, account)).or_default() += amount;
        *self.moved.entry((owner, account)).or_default() += amount.abs();
    }

    /// Debits less credits.
    pub fn balance(&self, owner: Who, account: Account) -> i64 {
        self.balances.get(&(owner, account)).copied().unwrap_or_default()
    }

    /// All that went in or out.
    pub fn moved(&self, owner: Who, account: Account) -> i64 {
        self.moved.get(&(owner, account)).copied().unwrap_or_default()
    }

    /// All that came in for a creditor.
    pub fn recovered(&self, creditor: Who) -> i64 {
        self.recovered.get(&creditor).copied().unwrap_or_default()
    }
}

/// Statutory rates of 2026 between businesses (Ley 3/2004 art. 7: ECB + 8; Code de commerce L441-10: ECB + 10), by half-year.
const fn rate_bp(country: Country, first_half: bool) -> i64 {
    match (country, first_half) {
        (Country::Spain, true) => 1_015,
        (Country::Spain, false) => 1_040,
        (Country::France, true) => 1_215,
        (Country::France, false) => 1_240,
    }
}

/// Fixed compensation for each late invoice (Ley 3/2004 art. 8; Code de commerce D441-5).
pub const COMPENSATION: i64 = 4_000;

/// Late interest on an untouched principal that fell due in 2026: days over 365, each half-year rounded by itself.
pub fn late_interest(creditor: Who, principal: i64, due_on: NaiveDate, on: NaiveDate) -> i64 {
    let days_of = |first_half: bool| {
        let days = due_on.iter_days().skip(1).take_while(|day| *day <= on).filter(|day| (day.month() <= 6) == first_half).count();
        i128::try_from(days).unwrap_or(0)
    };
    let halves = [true, false].map(|first_half| {
        half_up(i128::from(principal) * i128::from(rate_bp(creditor.country(), first_half)) * days_of(first_half), 10_000 * 365)
    });
    halves.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERENOS: Option<Engaged> = Some(Engaged { agency: Who::Serenos, fee_bp: 1_200 });

    fn day() -> NaiveDate {
        "2026-09-10".parse().unwrap()
    }

    /// The worked example of `docs/money.md`.
    #[test]
    fn a_thousand_euro_are_split_as_in_the_worked_example() {
        let split = split(Who::Urrutia, SERENOS.unwrap(), 100_000);
        let expected =
            Split { fee: 12_000, fee_vat: 2_520, commission: 2_400, commission_vat: 504, creditor: 85_480, agency: 11_616 };
        assert_eq!(split, expected);
    }

    #[test]
    fn when_everyone_is_paid_no_balance_is_left() {
        let mut tally = Tally::default();
        tally.confirmed(day(), "p", Who::Urrutia, SERENOS, Who::Serenos, 100_000);
        assert_eq!(tally.balance(Who::Serenos, Account::Cash), 100_000);
        assert_eq!(
            (tally.owed("p", Who::Urrutia), tally.owed("p", Who::Entente), tally.owed("p", Who::Serenos)),
            (85_480, 2_904, 0)
        );
        tally.remitted(day(), "p", Who::Urrutia);
        assert_eq!(tally.balance(Who::Serenos, Account::Cash), 14_520);
        tally.remitted(day(), "p", Who::Entente);
        assert!(Who::ALL.iter().all(|who| Account::ALL.iter().all(|account| tally.balance(*who, *account) == 0)));
    }

    #[test]
    fn without_an_agency_the_creditor_has_its_money_at_once() {
        let mut tally = Tally::default();
        tally.confirmed(day(), "p", Who::Urrutia, None, Who::Urrutia, 5_000);
        assert_eq!((tally.balance(Who::Urrutia, Account::Cash), tally.recovered(Who::Urrutia)), (0, 5_000));
    }

    /// 1,000.00 due on 31 May 2026: 30 days at 10.15 %, 61 at 10.40 %.
    #[test]
    fn interest_follows_the_half_years() {
        let on = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(late_interest(Who::Urrutia, 100_000, on("2026-05-31"), on("2026-08-30")), 834 + 1_738);
        assert_eq!(late_interest(Who::Urrutia, 100_000, on("2026-05-31"), on("2026-05-31")), 0);
    }
}
