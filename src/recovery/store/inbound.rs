//! SQL of mails that came back.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    recovery::replies::InboundMessage,
    types::{CaseId, DeliveryId, InboundMessageId, OrgId},
};

statement! {
    pub struct Insert<'a> { id: InboundMessageId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, agency: Option<OrgId> => Nullable<SqlUuid>,
                            delivery: Option<DeliveryId> => Nullable<SqlUuid>, message_id: &'a str => Text, sender: &'a str => Text,
                            subject: &'a str => Text, body: &'a str => Text, received_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO inbound_messages (id, case_id, creditor_id, agency_id, delivery_id, message_id, sender, subject, body, received_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT ON CONSTRAINT inbound_messages_once DO NOTHING"
}

/// `false`: it was filed before.
pub async fn insert(conn: &mut Conn<'_>, message: &Insert<'_>) -> Result<bool, DbError> {
    Ok(message.execute(conn).await? == 1)
}

statement! {
    struct CountSince { case: CaseId => SqlUuid, since: DateTime<Utc> => Timestamptz }
    "SELECT count(*) AS count FROM inbound_messages WHERE case_id = ? AND received_at > ?"
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

pub async fn count_since(conn: &mut Conn<'_>, case: CaseId, since: DateTime<Utc>) -> Result<i64, DbError> {
    Ok(CountSince { case, since }.get_result::<Counted>(conn).await?.count)
}

statement! {
    struct OfCase { case: CaseId => SqlUuid }
    "SELECT id, delivery_id, sender, subject, body, received_at FROM inbound_messages WHERE case_id = ? ORDER BY id"
}

/// Oldest first, as far as row-level security shows them.
pub async fn list_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<InboundMessage>, DbError> {
    Ok(OfCase { case }.load(conn).await?)
}
