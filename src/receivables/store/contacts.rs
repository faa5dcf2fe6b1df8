//! SQL of people at a customer.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    receivables::contacts::{ContactDraft, ContactRole, DebtorContact},
    types::{ContactId, DebtorId, Language, OrgId},
};

macro_rules! columns {
    () => {
        "id, debtor_id, full_name, role, language, email, phone, bounced_at, bounce_reason, created_at"
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: ContactId,
    #[diesel(sql_type = SqlUuid)]
    debtor_id: DebtorId,
    #[diesel(sql_type = Text)]
    full_name: String,
    #[diesel(sql_type = Text)]
    role: ContactRole,
    #[diesel(sql_type = Nullable<Text>)]
    language: Option<Language>,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    phone: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    bounced_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    bounce_reason: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl From<Row> for DebtorContact {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            debtor_id: row.debtor_id,
            full_name: row.full_name,
            role: row.role,
            language: row.language,
            email: row.email,
            phone: row.phone,
            bounced_at: row.bounced_at,
            bounce_reason: row.bounce_reason,
            created_at: row.created_at,
        }
    }
}

statement! {
    struct Find { id: ContactId => SqlUuid } concat!("SELECT ", columns!(), " FROM debtor_contacts WHERE id = ? AND removed_at IS NULL")
}

pub async fn find(conn: &mut Conn<'_>, id: ContactId) -> Result<Option<DebtorContact>, DbError> {
    Ok(Find { id }.get_result::<Row>(conn).await.optional()?.map(DebtorContact::from))
}

statement! {
    struct List { debtor: DebtorId => SqlUuid }
    concat!("SELECT ", columns!(), " FROM debtor_contacts WHERE debtor_id = ? AND removed_at IS NULL ORDER BY id LIMIT 200")
}

pub async fn list(conn: &mut Conn<'_>, debtor: DebtorId) -> Result<Vec<DebtorContact>, DbError> {
    Ok(List { debtor }.load::<Row>(conn).await?.into_iter().map(DebtorContact::from).collect())
}

statement! {
    struct Insert<'a> {
        id: ContactId => SqlUuid, debtor: DebtorId => SqlUuid, creditor: OrgId => SqlUuid, full_name: &'a str => Text, role: ContactRole => Text,
        language: Option<Language> => Nullable<Text>, email: Option<&'a str> => Nullable<Text>, phone: Option<&'a str> => Nullable<Text>,
        at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO debtor_contacts (id, debtor_id, creditor_id, full_name, role, language, email, phone, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub async fn insert(
    conn: &mut Conn<'_>,
    id: ContactId,
    (creditor, debtor): (OrgId, DebtorId),
    draft: &ContactDraft,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let insert = Insert {
        id,
        debtor,
        creditor,
        full_name: draft.full_name.trim(),
        role: draft.role,
        language: draft.language,
        email: draft.email.as_deref(),
        phone: draft.phone.as_deref(),
        at,
    };
    insert.execute(conn).await?;
    Ok(())
}

statement! {
    struct Update<'a> {
        full_name: &'a str => Text, role: ContactRole => Text, language: Option<Language> => Nullable<Text>, new_email: Option<&'a str> => Nullable<Text>,
        same_email: Option<&'a str> => Nullable<Text>, email: Option<&'a str> => Nullable<Text>, phone: Option<&'a str> => Nullable<Text>,
        id: ContactId => SqlUuid,
    }
    "UPDATE debtor_contacts SET full_name = ?, role = ?, language = ?,
        bounced_at = CASE WHEN email IS NOT DISTINCT FROM ? THEN bounced_at END,
        bounce_reason = CASE WHEN email IS NOT DISTINCT FROM ? THEN bounce_reason END,
        email = ?, phone = ? WHERE id = ? AND removed_at IS NULL"
}

pub async fn update(conn: &mut Conn<'_>, id: ContactId, draft: &ContactDraft) -> Result<(), DbError> {
    let email = draft.email.as_deref();
    let update = Update {
        full_name: draft.full_name.trim(),
        role: draft.role,
        language: draft.language,
        new_email: email,
        same_email: email,
        email,
        phone: draft.phone.as_deref(),
        id,
    };
    update.execute(conn).await?;
    Ok(())
}

statement! {
    struct Remove { at: DateTime<Utc> => Timestamptz, id: ContactId => SqlUuid }
    "UPDATE debtor_contacts SET removed_at = ? WHERE id = ? AND removed_at IS NULL"
}

pub async fn remove(conn: &mut Conn<'_>, id: ContactId, at: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(Remove { at, id }.execute(conn).await? == 1)
}

statement! {
    struct MarkBounced<'a> { at: DateTime<Utc> => Timestamptz, reason: &'a str => Text, debtor: DebtorId => SqlUuid, address: &'a str => Text }
    "UPDATE debtor_contacts SET bounced_at = ?, bounce_reason = ?
     WHERE debtor_id = ? AND lower(email) = lower(?) AND removed_at IS NULL AND bounced_at IS NULL"
}

pub async fn mark_bounced(
    conn: &mut Conn<'_>,
    debtor: DebtorId,
    address: &str,
    reason: &str,
    at: DateTime<Utc>,
) -> Result<usize, DbError> {
    Ok(MarkBounced { at, reason, debtor, address }.execute(conn).await?)
}
