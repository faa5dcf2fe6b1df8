//! Alerts by an organisation's own rules: a broken promise, an objection that stands, an address that bounced, an agency that is
//! silent, a customer over its limit. Told once to a role, in its list and, where the rule wants it, in one mail a day.
//!
//! What may never happen here: an alert about a case that its organisation may not see; one told twice; a debtor's name in a mail;
//! a customer of one salesperson told to another; a rule that runs long (`types::condition`).

pub mod api;
mod customers;
pub mod daily;
mod facts;
mod store;
pub mod webhook;
pub mod webhook_api;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::facts::Happened;
use super::NoticesError;
use crate::{
    cases::{Case, Event},
    db::{By, Conn},
    http::Cursor,
    parties::{self, OrgKind, Role, roles},
    receivables::{self, Debtor},
    types::{AlertId, AlertRuleId, CaseId, DebtorId, MemberId, OrgId, clock::day_in, condition::Condition},
};

const RULES_MAX: usize = 50;
const NAME_MAX_CHARS: usize = 100;

/// A rule.
#[derive(Debug, Clone, QueryableByName, Serialize, ToSchema)]
pub struct AlertRule {
    #[diesel(sql_type = SqlUuid)]
    pub id: AlertRuleId,
    #[serde(skip)]
    #[diesel(sql_type = SqlUuid)]
    pub owner_id: OrgId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub condition: String,
    #[diesel(sql_type = Text)]
    pub role: Role,
    #[diesel(sql_type = Bool)]
    pub by_mail: bool,
    #[diesel(sql_type = Bool)]
    pub by_webhook: bool,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// A rule to be set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAlertRule {
    #[schema(example = "Broken promises on large cases", min_length = 1, max_length = 100)]
    pub name: String,
    /// CEL over `event`, `days`, `principal_minor`, `recovered_minor`, `currency`, `days_overdue`, `debtor_kind`, `country`, `phase`,
    /// `limit_use` and `score_drop`. `event` is a kind of event of the timeline, or one of `dispute_open`, `agency_silent`,
    /// `limit_exceeded` and `risk_worse`, which are looked for once a day with their `days`.
    #[schema(example = "event == 'promise_broken' && principal_minor >= 500000")]
    pub condition: String,
    /// Whom it is for. Administrators see all.
    pub role: Role,
    /// Whether it goes into the mail that each of them gets once a day.
    #[serde(default)]
    pub by_mail: bool,
    /// Whether it is posted to your own software (`PUT /alert-webhook`).
    #[serde(default)]
    pub by_webhook: bool,
}

/// Something a rule spoke of.
#[derive(Debug, Clone, QueryableByName, Serialize, ToSchema)]
pub struct Alert {
    #[diesel(sql_type = SqlUuid)]
    pub id: AlertId,
    #[diesel(sql_type = Text)]
    pub rule_name: String,
    #[diesel(sql_type = Text)]
    pub role: Role,
    #[diesel(sql_type = SqlUuid)]
    pub debtor_id: DebtorId,
    /// None: of the customer as a whole.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub case_id: Option<CaseId>,
    #[diesel(sql_type = Nullable<Text>)]
    pub case_reference: Option<String>,
    /// The account owner, where it is for their role: nobody else of it is told.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub member_id: Option<MemberId>,
    #[diesel(sql_type = Text)]
    #[schema(example = "promise_broken")]
    pub event: String,
    /// How long it has stood; 0 for what happened then.
    #[diesel(sql_type = Integer)]
    pub days: i32,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub read_at: Option<DateTime<Utc>>,
    /// When your own software took it, where the rule has it posted.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub webhook_taken_at: Option<DateTime<Utc>>,
    /// What the last try came to, where it was not taken.
    #[diesel(sql_type = Nullable<Text>)]
    pub webhook_error: Option<String>,
}

/// Sets a rule.
///
/// # Errors
/// No name, one that is there, too many, a condition that cannot be reckoned, or a role that the organisation does not have.
pub async fn add_rule(
    conn: &mut Conn<'_>,
    by: &By,
    (owner, kind): (OrgId, OrgKind),
    new: &NewAlertRule,
) -> Result<AlertRule, NoticesError> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX_CHARS || name.chars().any(char::is_control) {
        return Err(NoticesError::Invalid("/name", format!("1 to {NAME_MAX_CHARS} characters on one line")));
    }
    facts::check(&new.condition).map_err(|why| NoticesError::Invalid("/condition", why))?;
    if !roles::roles(kind).any(|role| role == new.role) {
        return Err(NoticesError::Invalid("/role", format!("nobody in your organisation is {}", new.role)));
    }
    if new.by_webhook && store::find_webhook(conn, owner).await?.is_none() {
        return Err(NoticesError::Invalid("/by_webhook", "say first where alerts are posted".to_owned()));
    }
    if store::list_rules(conn, &[owner]).await?.len() >= RULES_MAX {
        return Err(NoticesError::Invalid("/name", format!("at most {RULES_MAX} rules: remove some first")));
    }
    let rule = AlertRule {
        id: AlertRuleId::fresh(),
        owner_id: owner,
        name: name.to_owned(),
        condition: new.condition.clone(),
        role: new.role,
        by_mail: new.by_mail,
        by_webhook: new.by_webhook,
        created_at: by.at,
    };
    match store::insert_rule(conn, &rule).await {
        Err(error) if error.violates("alert_rules_name_unique") => {
            return Err(NoticesError::Invalid("/name", "there is a rule of this name".to_owned()));
        }
        inserted => inserted?,
    }
    daily::begin(conn, by, owner).await?;
    Ok(rule)
}

/// An organisation's rules, by name.
///
/// # Errors
/// The database fails.
pub async fn list_rules(conn: &mut Conn<'_>, owner: OrgId) -> Result<Vec<AlertRule>, NoticesError> {
    Ok(store::list_rules(conn, &[owner]).await?)
}

/// Removes a rule; what it told stays.
///
/// # Errors
/// Not there.
pub async fn remove_rule(conn: &mut Conn<'_>, owner: OrgId, id: AlertRuleId) -> Result<(), NoticesError> {
    if store::delete_rule(conn, owner, id).await? { Ok(()) } else { Err(NoticesError::NoSuchRule) }
}

/// What an organisation was alerted of, newest first; for a person, what is for their role.
///
/// # Errors
/// The database fails.
pub async fn list(
    conn: &mut Conn<'_>,
    (owner, reader): (OrgId, Option<MemberId>),
    unread: bool,
    cursor: Cursor,
) -> Result<Vec<Alert>, NoticesError> {
    let reader = limited(conn, owner, reader).await?;
    Ok(store::list(conn, owner, reader, unread, cursor).await?)
}

/// None: whoever sees all of them.
async fn limited(conn: &mut Conn<'_>, owner: OrgId, reader: Option<MemberId>) -> Result<Option<(Role, MemberId)>, NoticesError> {
    let Some(member) = reader else { return Ok(None) };
    let role = parties::find_member(conn, owner, member).await?.role;
    Ok((role != Role::Admin).then_some((role, member)))
}

/// Somebody has seen it. Harmless when repeated.
///
/// # Errors
/// Not there, or not for their role.
pub async fn read(
    conn: &mut Conn<'_>,
    by: &By,
    (owner, reader): (OrgId, Option<MemberId>),
    id: AlertId,
) -> Result<Alert, NoticesError> {
    let reader = limited(conn, owner, reader).await?;
    store::set_read(conn, owner, reader, id, by.at).await?.ok_or(NoticesError::NoSuchAlert)
}

/// Alerts whose rules speak of new lines of a timeline: the creditor's, and those of the agency that may read the line.
///
/// # Errors
/// The database fails.
pub async fn of_events(conn: &mut Conn<'_>, by: &By, case: &Case, lines: &[Event]) -> Result<(), NoticesError> {
    let mut owners = vec![case.creditor];
    owners.extend(lines.iter().filter_map(|line| line.agency));
    owners.sort_unstable();
    owners.dedup();
    let rules = store::list_rules(conn, &owners).await?;
    if rules.is_empty() {
        return Ok(());
    }
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let about = About { debtor: &debtor, case: Some(case), account_owner: account_owner(conn, by, &debtor).await? };
    for line in lines {
        let happened = in_case(case, &debtor, (line.kind.as_str(), 0), by);
        let what = What { happened, key: format!("event:{}:{}", case.id, line.seq) };
        let may_read = |rule: &&AlertRule| rule.owner_id == case.creditor || line.agency == Some(rule.owner_id);
        tell(conn, by, &about, &what, rules.iter().filter(may_read)).await?;
    }
    Ok(())
}

/// What an alert would say.
struct What<'a> {
    happened: Happened<'a>,
    /// Told once under it.
    key: String,
}

/// Whom an alert would be about.
struct About<'a> {
    debtor: &'a Debtor,
    /// None: the customer as a whole.
    case: Option<&'a Case>,
    /// The creditor's member whose customer it is.
    account_owner: Option<(MemberId, Role)>,
}

impl About<'_> {
    /// The one person that a rule is for, where the account owner has its role.
    fn person(&self, rule: &AlertRule) -> Option<MemberId> {
        let (member, role) = self.account_owner?;
        (rule.owner_id == self.debtor.creditor_id && rule.role == role).then_some(member)
    }
}

async fn account_owner(conn: &mut Conn<'_>, by: &By, debtor: &Debtor) -> Result<Option<(MemberId, Role)>, NoticesError> {
    let Some(owner) = receivables::profile_of(conn, by, debtor.id).await?.account_owner_id else { return Ok(None) };
    let member = parties::find_member(conn, debtor.creditor_id, owner).await?;
    Ok(member.disabled_at.is_none().then_some((member.id, member.role)))
}

fn in_case<'a>(case: &'a Case, debtor: &Debtor, (event, days): (&'a str, i64), by: &By) -> Happened<'a> {
    let today = day_in(debtor.country.time_zone(), by.at);
    Happened {
        event,
        days,
        principal_minor: case.principal_minor,
        recovered_minor: case.recovered_minor,
        currency: case.currency.code(),
        days_overdue: (today - case.oldest_due_on).num_days(),
        debtor_kind: debtor.kind.as_str(),
        country: debtor.country.as_str(),
        phase: case.phase.as_str(),
        limit_use: 0,
        score_drop: 0,
    }
}

async fn tell<'a>(
    conn: &mut Conn<'_>,
    by: &By,
    about: &About<'_>,
    What { happened, key }: &What<'_>,
    rules: impl Iterator<Item = &'a AlertRule>,
) -> Result<(), NoticesError> {
    for rule in rules {
        // It was read when it was set.
        let Ok(condition) = Condition::compile(&rule.condition) else { continue };
        if happened.is_meant_by(&condition) {
            let alert = store::Insert {
                id: AlertId::fresh(),
                owner: rule.owner_id,
                rule: rule.id,
                rule_name: &rule.name,
                role: rule.role,
                by_mail: rule.by_mail,
                debtor: about.debtor.id,
                member: about.person(rule),
                case: about.case.map(|case| case.id),
                case_reference: about.case.map(|case| case.reference.as_str()),
                event: happened.event,
                days: i32::try_from(happened.days).unwrap_or(i32::MAX),
                key,
                created_at: by.at,
            };
            if store::insert(conn, &alert).await? && rule.by_webhook {
                webhook::ask(conn, by, rule.owner_id, alert.id).await?;
            }
        }
    }
    Ok(())
}
