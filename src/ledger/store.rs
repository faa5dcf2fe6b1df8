//! SQL of the books.
//!
//! A transaction's id is a UUIDv7 of the product's own time, so that its primary key finds a day.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{
    Account, AccountKind, Line, Movements, Posting,
    verification::{EntryRow, TransactionRow},
};
use crate::{
    db::{Conn, DbError, statement},
    types::{AccountId, Currency, LedgerTransactionId, Money, OrgId, uuid_at},
};

statement! {
    /// The upsert locks each account, makes it where it is missing, moves its balance and tells the running balance, in the
    /// order of locking. Where the business key is known, `posted` is empty and nothing moves.
    struct Post<'a> {
        ids: Vec<AccountId> => Array<SqlUuid>, owners: Vec<OrgId> => Array<SqlUuid>, kinds: Vec<AccountKind> => Array<Text>,
        currencies: Vec<Currency> => Array<Text>, amounts: Vec<i64> => Array<BigInt>,
        id: LedgerTransactionId => SqlUuid, business_key: &'a str => Text, kind: &'a str => Text, at: DateTime<Utc> => Timestamptz,
    }
    "WITH entry AS (
        SELECT * FROM unnest(?, ?, ?, ?, ?) AS entry (fresh_id, owner_id, kind, currency, amount_minor)),
     posted AS (
        INSERT INTO ledger_transactions (id, business_key, kind, at) VALUES (?, ?, ?, ?)
        ON CONFLICT ON CONSTRAINT ledger_transactions_business_key DO NOTHING RETURNING id),
     moved AS (
        INSERT INTO ledger_accounts AS account (id, owner_id, kind, currency, balance_minor, entry_count)
        SELECT fresh_id, owner_id, kind, currency, amount_minor, 1 FROM posted, entry ORDER BY owner_id, kind, currency
        ON CONFLICT ON CONSTRAINT ledger_accounts_key DO UPDATE
            SET balance_minor = account.balance_minor + excluded.balance_minor, entry_count = account.entry_count + 1
        RETURNING id, owner_id, kind, currency, balance_minor, entry_count)
     INSERT INTO ledger_entries (account_id, seq, transaction_id, amount_minor, currency, balance_after_minor)
     SELECT moved.id, moved.entry_count, posted.id, entry.amount_minor, entry.currency, moved.balance_minor
     FROM posted, moved JOIN entry USING (owner_id, kind, currency)"
}

/// How many entries were written: none if the business key is known.
pub(super) async fn insert_posting(conn: &mut Conn<'_>, posting: &Posting, at: DateTime<Utc>) -> Result<usize, DbError> {
    let entries = posting.entries();
    let post = Post {
        ids: entries.iter().map(|_| AccountId::fresh()).collect(),
        owners: entries.iter().map(|entry| entry.account.owner).collect(),
        kinds: entries.iter().map(|entry| entry.account.kind).collect(),
        currencies: entries.iter().map(|entry| entry.account.currency).collect(),
        amounts: entries.iter().map(|entry| entry.amount_minor).collect(),
        id: LedgerTransactionId(uuid_at(at)),
        business_key: posting.business_key(),
        kind: posting.kind(),
        at,
    };
    Ok(post.execute(conn).await?)
}

statement! {
    struct CountPosted<'a> { business_key: &'a str => Text } "SELECT count(*) AS minor FROM ledger_transactions WHERE business_key = ?"
}

pub(super) async fn is_posted(conn: &mut Conn<'_>, business_key: &str) -> Result<bool, DbError> {
    Ok(CountPosted { business_key }.get_result::<Minor>(conn).await?.minor > 0)
}

/// The smallest id that a transaction of this millisecond can have.
fn first_id_of(at: DateTime<Utc>) -> Uuid {
    let millis = u128::try_from(at.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}

statement! {
    struct Balance { first_id: Uuid => SqlUuid, at: DateTime<Utc> => Timestamptz,
                     owner: OrgId => SqlUuid, kind: AccountKind => Text, currency: Currency => Text }
    "SELECT (account.balance_minor - coalesce((
        SELECT sum(entry.amount_minor) FROM ledger_transactions AS later JOIN ledger_entries AS entry ON entry.transaction_id = later.id
        WHERE later.id >= ? AND later.at > ? AND entry.account_id = account.id), 0))::bigint AS minor
     FROM ledger_accounts AS account WHERE owner_id = ? AND kind = ? AND currency = ?"
}

#[derive(QueryableByName)]
struct Minor {
    #[diesel(sql_type = BigInt)]
    minor: i64,
}

pub(super) async fn find_balance(conn: &mut Conn<'_>, account: &Account, as_of: DateTime<Utc>) -> Result<i64, DbError> {
    let Account { owner, kind, currency } = *account;
    let found: Option<Minor> =
        Balance { first_id: first_id_of(as_of), at: as_of, owner, kind, currency }.get_result(conn).await.optional()?;
    Ok(found.map_or(0, |row| row.minor))
}

statement! {
    struct ListMovements {
        later_id: Uuid => SqlUuid, later_at: DateTime<Utc> => Timestamptz,
        first_id: Uuid => SqlUuid, last_id: Uuid => SqlUuid, from: DateTime<Utc> => Timestamptz, until: DateTime<Utc> => Timestamptz,
        owner: OrgId => SqlUuid,
    }
    "WITH later AS (
        SELECT entry.account_id, sum(entry.amount_minor) AS minor
        FROM ledger_transactions AS posted JOIN ledger_entries AS entry ON entry.transaction_id = posted.id
        WHERE posted.id >= ? AND posted.at >= ? GROUP BY entry.account_id),
     line AS (
        SELECT entry.account_id, entry.seq, entry.amount_minor, posted.id, posted.kind, posted.business_key, posted.at
        FROM ledger_transactions AS posted JOIN ledger_entries AS entry ON entry.transaction_id = posted.id
        WHERE posted.id >= ? AND posted.id <= ? AND posted.at >= ? AND posted.at < ?)
     SELECT account.id AS account_id, account.kind AS account_kind, account.currency,
        (account.balance_minor - coalesce(later.minor, 0))::bigint AS closing_minor,
        line.id AS transaction_id, line.kind, line.business_key, line.at, line.amount_minor
     FROM ledger_accounts AS account
     LEFT JOIN later ON later.account_id = account.id
     LEFT JOIN line ON line.account_id = account.id
     WHERE account.owner_id = ? ORDER BY account.currency, account.kind, line.at, line.seq"
}

#[derive(QueryableByName)]
struct MovementRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: AccountId,
    #[diesel(sql_type = Text)]
    account_kind: AccountKind,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    closing_minor: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    transaction_id: Option<LedgerTransactionId>,
    #[diesel(sql_type = Nullable<Text>)]
    kind: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    business_key: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    amount_minor: Option<i64>,
}

impl MovementRow {
    /// `None`: the account did not move.
    fn line(self) -> Option<Line> {
        Some(Line {
            transaction: self.transaction_id?,
            kind: self.kind?,
            business_key: self.business_key?,
            at: self.at?,
            amount: Money::new(self.amount_minor?, self.currency),
        })
    }
}

pub(super) async fn list_movements(
    conn: &mut Conn<'_>,
    owner: OrgId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Movements>, DbError> {
    let last_id = Uuid::from_u128(first_id_of(until).as_u128() | (u128::MAX >> 48));
    let query =
        ListMovements { later_id: first_id_of(until), later_at: until, first_id: first_id_of(from), last_id, from, until, owner };
    let mut accounts: Vec<Movements> = Vec::new();
    for row in query.load::<MovementRow>(conn).await? {
        if accounts.last().is_none_or(|account| account.account != row.account_id) {
            let closing = Money::new(row.closing_minor, row.currency);
            let (account, kind, currency) = (row.account_id, row.account_kind, row.currency);
            accounts.push(Movements { account, kind, currency, opening: closing, lines: Vec::new(), closing });
        }
        if let (Some(account), Some(line)) = (accounts.last_mut(), row.line()) {
            account.opening.minor -= line.amount.minor;
            account.lines.push(line);
        }
    }
    Ok(accounts)
}

statement! {
    struct ListEntries { account: AccountId => SqlUuid, seq: i64 => BigInt, limit: i64 => BigInt }
    "SELECT entry.account_id, entry.seq, entry.amount_minor, entry.balance_after_minor, entry.currency = account.currency AS in_currency
     FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
     WHERE (entry.account_id, entry.seq) > (?, ?) ORDER BY entry.account_id, entry.seq LIMIT ?"
}

/// Entries after the given one, account by account.
pub(super) async fn list_entries(
    conn: &mut Conn<'_>,
    account: AccountId,
    seq: i64,
    limit: i64,
) -> Result<Vec<EntryRow>, DbError> {
    Ok(ListEntries { account, seq, limit }.load(conn).await?)
}

statement! {
    struct ListTransactions { after: LedgerTransactionId => SqlUuid, limit: i64 => BigInt }
    "SELECT page.id, page.business_key, entry.currency, entry.sums_to_zero
     FROM (SELECT id, business_key FROM ledger_transactions WHERE id > ? ORDER BY id LIMIT ?) AS page
     LEFT JOIN LATERAL (
        SELECT currency, sum(amount_minor) = 0 AS sums_to_zero FROM ledger_entries WHERE transaction_id = page.id GROUP BY currency) AS entry ON true
     ORDER BY page.id, entry.currency"
}

/// One row per transaction and currency.
pub(super) async fn list_transactions(
    conn: &mut Conn<'_>,
    after: LedgerTransactionId,
    limit: i64,
) -> Result<Vec<TransactionRow>, DbError> {
    Ok(ListTransactions { after, limit }.load(conn).await?)
}

statement! {
    /// Account and last entry in one snapshot: entries may be added meanwhile.
    struct FirstWrongAccount {}
    "SELECT account.id FROM ledger_accounts AS account
     LEFT JOIN ledger_entries AS last ON last.account_id = account.id AND last.seq = account.entry_count
     WHERE account.balance_minor <> coalesce(last.balance_after_minor, 0) OR (account.entry_count > 0 AND last.seq IS NULL)
        OR EXISTS (SELECT FROM ledger_entries AS beyond WHERE beyond.account_id = account.id AND beyond.seq > account.entry_count)
     ORDER BY account.id LIMIT 1"
}

#[derive(QueryableByName)]
struct AccountRow {
    #[diesel(sql_type = SqlUuid)]
    id: AccountId,
}

/// An account whose balance is not its last entry's.
pub(super) async fn find_wrong_account(conn: &mut Conn<'_>) -> Result<Option<AccountId>, DbError> {
    Ok(FirstWrongAccount {}.get_result::<AccountRow>(conn).await.optional()?.map(|row| row.id))
}
