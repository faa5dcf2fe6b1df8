//! SQL of alerts.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Alert, AlertRule, facts::Standing, webhook::AlertWebhook};
use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    parties::Role,
    types::{AlertId, AlertRuleId, CaseId, DebtorId, MemberId, OrgId},
};

/// What one look goes through.
pub const LOOKED_THROUGH: i64 = 5_000;

statement! {
    struct InsertRule<'a> { id: AlertRuleId => SqlUuid, owner: OrgId => SqlUuid, name: &'a str => Text, condition: &'a str => Text, role: Role => Text,
                            by_mail: bool => Bool, by_webhook: bool => Bool, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO alert_rules (id, owner_id, name, condition, role, by_mail, by_webhook, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
}

pub async fn insert_rule(conn: &mut Conn<'_>, rule: &AlertRule) -> Result<(), DbError> {
    let AlertRule { id, owner_id, name, condition, role, by_mail, by_webhook, created_at } = rule;
    let (by_mail, by_webhook) = (*by_mail, *by_webhook);
    let insert =
        InsertRule { id: *id, owner: *owner_id, name, condition, role: *role, by_mail, by_webhook, created_at: *created_at };
    insert.execute(conn).await?;
    Ok(())
}

statement! {
    struct Rules<'a> { owners: &'a [OrgId] => Array<SqlUuid> }
    "SELECT id, owner_id, name, condition, role, by_mail, by_webhook, created_at FROM alert_rules WHERE owner_id = ANY(?) ORDER BY name"
}

pub async fn list_rules(conn: &mut Conn<'_>, owners: &[OrgId]) -> Result<Vec<AlertRule>, DbError> {
    Ok(Rules { owners }.load(conn).await?)
}

statement! {
    struct DeleteRule { owner: OrgId => SqlUuid, id: AlertRuleId => SqlUuid } "DELETE FROM alert_rules WHERE owner_id = ? AND id = ?"
}

pub async fn delete_rule(conn: &mut Conn<'_>, owner: OrgId, id: AlertRuleId) -> Result<bool, DbError> {
    Ok(DeleteRule { owner, id }.execute(conn).await? == 1)
}

statement! {
    pub struct Insert<'a> { id: AlertId => SqlUuid, owner: OrgId => SqlUuid, rule: AlertRuleId => SqlUuid, rule_name: &'a str => Text, role: Role => Text,
                            by_mail: bool => Bool, debtor: DebtorId => SqlUuid, member: Option<MemberId> => Nullable<SqlUuid>,
                            case: Option<CaseId> => Nullable<SqlUuid>, case_reference: Option<&'a str> => Nullable<Text>, event: &'a str => Text, days: i32 => Integer,
                            key: &'a str => Text, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO alerts (id, owner_id, rule_id, rule_name, role, by_mail, debtor_id, member_id, case_id, case_reference, event, days, dedupe_key, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT ON CONSTRAINT alerts_once DO NOTHING"
}

/// `false`: it was told before.
pub async fn insert(conn: &mut Conn<'_>, alert: &Insert<'_>) -> Result<bool, DbError> {
    Ok(alert.execute(conn).await? == 1)
}

macro_rules! columns {
    () => {
        "id, rule_name, role, debtor_id, member_id, case_id, case_reference, event, days, created_at, read_at, webhook_taken_at, webhook_error"
    };
}

statement! {
    struct List { owner: OrgId => SqlUuid, before: uuid::Uuid => SqlUuid, role: Option<Role> => Nullable<Text>, same_role: Option<Role> => Nullable<Text>,
                  member: Option<MemberId> => Nullable<SqlUuid>, unread: bool => Bool, limit: i64 => BigInt }
    concat!("SELECT ", columns!(), " FROM alerts WHERE owner_id = ? AND id < ? AND (?::text IS NULL OR (role = ? AND coalesce(member_id = ?, true))) AND NOT (? AND read_at IS NOT NULL)
             ORDER BY id DESC LIMIT ?")
}

/// Newest first; those of a person, or all.
pub async fn list(
    conn: &mut Conn<'_>,
    owner: OrgId,
    reader: Option<(Role, MemberId)>,
    unread: bool,
    cursor: Cursor,
) -> Result<Vec<Alert>, DbError> {
    let (role, member) = reader.unzip();
    Ok(List { owner, before: cursor.before, role, same_role: role, member, unread, limit: cursor.fetch() }.load(conn).await?)
}

statement! {
    struct SetRead { at: DateTime<Utc> => Timestamptz, owner: OrgId => SqlUuid, id: AlertId => SqlUuid, role: Option<Role> => Nullable<Text>,
                     same_role: Option<Role> => Nullable<Text>, member: Option<MemberId> => Nullable<SqlUuid> }
    concat!("UPDATE alerts SET read_at = coalesce(read_at, ?) WHERE owner_id = ? AND id = ? AND (?::text IS NULL OR (role = ? AND coalesce(member_id = ?, true))) RETURNING ", columns!())
}

pub async fn set_read(
    conn: &mut Conn<'_>,
    owner: OrgId,
    reader: Option<(Role, MemberId)>,
    id: AlertId,
    at: DateTime<Utc>,
) -> Result<Option<Alert>, DbError> {
    let (role, member) = reader.unzip();
    Ok(SetRead { at, owner, id, role, same_role: role, member }.get_result(conn).await.optional()?)
}

statement! {
    struct BeginDays { owner: OrgId => SqlUuid, on: NaiveDate => Date }
    "INSERT INTO alert_days (owner_id, next_on) VALUES (?, ?) ON CONFLICT (owner_id) DO NOTHING"
}

/// `false`: they have begun.
pub async fn begin_days(conn: &mut Conn<'_>, owner: OrgId, on: NaiveDate) -> Result<bool, DbError> {
    Ok(BeginDays { owner, on }.execute(conn).await? == 1)
}

statement! {
    struct NextDay { next: NaiveDate => Date, owner: OrgId => SqlUuid, on: NaiveDate => Date }
    "UPDATE alert_days SET next_on = ? WHERE owner_id = ? AND next_on = ?"
}

/// `false`: that day was looked through.
pub async fn next_day(conn: &mut Conn<'_>, owner: OrgId, on: NaiveDate, next: NaiveDate) -> Result<bool, DbError> {
    Ok(NextDay { next, owner, on }.execute(conn).await? == 1)
}

statement! {
    struct EndDays { owner: OrgId => SqlUuid } "DELETE FROM alert_days WHERE owner_id = ?"
}

pub async fn end_days(conn: &mut Conn<'_>, owner: OrgId) -> Result<(), DbError> {
    EndDays { owner }.execute(conn).await?;
    Ok(())
}

/// A case with something that stands since then.
#[derive(QueryableByName)]
pub struct Stands {
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = Timestamptz)]
    pub since: DateTime<Utc>,
}

statement! {
    struct OpenDisputes { creditor: OrgId => SqlUuid, agency: OrgId => SqlUuid, limit: i64 => BigInt }
    "SELECT d.case_id, d.opened_at AS since FROM disputes d JOIN cases c ON c.id = d.case_id
     WHERE d.status = 'open' AND (c.creditor_id = ? OR (c.agency_id = ? AND c.phase = 'active')) ORDER BY d.opened_at LIMIT ?"
}

/// The objections that are open on cases of an organisation, the longest first.
pub async fn list_open_disputes(conn: &mut Conn<'_>, owner: OrgId) -> Result<Vec<Stands>, DbError> {
    Ok(OpenDisputes { creditor: owner, agency: owner, limit: LOOKED_THROUGH }.load(conn).await?)
}

statement! {
    struct Silent { creditor: OrgId => SqlUuid, limit: i64 => BigInt }
    "SELECT c.id AS case_id, greatest(c.phase_since, coalesce(heard.at, c.phase_since)) AS since FROM cases c LEFT JOIN LATERAL (
        SELECT max(e.at) AS at FROM events e WHERE e.case_id = c.id AND e.agency_id = c.agency_id
            AND (e.kind IN ('contact_sent', 'task_done', 'promise_made', 'payment_declared', 'payment_confirmed')
                 OR (e.kind = 'note_added' AND e.data->>'from' = 'agency'))) heard ON true
     WHERE c.creditor_id = ? AND c.phase = 'active' ORDER BY since LIMIT ?"
}

/// A creditor's cases in agencies' hands, with when something was last done on them.
pub async fn list_silent(conn: &mut Conn<'_>, owner: OrgId) -> Result<Vec<Stands>, DbError> {
    Ok(Silent { creditor: owner, limit: LOOKED_THROUGH }.load(conn).await?)
}

statement! {
    struct Cease<'a> { owner: OrgId => SqlUuid, event: &'a str => Text, debtors: &'a [DebtorId] => Array<SqlUuid> }
    "DELETE FROM standing_risks WHERE owner_id = ? AND event = ? AND debtor_id <> ALL(?)"
}
statement! {
    struct Stand<'a> { owner: OrgId => SqlUuid, event: &'a str => Text, since: DateTime<Utc> => Timestamptz, debtors: &'a [DebtorId] => Array<SqlUuid> }
    "INSERT INTO standing_risks (owner_id, event, since, debtor_id) SELECT ?, ?, ?, unnest(?) ON CONFLICT DO NOTHING"
}
statement! {
    struct Standings<'a> { owner: OrgId => SqlUuid, event: &'a str => Text }
    "SELECT debtor_id, since FROM standing_risks WHERE owner_id = ? AND event = ?"
}

#[derive(QueryableByName)]
struct StandingRow {
    #[diesel(sql_type = SqlUuid)]
    debtor_id: DebtorId,
    #[diesel(sql_type = Timestamptz)]
    since: DateTime<Utc>,
}

/// These customers, and no others of the organisation, stand like that: since when each does.
pub async fn keep_standing(
    conn: &mut Conn<'_>,
    owner: OrgId,
    standing: Standing,
    debtors: &[DebtorId],
    at: DateTime<Utc>,
) -> Result<HashMap<DebtorId, DateTime<Utc>>, DbError> {
    let event = standing.as_str();
    Cease { owner, event, debtors }.execute(conn).await?;
    Stand { owner, event, since: at, debtors }.execute(conn).await?;
    let rows: Vec<StandingRow> = Standings { owner, event }.load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.debtor_id, row.since)).collect())
}

statement! {
    struct TakeForMail { at: DateTime<Utc> => Timestamptz, owner: OrgId => SqlUuid }
    concat!("WITH taken AS (UPDATE alerts SET mailed_at = ? WHERE owner_id = ? AND by_mail AND mailed_at IS NULL RETURNING *)
             SELECT ", columns!(), " FROM taken ORDER BY id")
}

/// What has not been mailed; from now on it counts as mailed.
pub async fn take_for_mail(conn: &mut Conn<'_>, owner: OrgId, at: DateTime<Utc>) -> Result<Vec<Alert>, DbError> {
    Ok(TakeForMail { at, owner }.load(conn).await?)
}

statement! {
    struct Readers { owner: OrgId => SqlUuid } "SELECT id, role FROM members WHERE organisation_id = ? AND disabled_at IS NULL ORDER BY id"
}

#[derive(QueryableByName)]
pub struct Reader {
    #[diesel(sql_type = SqlUuid)]
    pub id: MemberId,
    #[diesel(sql_type = Text)]
    pub role: Role,
}

pub async fn list_readers(conn: &mut Conn<'_>, owner: OrgId) -> Result<Vec<Reader>, DbError> {
    Ok(Readers { owner }.load(conn).await?)
}

statement! {
    struct FindWebhook { owner: OrgId => SqlUuid } "SELECT url, secret_id, created_at FROM alert_webhooks WHERE owner_id = ?"
}

pub async fn find_webhook(conn: &mut Conn<'_>, owner: OrgId) -> Result<Option<AlertWebhook>, DbError> {
    Ok(FindWebhook { owner }.get_result(conn).await.optional()?)
}

statement! {
    struct SetWebhook<'a> { owner: OrgId => SqlUuid, url: &'a str => Text, secret_id: uuid::Uuid => SqlUuid, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO alert_webhooks (owner_id, url, secret_id, created_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (owner_id) DO UPDATE SET url = excluded.url, secret_id = excluded.secret_id, created_at = excluded.created_at"
}

/// Takes the place of an earlier one.
pub async fn set_webhook(conn: &mut Conn<'_>, owner: OrgId, webhook: &AlertWebhook) -> Result<(), DbError> {
    let AlertWebhook { url, secret_id, created_at } = webhook;
    SetWebhook { owner, url, secret_id: *secret_id, created_at: *created_at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct DeleteWebhook { owner: OrgId => SqlUuid } "DELETE FROM alert_webhooks WHERE owner_id = ?"
}

/// `false`: there is none.
pub async fn delete_webhook(conn: &mut Conn<'_>, owner: OrgId) -> Result<bool, DbError> {
    Ok(DeleteWebhook { owner }.execute(conn).await? == 1)
}

statement! {
    struct FindAlert { owner: OrgId => SqlUuid, id: AlertId => SqlUuid }
    concat!("SELECT ", columns!(), " FROM alerts WHERE owner_id = ? AND id = ?")
}

pub async fn find_alert(conn: &mut Conn<'_>, owner: OrgId, id: AlertId) -> Result<Option<Alert>, DbError> {
    Ok(FindAlert { owner, id }.get_result(conn).await.optional()?)
}

statement! {
    struct NoteWebhook<'a> { taken_at: Option<DateTime<Utc>> => Nullable<Timestamptz>, error: Option<&'a str> => Nullable<Text>, id: AlertId => SqlUuid }
    "UPDATE alerts SET webhook_taken_at = ?, webhook_error = ? WHERE id = ?"
}

/// What a try to post it came to.
pub async fn note_webhook(
    conn: &mut Conn<'_>,
    id: AlertId,
    taken_at: Option<DateTime<Utc>>,
    error: Option<&str>,
) -> Result<(), DbError> {
    NoteWebhook { taken_at, error, id }.execute(conn).await?;
    Ok(())
}
