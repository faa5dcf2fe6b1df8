//! Scores as they are published: per agency, country and quarter, ten days after its end; ratings that go into them, and
//! appeals against them.
//!
//! What may never happen here: a published score that changes. A correction is published beside it under the next version,
//! when an appeal or a complaint is upheld.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use super::{
    Engagement, MarketError,
    error::check_text,
    score::{self, Calibration, Component, Quarter, Score},
    store::{engagements, scores as store},
    telling::tell,
};
use crate::{
    db::{By, Conn},
    http::Cursor,
    jobs, parties,
    types::{AppealId, BasisPoints, Calendar, Country, EngagementId, OrgId, clock::day_in, text_enum},
};

/// So long after a quarter its score is published: ratings and complaints of its last days come in.
const PUBLISHED_AFTER: TimeDelta = TimeDelta::days(10);
/// Working days after a publication within which an agency may appeal.
const APPEAL_WITHIN_DAYS: u32 = 20;

/// A score as published.
#[derive(Debug, Clone)]
pub struct PublishedScore {
    pub agency: OrgId,
    pub country: Country,
    pub quarter: Quarter,
    /// Above one it corrects an earlier publication.
    pub version: i32,
    pub score: Score,
    pub calibration: Vec<Calibration>,
    pub published_at: DateTime<Utc>,
}

/// An engagement has ended: its quarter will be published. Once for each agency, country and quarter.
pub(super) async fn expect(conn: &mut Conn<'_>, by: &By, ended: &Engagement) -> Result<(), MarketError> {
    let country = store::country_of(conn, ended.id).await?;
    let quarter = Quarter::of(by.at.date_naive());
    if !store::claim_quarter(conn, ended.agency, country, quarter).await? {
        return Ok(());
    }
    let due_at = quarter.end().and_time(chrono::NaiveTime::MIN).and_utc() + PUBLISHED_AFTER;
    let payload = json!({ "agency_id": ended.agency, "country": country, "quarter": quarter.first_day() });
    Ok(jobs::enqueue(conn, "market.publish_score", &payload, due_at).await?)
}

/// Publishes the score of a quarter, again where something in it was corrected. In `Scope::System`. A repetition finds
/// nothing new and publishes nothing.
///
/// # Errors
/// The database fails.
pub async fn publish_score(
    conn: &mut Conn<'_>,
    by: &By,
    agency: OrgId,
    country: Country,
    first_day: NaiveDate,
) -> Result<(), MarketError> {
    let quarter = Quarter::of(first_day);
    let last = store::lock_last(conn, agency, country, quarter).await?;
    let ended = store::list_ended(conn, agency, country, (quarter.looks_from(), quarter.end())).await?;
    let (score, calibration) = (score::score(&ended), score::calibration(&ended));
    if last.as_ref().is_some_and(|last| last.score == score && last.calibration == calibration) {
        return Ok(());
    }
    let version = last.map_or(1, |last| last.version + 1);
    let published = PublishedScore { agency, country, quarter, version, score, calibration, published_at: by.at };
    store::insert(conn, &published).await?;
    let data =
        json!({ "country": country, "quarter": quarter.to_string(), "version": version, "score_bp": published.score.score_bp });
    tell(conn, by, agency, "score_published", &format!("score:{agency}:{country}:{quarter}:{version}"), data).await
}

/// Something about an engagement was decided after its quarter was published: every score that looked at it is published
/// again. By a job, because a decision is made in its own scope and a score takes all there is.
pub(super) async fn correct(conn: &mut Conn<'_>, by: &By, engagement: EngagementId) -> Result<(), MarketError> {
    Ok(jobs::enqueue(conn, "market.correct_scores", &json!({ "engagement_id": engagement }), by.at).await?)
}

/// As [`correct`] asked. In `Scope::System`. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn correct_scores(conn: &mut Conn<'_>, by: &By, engagement: EngagementId) -> Result<(), MarketError> {
    let Some(engagement) = engagements::find(conn, engagement).await? else { return Ok(()) };
    let Some(ended_at) = engagement.ended_at else { return Ok(()) };
    let country = store::country_of(conn, engagement.id).await?;
    for quarter in store::list_published_quarters(conn, engagement.agency, country).await? {
        if (quarter.looks_from()..quarter.end()).contains(&ended_at.date_naive()) {
            publish_score(conn, by, engagement.agency, country, quarter.first_day()).await?;
        }
    }
    Ok(())
}

/// The scores that count for these agencies today: each its latest of the last year.
pub(super) async fn latest_of(
    conn: &mut Conn<'_>,
    by: &By,
    agencies: Vec<OrgId>,
    country: Country,
) -> Result<HashMap<OrgId, BasisPoints>, MarketError> {
    let since = Quarter::of(by.at.date_naive()).looks_from();
    Ok(store::latest_of(conn, agencies, country, since).await?.into_iter().collect())
}

/// An agency's published scores, latest quarter first, each in its last version.
///
/// # Errors
/// The database fails.
pub async fn list_scores(conn: &mut Conn<'_>, _: &By, agency: OrgId) -> Result<Vec<PublishedScore>, MarketError> {
    Ok(store::list(conn, agency).await?)
}

/// A creditor's marks for an engagement.
#[derive(Debug)]
pub struct Rating<'a> {
    /// One to five, five being the best.
    pub treatment: i32,
    pub documents: i32,
    pub comment: Option<&'a str>,
}

/// A creditor rates an engagement that has ended, once.
///
/// # Errors
/// Not on its case; running still; marks out of range; rated before.
pub async fn rate_engagement(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    id: EngagementId,
    rating: &Rating<'_>,
) -> Result<(), MarketError> {
    for (pointer, mark) in [("/treatment", rating.treatment), ("/documents", rating.documents)] {
        if !(1..=5).contains(&mark) {
            return Err(MarketError::Invalid(pointer, format!("from 1 to 5, not {mark}")));
        }
    }
    if let Some(comment) = rating.comment {
        check_text("/comment", comment)?;
    }
    let engagement = engagements::find(conn, id).await?.filter(|engagement| engagement.creditor == creditor);
    let engagement = engagement.ok_or(MarketError::NotFound("engagement"))?;
    if engagement.ended_at.is_none() {
        return Err(MarketError::EngagementRuns);
    }
    store::insert_rating(conn, &engagement, rating, by.at)
        .await
        .map_err(|error| if error.violates("engagement_ratings_pkey") { MarketError::AlreadyRated } else { error.into() })?;
    correct(conn, by, id).await
}

/// A debtor rates how an engagement that has ended treated it, once: a second click finds the first one's mark.
///
/// # Errors
/// The database fails.
pub async fn rate_as_debtor(
    conn: &mut Conn<'_>,
    by: &By,
    ended: &Engagement,
    said: (i32, Option<&str>),
) -> Result<(), MarketError> {
    if store::insert_debtor_rating(conn, ended, said, by.at).await? {
        correct(conn, by, ended.id).await?;
    }
    Ok(())
}

text_enum! {
    /// Where an appeal stands.
    pub enum AppealStatus {
        Open => "open",
        Upheld => "upheld",
        Rejected => "rejected",
    }
}

/// An agency's objection: an engagement should not count in one component.
#[derive(Debug, Clone)]
pub struct Appeal {
    pub id: AppealId,
    pub agency: OrgId,
    pub engagement: EngagementId,
    pub component: Component,
    pub statement: String,
    pub status: AppealStatus,
    pub decision_note: Option<String>,
    pub filed_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
}

/// An agency appeals within twenty working days of the publication that first counted an engagement.
///
/// # Errors
/// Not its engagement; not in a published score; too late; appealed before; nothing said.
pub async fn appeal(
    conn: &mut Conn<'_>,
    by: &By,
    agency: OrgId,
    (engagement, component): (EngagementId, Component),
    statement: &str,
) -> Result<Appeal, MarketError> {
    check_text("/statement", statement)?;
    let counted = engagements::find(conn, engagement).await?.filter(|found| found.agency == agency);
    let counted = counted.ok_or(MarketError::NotFound("engagement"))?;
    let scores = store::list(conn, agency).await?;
    let ended_on = counted.ended_at.map(|ended_at| ended_at.date_naive()).ok_or(MarketError::EngagementRuns)?;
    let first = scores.iter().filter(|one| (one.quarter.looks_from()..one.quarter.end()).contains(&ended_on));
    let first = first.map(|one| one.published_at).min().ok_or(MarketError::NotInAScore)?;
    let calendar = Calendar::of(parties::find_organisation(conn, by, agency).await?.country);
    let last_day = calendar.add_working_days(day_in(calendar.zone(), first), APPEAL_WITHIN_DAYS);
    if day_in(calendar.zone(), by.at) > last_day {
        return Err(MarketError::AppealOver(last_day));
    }
    let appeal = Appeal {
        id: AppealId::fresh(),
        agency,
        engagement,
        component,
        statement: statement.trim().to_owned(),
        status: AppealStatus::Open,
        decision_note: None,
        filed_at: by.at,
        decided_at: None,
    };
    store::insert_appeal(conn, &appeal)
        .await
        .map_err(|error| if error.violates("score_appeals_once") { MarketError::AlreadyAppealed } else { error.into() })?;
    let operator = parties::operator(conn).await?.id;
    tell_of(conn, by, operator, "appeal_filed", &appeal).await?;
    Ok(appeal)
}

/// Appeals that `by` may see, newest first: an agency its own, the operator all.
///
/// # Errors
/// The database fails.
pub async fn list_appeals(conn: &mut Conn<'_>, _: &By, cursor: Cursor) -> Result<Vec<Appeal>, MarketError> {
    Ok(store::list_appeals(conn, cursor).await?)
}

/// The operator decides, with a reason. Upheld, the scores that counted the engagement are published again without it.
///
/// # Errors
/// No such appeal; decided before; no reason.
pub async fn decide_appeal(conn: &mut Conn<'_>, by: &By, id: AppealId, uphold: bool, note: &str) -> Result<Appeal, MarketError> {
    check_text("/note", note)?;
    let found = store::lock_appeal(conn, id).await?.ok_or(MarketError::NotFound("appeal"))?;
    if found.status != AppealStatus::Open {
        return Err(MarketError::AppealDecided(found.status));
    }
    let status = if uphold { AppealStatus::Upheld } else { AppealStatus::Rejected };
    let decided = Appeal { status, decision_note: Some(note.trim().to_owned()), decided_at: Some(by.at), ..found };
    store::set_appeal_decided(conn, &decided).await?;
    if uphold {
        correct(conn, by, decided.engagement).await?;
    }
    tell_of(conn, by, decided.agency, "appeal_decided", &decided).await?;
    Ok(decided)
}

async fn tell_of(conn: &mut Conn<'_>, by: &By, to: OrgId, kind: &'static str, about: &Appeal) -> Result<(), MarketError> {
    let data = json!({
        "appeal_id": about.id, "engagement_id": about.engagement, "component": about.component, "status": about.status,
    });
    tell(conn, by, to, kind, &format!("{kind}:{}", about.id), data).await
}
