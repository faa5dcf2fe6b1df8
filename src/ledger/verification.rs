//! `entente ledger verify`: every running balance and every sum recomputed, the first wrong row named.
//!
//! Streams in pages of primary keys, so its memory does not grow with the books; they may be written to meanwhile.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Nullable, Text, Uuid as SqlUuid},
};
use uuid::Uuid;

use super::store;
use crate::{
    app::App,
    db::{DbError, Scope},
    types::{AccountId, LedgerTransactionId},
};

const ENTRIES_AT_A_TIME: i64 = 20_000;
const TRANSACTIONS_AT_A_TIME: i64 = 5_000;

/// What was found right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verified {
    pub accounts: u64,
    pub entries: u64,
    pub transactions: u64,
}

/// The first row that is wrong, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("account {account}: entry {seq} is missing")]
    Missing { account: AccountId, seq: i64 },
    #[error(
        "account {account}, entry {seq}: the balance after it is {written} minor units, but its entries add up to {computed}"
    )]
    Balance { account: AccountId, seq: i64, written: i64, computed: i128 },
    #[error("account {account}, entry {seq}: it is in another currency than its account")]
    Currency { account: AccountId, seq: i64 },
    #[error("account {0}: its balance or number of entries is not that of its last entry")]
    Account(AccountId),
    #[error("transaction {transaction} ({business_key}): its entries in {currency} do not sum to zero")]
    Unbalanced { transaction: LedgerTransactionId, business_key: String, currency: String },
    #[error("transaction {transaction} ({business_key}): it has no entries")]
    Empty { transaction: LedgerTransactionId, business_key: String },
}

/// Why the books could not be found right.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error(transparent)]
    Wrong(#[from] Wrong),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Recomputes every account from its first entry, then every transaction.
///
/// # Errors
/// The first wrong row, or the database fails.
pub async fn verify(app: &App) -> Result<Verified, VerifyError> {
    let mut verified = Verified::default();
    verify_entries(app, &mut verified).await?;
    if let Some(account) = app.db.transaction(Scope::System, async |conn| store::find_wrong_account(conn).await).await? {
        return Err(Wrong::Account(account).into());
    }
    verify_transactions(app, &mut verified).await?;
    Ok(verified)
}

async fn verify_entries(app: &App, verified: &mut Verified) -> Result<(), VerifyError> {
    let mut walk = Walk::START;
    loop {
        let (account, seq) = (walk.account, walk.seq);
        let page = app
            .db
            .transaction(Scope::System, async |conn| store::list_entries(conn, account, seq, ENTRIES_AT_A_TIME).await)
            .await?;
        if page.is_empty() {
            return Ok(());
        }
        for entry in &page {
            verified.accounts += u64::from(entry.account_id != walk.account);
            verified.entries += 1;
            walk.step(entry)?;
        }
    }
}

async fn verify_transactions(app: &App, verified: &mut Verified) -> Result<(), VerifyError> {
    let mut after = LedgerTransactionId(Uuid::nil());
    loop {
        let page = app
            .db
            .transaction(Scope::System, async |conn| store::list_transactions(conn, after, TRANSACTIONS_AT_A_TIME).await)
            .await?;
        let Some(last) = page.last() else { return Ok(()) };
        let end = last.id;
        for row in page {
            verified.transactions += u64::from(row.id != after);
            after = row.id;
            row.check()?;
        }
        after = end;
    }
}

/// An entry as it stands in the books.
#[derive(Debug, QueryableByName)]
pub(super) struct EntryRow {
    #[diesel(sql_type = SqlUuid)]
    pub account_id: AccountId,
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    #[diesel(sql_type = BigInt)]
    pub amount_minor: i64,
    #[diesel(sql_type = BigInt)]
    pub balance_after_minor: i64,
    #[diesel(sql_type = Bool)]
    pub in_currency: bool,
}

/// A transaction's sum in one currency.
#[derive(Debug, QueryableByName)]
pub(super) struct TransactionRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: LedgerTransactionId,
    #[diesel(sql_type = Text)]
    pub business_key: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub currency: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    pub sums_to_zero: Option<bool>,
}

impl TransactionRow {
    fn check(self) -> Result<(), Wrong> {
        let (transaction, business_key) = (self.id, self.business_key);
        match (self.currency, self.sums_to_zero) {
            (Some(_), Some(true)) => Ok(()),
            (Some(currency), _) => Err(Wrong::Unbalanced { transaction, business_key, currency }),
            (None, _) => Err(Wrong::Empty { transaction, business_key }),
        }
    }
}

/// The way through the entries: how far, and what they add up to.
#[derive(Debug)]
struct Walk {
    account: AccountId,
    seq: i64,
    sum: i128,
}

impl Walk {
    const START: Self = Self { account: AccountId(Uuid::nil()), seq: 0, sum: 0 };

    fn step(&mut self, entry: &EntryRow) -> Result<(), Wrong> {
        let account = entry.account_id;
        if account != self.account {
            *self = Self { account, ..Self::START };
        }
        self.seq += 1;
        self.sum += i128::from(entry.amount_minor);
        if entry.seq != self.seq {
            return Err(Wrong::Missing { account, seq: self.seq });
        }
        if !entry.in_currency {
            return Err(Wrong::Currency { account, seq: entry.seq });
        }
        if i128::from(entry.balance_after_minor) != self.sum {
            return Err(Wrong::Balance { account, seq: entry.seq, written: entry.balance_after_minor, computed: self.sum });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(account: u128, amounts: &[i64]) -> Vec<EntryRow> {
        let account_id = AccountId(Uuid::from_u128(account));
        let mut sum = 0;
        (1..)
            .zip(amounts)
            .map(|(seq, amount_minor)| {
                sum += amount_minor;
                EntryRow { account_id, seq, amount_minor: *amount_minor, balance_after_minor: sum, in_currency: true }
            })
            .collect()
    }

    fn walk(entries: &[EntryRow]) -> Result<(), Wrong> {
        let mut walk = Walk::START;
        entries.iter().try_for_each(|entry| walk.step(entry))
    }

    #[test]
    fn untouched_accounts_are_right() {
        let mut books = entries(1, &[100, -30, -70]);
        books.extend(entries(2, &[-100]));
        assert_eq!(walk(&books), Ok(()));
    }

    #[test]
    fn the_first_wrong_entry_is_named() {
        let account = AccountId(Uuid::from_u128(1));
        let mut changed = entries(1, &[100, -30, -70]);
        changed[1].amount_minor = -29;
        assert_eq!(walk(&changed), Err(Wrong::Balance { account, seq: 2, written: 70, computed: 71 }));
        let mut missing = entries(1, &[100, -30, -70]);
        missing.remove(1);
        assert_eq!(walk(&missing), Err(Wrong::Missing { account, seq: 2 }));
        let mut dollars = entries(1, &[100]);
        dollars[0].in_currency = false;
        assert_eq!(walk(&dollars), Err(Wrong::Currency { account, seq: 1 }));
    }
}
