//! SQL of payment plans and of what creditors allow. Version 0 is the row that is not there.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Date, Integer, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    cases::{
        Case,
        plans::{Instalment, PaymentPlan, PlanPolicy, PlanPolicySetting, PlanStatus},
    },
    db::{Conn, DbError, statement},
    types::{CaseId, Currency, HoldId, Money, OrgId, PlanId},
};

statement! {
    struct FindPolicy { creditor: OrgId => SqlUuid }
    "SELECT instalments_max, least_minor, first_within_days, version FROM plan_policies WHERE creditor_id = ?"
}

#[derive(QueryableByName)]
struct PolicyRow {
    #[diesel(sql_type = Integer)]
    instalments_max: i32,
    #[diesel(sql_type = BigInt)]
    least_minor: i64,
    #[diesel(sql_type = Integer)]
    first_within_days: i32,
    #[diesel(sql_type = Integer)]
    version: i32,
}

pub(in crate::cases) async fn find_policy(conn: &mut Conn<'_>, creditor: OrgId) -> Result<Option<PlanPolicy>, DbError> {
    let found: Option<PolicyRow> = FindPolicy { creditor }.get_result(conn).await.optional()?;
    Ok(found.map(|PolicyRow { instalments_max, least_minor, first_within_days, version }| PlanPolicy {
        instalments_max,
        least_minor,
        first_within_days,
        version,
    }))
}

statement! {
    struct InsertPolicy { creditor: OrgId => SqlUuid, instalments_max: i32 => Integer, least_minor: i64 => BigInt, first_within_days: i32 => Integer }
    "INSERT INTO plan_policies (creditor_id, instalments_max, least_minor, first_within_days, version) VALUES (?, ?, ?, ?, 1)
     ON CONFLICT (creditor_id) DO NOTHING"
}
statement! {
    struct UpdatePolicy { instalments_max: i32 => Integer, least_minor: i64 => BigInt, first_within_days: i32 => Integer, creditor: OrgId => SqlUuid,
                          version: i32 => Integer }
    "UPDATE plan_policies SET instalments_max = ?, least_minor = ?, first_within_days = ?, version = version + 1
     WHERE creditor_id = ? AND version = ?"
}

/// `false`: the policy is not at `version`.
pub(in crate::cases) async fn write_policy(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    version: i32,
    setting: PlanPolicySetting,
) -> Result<bool, DbError> {
    let PlanPolicySetting { instalments_max, least_minor, first_within_days } = setting;
    let written = if version == 0 {
        InsertPolicy { creditor, instalments_max, least_minor, first_within_days }.execute(conn).await?
    } else {
        UpdatePolicy { instalments_max, least_minor, first_within_days, creditor, version }.execute(conn).await?
    };
    Ok(written == 1)
}

statement! {
    struct Insert { id: PlanId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, hold: HoldId => SqlUuid, currency: Currency => Text,
                    due_on: Vec<NaiveDate> => Array<Date>, amounts_minor: Vec<i64> => Array<BigInt>, recovered_before_minor: i64 => BigInt,
                    agreed_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO payment_plans (id, case_id, creditor_id, hold_id, currency, due_on, amounts_minor, recovered_before_minor, status, agreed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'running', ?)"
}

pub(in crate::cases) async fn insert(conn: &mut Conn<'_>, case: &Case, hold: HoldId, plan: &PaymentPlan) -> Result<(), DbError> {
    let insert = Insert {
        id: plan.id,
        case: case.id,
        creditor: case.creditor,
        hold,
        currency: case.currency,
        due_on: plan.instalments.iter().map(|instalment| instalment.due_on).collect(),
        amounts_minor: plan.instalments.iter().map(|instalment| instalment.amount.minor).collect(),
        recovered_before_minor: case.recovered_minor,
        agreed_at: plan.agreed_at,
    };
    insert.execute(conn).await?;
    Ok(())
}

statement! {
    struct OfCase { case: CaseId => SqlUuid }
    "SELECT id, hold_id, currency, due_on, amounts_minor, recovered_before_minor, status, agreed_at FROM payment_plans
     WHERE case_id = ? ORDER BY id"
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: PlanId,
    #[diesel(sql_type = SqlUuid)]
    hold_id: HoldId,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Array<Date>)]
    due_on: Vec<NaiveDate>,
    #[diesel(sql_type = Array<BigInt>)]
    amounts_minor: Vec<i64>,
    #[diesel(sql_type = BigInt)]
    recovered_before_minor: i64,
    #[diesel(sql_type = Text)]
    status: PlanStatus,
    #[diesel(sql_type = Timestamptz)]
    agreed_at: DateTime<Utc>,
}

/// A plan with what it is judged by.
pub(in crate::cases) struct KeptPlan {
    pub plan: PaymentPlan,
    pub hold_id: HoldId,
    pub recovered_before_minor: i64,
}

impl From<Row> for KeptPlan {
    fn from(row: Row) -> Self {
        let parts = row.due_on.into_iter().zip(row.amounts_minor);
        let instalment = |(due_on, minor)| Instalment { due_on, amount: Money::new(minor, row.currency) };
        let instalments = parts.map(instalment).collect();
        let plan = PaymentPlan { id: row.id, status: row.status, instalments, agreed_at: row.agreed_at };
        Self { plan, hold_id: row.hold_id, recovered_before_minor: row.recovered_before_minor }
    }
}

/// Oldest first.
pub(in crate::cases) async fn list_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<KeptPlan>, DbError> {
    let rows: Vec<Row> = OfCase { case }.load(conn).await?;
    Ok(rows.into_iter().map(KeptPlan::from).collect())
}

statement! {
    struct SetStatus { status: PlanStatus => Text, id: PlanId => SqlUuid } "UPDATE payment_plans SET status = ? WHERE id = ?"
}

pub(in crate::cases) async fn set_status(conn: &mut Conn<'_>, id: PlanId, status: PlanStatus) -> Result<(), DbError> {
    SetStatus { status, id }.execute(conn).await?;
    Ok(())
}
