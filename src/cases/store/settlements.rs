//! SQL of settlements and of what creditors allow. Version 0 is the row that is not there.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    cases::settlements::{Proposer, Settlement, SettlementPolicy, SettlementPolicySetting, SettlementStatus},
    db::{Conn, DbError, statement},
    types::{CaseId, Currency, HoldId, Money, OrgId, SettlementId},
};

statement! {
    struct FindPolicy { creditor: OrgId => SqlUuid }
    "SELECT floor_bp, answer_days, pay_within_days, version FROM settlement_policies WHERE creditor_id = ?"
}

#[derive(QueryableByName)]
struct PolicyRow {
    #[diesel(sql_type = Integer)]
    floor_bp: i32,
    #[diesel(sql_type = Integer)]
    answer_days: i32,
    #[diesel(sql_type = Integer)]
    pay_within_days: i32,
    #[diesel(sql_type = Integer)]
    version: i32,
}

pub(in crate::cases) async fn find_policy(conn: &mut Conn<'_>, creditor: OrgId) -> Result<Option<SettlementPolicy>, DbError> {
    let found: Option<PolicyRow> = FindPolicy { creditor }.get_result(conn).await.optional()?;
    Ok(found.map(|PolicyRow { floor_bp, answer_days, pay_within_days, version }| SettlementPolicy {
        floor_bp,
        answer_days,
        pay_within_days,
        version,
    }))
}

statement! {
    struct InsertPolicy { creditor: OrgId => SqlUuid, floor_bp: i32 => Integer, answer_days: i32 => Integer, pay_within_days: i32 => Integer }
    "INSERT INTO settlement_policies (creditor_id, floor_bp, answer_days, pay_within_days, version) VALUES (?, ?, ?, ?, 1)
     ON CONFLICT (creditor_id) DO NOTHING"
}
statement! {
    struct UpdatePolicy { floor_bp: i32 => Integer, answer_days: i32 => Integer, pay_within_days: i32 => Integer, creditor: OrgId => SqlUuid,
                          version: i32 => Integer }
    "UPDATE settlement_policies SET floor_bp = ?, answer_days = ?, pay_within_days = ?, version = version + 1
     WHERE creditor_id = ? AND version = ?"
}

/// `false`: the policy is not at `version`.
pub(in crate::cases) async fn write_policy(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    version: i32,
    setting: SettlementPolicySetting,
) -> Result<bool, DbError> {
    let SettlementPolicySetting { floor_bp, answer_days, pay_within_days } = setting;
    let written = if version == 0 {
        InsertPolicy { creditor, floor_bp, answer_days, pay_within_days }.execute(conn).await?
    } else {
        UpdatePolicy { floor_bp, answer_days, pay_within_days, creditor, version }.execute(conn).await?
    };
    Ok(written == 1)
}

statement! {
    struct Insert { id: SettlementId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, proposed_by: Proposer => Text, currency: Currency => Text,
                    amount_minor: i64 => BigInt, claimed_minor: i64 => BigInt, pay_by: NaiveDate => Date, answer_by: DateTime<Utc> => Timestamptz,
                    recovered_before_minor: i64 => BigInt, proposed_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO settlements (id, case_id, creditor_id, proposed_by, currency, amount_minor, claimed_minor, pay_by, answer_by, status,
                              recovered_before_minor, proposed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?)"
}

pub(in crate::cases) async fn insert(conn: &mut Conn<'_>, creditor: OrgId, settlement: &Settlement) -> Result<(), DbError> {
    let insert = Insert {
        id: settlement.id,
        case: settlement.case_id,
        creditor,
        proposed_by: settlement.proposed_by,
        currency: settlement.amount.currency,
        amount_minor: settlement.amount.minor,
        claimed_minor: settlement.claimed.minor,
        pay_by: settlement.pay_by,
        answer_by: settlement.answer_by,
        recovered_before_minor: settlement.recovered_before_minor,
        proposed_at: settlement.proposed_at,
    };
    insert.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetHold { hold: HoldId => SqlUuid, id: SettlementId => SqlUuid } "UPDATE settlements SET hold_id = ? WHERE id = ?"
}
statement! {
    struct SetAgreed { recovered_before_minor: i64 => BigInt, id: SettlementId => SqlUuid }
    "UPDATE settlements SET status = 'agreed', recovered_before_minor = ? WHERE id = ?"
}
statement! {
    struct SetEnded { status: SettlementStatus => Text, waived_minor: i64 => BigInt, id: SettlementId => SqlUuid }
    "UPDATE settlements SET status = ?, waived_minor = ? WHERE id = ?"
}

pub(in crate::cases) async fn set_hold(conn: &mut Conn<'_>, id: SettlementId, hold: HoldId) -> Result<(), DbError> {
    SetHold { hold, id }.execute(conn).await?;
    Ok(())
}

pub(in crate::cases) async fn set_agreed(
    conn: &mut Conn<'_>,
    id: SettlementId,
    recovered_before_minor: i64,
) -> Result<(), DbError> {
    SetAgreed { recovered_before_minor, id }.execute(conn).await?;
    Ok(())
}

pub(in crate::cases) async fn set_ended(
    conn: &mut Conn<'_>,
    id: SettlementId,
    status: SettlementStatus,
    waived_minor: i64,
) -> Result<(), DbError> {
    SetEnded { status, waived_minor, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct CaseOf { id: SettlementId => SqlUuid } "SELECT case_id FROM settlements WHERE id = ?"
}

#[derive(QueryableByName)]
struct CaseRow {
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
}

/// Which case to lock before the settlement.
pub(in crate::cases) async fn case_of(conn: &mut Conn<'_>, id: SettlementId) -> Result<Option<CaseId>, DbError> {
    Ok(CaseOf { id }.get_result::<CaseRow>(conn).await.optional()?.map(|row| row.case_id))
}

macro_rules! columns {
    () => {
        "id, case_id, hold_id, proposed_by, currency, amount_minor, claimed_minor, pay_by, answer_by, status, recovered_before_minor,
         waived_minor, proposed_at"
    };
}

statement! {
    struct OfCase { case: CaseId => SqlUuid } concat!("SELECT ", columns!(), " FROM settlements WHERE case_id = ? ORDER BY id")
}
statement! {
    struct Agreed { case: CaseId => SqlUuid } concat!("SELECT ", columns!(), " FROM settlements WHERE case_id = ? AND status = 'agreed'")
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: SettlementId,
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    hold_id: Option<HoldId>,
    #[diesel(sql_type = Text)]
    proposed_by: Proposer,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = BigInt)]
    claimed_minor: i64,
    #[diesel(sql_type = Date)]
    pay_by: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    answer_by: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    status: SettlementStatus,
    #[diesel(sql_type = BigInt)]
    recovered_before_minor: i64,
    #[diesel(sql_type = BigInt)]
    waived_minor: i64,
    #[diesel(sql_type = Timestamptz)]
    proposed_at: DateTime<Utc>,
}

impl From<Row> for Settlement {
    fn from(row: Row) -> Self {
        let money = |minor| Money::new(minor, row.currency);
        Self {
            id: row.id,
            case_id: row.case_id,
            proposed_by: row.proposed_by,
            amount: money(row.amount_minor),
            claimed: money(row.claimed_minor),
            pay_by: row.pay_by,
            answer_by: row.answer_by,
            status: row.status,
            waived: money(row.waived_minor),
            proposed_at: row.proposed_at,
            hold_id: row.hold_id,
            recovered_before_minor: row.recovered_before_minor,
        }
    }
}

/// Oldest first.
pub(in crate::cases) async fn list_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Settlement>, DbError> {
    let rows: Vec<Row> = OfCase { case }.load(conn).await?;
    Ok(rows.into_iter().map(Settlement::from).collect())
}

pub(in crate::cases) async fn find_agreed(conn: &mut Conn<'_>, case: CaseId) -> Result<Option<Settlement>, DbError> {
    Ok(Agreed { case }.get_result::<Row>(conn).await.optional()?.map(Settlement::from))
}
