//! SQL of provision policies.

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, Integer, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    insight::provisions::{ProvisionPolicy, ProvisionSetting},
    types::OrgId,
};

#[derive(QueryableByName)]
struct Policy {
    #[diesel(sql_type = Array<Integer>)]
    shares_bp: Vec<i32>,
    #[diesel(sql_type = Integer)]
    version: i32,
}

statement! {
    struct Find { creditor: OrgId => SqlUuid } "SELECT shares_bp, version FROM provision_policies WHERE creditor_id = ?"
}

pub async fn find(conn: &mut Conn<'_>, creditor: OrgId) -> Result<Option<ProvisionPolicy>, DbError> {
    let found: Option<Policy> = Find { creditor }.get_result(conn).await.optional()?;
    Ok(found.map(|Policy { shares_bp, version }| ProvisionPolicy { setting: ProvisionSetting { shares_bp }, version }))
}

statement! {
    struct Insert<'a> { creditor: OrgId => SqlUuid, shares_bp: &'a [i32] => Array<Integer> }
    "INSERT INTO provision_policies (creditor_id, shares_bp, version) VALUES (?, ?, 1) ON CONFLICT (creditor_id) DO NOTHING"
}
statement! {
    struct Update<'a> { shares_bp: &'a [i32] => Array<Integer>, creditor: OrgId => SqlUuid, version: i32 => Integer }
    "UPDATE provision_policies SET shares_bp = ?, version = version + 1 WHERE creditor_id = ? AND version = ?"
}

/// `false`: the policy is not at `version`.
pub async fn write(conn: &mut Conn<'_>, creditor: OrgId, version: i32, shares_bp: &[i32]) -> Result<bool, DbError> {
    let written = if version == 0 {
        Insert { creditor, shares_bp }.execute(conn).await?
    } else {
        Update { shares_bp, creditor, version }.execute(conn).await?
    };
    Ok(written == 1)
}
