//! SQL of addresses that reach nobody.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    recovery::addresses::UnreachableAddress,
    types::{Channel, DebtorId, OrgId, UnreachableAddressId},
};

statement! {
    pub struct Insert<'a> { id: UnreachableAddressId => SqlUuid, creditor: OrgId => SqlUuid, debtor: DebtorId => SqlUuid, channel: Channel => Text,
                            address: &'a str => Text, reason: &'a str => Text, marked_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO unreachable_addresses (id, creditor_id, debtor_id, channel, address, reason, marked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT ON CONSTRAINT unreachable_addresses_once DO NOTHING"
}

pub async fn insert(conn: &mut Conn<'_>, address: &Insert<'_>) -> Result<(), DbError> {
    address.execute(conn).await?;
    Ok(())
}

statement! {
    struct OfDebtor { debtor: DebtorId => SqlUuid }
    "SELECT id, debtor_id, channel, address, reason, marked_at FROM unreachable_addresses WHERE debtor_id = ? ORDER BY id"
}

pub async fn list_of_debtor(conn: &mut Conn<'_>, debtor: DebtorId) -> Result<Vec<UnreachableAddress>, DbError> {
    Ok(OfDebtor { debtor }.load(conn).await?)
}

statement! {
    struct Delete { id: UnreachableAddressId => SqlUuid, creditor: OrgId => SqlUuid }
    "DELETE FROM unreachable_addresses WHERE id = ? AND creditor_id = ?"
}

/// `false`: none of this creditor's.
pub async fn delete(conn: &mut Conn<'_>, creditor: OrgId, id: UnreachableAddressId) -> Result<bool, DbError> {
    Ok(Delete { id, creditor }.execute(conn).await? == 1)
}
