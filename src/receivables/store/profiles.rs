//! SQL of relationship profiles. Version 0 is the row that is not there.

use chrono::{DateTime, NaiveTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, Bool, Integer, Nullable, Text, Time, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    receivables::profile::{Channel, Profile, ProfileSetting, Tone},
    types::{DebtorId, MemberId, OrgId},
};

macro_rules! columns {
    () => {
        "debtor_id, tone_ceiling, channels, do_not_contact, contact_from, contact_until, account_owner_id, approves_texts, version"
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    debtor_id: DebtorId,
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

impl From<Row> for Profile {
    fn from(row: Row) -> Self {
        Self {
            debtor_id: row.debtor_id,
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
    struct Find { debtor: DebtorId => SqlUuid } concat!("SELECT ", columns!(), " FROM relationship_profiles WHERE debtor_id = ?")
}

pub async fn find(conn: &mut Conn<'_>, debtor: DebtorId) -> Result<Option<Profile>, DbError> {
    Ok(Find { debtor }.get_result::<Row>(conn).await.optional()?.map(Profile::from))
}

statement! {
    struct Insert<'a> {
        debtor: DebtorId => SqlUuid, creditor: OrgId => SqlUuid, tone: Tone => Text, channels: &'a [Channel] => Array<Text>,
        do_not_contact: bool => Bool, from: NaiveTime => Time, until: NaiveTime => Time, owner: Option<MemberId> => Nullable<SqlUuid>, approves: bool => Bool,
        at: DateTime<Utc> => Timestamptz,
    }
    concat!("INSERT INTO relationship_profiles (debtor_id, creditor_id, tone_ceiling, channels, do_not_contact, contact_from, contact_until,
                                                account_owner_id, approves_texts, version, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (debtor_id) DO NOTHING RETURNING ", columns!())
}

statement! {
    struct Update<'a> {
        tone: Tone => Text, channels: &'a [Channel] => Array<Text>, do_not_contact: bool => Bool, from: NaiveTime => Time,
        until: NaiveTime => Time, owner: Option<MemberId> => Nullable<SqlUuid>, approves: bool => Bool, at: DateTime<Utc> => Timestamptz,
        debtor: DebtorId => SqlUuid, version: i32 => Integer,
    }
    concat!("UPDATE relationship_profiles SET tone_ceiling = ?, channels = ?, do_not_contact = ?, contact_from = ?, contact_until = ?,
                account_owner_id = ?, approves_texts = ?, version = version + 1, updated_at = ?
             WHERE debtor_id = ? AND version = ? RETURNING ", columns!())
}

/// `None`: the profile is not at `version`.
pub async fn write(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    debtor: DebtorId,
    version: i32,
    setting: &ProfileSetting,
    at: DateTime<Utc>,
) -> Result<Option<Profile>, DbError> {
    let (tone, channels, do_not_contact) = (setting.tone_ceiling, setting.channels.as_slice(), setting.do_not_contact);
    let (from, until, owner) = (setting.contact_from, setting.contact_until, setting.account_owner_id);
    let approves = setting.approves_texts;
    let written: Result<Row, _> = if version == 0 {
        Insert { debtor, creditor, tone, channels, do_not_contact, from, until, owner, approves, at }.get_result(conn).await
    } else {
        Update { tone, channels, do_not_contact, from, until, owner, approves, at, debtor, version }.get_result(conn).await
    };
    Ok(written.optional()?.map(Profile::from))
}
