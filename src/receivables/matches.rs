//! Customers that may be one: found by a job, offered with a score and its reasons, decided by a person.
//!
//! What may never happen here: a merger that nobody asked for or that cannot be traced; a customer who said no to contact
//! reached again because a record was merged; an invoice taken out of the case that pursues it.
//!
//! Lock order: the match, the customers by id, then their invoices.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Profile, ProfileSetting, ReceivablesError, find_debtor,
    matching::{OFFERED_FROM_BP, core_name, likeness},
    profile_of,
    store::{matches as store, profiles},
};
use crate::{
    app::App,
    db::{ActorKind, By, Conn, Scope},
    http::Cursor,
    jobs::{JobError, enqueue},
    types::{DebtorId, DebtorMatchId, OrgId, text_enum},
};

/// Neighbours in the order of names that a new customer is compared with, on either side.
const NEIGHBOURS: i64 = 8;
const PAGE: i64 = 200;
const PAGES_A_JOB: usize = 20;

text_enum! {
    /// What became of an offer.
    pub enum MatchStatus {
        Open => "open",
        Merged => "merged",
        /// They are two: never offered again.
        Apart => "apart",
    }
}

text_enum! {
    /// What a person makes of an offer.
    pub enum MatchDecision {
        Merge => "merge",
        KeepApart => "keep_apart",
    }
}

/// Two customers that may be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DebtorMatch {
    pub id: DebtorMatchId,
    #[serde(skip)]
    pub creditor_id: OrgId,
    pub debtor_id: DebtorId,
    pub other_id: DebtorId,
    /// How alike they are, in parts of ten thousand.
    #[schema(minimum = 0, maximum = 10000)]
    pub score_bp: i32,
    /// What speaks for it and against it.
    #[schema(example = json!(["similar_name", "same_postal_code"]))]
    pub reasons: Vec<String>,
    pub status: MatchStatus,
    pub created_at: DateTime<Utc>,
}

/// A line of what became of a customer's record.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebtorEvent {
    #[schema(example = "merged")]
    pub kind: String,
    pub actor_kind: ActorKind,
    pub actor_id: Option<Uuid>,
    pub at: DateTime<Utc>,
    #[schema(value_type = Object)]
    pub data: Value,
}

/// Customers made between two ids, to be compared with those that were there.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct MatchDebtors {
    pub creditor_id: OrgId,
    pub after: Uuid,
    pub upto: Uuid,
}

impl MatchDebtors {
    pub const KIND: &'static str = "receivables.match_debtors";
}

/// Compares new customers with their neighbours, page by page; what was offered before is not offered again. After some pages
/// the rest is another job, so that nobody waits behind the customers of a million invoices.
///
/// # Errors
/// The database fails.
pub async fn match_debtors(app: &App, asked: MatchDebtors) -> Result<(), JobError> {
    let mut rest = asked;
    for _ in 0..PAGES_A_JOB {
        let at = app.clock.now();
        let scope = Scope::Creditor(asked.creditor_id);
        match app.db.transaction(scope, async |conn| match_page(conn, rest, at).await).await? {
            Some(last) => rest.after = last,
            None => return Ok(()),
        }
    }
    let now = app.clock.now();
    Ok(app.db.transaction(Scope::System, async |conn| enqueue(conn, MatchDebtors::KIND, &rest, now).await).await?)
}

async fn match_page(conn: &mut Conn<'_>, page: MatchDebtors, at: DateTime<Utc>) -> Result<Option<Uuid>, crate::db::DbError> {
    let fresh = store::list_new(conn, page.creditor_id, (page.after, page.upto), PAGE).await?;
    for (id, traits) in &fresh {
        let key = core_name(&traits.legal_name);
        for (other, others) in store::neighbours(conn, page.creditor_id, &key, *id, NEIGHBOURS).await? {
            let likeness = likeness(traits, &others);
            if likeness.score_bp >= OFFERED_FROM_BP {
                store::offer(conn, page.creditor_id, (*id, other), &likeness, at).await?;
            }
        }
    }
    Ok(fresh.last().map(|(id, _)| id.0))
}

/// The creditor's open offers, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_matches(conn: &mut Conn<'_>, by: &By, cursor: Cursor) -> Result<Vec<DebtorMatch>, ReceivablesError> {
    let Some(creditor) = by.scope.org() else { return Ok(Vec::new()) };
    Ok(store::list_open(conn, creditor, cursor).await?)
}

/// What became of a customer's record, newest first.
///
/// # Errors
/// Not visible.
pub async fn list_debtor_events(conn: &mut Conn<'_>, by: &By, debtor: DebtorId) -> Result<Vec<DebtorEvent>, ReceivablesError> {
    find_debtor(conn, by, debtor).await?;
    Ok(store::list_events(conn, debtor).await?)
}

/// Decides an offer. `keep` is the one of the two that stays when they are merged; the earlier unless said.
///
/// # Errors
/// Not visible, decided before, or `keep` is neither of them.
pub async fn decide_match(
    conn: &mut Conn<'_>,
    by: &By,
    id: DebtorMatchId,
    decision: MatchDecision,
    keep: Option<DebtorId>,
) -> Result<DebtorMatch, ReceivablesError> {
    let offer = store::lock(conn, id).await?.ok_or(ReceivablesError::NotFound("match"))?;
    if offer.status != MatchStatus::Open {
        return Err(ReceivablesError::MatchDecided(offer.status));
    }
    match decision {
        MatchDecision::KeepApart => {
            store::decide(conn, by, id, MatchStatus::Apart).await?;
            let data = json!({ "match_id": id, "other_id": offer.other_id, "score_bp": offer.score_bp });
            store::record(conn, by, (offer.creditor_id, offer.debtor_id), "kept_apart", data).await?;
            Ok(DebtorMatch { status: MatchStatus::Apart, ..offer })
        }
        MatchDecision::Merge => {
            let kept = keep.unwrap_or(offer.debtor_id);
            let gone = if kept == offer.debtor_id { offer.other_id } else { offer.debtor_id };
            if kept != offer.debtor_id && kept != offer.other_id {
                return Err(ReceivablesError::NotInMatch(kept));
            }
            merge(conn, by, &offer, kept, gone).await?;
            store::decide(conn, by, id, MatchStatus::Merged).await?;
            Ok(DebtorMatch { status: MatchStatus::Merged, ..offer })
        }
    }
}

async fn merge(
    conn: &mut Conn<'_>,
    by: &By,
    offer: &DebtorMatch,
    kept: DebtorId,
    gone: DebtorId,
) -> Result<(), ReceivablesError> {
    let creditor = offer.creditor_id;
    if store::lock_debtors(conn, creditor, &[kept, gone]).await?.len() != 2 {
        return Err(ReceivablesError::MatchDecided(MatchStatus::Merged));
    }
    keep_stricter_profile(conn, by, creditor, (kept, gone)).await?;
    let moved = store::merge(conn, creditor, kept, gone).await?;
    let data = json!({ "match_id": offer.id, "score_bp": offer.score_bp, "reasons": offer.reasons, "kept": kept, "merged": gone,
                       "receivables": moved });
    store::record(conn, by, (creditor, kept), "merged", data.clone()).await?;
    store::record(conn, by, (creditor, gone), "merged", data).await?;
    store::settle(conn, by, gone).await?;
    Ok(())
}

/// What either profile forbids stays forbidden.
async fn keep_stricter_profile(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    (kept, gone): (DebtorId, DebtorId),
) -> Result<(), ReceivablesError> {
    let (ours, theirs) = (profile_of(conn, by, kept).await?, profile_of(conn, by, gone).await?);
    if theirs.version == 0 {
        return Ok(());
    }
    let stricter = stricter(&ours, &theirs);
    match profiles::write(conn, creditor, kept, ours.version, &stricter, by.at).await? {
        Some(_) => Ok(()),
        None => Err(ReceivablesError::StaleProfile { given: ours.version, current: ours.version.saturating_add(1) }),
    }
}

fn stricter(ours: &Profile, theirs: &Profile) -> ProfileSetting {
    let channels: Vec<_> = ours.channels.iter().copied().filter(|channel| theirs.channels.contains(channel)).collect();
    let (from, until) = (ours.contact_from.max(theirs.contact_from), ours.contact_until.min(theirs.contact_until));
    let reachable = !channels.is_empty() && from < until;
    ProfileSetting {
        tone_ceiling: ours.tone_ceiling.min(theirs.tone_ceiling),
        channels: if channels.is_empty() { ours.channels.clone() } else { channels },
        do_not_contact: ours.do_not_contact || theirs.do_not_contact || !reachable,
        contact_from: if from < until { from } else { ours.contact_from },
        contact_until: if from < until { until } else { ours.contact_until },
        account_owner_id: ours.account_owner_id.or(theirs.account_owner_id),
        approves_texts: ours.approves_texts || theirs.approves_texts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Channel, Tone};

    #[test]
    fn what_either_profile_forbids_stays_forbidden() {
        let default = Profile::default_of(DebtorId::fresh());
        let gentle = Profile {
            tone_ceiling: Tone::Gentle,
            channels: vec![Channel::Mail],
            do_not_contact: true,
            approves_texts: true,
            ..default.clone()
        };
        let merged = stricter(&default, &gentle);
        assert_eq!((merged.tone_ceiling, merged.channels, merged.do_not_contact), (Tone::Gentle, vec![Channel::Mail], true));
        assert!(merged.approves_texts);
        let letters = Profile { channels: vec![Channel::Letter], ..default.clone() };
        let mails = Profile { channels: vec![Channel::Mail], ..default };
        assert!(stricter(&letters, &mails).do_not_contact, "no channel is left that both allow");
    }
}
