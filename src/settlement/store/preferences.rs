//! SQL of what payees ask for.

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    settlement::preferences::{Preference, PreferenceSetting, Schedule},
    types::{Currency, Money, OrgId},
};

statement! {
    struct Find { org: OrgId => SqlUuid } "SELECT schedule, day, minimum_minor, currency, version FROM payout_preferences WHERE org_id = ?"
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    schedule: Schedule,
    #[diesel(sql_type = Nullable<Integer>)]
    day: Option<i32>,
    #[diesel(sql_type = BigInt)]
    minimum_minor: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Integer)]
    version: i32,
}

pub(in crate::settlement) async fn find(conn: &mut Conn<'_>, org: OrgId) -> Result<Option<Preference>, DbError> {
    let found: Option<Row> = Find { org }.get_result(conn).await.optional()?;
    Ok(found.map(|row| Preference {
        setting: PreferenceSetting { schedule: row.schedule, day: row.day, minimum: Money::new(row.minimum_minor, row.currency) },
        version: row.version,
    }))
}

statement! {
    struct Insert { org: OrgId => SqlUuid, schedule: Schedule => Text, day: Option<i32> => Nullable<Integer>, minimum_minor: i64 => BigInt, currency: Currency => Text }
    "INSERT INTO payout_preferences (org_id, schedule, day, minimum_minor, currency, version) VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT (org_id) DO NOTHING"
}
statement! {
    struct Update { schedule: Schedule => Text, day: Option<i32> => Nullable<Integer>, minimum_minor: i64 => BigInt, currency: Currency => Text,
                    org: OrgId => SqlUuid, version: i32 => Integer }
    "UPDATE payout_preferences SET schedule = ?, day = ?, minimum_minor = ?, currency = ?, version = version + 1 WHERE org_id = ? AND version = ?"
}

/// `false`: it is not at `version`.
pub(in crate::settlement) async fn write(
    conn: &mut Conn<'_>,
    org: OrgId,
    version: i32,
    setting: &PreferenceSetting,
) -> Result<bool, DbError> {
    let PreferenceSetting { schedule, day, minimum } = *setting;
    let (minimum_minor, currency) = (minimum.minor, minimum.currency);
    let written = if version == 0 {
        Insert { org, schedule, day, minimum_minor, currency }.execute(conn).await?
    } else {
        Update { schedule, day, minimum_minor, currency, org, version }.execute(conn).await?
    };
    Ok(written == 1)
}
