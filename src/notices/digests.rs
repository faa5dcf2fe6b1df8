//! One mail a day to a person with what their organisation was told about the topics that they chose.
//!
//! What may never happen here: a thing mailed to a person twice; a debtor's name in a mail; a mail to somebody who has left.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NoticesError, Notification, store::digests as store, topics::Topic};
use crate::{
    app::App,
    db::{By, Conn, Scope},
    jobs::{self, JobError},
    mailer,
    paper::{
        Mail, PaperError, Texts,
        notice::{Addressee, Digest, digest},
    },
    parties,
    types::{Calendar, Country, Language, MemberId, OrgId, clock::day_in},
};

const AT_HOUR: u32 = 7;
/// Notifications that a mail names; the list has the others.
const IN_A_MAIL: usize = 30;
/// What was told later than that before may not be there to be read yet: the next mail has it.
const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(5);
/// What one mail goes through.
const LOOKED_THROUGH: i64 = 1_000;

/// What a person wants in one mail a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeDigest {
    /// Empty: no mail.
    pub topics: Vec<Topic>,
}

/// A person's day.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Gather {
    pub organisation_id: OrgId,
    pub member_id: MemberId,
    pub on: NaiveDate,
}

impl Gather {
    pub const KIND: &'static str = "notices.gather";
}

/// A mail with what was gathered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MailNews {
    pub organisation_id: OrgId,
    pub member_id: MemberId,
    pub on: NaiveDate,
    /// Each: the kind, and the case's reference where it is about one.
    pub news: Vec<(String, Option<String>)>,
}

impl MailNews {
    pub const KIND: &'static str = "notices.mail_news";
}

/// # Errors
/// The database fails.
pub async fn find(conn: &mut Conn<'_>, member: MemberId) -> Result<NoticeDigest, NoticesError> {
    Ok(NoticeDigest { topics: store::find(conn, member).await?.map(|kept| kept.topics).unwrap_or_default() })
}

/// Sets what a person wants from tomorrow's mail on.
///
/// # Errors
/// The database fails.
pub async fn set(
    conn: &mut Conn<'_>,
    by: &By,
    (org, member): (OrgId, MemberId),
    wanted: &NoticeDigest,
) -> Result<NoticeDigest, NoticesError> {
    let topics: Vec<Topic> = Topic::ALL.iter().copied().filter(|topic| wanted.topics.contains(topic)).collect();
    if topics.is_empty() {
        store::delete(conn, member).await?;
    } else if !store::update(conn, member, &topics).await? {
        let country = parties::find_organisation(conn, by, org).await?.country;
        let on = tomorrow(country, by.at);
        // Of two at once the other one begins the days.
        if store::insert(conn, (org, member), &topics, on, by.at).await? {
            enqueue(conn, Gather { organisation_id: org, member_id: member, on }, country).await?;
        }
    }
    Ok(NoticeDigest { topics })
}

fn tomorrow(country: Country, at: DateTime<Utc>) -> NaiveDate {
    let today = day_in(country.time_zone(), at);
    today.checked_add_days(Days::new(1)).unwrap_or(today)
}

async fn enqueue(conn: &mut Conn<'_>, day: Gather, country: Country) -> Result<(), NoticesError> {
    Ok(jobs::enqueue(conn, Gather::KIND, &day, Calendar::of(country).instant(day.on, AT_HOUR)).await?)
}

/// Gathers a person's news since the last time, asks for the mail, and for the next day. A day is gathered once, however often its
/// job runs.
///
/// # Errors
/// The database fails.
pub async fn gather(app: &App, day: Gather) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    Ok(app.db.transaction(Scope::System, async |conn| gather_in(conn, &by, day).await).await?)
}

async fn gather_in(conn: &mut Conn<'_>, by: &By, day: Gather) -> Result<(), NoticesError> {
    let Gather { organisation_id, member_id, on } = day;
    let Some(kept) = store::lock(conn, member_id).await?.filter(|kept| kept.next_on == on) else { return Ok(()) };
    if parties::find_member(conn, organisation_id, member_id).await?.disabled_at.is_some() {
        return Ok(store::delete(conn, member_id).await?);
    }
    let until = by.at - SETTLED_AFTER;
    let told = store::list_since(conn, organisation_id, (kept.told_until, until), LOOKED_THROUGH).await?;
    let country = parties::find_organisation(conn, by, organisation_id).await?.country;
    let next = tomorrow(country, by.at);
    store::told(conn, member_id, next, until).await?;
    enqueue(conn, Gather { on: next, ..day }, country).await?;
    let wanted = told.iter().filter(|one| kept.topics.contains(&Topic::of(&one.kind)));
    let news: Vec<(String, Option<String>)> = wanted.map(|one| (one.kind.clone(), reference_in(one))).collect();
    if !news.is_empty() {
        jobs::enqueue(conn, MailNews::KIND, &MailNews { organisation_id, member_id, on, news }, by.at).await?;
    }
    Ok(())
}

fn reference_in(told: &Notification) -> Option<String> {
    told.data.get("case_reference").and_then(serde_json::Value::as_str).map(str::to_owned)
}

/// Mails a person their news, under one Message-ID a day.
///
/// # Errors
/// It was not accepted; the database fails.
pub async fn mail(app: &App, of: MailNews) -> Result<(), JobError> {
    let line = |language: Language, (kind, case): &(String, Option<String>)| {
        let what = Texts::of(language).word("event", kind);
        case.as_ref().map_or_else(|| what.clone(), |case| format!("{what} · {case}"))
    };
    send(app, (of.organisation_id, of.member_id), &format!("news-{}-{}", of.on, of.member_id), |to| {
        let lines: Vec<String> = of.news.iter().take(IN_A_MAIL).map(|one| line(to.language, one)).collect();
        digest(to, Digest::News, &lines, of.news.len(), format!("{}/portal/notifications", app.settings.public_url))
    })
    .await
}

/// Mails a person, in their language.
///
/// # Errors
/// It cannot be worded; it was not accepted; the database fails.
pub async fn send(
    app: &App,
    (org, member): (OrgId, MemberId),
    name: &str,
    compose: impl FnOnce(&Addressee) -> Result<Mail, PaperError>,
) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let read = app.db.transaction(Scope::System, async |conn| {
        let member = parties::find_member(conn, org, member).await?;
        let organisation = parties::find_organisation(conn, &by, org).await?;
        Ok::<_, NoticesError>((member, organisation))
    });
    let (member, organisation) = read.await?;
    let to =
        Addressee { organisation: organisation.legal_name, language: member.language, zone: organisation.country.time_zone() };
    let mail = compose(&to).map_err(|error| JobError::Never(error.to_string()))?;
    super::jobs::send(app, &member.email, &mailer::message_id(&app.settings, name), &mail).await
}
