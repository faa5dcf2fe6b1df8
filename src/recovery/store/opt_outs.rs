//! SQL of opt-outs: kept by digest, so a statement that names no address finds nobody's.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Binary, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    recovery::opt_outs::Digest,
    types::{CaseId, Channel, DebtorId},
};

statement! {
    struct Insert<'a> { channel: Channel => Text, digest: &'a [u8] => Binary, at: DateTime<Utc> => Timestamptz }
    "INSERT INTO opt_outs (channel, digest, opted_out_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
}

/// `false`: it was refused already.
pub async fn insert(conn: &mut Conn<'_>, channel: Channel, digest: &Digest, at: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(Insert { channel, digest, at }.execute(conn).await? == 1)
}

statement! {
    struct Delete<'a> { channel: Channel => Text, digest: &'a [u8] => Binary } "DELETE FROM opt_outs WHERE channel = ? AND digest = ?"
}

/// `false`: it was not refused.
pub async fn delete(conn: &mut Conn<'_>, channel: Channel, digest: &Digest) -> Result<bool, DbError> {
    Ok(Delete { channel, digest }.execute(conn).await? == 1)
}

statement! {
    struct Refused<'a> { channels: &'a [Channel] => Array<Text>, digests: &'a [&'a [u8]] => Array<Binary> }
    "SELECT o.channel FROM unnest(?, ?) AS asked (channel, digest) JOIN opt_outs o ON o.channel = asked.channel AND o.digest = asked.digest"
}

#[derive(QueryableByName)]
struct ChannelRow {
    #[diesel(sql_type = Text)]
    channel: Channel,
}

/// Of these addresses, the channels that were refused.
pub async fn list_refused(conn: &mut Conn<'_>, asked: &[(Channel, Digest)]) -> Result<Vec<Channel>, DbError> {
    let channels: Vec<Channel> = asked.iter().map(|(channel, _)| *channel).collect();
    let digests: Vec<&[u8]> = asked.iter().map(|(_, digest)| digest.as_slice()).collect();
    let rows: Vec<ChannelRow> = Refused { channels: &channels, digests: &digests }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.channel).collect())
}

statement! {
    struct OpenCalls { debtor: DebtorId => SqlUuid }
    "SELECT DISTINCT c.id AS case_id FROM debtors asked JOIN debtors d ON d.identity_key = asked.identity_key
     JOIN cases c ON c.debtor_id = d.id JOIN tasks t ON t.case_id = c.id AND t.kind = 'call' AND t.status = 'open'
     WHERE asked.id = ? ORDER BY c.id"
}

#[derive(QueryableByName)]
struct CaseRow {
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
}

/// The cases, whoever's, in which somebody is still to call this debtor. Under `Scope::System`.
pub async fn list_open_calls(conn: &mut Conn<'_>, debtor: DebtorId) -> Result<Vec<CaseId>, DbError> {
    let rows: Vec<CaseRow> = OpenCalls { debtor }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.case_id).collect())
}
