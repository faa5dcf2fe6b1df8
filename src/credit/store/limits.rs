//! SQL of credit limits.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    credit::CreditLimit,
    db::{Conn, DbError, statement},
    types::{Currency, DebtorId, MemberId, Money, OrgId},
};

#[derive(QueryableByName)]
struct LimitRow {
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Nullable<BigInt>)]
    limit_minor: Option<i64>,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    set_by: Option<MemberId>,
    #[diesel(sql_type = Timestamptz)]
    set_at: DateTime<Utc>,
}

statement! {
    struct Find { debtor: DebtorId => SqlUuid }
    "SELECT currency, limit_minor, version, set_by, set_at FROM credit_limits WHERE debtor_id = ?"
}

pub async fn find(conn: &mut Conn<'_>, debtor: DebtorId) -> Result<Option<CreditLimit>, DbError> {
    let found: Option<LimitRow> = Find { debtor }.get_result(conn).await.optional()?;
    Ok(found.map(|row| CreditLimit {
        debtor_id: debtor,
        limit: row.limit_minor.map(|minor| Money::new(minor, row.currency)),
        set_by: row.set_by,
        set_at: Some(row.set_at),
        version: row.version,
    }))
}

statement! {
    struct Insert { debtor: DebtorId => SqlUuid, creditor: OrgId => SqlUuid, currency: Currency => Text, minor: Option<i64> => Nullable<BigInt>,
                    set_by: Option<MemberId> => Nullable<SqlUuid>, at: DateTime<Utc> => Timestamptz }
    "INSERT INTO credit_limits (debtor_id, creditor_id, currency, limit_minor, set_by, set_at, version) VALUES (?, ?, ?, ?, ?, ?, 1)
     ON CONFLICT (debtor_id) DO NOTHING"
}
statement! {
    struct Update { currency: Currency => Text, minor: Option<i64> => Nullable<BigInt>, set_by: Option<MemberId> => Nullable<SqlUuid>,
                    at: DateTime<Utc> => Timestamptz, debtor: DebtorId => SqlUuid, version: i32 => Integer }
    "UPDATE credit_limits SET currency = ?, limit_minor = ?, set_by = ?, set_at = ?, version = version + 1 WHERE debtor_id = ? AND version = ?"
}

/// `false`: the limit is not at `version`.
pub async fn write(
    conn: &mut Conn<'_>,
    (creditor, debtor): (OrgId, DebtorId),
    version: i32,
    limit: Option<Money>,
    (set_by, at): (Option<MemberId>, DateTime<Utc>),
) -> Result<bool, DbError> {
    let (currency, minor) = (limit.map_or(Currency::EUR, |limit| limit.currency), limit.map(|limit| limit.minor));
    let written = if version == 0 {
        Insert { debtor, creditor, currency, minor, set_by, at }.execute(conn).await?
    } else {
        Update { currency, minor, set_by, at, debtor, version }.execute(conn).await?
    };
    Ok(written == 1)
}
