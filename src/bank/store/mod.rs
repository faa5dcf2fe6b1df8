//! SQL of bank statements and their entries; what these are matched with is in `clues`.

pub mod clues;

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Binary, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::{
    BankEntry, EntryStatus, Imported, Wanted,
    importing::Source,
    matching::Proposal,
    readers::{BankFile, StatementFormat},
    statement::Entry,
};
use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    settlement::batches::payout_of,
    types::{BankEntryId, BankStatementId, Currency, Money, OrgId},
};

statement! {
    struct InsertStatement<'a> {
        id: BankStatementId => SqlUuid, owner: OrgId => SqlUuid, format: StatementFormat => Text, file_name: Option<&'a str> => Nullable<Text>,
        sha256: &'a [u8] => Binary, accounts: Vec<&'a str> => Array<Text>, entries: i32 => Integer, at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO bank_statements (id, owner_id, format, file_name, content_sha256, accounts, entries, fresh, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT ON CONSTRAINT bank_statements_once DO NOTHING"
}

/// `false`: this very file is known.
pub(super) async fn insert_statement(
    conn: &mut Conn<'_>,
    (id, owner): (BankStatementId, OrgId),
    source: &Source<'_>,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let accounts: BTreeSet<&str> = source.file.statements.iter().map(|statement| statement.account.as_str()).collect();
    let insert = InsertStatement {
        id,
        owner,
        format: source.file.format,
        file_name: source.name,
        sha256: source.sha256,
        accounts: accounts.into_iter().collect(),
        entries: i32::try_from(source.file.count()).unwrap_or(i32::MAX),
        at,
    };
    Ok(insert.execute(conn).await? == 1)
}

statement! {
    struct InsertEntries<'a> {
        statement: BankStatementId => SqlUuid, owner: OrgId => SqlUuid,
        ids: Vec<BankEntryId> => Array<SqlUuid>, places: Vec<&'a str> => Array<Text>, accounts: Vec<&'a str> => Array<Text>,
        booked: Vec<NaiveDate> => Array<Date>, valued: Vec<Option<NaiveDate>> => Array<Nullable<Date>>, amounts: Vec<i64> => Array<BigInt>,
        currencies: Vec<Currency> => Array<Text>, reversals: Vec<bool> => Array<Bool>, references: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        end_to_end: Vec<Option<&'a str>> => Array<Nullable<Text>>, counterparties: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        their_accounts: Vec<Option<&'a str>> => Array<Nullable<Text>>, texts: Vec<&'a str> => Array<Text>, identities: &'a [Vec<u8>] => Array<Binary>,
        statuses: Vec<EntryStatus> => Array<Text>,
    }
    "INSERT INTO bank_entries (statement_id, owner_id, id, place, account, booked_on, valued_on, amount_minor, currency, is_reversal,
                               bank_reference, end_to_end_id, counterparty, counterparty_account, text, identity, status)
     SELECT ?, ?, entry.* FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS entry
     ON CONFLICT ON CONSTRAINT bank_entries_once DO NOTHING RETURNING amount_minor, currency"
}

#[derive(QueryableByName)]
struct FreshRow {
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
}

/// Amounts of the entries that no file before had told of.
pub(super) async fn insert_entries(
    conn: &mut Conn<'_>,
    (statement, owner): (BankStatementId, OrgId),
    file: &BankFile,
    identities: &[Vec<u8>],
) -> Result<Vec<Money>, DbError> {
    let all: Vec<_> = file
        .statements
        .iter()
        .flat_map(|statement| statement.entries.iter().map(move |entry| (statement.account.as_str(), entry)))
        .collect();
    // Of what left the account only what was taken back or ordered here is looked at.
    let status = |entry: &Entry| {
        let ordered = entry.end_to_end_id.as_deref().is_some_and(|id| payout_of(id).is_some());
        if entry.amount.is_positive() || entry.is_reversal || ordered { EntryStatus::Arrived } else { EntryStatus::Outgoing }
    };
    let insert = InsertEntries {
        statement,
        owner,
        ids: all.iter().map(|_| BankEntryId::fresh()).collect(),
        places: all.iter().map(|(_, entry)| entry.place.as_str()).collect(),
        accounts: all.iter().map(|(account, _)| *account).collect(),
        booked: all.iter().map(|(_, entry)| entry.booked_on).collect(),
        valued: all.iter().map(|(_, entry)| entry.valued_on).collect(),
        amounts: all.iter().map(|(_, entry)| entry.amount.minor).collect(),
        currencies: all.iter().map(|(_, entry)| entry.amount.currency).collect(),
        reversals: all.iter().map(|(_, entry)| entry.is_reversal).collect(),
        references: all.iter().map(|(_, entry)| entry.bank_reference.as_deref()).collect(),
        end_to_end: all.iter().map(|(_, entry)| entry.end_to_end_id.as_deref()).collect(),
        counterparties: all.iter().map(|(_, entry)| entry.counterparty.as_deref()).collect(),
        their_accounts: all.iter().map(|(_, entry)| entry.counterparty_account.as_deref()).collect(),
        texts: all.iter().map(|(_, entry)| entry.text.as_str()).collect(),
        identities,
        statuses: all.iter().map(|(_, entry)| status(entry)).collect(),
    };
    let rows: Vec<FreshRow> = insert.load(conn).await?;
    Ok(rows.into_iter().map(|row| Money::new(row.amount_minor, row.currency)).collect())
}

statement! {
    struct SetFresh { fresh: i32 => Integer, id: BankStatementId => SqlUuid } "UPDATE bank_statements SET fresh = ? WHERE id = ?"
}

pub(super) async fn set_fresh(conn: &mut Conn<'_>, id: BankStatementId, fresh: usize) -> Result<(), DbError> {
    SetFresh { fresh: i32::try_from(fresh).unwrap_or(i32::MAX), id }.execute(conn).await?;
    Ok(())
}

macro_rules! statement_columns {
    () => {
        "id, format, file_name, accounts, entries, fresh, created_at"
    };
}

#[derive(QueryableByName)]
struct StatementRow {
    #[diesel(sql_type = SqlUuid)]
    id: BankStatementId,
    #[diesel(sql_type = Text)]
    format: StatementFormat,
    #[diesel(sql_type = Nullable<Text>)]
    file_name: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    accounts: Vec<String>,
    #[diesel(sql_type = Integer)]
    entries: i32,
    #[diesel(sql_type = Integer)]
    fresh: i32,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl From<StatementRow> for Imported {
    fn from(row: StatementRow) -> Self {
        let StatementRow { id, format, file_name, accounts, entries, fresh, created_at } = row;
        Self { id, format, file_name, accounts, entries, fresh, created_at }
    }
}

statement! {
    struct FindStatement { id: BankStatementId => SqlUuid }
    concat!("SELECT ", statement_columns!(), " FROM bank_statements WHERE id = ?")
}

pub(super) async fn find_statement(conn: &mut Conn<'_>, id: BankStatementId) -> Result<Option<Imported>, DbError> {
    Ok(FindStatement { id }.get_result::<StatementRow>(conn).await.optional()?.map(Imported::from))
}

statement! {
    struct FindByHash<'a> { owner: OrgId => SqlUuid, sha256: &'a [u8] => Binary }
    concat!("SELECT ", statement_columns!(), " FROM bank_statements WHERE owner_id = ? AND content_sha256 = ?")
}

pub(super) async fn find_statement_by_hash(
    conn: &mut Conn<'_>,
    owner: OrgId,
    sha256: &[u8],
) -> Result<Option<Imported>, DbError> {
    Ok(FindByHash { owner, sha256 }.get_result::<StatementRow>(conn).await.optional()?.map(Imported::from))
}

statement! {
    struct ListStatements { owner: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", statement_columns!(), " FROM bank_statements WHERE owner_id = ? AND id < ? ORDER BY id DESC LIMIT ?")
}

pub(super) async fn list_statements(conn: &mut Conn<'_>, owner: OrgId, cursor: Cursor) -> Result<Vec<Imported>, DbError> {
    let rows: Vec<StatementRow> = ListStatements { owner, before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    Ok(rows.into_iter().map(Imported::from).collect())
}

macro_rules! entry_columns {
    () => {
        "id, statement_id, owner_id, place, account, booked_on, valued_on, amount_minor, currency, is_reversal, bank_reference, end_to_end_id,
         counterparty, counterparty_account, text, status, proposals, note, reverses_id, version, decided_at"
    };
}

#[derive(QueryableByName)]
struct EntryRow {
    #[diesel(sql_type = SqlUuid)]
    id: BankEntryId,
    #[diesel(sql_type = SqlUuid)]
    statement_id: BankStatementId,
    #[diesel(sql_type = SqlUuid)]
    owner_id: OrgId,
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    account: String,
    #[diesel(sql_type = Date)]
    booked_on: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    valued_on: Option<NaiveDate>,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Bool)]
    is_reversal: bool,
    #[diesel(sql_type = Nullable<Text>)]
    bank_reference: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    end_to_end_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    counterparty: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    counterparty_account: Option<String>,
    #[diesel(sql_type = Text)]
    text: String,
    #[diesel(sql_type = Text)]
    status: EntryStatus,
    #[diesel(sql_type = Jsonb)]
    proposals: Value,
    #[diesel(sql_type = Nullable<Text>)]
    note: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    reverses_id: Option<BankEntryId>,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    decided_at: Option<DateTime<Utc>>,
}

impl TryFrom<EntryRow> for BankEntry {
    type Error = DbError;

    fn try_from(row: EntryRow) -> Result<Self, DbError> {
        let unreadable = |error: serde_json::Error| DbError::Other(diesel::result::Error::DeserializationError(error.into()));
        Ok(Self {
            id: row.id,
            statement_id: row.statement_id,
            owner: row.owner_id,
            place: row.place,
            account: row.account,
            booked_on: row.booked_on,
            valued_on: row.valued_on,
            amount: Money::new(row.amount_minor, row.currency),
            is_reversal: row.is_reversal,
            bank_reference: row.bank_reference,
            end_to_end_id: row.end_to_end_id,
            counterparty: row.counterparty,
            counterparty_account: row.counterparty_account,
            text: row.text,
            status: row.status,
            proposals: serde_json::from_value(row.proposals).map_err(unreadable)?,
            note: row.note,
            reverses_id: row.reverses_id,
            version: row.version,
            decided_at: row.decided_at,
        })
    }
}

fn entries(rows: Vec<EntryRow>) -> Result<Vec<BankEntry>, DbError> {
    rows.into_iter().map(BankEntry::try_from).collect()
}

statement! {
    struct FindEntry { id: BankEntryId => SqlUuid } concat!("SELECT ", entry_columns!(), " FROM bank_entries WHERE id = ?")
}

pub(super) async fn find_entry(conn: &mut Conn<'_>, id: BankEntryId) -> Result<Option<BankEntry>, DbError> {
    FindEntry { id }.get_result::<EntryRow>(conn).await.optional()?.map(BankEntry::try_from).transpose()
}

statement! {
    struct LockEntry { id: BankEntryId => SqlUuid, owner: OrgId => SqlUuid }
    concat!("SELECT ", entry_columns!(), " FROM bank_entries WHERE id = ? AND owner_id = ? FOR UPDATE")
}

pub(super) async fn lock_entry(conn: &mut Conn<'_>, owner: OrgId, id: BankEntryId) -> Result<Option<BankEntry>, DbError> {
    LockEntry { id, owner }.get_result::<EntryRow>(conn).await.optional()?.map(BankEntry::try_from).transpose()
}

statement! {
    struct LockArrived { statement: BankStatementId => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", entry_columns!(), " FROM bank_entries WHERE statement_id = ? AND status = 'arrived' ORDER BY id LIMIT ? FOR UPDATE")
}

/// Entries of a file that nobody has looked at.
pub(super) async fn lock_arrived(conn: &mut Conn<'_>, statement: BankStatementId, limit: i64) -> Result<Vec<BankEntry>, DbError> {
    entries(LockArrived { statement, limit }.load(conn).await?)
}

statement! {
    struct NextCertain { statement: BankStatementId => SqlUuid }
    concat!("SELECT ", entry_columns!(), " FROM bank_entries WHERE statement_id = ? AND status = 'certain' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
}

/// The next entry of a file that is to be posted, locked.
pub(super) async fn lock_next_certain(conn: &mut Conn<'_>, statement: BankStatementId) -> Result<Option<BankEntry>, DbError> {
    NextCertain { statement }.get_result::<EntryRow>(conn).await.optional()?.map(BankEntry::try_from).transpose()
}

statement! {
    struct ListEntries { owner: OrgId => SqlUuid, status: Option<EntryStatus> => Nullable<Text>, statement: Option<BankStatementId> => Nullable<SqlUuid>,
                         before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", entry_columns!(), " FROM bank_entries
             WHERE owner_id = ? AND status = coalesce(?, status) AND statement_id = coalesce(?, statement_id) AND id < ? ORDER BY id DESC LIMIT ?")
}

pub(super) async fn list_entries(
    conn: &mut Conn<'_>,
    owner: OrgId,
    wanted: Wanted,
    cursor: Cursor,
) -> Result<Vec<BankEntry>, DbError> {
    let Wanted { status, statement } = wanted;
    entries(ListEntries { owner, status, statement, before: cursor.before, limit: cursor.fetch() }.load(conn).await?)
}

/// What was made of an entry.
#[derive(Debug)]
pub(super) struct Decision {
    pub id: BankEntryId,
    pub status: EntryStatus,
    pub proposals: Vec<Proposal>,
}

statement! {
    struct SetDecisions { ids: Vec<BankEntryId> => Array<SqlUuid>, statuses: Vec<EntryStatus> => Array<Text>, proposals: Vec<Value> => Array<Jsonb> }
    "UPDATE bank_entries SET status = decided.status, proposals = decided.proposals, version = version + 1
     FROM unnest(?, ?, ?) AS decided (id, status, proposals) WHERE bank_entries.id = decided.id"
}

pub(super) async fn set_decisions(conn: &mut Conn<'_>, decisions: &[Decision]) -> Result<(), DbError> {
    let set = SetDecisions {
        ids: decisions.iter().map(|decision| decision.id).collect(),
        statuses: decisions.iter().map(|decision| decision.status).collect(),
        proposals: decisions.iter().map(|decision| serde_json::json!(decision.proposals)).collect(),
    };
    set.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetStatus<'a> { status: EntryStatus => Text, note: Option<&'a str> => Nullable<Text>, reverses: Option<BankEntryId> => Nullable<SqlUuid>,
                           at: DateTime<Utc> => Timestamptz, id: BankEntryId => SqlUuid }
    "UPDATE bank_entries SET status = ?, note = coalesce(?, note), reverses_id = coalesce(?, reverses_id), decided_at = ?, version = version + 1
     WHERE id = ?"
}

/// Under the entry's lock.
pub(super) async fn set_status(
    conn: &mut Conn<'_>,
    id: BankEntryId,
    status: EntryStatus,
    note: Option<&str>,
    reverses: Option<BankEntryId>,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    SetStatus { status, note, reverses, at, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct ListReversible<'a> { owner: OrgId => SqlUuid, amount_minor: i64 => BigInt, account: &'a str => Text, currency: Currency => Text,
                                from: NaiveDate => Date, until: NaiveDate => Date }
    concat!("SELECT ", entry_columns!(), " FROM bank_entries
             WHERE owner_id = ? AND amount_minor = ? AND account = ? AND currency = ? AND booked_on BETWEEN ? AND ?
                AND status NOT IN ('reversed', 'dismissed', 'arrived') ORDER BY booked_on DESC, id FOR UPDATE")
}

/// Entries of the opposite amount on the same account that may still be taken back, latest first, locked.
pub(super) async fn lock_reversible(conn: &mut Conn<'_>, entry: &BankEntry, days: u64) -> Result<Vec<BankEntry>, DbError> {
    let list = ListReversible {
        owner: entry.owner,
        amount_minor: entry.amount.minor.saturating_neg(),
        account: &entry.account,
        currency: entry.amount.currency,
        from: entry.booked_on.checked_sub_days(Days::new(days)).unwrap_or(entry.booked_on),
        until: entry.booked_on,
    };
    entries(list.load(conn).await?)
}
