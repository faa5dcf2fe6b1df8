//! The bank account of an organisation, changed: whoever has taken over a log-in must not lead its money away.
//!
//! What may never happen here: an account in force that nobody confirmed with the code from the mail; a code that is kept or can
//! be tried out; money paid out to an account in the days after the change. The code is made from the change's id and the
//! master secret, so that no row holds it.
//!
//! Lock order: the open change of the organisation, alone.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PartiesError, find_organisation, store::account_changes as store};
use crate::{
    app::App,
    db::{By, Conn, Scope},
    jobs::{self, JobError},
    keys::Keys,
    types::{AccountChangeId, Iban, MemberId, OrgId, text_enum},
};

/// The code is good for so long.
const CONFIRMED_WITHIN: TimeDelta = TimeDelta::hours(48);
/// A code has eight digits: five tries hit one in twenty million.
pub const WRONG_CODES_MAX: i32 = 5;
/// The job that `notices` does: the code goes to the organisation's mail address.
const MAIL: &str = "notices.account_code";

text_enum! {
    /// How far a change is.
    pub enum AccountChangeStatus {
        /// The code is on its way by mail.
        Asked => "asked",
        /// Confirmed; nothing is paid out until it is in force.
        Confirmed => "confirmed",
        InForce => "in_force",
        Cancelled => "cancelled",
        /// Not confirmed in time, or by too many wrong codes.
        Void => "void",
    }
}

/// A new account for an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountChange {
    pub id: AccountChangeId,
    #[serde(skip)]
    pub org: OrgId,
    pub iban: Iban,
    pub status: AccountChangeStatus,
    pub asked_by: MemberId,
    pub asked_at: DateTime<Utc>,
    /// The code from the mail is good until then.
    pub confirm_by: DateTime<Utc>,
    #[serde(skip)]
    pub wrong_codes: i32,
    pub confirmed_at: Option<DateTime<Utc>>,
    /// From then on money goes there.
    pub in_force_at: Option<DateTime<Utc>>,
}

/// A person of `org` asks for another account; the code to confirm it with is mailed. An earlier change that waits is cancelled.
///
/// # Errors
/// No person; the account in force.
pub async fn ask(conn: &mut Conn<'_>, by: &By, org: OrgId, iban: Iban) -> Result<AccountChange, PartiesError> {
    let asked_by = by.member().ok_or(PartiesError::TakesAPerson)?;
    if find_organisation(conn, by, org).await?.iban.as_ref() == Some(&iban) {
        return Err(PartiesError::SameAccount);
    }
    if let Some(open) = store::lock_open(conn, org).await? {
        store::set_status(conn, open.id, AccountChangeStatus::Cancelled).await?;
    }
    let change = AccountChange {
        id: AccountChangeId::fresh(),
        org,
        iban,
        status: AccountChangeStatus::Asked,
        asked_by,
        asked_at: by.at,
        confirm_by: by.at + CONFIRMED_WITHIN,
        wrong_codes: 0,
        confirmed_at: None,
        in_force_at: None,
    };
    store::insert(conn, &change).await?;
    jobs::enqueue(conn, MAIL, &serde_json::json!({ "account_change_id": change.id }), by.at).await?;
    Ok(change)
}

/// What became of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    Done(AccountChange),
    /// Counted; so many tries are left.
    WrongCode {
        left: i32,
    },
}

/// A person of `org` brings the code from the mail. A wrong one is no error here, so that it is counted.
///
/// # Errors
/// No person; nothing waits to be confirmed; too late.
pub async fn confirm(
    conn: &mut Conn<'_>,
    by: &By,
    keys: &Keys,
    org: OrgId,
    (code, cooling_days): (&str, u32),
) -> Result<Confirmation, PartiesError> {
    let member = by.member().ok_or(PartiesError::TakesAPerson)?;
    let open = store::lock_open(conn, org).await?.filter(|open| open.status == AccountChangeStatus::Asked);
    let mut change = open.ok_or(PartiesError::NoAccountChange)?;
    if by.at > change.confirm_by {
        return Err(PartiesError::NoAccountChange);
    }
    if !keys.is_account_code(change.id, code.trim()) {
        let wrong = change.wrong_codes.saturating_add(1);
        let status = if wrong >= WRONG_CODES_MAX { AccountChangeStatus::Void } else { AccountChangeStatus::Asked };
        store::count_wrong_code(conn, change.id, status).await?;
        return Ok(Confirmation::WrongCode { left: WRONG_CODES_MAX.saturating_sub(wrong) });
    }
    let in_force_at = by.at + TimeDelta::days(cooling_days.into());
    store::set_confirmed(conn, change.id, member, by.at, in_force_at).await?;
    jobs::enqueue(conn, TakeEffect::KIND, &TakeEffect { account_change_id: change.id }, in_force_at).await?;
    change.status = AccountChangeStatus::Confirmed;
    change.confirmed_at = Some(by.at);
    change.in_force_at = Some(in_force_at);
    Ok(Confirmation::Done(change))
}

/// `org` takes its change back while it is not in force.
///
/// # Errors
/// Nothing is open.
pub async fn cancel(conn: &mut Conn<'_>, _by: &By, org: OrgId) -> Result<AccountChange, PartiesError> {
    let mut open = store::lock_open(conn, org).await?.ok_or(PartiesError::NoAccountChange)?;
    store::set_status(conn, open.id, AccountChangeStatus::Cancelled).await?;
    open.status = AccountChangeStatus::Cancelled;
    Ok(open)
}

/// The latest change of `org`.
///
/// # Errors
/// There was none.
pub async fn latest(conn: &mut Conn<'_>, org: OrgId) -> Result<AccountChange, PartiesError> {
    store::find_latest(conn, org).await?.ok_or(PartiesError::NoAccountChange)
}

/// # Errors
/// There is none such.
pub async fn find(conn: &mut Conn<'_>, id: AccountChangeId) -> Result<AccountChange, PartiesError> {
    store::find(conn, id).await?.ok_or(PartiesError::NoAccountChange)
}

/// The days after a confirmed change are over.
#[derive(Debug, Serialize, Deserialize)]
pub struct TakeEffect {
    pub account_change_id: AccountChangeId,
}

impl TakeEffect {
    pub const KIND: &str = "parties.account_in_force";
}

/// Money goes to the new account from now on; nothing where the change was cancelled meanwhile.
///
/// # Errors
/// The database fails.
pub async fn take_effect(app: &App, due: TakeEffect) -> Result<(), JobError> {
    Ok(app.db.transaction(Scope::System, async |conn| store::put_in_force(conn, due.account_change_id).await).await?)
}
