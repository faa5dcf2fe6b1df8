//! The parts of a payment: whose they are, what its holder owes the others, and the postings of each step.
//!
//! Pure. A payment is confirmed, each other party is paid out, and when the last one is, the holder draws its own part:
//! by then every account it touched stands where it stood before. In the platform's balance at Stripe what is drawn stays, as
//! the platform's own.

use super::fees::Split;
use crate::{
    ledger::{AccountKind, Posting, PostingRefusal, posting::Draft},
    types::{Money, MoneyError, OrgId, PaymentId, PayoutId},
};

/// One party's part, on one of its accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub owner: OrgId,
    pub account: AccountKind,
    pub amount: Money,
}

/// Who holds a payment, and whose it is: the parts sum to the amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares {
    /// In whose bank account the money arrived, or balance at Stripe.
    pub holder: OrgId,
    /// Which of the two: `Cash` or `Stripe`.
    pub account: AccountKind,
    pub amount: Money,
    pub parts: Vec<Part>,
}

/// What the holder owes to one other party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owing {
    pub payee: OrgId,
    pub amount: Money,
}

/// The parties of an engaged case's payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parties {
    pub creditor: OrgId,
    pub agency: OrgId,
    pub operator: OrgId,
}

impl Shares {
    /// Of a payment on a case that no agency was engaged on: all of it is the creditor's.
    #[must_use]
    pub fn of_creditor(creditor: OrgId, amount: Money) -> Self {
        let parts = vec![Part { owner: creditor, account: AccountKind::Payable, amount }];
        Self { holder: creditor, account: AccountKind::Cash, amount, parts }
    }

    /// The same parts of money that lies in the platform's balance at Stripe.
    #[must_use]
    pub fn at_stripe(self, operator: OrgId) -> Self {
        Self { holder: operator, account: AccountKind::Stripe, ..self }
    }

    /// Of a payment that was split.
    #[must_use]
    pub fn of_split(holder: OrgId, parties: &Parties, split: &Split) -> Self {
        let part = |owner, account, amount| Part { owner, account, amount };
        let parts = vec![
            part(parties.creditor, AccountKind::Payable, split.creditor),
            part(parties.agency, AccountKind::Earned, split.agency),
            part(parties.operator, AccountKind::Commission, split.commission.net),
            part(parties.operator, AccountKind::Vat, split.commission.vat_amount),
        ];
        Self { holder, account: AccountKind::Cash, amount: split.payment, parts }
    }

    /// What the holder owes the others, in the order of their parts.
    ///
    /// # Errors
    /// More than an `i64` holds.
    pub fn owed(&self) -> Result<Vec<Owing>, MoneyError> {
        let mut owed: Vec<Owing> = Vec::new();
        for part in self.parts.iter().filter(|part| part.owner != self.holder && part.amount.is_positive()) {
            match owed.iter_mut().find(|owing| owing.payee == part.owner) {
                Some(owing) => owing.amount = owing.amount.checked_add(part.amount)?,
                None => owed.push(Owing { payee: part.owner, amount: part.amount }),
            }
        }
        Ok(owed)
    }

    /// The money arrived: it is in the holder's account and owed to everyone who has a part.
    ///
    /// # Errors
    /// The parts do not sum to the amount.
    pub fn confirmed(&self, payment: PaymentId) -> Result<Posting, PostingRefusal> {
        let arrived = Posting::about("payment.confirmed", payment).debit(self.holder, self.account, self.amount);
        self.parts.iter().fold(arrived, |draft, part| draft.credit(part.owner, part.account, part.amount)).balanced()
    }

    /// A payee got its parts out of the holder's account, but for what was `set_off` before.
    ///
    /// # Errors
    /// It has none.
    pub fn paid_out(&self, payout: PayoutId, payee: OrgId, set_off: Money) -> Result<Posting, PostingRefusal> {
        self.out(Posting::about("payout.paid", payout), payee, (set_off.minor, i64::MAX)).balanced()
    }

    /// The holder took its own parts, after everyone else was paid. `None`: it has none.
    ///
    /// # Errors
    /// More than can be kept.
    pub fn drawn(&self, payment: PaymentId) -> Result<Option<Posting>, PostingRefusal> {
        let draft = Posting::about("payment.drawn", payment);
        let drawn = self.stretch(self.holder, ALL_OF_IT).iter().fold(draft, |draft, part| {
            draft.debit(self.holder, part.account, part.amount).credit(self.holder, self.drawn_into(), part.amount)
        });
        unless_empty(drawn.balanced())
    }

    /// The money was taken back out of the holder's account: nobody has a part in it any more.
    ///
    /// # Errors
    /// The parts do not sum to the amount.
    pub fn reversed(&self, payment: PaymentId) -> Result<Posting, PostingRefusal> {
        let gone = Posting::about("payment.reversed", payment).credit(self.holder, self.account, self.amount);
        self.parts.iter().fold(gone, |draft, part| draft.debit(part.owner, part.account, part.amount)).balanced()
    }

    /// A payee gave back `amount` of what it had got out of the holder's account, but for what was `set_off` before.
    ///
    /// # Errors
    /// It had got nothing.
    pub fn returned(&self, payout: PayoutId, payer: OrgId, set_off: Money, amount: Money) -> Result<Posting, PostingRefusal> {
        self.back(Posting::about("payout.returned", payout), payer, (set_off.minor, amount.minor)).balanced()
    }

    /// The holder puts back the own parts that it had drawn. `None`: it has none.
    ///
    /// # Errors
    /// More than can be kept.
    pub fn put_back(&self, payment: PaymentId) -> Result<Option<Posting>, PostingRefusal> {
        let draft = Posting::about("payment.put_back", payment);
        let put_back = self.stretch(self.holder, ALL_OF_IT).iter().fold(draft, |draft, part| {
            draft.credit(self.holder, part.account, part.amount).debit(self.holder, self.drawn_into(), part.amount)
        });
        unless_empty(put_back.balanced())
    }

    /// A bank account's own part leaves the books; at Stripe it stays where it is.
    const fn drawn_into(&self) -> AccountKind {
        match self.account {
            AccountKind::Stripe => AccountKind::Own,
            AccountKind::Cash
            | AccountKind::Payable
            | AccountKind::Earned
            | AccountKind::Commission
            | AccountKind::Vat
            | AccountKind::Suspense
            | AccountKind::Own => self.account,
        }
    }

    /// A stretch of what `owner` has in the payment leaves the holder's account for it.
    pub(super) fn out(&self, draft: Draft, owner: OrgId, stretch: (i64, i64)) -> Draft {
        self.stretch(owner, stretch).iter().fold(draft, |draft, part| {
            draft.debit(owner, part.account, part.amount).credit(self.holder, self.account, part.amount)
        })
    }

    /// A stretch of what `owner` had in the payment comes back into the holder's account.
    pub(super) fn back(&self, draft: Draft, owner: OrgId, stretch: (i64, i64)) -> Draft {
        self.stretch(owner, stretch).iter().fold(draft, |draft, part| {
            draft.credit(owner, part.account, part.amount).debit(self.holder, self.account, part.amount)
        })
    }

    /// Of the parts of `owner`, laid end to end, the minor units `from` up to `until`.
    fn stretch(&self, owner: OrgId, (from, until): (i64, i64)) -> Vec<Part> {
        let mut before = 0_i64;
        let own = self.parts.iter().filter(|part| part.owner == owner);
        own.map(|part| {
            let start = before;
            before = before.saturating_add(part.amount.minor);
            let minor = before.min(until).saturating_sub(start.max(from)).max(0);
            Part { amount: Money::new(minor, part.amount.currency), ..*part }
        })
        .collect()
    }
}

const ALL_OF_IT: (i64, i64) = (0, i64::MAX);

fn unless_empty(balanced: Result<Posting, PostingRefusal>) -> Result<Option<Posting>, PostingRefusal> {
    match balanced {
        Ok(posting) => Ok(Some(posting)),
        Err(PostingRefusal::Empty) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        ledger::Account,
        settlement::{
            fees::{Terms, split},
            vat::Vat,
        },
        types::{BasisPoints, Currency},
    };

    fn org(number: u128) -> OrgId {
        OrgId(uuid::Uuid::from_u128(number))
    }

    const CREDITOR: u128 = 1;
    const AGENCY: u128 = 2;
    const OPERATOR: u128 = 3;
    const NOTHING: Money = Money::zero(Currency::EUR);

    fn eur(text: &str) -> Money {
        Money::parse_decimal(text, Currency::EUR).unwrap()
    }

    fn shares(holder: u128, amount: Money, fee: i32) -> Shares {
        let vat = Vat { rate: BasisPoints(2100), ground: "test" };
        let terms =
            Terms { fee: BasisPoints(fee), fee_net: None, fee_vat: vat, commission: BasisPoints(2000), commission_vat: vat };
        let parties = Parties { creditor: org(CREDITOR), agency: org(AGENCY), operator: org(OPERATOR) };
        Shares::of_split(org(holder), &parties, &split(amount, &terms).unwrap())
    }

    fn written(posting: &Posting) -> Vec<(u128, &'static str, String)> {
        let mut lines: Vec<_> = posting
            .entries()
            .iter()
            .map(|entry| {
                let Account { owner, kind, currency } = entry.account;
                (owner.0.as_u128(), kind.as_str(), Money::new(entry.amount_minor, currency).decimal())
            })
            .collect();
        lines.sort_unstable();
        lines
    }

    fn line(owner: u128, kind: &'static str, amount: &str) -> (u128, &'static str, String) {
        (owner, kind, amount.to_owned())
    }

    /// The worked example of `docs/money.md`, in the agency's account.
    #[test]
    fn a_thousand_euro_in_the_agencys_account_are_posted_as_in_the_worked_example() {
        let shares = shares(AGENCY, eur("1000.00"), 1200);
        let payment = PaymentId::fresh();
        let confirmed = shares.confirmed(payment).unwrap();
        assert_eq!(confirmed.business_key(), format!("payment.confirmed:{payment}"));
        let expected = [
            line(CREDITOR, "payable", "-854.80"),
            line(AGENCY, "cash", "1000.00"),
            line(AGENCY, "earned", "-116.16"),
            line(OPERATOR, "commission", "-24.00"),
            line(OPERATOR, "vat", "-5.04"),
        ];
        assert_eq!(written(&confirmed), expected);
        let owed: Vec<_> = shares.owed().unwrap().iter().map(|owing| (owing.payee, owing.amount)).collect();
        assert_eq!(owed, [(org(CREDITOR), eur("854.80")), (org(OPERATOR), eur("29.04"))]);
    }

    #[test]
    fn a_payout_moves_the_payees_parts_and_the_holder_draws_its_own_last() {
        let shares = shares(AGENCY, eur("1000.00"), 1200);
        let to_creditor = shares.paid_out(PayoutId::fresh(), org(CREDITOR), NOTHING).unwrap();
        assert_eq!(written(&to_creditor), [line(CREDITOR, "payable", "854.80"), line(AGENCY, "cash", "-854.80")]);
        let to_operator = shares.paid_out(PayoutId::fresh(), org(OPERATOR), NOTHING).unwrap();
        let expected = [line(AGENCY, "cash", "-29.04"), line(OPERATOR, "commission", "24.00"), line(OPERATOR, "vat", "5.04")];
        assert_eq!(written(&to_operator), expected);
        let drawn = shares.drawn(PaymentId::fresh()).unwrap().unwrap();
        assert_eq!(written(&drawn), [line(AGENCY, "cash", "-116.16"), line(AGENCY, "earned", "116.16")]);
    }

    #[test]
    fn money_in_the_creditors_account_is_owed_to_agency_and_platform() {
        let shares = shares(CREDITOR, eur("1000.00"), 1200);
        let owed: Vec<_> = shares.owed().unwrap().iter().map(|owing| (owing.payee, owing.amount)).collect();
        assert_eq!(owed, [(org(AGENCY), eur("116.16")), (org(OPERATOR), eur("29.04"))]);
    }

    /// DESIGN: cash 1,000.00 = creditor 854.80 + agency 116.16 + commission 24.00 + VAT 5.04, with Stripe's balance as the cash.
    #[test]
    fn a_thousand_euro_by_card_are_five_entries_and_what_the_platform_draws_stays_at_stripe() {
        let shares = shares(AGENCY, eur("1000.00"), 1200).at_stripe(org(OPERATOR));
        let expected = [
            line(CREDITOR, "payable", "-854.80"),
            line(AGENCY, "earned", "-116.16"),
            line(OPERATOR, "commission", "-24.00"),
            line(OPERATOR, "stripe", "1000.00"),
            line(OPERATOR, "vat", "-5.04"),
        ];
        assert_eq!(written(&shares.confirmed(PaymentId::fresh()).unwrap()), expected);
        let owed: Vec<_> = shares.owed().unwrap().iter().map(|owing| (owing.payee, owing.amount)).collect();
        assert_eq!(owed, [(org(CREDITOR), eur("854.80")), (org(AGENCY), eur("116.16"))]);
        let drawn = shares.drawn(PaymentId::fresh()).unwrap().unwrap();
        let own = [line(OPERATOR, "commission", "24.00"), line(OPERATOR, "own", "-29.04"), line(OPERATOR, "vat", "5.04")];
        assert_eq!(written(&drawn), own);
        let in_house = Shares::of_creditor(org(CREDITOR), eur("50.00")).at_stripe(org(OPERATOR));
        let owed: Vec<_> = in_house.owed().unwrap().iter().map(|owing| (owing.payee, owing.amount)).collect();
        assert_eq!(owed, [(org(CREDITOR), eur("50.00"))]);
        assert_eq!(in_house.drawn(PaymentId::fresh()), Ok(None));
    }

    #[test]
    fn without_an_agency_all_is_the_creditors_and_nobody_is_owed() {
        let shares = Shares::of_creditor(org(CREDITOR), eur("50.00"));
        assert_eq!(shares.owed(), Ok(Vec::new()));
        let confirmed = shares.confirmed(PaymentId::fresh()).unwrap();
        assert_eq!(written(&confirmed), [line(CREDITOR, "cash", "50.00"), line(CREDITOR, "payable", "-50.00")]);
        assert!(shares.drawn(PaymentId::fresh()).unwrap().is_some());
    }

    #[test]
    fn without_a_fee_the_agency_has_nothing_to_draw() {
        let shares = shares(AGENCY, eur("10.00"), 0);
        assert_eq!(shares.owed().unwrap().len(), 1);
        assert_eq!(shares.drawn(PaymentId::fresh()), Ok(None));
    }

    #[test]
    fn what_was_set_off_is_taken_off_the_front_of_the_parts() {
        let shares = shares(AGENCY, eur("1000.00"), 1200);
        let rest = shares.paid_out(PayoutId::fresh(), org(OPERATOR), eur("25.00")).unwrap();
        assert_eq!(written(&rest), [line(AGENCY, "cash", "-4.04"), line(OPERATOR, "vat", "4.04")]);
        let back = shares.returned(PayoutId::fresh(), org(OPERATOR), eur("20.00"), eur("25.00")).unwrap();
        let expected = [line(AGENCY, "cash", "5.00"), line(OPERATOR, "commission", "-4.00"), line(OPERATOR, "vat", "-1.00")];
        assert_eq!(written(&back), expected);
    }

    proptest! {
        #[test]
        fn when_everyone_is_paid_no_account_has_moved(minor in 1_i64..1_000_000_000, fee in 0_i32..=5000, holder in CREDITOR..=AGENCY) {
            let shares = shares(holder, Money::new(minor, Currency::EUR), fee);
            let mut postings = vec![shares.confirmed(PaymentId::fresh()).unwrap()];
            for owing in shares.owed().unwrap() {
                postings.push(shares.paid_out(PayoutId::fresh(), owing.payee, NOTHING).unwrap());
            }
            postings.extend(shares.drawn(PaymentId::fresh()).unwrap());
            let mut balances: HashMap<Account, i64> = HashMap::new();
            for entry in postings.iter().flat_map(Posting::entries) {
                *balances.entry(entry.account).or_default() += entry.amount_minor;
            }
            prop_assert!(balances.values().all(|balance| *balance == 0), "{balances:?}");
        }

        /// However far a payment was paid out when it was taken back: once everybody has given back, every account stands at nothing.
        #[test]
        fn what_was_taken_back_leaves_no_trace_in_any_balance(
            minor in 1_i64..10_000_000, fee in 0_i32..3000, holder in 1_u128..=3, paid in prop::collection::vec(any::<bool>(), 2)
        ) {
            let shares = shares(holder, Money::new(minor, Currency::EUR), fee);
            let shares = if holder == OPERATOR { shares.at_stripe(org(OPERATOR)) } else { shares };
            let payment = PaymentId::fresh();
            let owed = shares.owed().unwrap();
            let gone: Vec<OrgId> = owed.iter().zip(&paid).filter(|(_, paid)| **paid).map(|(owing, _)| owing.payee).collect();
            let mut postings = vec![shares.confirmed(payment).unwrap()];
            postings.extend(gone.iter().map(|payee| shares.paid_out(PayoutId::fresh(), *payee, NOTHING).unwrap()));
            let drawn = gone.len() == owed.len();
            if drawn {
                postings.extend(shares.drawn(payment).unwrap());
            }
            postings.push(shares.reversed(payment).unwrap());
            if drawn {
                postings.extend(shares.put_back(payment).unwrap());
            }
            postings.extend(owed.iter().filter(|owing| gone.contains(&owing.payee)).map(|owing| {
                shares.returned(PayoutId::fresh(), owing.payee, NOTHING, owing.amount).unwrap()
            }));
            let mut balances: HashMap<Account, i64> = HashMap::new();
            for entry in postings.iter().flat_map(Posting::entries) {
                *balances.entry(entry.account).or_default() += entry.amount_minor;
            }
            prop_assert!(balances.values().all(|balance| *balance == 0), "{balances:?}");
        }
    }
}
