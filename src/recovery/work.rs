//! Work of people: lists of what is due, promised, answered and at risk; who handles which case, moved and covered by deputies; what
//! each person has on hand and brought about.
//!
//! What may never happen here: work that no list shows, because the person who had it is away; a case given to somebody outside
//! the organisation that pursues it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RecoveryError, dossier::pursuer_of, store::work as store};
use crate::{
    cases::{self, Case},
    db::{By, Conn, Scope},
    parties::{self, Member, Role},
    types::{CaseId, Currency, MemberId, Money, OrgId, TaskId, text_enum},
};

/// Results that a person is shown with: those of this time.
const RESULTS_OF: TimeDelta = TimeDelta::days(30);
/// A danger that is older is no news.
const AT_RISK_FOR: TimeDelta = TimeDelta::days(14);
/// A task that is late for so long puts its case at risk.
const LATE_AFTER: TimeDelta = TimeDelta::days(3);
/// Cases moved at once.
const MOVED_MAX: usize = 1_000;

text_enum! {
    /// Which work.
    pub enum WorkList {
        /// Tasks whose day has come.
        Due => "due",
        /// Cases whose debtor has named a day or agreed on a plan.
        Promised => "promised",
        /// Cases whose debtor has written back, and nobody has read it.
        Answered => "answered",
        /// Cases whose promise or plan was broken, whose claim may soon be barred, that lie idle, or whose task is days late.
        AtRisk => "at_risk",
    }
}

/// Whose work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Everybodys,
    Nobodys,
    /// With what they stand in for today.
    Of(MemberId),
}

/// A line of a work list.
#[derive(Debug, QueryableByName, Serialize, ToSchema)]
pub struct WorkItem {
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = Text)]
    pub case_reference: String,
    #[diesel(sql_type = Text)]
    pub debtor: String,
    #[serde(skip)]
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[serde(skip)]
    #[diesel(sql_type = BigInt)]
    principal_minor: i64,
    /// The reason of the task, `promise`, `plan`, or what put the case at risk.
    #[diesel(sql_type = Text)]
    #[schema(example = "call_due")]
    pub why: String,
    /// When it is due, was promised for, or happened.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub task_id: Option<TaskId>,
    /// Who handles it today: a deputy where whoever has it is away. Null: nobody yet.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub handler_id: Option<MemberId>,
}

impl WorkItem {
    #[must_use]
    pub const fn principal(&self) -> Money {
        Money::new(self.principal_minor, self.currency)
    }
}

/// What a person has on hand, and what came of it in the last thirty days.
#[derive(Debug, QueryableByName, Serialize, ToSchema)]
pub struct Load {
    #[diesel(sql_type = SqlUuid)]
    pub member_id: MemberId,
    #[diesel(sql_type = Text)]
    pub full_name: String,
    #[diesel(sql_type = Text)]
    pub role: Role,
    /// Cases that they handle.
    #[diesel(sql_type = BigInt)]
    pub cases: i64,
    #[diesel(sql_type = BigInt)]
    pub open_tasks: i64,
    #[diesel(sql_type = BigInt)]
    pub late_tasks: i64,
    #[diesel(sql_type = BigInt)]
    pub tasks_done: i64,
    /// Calls that ended in a conversation.
    #[diesel(sql_type = BigInt)]
    pub conversations: i64,
    /// Calls that ended in a promise.
    #[diesel(sql_type = BigInt)]
    pub promises: i64,
    /// Promises that were kept, on cases that they handle.
    #[diesel(sql_type = BigInt)]
    pub promises_kept: i64,
    /// Payments that were confirmed, on cases that they handle.
    #[diesel(sql_type = BigInt)]
    pub payments: i64,
    #[diesel(sql_type = Bool)]
    pub is_away: bool,
    /// Who stands in for them today.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub deputy_id: Option<MemberId>,
}

/// Work for somebody else.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkMove {
    /// Everything they handle; or name the cases.
    #[serde(default)]
    pub from_member_id: Option<MemberId>,
    /// At most 1,000.
    #[serde(default)]
    pub case_ids: Option<Vec<CaseId>>,
    pub to_member_id: MemberId,
}

/// What was moved.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkMoved {
    pub cases: usize,
    pub tasks: usize,
}

/// Who handles a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Handler {
    /// Null: nobody.
    pub member_id: Option<MemberId>,
}

/// Whose work a transaction asks for.
fn own(by: &By) -> Result<store::Own, RecoveryError> {
    let org = by.scope.org().ok_or(RecoveryError::NotFound("organisation"))?;
    Ok(store::Own { org, of_agency: matches!(by.scope, Scope::Agency(_)) })
}

/// A list, the most pressing first. `today` is the day of whoever asks, `until` its end.
///
/// # Errors
/// The database fails.
pub async fn list(
    conn: &mut Conn<'_>,
    by: &By,
    wanted: (WorkList, Whose),
    (today, until): (NaiveDate, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<WorkItem>, RecoveryError> {
    let (own, (list, whose)) = (own(by)?, wanted);
    let page = store::Page { own, whose, today, limit };
    Ok(match list {
        WorkList::Due => store::list_due(conn, &page, until).await?,
        WorkList::Answered => store::list_answered(conn, &page).await?,
        WorkList::Promised => store::list_promised(conn, &page).await?,
        WorkList::AtRisk => store::list_at_risk(conn, &page, by.at - AT_RISK_FOR, by.at - LATE_AFTER).await?,
    })
}

/// What everybody has on hand, by name.
///
/// # Errors
/// The database fails.
pub async fn load(conn: &mut Conn<'_>, by: &By, today: NaiveDate) -> Result<Vec<Load>, RecoveryError> {
    Ok(store::load(conn, own(by)?.org, today, by.at, by.at - RESULTS_OF).await?)
}

/// Who handles a case in `by`'s organisation.
///
/// # Errors
/// Not visible.
pub async fn handler(conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<Handler, RecoveryError> {
    cases::find(conn, by, id).await?;
    Ok(Handler { member_id: store::handler_of(conn, id, own(by)?.org).await? })
}

/// Gives a case, with its open tasks, to a person. `leads`: whether `by` may give work to others; otherwise people take what is
/// nobody's, and give back what is theirs.
///
/// # Errors
/// Not pursued by the organisation, no member of it, or somebody else's.
pub async fn set_handler(
    conn: &mut Conn<'_>,
    by: &By,
    id: CaseId,
    wanted: Handler,
    leads: bool,
) -> Result<Handler, RecoveryError> {
    let case = cases::lock(conn, by, id).await?;
    let org = must_pursue(by, &case)?;
    let now = store::handler_of(conn, id, org).await?;
    let is_own = |member: Option<MemberId>| member.is_none() || member == by.member();
    let may = leads || (is_own(now) && is_own(wanted.member_id));
    if !may {
        return Err(RecoveryError::WorkOfAnother);
    }
    match wanted.member_id {
        None => store::clear_handler(conn, id, org).await?,
        Some(member) => {
            must_be_at_work(conn, org, member).await?;
            store::give(conn, org, &[id], member, by.at).await?;
        }
    }
    store::give_tasks(conn, org, &[id], wanted.member_id).await?;
    Ok(wanted)
}

/// Moves work to a person: all that somebody handles, or the cases named, each with its open tasks.
///
/// # Errors
/// Neither or both are said, too many, a case that the organisation does not pursue, or nobody of it.
pub async fn move_work(conn: &mut Conn<'_>, by: &By, wanted: &WorkMove) -> Result<WorkMoved, RecoveryError> {
    let own = own(by)?;
    must_be_at_work(conn, own.org, wanted.to_member_id).await?;
    let (ids, loose) = match (wanted.from_member_id, &wanted.case_ids) {
        (Some(from), None) => {
            let ids = store::list_handled(conn, own, from).await?;
            // Tasks that they were given on cases which others handle.
            let loose = store::give_tasks_of(conn, own.org, from, wanted.to_member_id).await?;
            (ids, loose)
        }
        (None, Some(ids)) if ids.len() <= MOVED_MAX => {
            let known = store::list_own(conn, own, ids).await?;
            if let Some(missing) = ids.iter().position(|id| !known.contains(id)) {
                let why = format!("/case_ids/{missing} is no case that your organisation pursues");
                return Err(RecoveryError::Invalid("/case_ids", why));
            }
            (known, 0)
        }
        (None, Some(_)) => return Err(RecoveryError::Invalid("/case_ids", format!("at most {MOVED_MAX}"))),
        (None, None) | (Some(_), Some(_)) => {
            return Err(RecoveryError::Invalid("/from_member_id", "say either whose work, or which cases".to_owned()));
        }
    };
    store::give(conn, own.org, &ids, wanted.to_member_id, by.at).await?;
    let tasks = store::give_tasks(conn, own.org, &ids, Some(wanted.to_member_id)).await?;
    Ok(WorkMoved { cases: ids.len(), tasks: tasks + loose })
}

/// The organisation that asks, if it pursues the case.
///
/// # Errors
/// It does not.
pub fn must_pursue(by: &By, case: &Case) -> Result<OrgId, RecoveryError> {
    if !case.is_pursued() {
        return Err(RecoveryError::NotPursued(case.phase));
    }
    let owner = pursuer_of(case).unwrap_or(case.creditor);
    by.scope.org().filter(|org| *org == owner).ok_or(RecoveryError::WorkOfTheAgency)
}

/// # Errors
/// Nobody of the organisation, or no longer.
pub async fn must_be_at_work(conn: &mut Conn<'_>, org: OrgId, member: MemberId) -> Result<Member, RecoveryError> {
    let found = parties::find_member(conn, org, member).await.ok().filter(|member| member.disabled_at.is_none());
    found.ok_or_else(|| RecoveryError::Invalid("/member_id", "nobody of your organisation, or no longer".to_owned()))
}
