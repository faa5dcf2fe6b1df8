//! What is about to go into the books: entries that sum to zero in every currency, or no posting at all.
//!
//! Pure. The database proves the same again at commit (`ledger_transaction_balances`).

use std::{collections::BTreeMap, fmt::Display};

use crate::types::{Currency, Money, OrgId, text_enum};

text_enum! {
    /// What an account is for. Balances are debits minus credits.
    pub enum AccountKind {
        /// Other people's money in the owner's bank account: positive.
        Cash => "cash",
        /// What a creditor is still to get of what was recovered for it: negative.
        Payable => "payable",
        /// What an agency earned, with VAT, after the platform's part: negative.
        Earned => "earned",
        /// What the platform earned: negative.
        Commission => "commission",
        /// VAT the platform owes its tax office: negative.
        Vat => "vat",
        /// Money that the owner has and of which it is not known yet whose payment it is: negative.
        Suspense => "suspense",
        /// The platform's balance at Stripe, other people's money and its own: positive.
        Stripe => "stripe",
        /// What of that balance is the platform's own, less what Stripe charged: negative.
        Own => "own",
    }
}

/// Whose account, of what kind, in which currency: there is at most one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Account {
    pub owner: OrgId,
    pub kind: AccountKind,
    pub currency: Currency,
}

impl Account {
    /// The order in which accounts are locked: by owner, kind and currency, known before an account has an id.
    fn lock_order(&self) -> (OrgId, &'static str, &'static str) {
        (self.owner, self.kind.as_str(), self.currency.code())
    }
}

/// One line of a posting: positive debits the account, negative credits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub account: Account,
    pub amount_minor: i64,
}

/// A balanced transaction, ready to be posted: one entry per account, none of nothing, in the order of locking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    kind: &'static str,
    business_key: String,
    entries: Vec<Entry>,
}

/// Why entries are no posting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostingRefusal {
    #[error("the entries in {0} sum to {1} minor units instead of nothing")]
    Unbalanced(Currency, i128),
    #[error("nothing moves")]
    Empty,
    #[error("{0} cannot be posted: debits and credits are written without a sign")]
    Negative(Money),
    #[error("an entry is larger than can be kept")]
    Overflow,
}

/// Entries being put together.
#[derive(Debug)]
pub struct Draft {
    kind: &'static str,
    business_key: String,
    lines: Vec<(OrgId, AccountKind, Money, i128)>,
}

impl Posting {
    /// A posting of `kind` about `subject`; both make its business key, under which it is posted once: `payout.paid:pyo_…`.
    #[must_use]
    pub fn about(kind: &'static str, subject: impl Display) -> Draft {
        Draft { kind, business_key: format!("{kind}:{subject}"), lines: Vec::new() }
    }

    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    #[must_use]
    pub fn business_key(&self) -> &str {
        &self.business_key
    }

    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

impl Draft {
    /// Into the account.
    #[must_use]
    pub fn debit(self, owner: OrgId, kind: AccountKind, amount: Money) -> Self {
        self.line(owner, kind, amount, 1)
    }

    /// Out of the account.
    #[must_use]
    pub fn credit(self, owner: OrgId, kind: AccountKind, amount: Money) -> Self {
        self.line(owner, kind, amount, -1)
    }

    fn line(mut self, owner: OrgId, kind: AccountKind, amount: Money, sign: i128) -> Self {
        self.lines.push((owner, kind, amount, sign));
        self
    }

    /// Merges lines of one account, leaves out those that come to nothing, and proves that the rest balances.
    ///
    /// # Errors
    /// A currency does not sum to zero, a line has a sign of its own, nothing is left, or an entry overflows.
    pub fn balanced(self) -> Result<Posting, PostingRefusal> {
        let mut by_account: BTreeMap<_, (Account, i128)> = BTreeMap::new();
        let mut by_currency: BTreeMap<&'static str, (Currency, i128)> = BTreeMap::new();
        for (owner, kind, amount, sign) in self.lines {
            if amount.minor < 0 {
                return Err(PostingRefusal::Negative(amount));
            }
            let account = Account { owner, kind, currency: amount.currency };
            let signed = sign * i128::from(amount.minor);
            by_account.entry(account.lock_order()).or_insert((account, 0)).1 += signed;
            by_currency.entry(amount.currency.code()).or_insert((amount.currency, 0)).1 += signed;
        }
        if let Some((currency, sum)) = by_currency.into_values().find(|(_, sum)| *sum != 0) {
            return Err(PostingRefusal::Unbalanced(currency, sum));
        }
        let entries = by_account.into_values().filter(|(_, sum)| *sum != 0).map(|(account, sum)| {
            i64::try_from(sum).map(|amount_minor| Entry { account, amount_minor }).map_err(|_| PostingRefusal::Overflow)
        });
        let entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
        if entries.is_empty() {
            return Err(PostingRefusal::Empty);
        }
        Ok(Posting { kind: self.kind, business_key: self.business_key, entries })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn org(number: u128) -> OrgId {
        OrgId(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn a_posting_names_its_business_key() {
        let posting =
            Posting::about("test", "1").debit(org(1), AccountKind::Cash, eur(5)).credit(org(2), AccountKind::Payable, eur(5));
        let posting = posting.balanced().unwrap();
        assert_eq!((posting.kind(), posting.business_key()), ("test", "test:1"));
        assert_eq!(posting.entries().iter().map(|entry| entry.amount_minor).collect::<Vec<_>>(), [5, -5]);
    }

    #[test]
    fn what_does_not_balance_is_no_posting() {
        let cent_short =
            Posting::about("test", 1).debit(org(1), AccountKind::Cash, eur(5)).credit(org(2), AccountKind::Payable, eur(4));
        assert_eq!(cent_short.balanced(), Err(PostingRefusal::Unbalanced(Currency::EUR, 1)));
        let pounds = Money::new(5, Currency::GBP);
        let mixed =
            Posting::about("test", 1).debit(org(1), AccountKind::Cash, eur(5)).credit(org(2), AccountKind::Payable, pounds);
        assert!(matches!(mixed.balanced(), Err(PostingRefusal::Unbalanced(..))));
    }

    #[test]
    fn each_currency_balances_for_itself() {
        let pounds = Money::new(7, Currency::GBP);
        let posting = Posting::about("test", 1)
            .debit(org(1), AccountKind::Cash, eur(5))
            .debit(org(1), AccountKind::Cash, pounds)
            .credit(org(2), AccountKind::Payable, eur(5))
            .credit(org(2), AccountKind::Payable, pounds);
        assert_eq!(posting.balanced().map(|posting| posting.entries.len()), Ok(4));
    }

    #[test]
    fn nothing_negative_or_empty_is_posted() {
        assert_eq!(Posting::about("test", 1).balanced(), Err(PostingRefusal::Empty));
        let to_itself =
            Posting::about("test", 1).debit(org(1), AccountKind::Cash, eur(5)).credit(org(1), AccountKind::Cash, eur(5));
        assert_eq!(to_itself.balanced(), Err(PostingRefusal::Empty));
        let negative =
            Posting::about("test", 1).debit(org(1), AccountKind::Cash, eur(-5)).credit(org(2), AccountKind::Payable, eur(-5));
        assert_eq!(negative.balanced(), Err(PostingRefusal::Negative(eur(-5))));
    }

    #[test]
    fn an_entry_too_large_is_refused_and_does_not_wrap() {
        let most = eur(i64::MAX);
        let posting = Posting::about("test", 1)
            .debit(org(1), AccountKind::Cash, most)
            .debit(org(1), AccountKind::Cash, most)
            .credit(org(2), AccountKind::Payable, most)
            .credit(org(3), AccountKind::Payable, most);
        assert_eq!(posting.balanced(), Err(PostingRefusal::Overflow));
    }

    proptest! {
        #[test]
        fn whatever_is_posted_sums_to_zero_with_one_entry_per_account_in_lock_order(
            moves in prop::collection::vec((0_u128..6, 0_u128..6, 0_usize..5, 0_i64..1_000_000), 1..20)
        ) {
            let draft = moves.iter().fold(Posting::about("test", 1), |draft, (from, to, kind, minor)| {
                let kind = AccountKind::ALL[*kind];
                draft.debit(org(*to), kind, eur(*minor)).credit(org(*from), kind, eur(*minor))
            });
            match draft.balanced() {
                Ok(posting) => {
                    prop_assert_eq!(posting.entries().iter().map(|entry| entry.amount_minor).sum::<i64>(), 0);
                    prop_assert!(posting.entries().iter().all(|entry| entry.amount_minor != 0));
                    let order: Vec<_> = posting.entries().iter().map(|entry| entry.account.lock_order()).collect();
                    prop_assert!(order.windows(2).all(|pair| pair[0] < pair[1]));
                }
                Err(refusal) => prop_assert_eq!(refusal, PostingRefusal::Empty),
            }
        }
    }
}
