//! SQL of the profiles of classes of customers. Version 0 is the row that is not there.

use chrono::{DateTime, NaiveTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, Bool, Integer, Nullable, Text, Time, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    receivables::{
        DebtorKind,
        profile::{Channel, ProfileSetting, Tone},
        profile_defaults::ProfileDefault,
    },
    types::{MemberId, OrgId},
};

macro_rules! columns {
    () => {
        "debtor_kind, tone_ceiling, channels, do_not_contact, contact_from, contact_until, account_owner_id, approves_texts, version"
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    debtor_kind: DebtorKind,
    #[diesel(sql_type = Text)]
    tone_ceiling: Tone,
    #[diesel(sql_type = Array<Text>)]
    channels: Vec<Channel>,
    #[diesel(sql_type = Bool)]
    do_not_contact: bool,
    #[diesel(sql_type = Time)]
    contact_from: NaiveTime,
    #[diesel(sql_type = Time)]
    contact_until: NaiveTime,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    account_owner_id: Option<MemberId>,
    #[diesel(sql_type = Bool)]
    approves_texts: bool,
    #[diesel(sql_type = Integer)]
    version: i32,
}

impl From<Row> for ProfileDefault {
    fn from(row: Row) -> Self {
        Self {
            debtor_kind: row.debtor_kind,
            tone_ceiling: row.tone_ceiling,
            channels: row.channels,
            do_not_contact: row.do_not_contact,
            contact_from: row.contact_from,
            contact_until: row.contact_until,
            account_owner_id: row.account_owner_id,
            approves_texts: row.approves_texts,
            version: row.version,
        }
    }
}

statement! {
    struct Find { creditor: OrgId => SqlUuid, kind: DebtorKind => Text }
    concat!("SELECT ", columns!(), " FROM profile_defaults WHERE creditor_id = ? AND debtor_kind = ?")
}
statement! {
    struct List { creditor: OrgId => SqlUuid } concat!("SELECT ", columns!(), " FROM profile_defaults WHERE creditor_id = ? ORDER BY debtor_kind")
}

pub async fn find(conn: &mut Conn<'_>, creditor: OrgId, kind: DebtorKind) -> Result<Option<ProfileDefault>, DbError> {
    Ok(Find { creditor, kind }.get_result::<Row>(conn).await.optional()?.map(ProfileDefault::from))
}

pub async fn list(conn: &mut Conn<'_>, creditor: OrgId) -> Result<Vec<ProfileDefault>, DbError> {
    let rows: Vec<Row> = List { creditor }.load(conn).await?;
    Ok(rows.into_iter().map(ProfileDefault::from).collect())
}

statement! {
    struct Insert<'a> {
        creditor: OrgId => SqlUuid, kind: DebtorKind => Text, tone: Tone => Text, channels: &'a [Channel] => Array<Text>,
        do_not_contact: bool => Bool, from: NaiveTime => Time, until: NaiveTime => Time, owner: Option<MemberId> => Nullable<SqlUuid>, approves: bool => Bool,
        at: DateTime<Utc> => Timestamptz,
    }
    concat!("INSERT INTO profile_defaults (creditor_id, debtor_kind, tone_ceiling, channels, do_not_contact, contact_from, contact_until,
                                           account_owner_id, approves_texts, version, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (creditor_id, debtor_kind) DO NOTHING RETURNING ", columns!())
}
statement! {
    struct Update<'a> {
        tone: Tone => Text, channels: &'a [Channel] => Array<Text>, do_not_contact: bool => Bool, from: NaiveTime => Time,
        until: NaiveTime => Time, owner: Option<MemberId> => Nullable<SqlUuid>, approves: bool => Bool, at: DateTime<Utc> => Timestamptz,
        creditor: OrgId => SqlUuid, kind: DebtorKind => Text, version: i32 => Integer,
    }
    concat!("UPDATE profile_defaults SET tone_ceiling = ?, channels = ?, do_not_contact = ?, contact_from = ?, contact_until = ?,
                account_owner_id = ?, approves_texts = ?, version = version + 1, updated_at = ?
             WHERE creditor_id = ? AND debtor_kind = ? AND version = ? RETURNING ", columns!())
}

/// `None`: it is not at `version`.
pub async fn write(
    conn: &mut Conn<'_>,
    (creditor, kind): (OrgId, DebtorKind),
    version: i32,
    setting: &ProfileSetting,
    at: DateTime<Utc>,
) -> Result<Option<ProfileDefault>, DbError> {
    let (tone, channels, do_not_contact) = (setting.tone_ceiling, setting.channels.as_slice(), setting.do_not_contact);
    let (from, until, owner) = (setting.contact_from, setting.contact_until, setting.account_owner_id);
    let approves = setting.approves_texts;
    let written: Result<Row, _> = if version == 0 {
        Insert { creditor, kind, tone, channels, do_not_contact, from, until, owner, approves, at }.get_result(conn).await
    } else {
        Update { tone, channels, do_not_contact, from, until, owner, approves, at, creditor, kind, version }
            .get_result(conn)
            .await
    };
    Ok(written.optional()?.map(ProfileDefault::from))
}
