//! The treasury report by mail, to people who asked for it: each Monday, or on the first day of each month, for the time before.
//!
//! What may never happen here: a report mailed twice to a person for one day; one to somebody who has left.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{InsightError, store::treasury_mails as store, treasury::treasury};
use crate::{
    app::App,
    db::{By, Conn, DbError, Scope},
    jobs::{self, JobError},
    mailer::{self, Attachment, Outgoing},
    paper::{
        PaperError,
        notice::{Addressee, Digest, digest},
    },
    parties,
    types::{Calendar, Country, MemberId, OrgId, clock::day_in, text_enum},
};

const AT_HOUR: u32 = 7;

text_enum! {
    /// How often.
    pub enum TreasuryRhythm {
        /// On Mondays, as of Sunday.
        Weekly => "weekly",
        /// On the first of a month, as of the last day of the month before.
        Monthly => "monthly",
    }
}

/// Whether a person gets the treasury report by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TreasuryMail {
    /// Null: no mail.
    pub rhythm: Option<TreasuryRhythm>,
}

/// A person's next report.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct TreasuryDue {
    pub organisation_id: OrgId,
    pub member_id: MemberId,
    /// The day on which it leaves.
    pub on: NaiveDate,
}

impl TreasuryDue {
    pub const KIND: &'static str = "insight.treasury_due";
}

/// A report is to be mailed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct MailTreasury {
    pub due: TreasuryDue,
}

impl MailTreasury {
    pub const KIND: &'static str = "insight.mail_treasury";
}

impl TreasuryRhythm {
    /// The first day after `today` on which a report leaves. Pure.
    fn next(self, today: NaiveDate) -> NaiveDate {
        let first_of_month = |day: NaiveDate| day.with_day(1).unwrap_or(day);
        let next = match self {
            Self::Weekly => {
                let since_monday = u64::from(today.weekday().num_days_from_monday());
                today.checked_add_days(Days::new(7 - since_monday))
            }
            Self::Monthly => first_of_month(today).checked_add_months(Months::new(1)),
        };
        next.unwrap_or(today)
    }
}

/// # Errors
/// The database fails.
pub async fn find(conn: &mut Conn<'_>, member: MemberId) -> Result<TreasuryMail, InsightError> {
    Ok(TreasuryMail { rhythm: store::find(conn, member).await?.map(|kept| kept.rhythm) })
}

/// Sets it, from the next such day on.
///
/// # Errors
/// The database fails.
pub async fn set(
    conn: &mut Conn<'_>,
    by: &By,
    (org, member): (OrgId, MemberId),
    wanted: TreasuryMail,
) -> Result<TreasuryMail, InsightError> {
    let Some(rhythm) = wanted.rhythm else {
        store::delete(conn, member).await?;
        return Ok(wanted);
    };
    if store::find(conn, member).await?.is_some_and(|kept| kept.rhythm == rhythm) {
        return Ok(wanted);
    }
    let country = parties::find_organisation(conn, by, org).await?.country;
    let on = rhythm.next(day_in(country.time_zone(), by.at));
    store::put(conn, (org, member), rhythm, on).await?;
    enqueue(conn, TreasuryDue { organisation_id: org, member_id: member, on }, country).await?;
    Ok(wanted)
}

async fn enqueue(conn: &mut Conn<'_>, next: TreasuryDue, country: Country) -> Result<(), DbError> {
    jobs::enqueue(conn, TreasuryDue::KIND, &next, Calendar::of(country).instant(next.on, AT_HOUR)).await
}

/// A person's day has come: asks for the mail, and for the next day. A day is taken once, however often its job runs.
///
/// # Errors
/// The database fails.
pub async fn come_due(app: &App, day: TreasuryDue) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    Ok(app.db.transaction(Scope::System, async |conn| take(conn, &by, day).await).await?)
}

async fn take(conn: &mut Conn<'_>, by: &By, day: TreasuryDue) -> Result<(), InsightError> {
    let TreasuryDue { organisation_id, member_id, on } = day;
    let Some(kept) = store::lock(conn, member_id).await?.filter(|kept| kept.next_on == on) else { return Ok(()) };
    if parties::find_member(conn, organisation_id, member_id).await?.disabled_at.is_some() {
        return Ok(store::delete(conn, member_id).await?);
    }
    let country = parties::find_organisation(conn, by, organisation_id).await?.country;
    let next = kept.rhythm.next(day_in(country.time_zone(), by.at).max(on));
    store::put(conn, (organisation_id, member_id), kept.rhythm, next).await?;
    enqueue(conn, TreasuryDue { on: next, ..day }, country).await?;
    Ok(jobs::enqueue(conn, MailTreasury::KIND, &MailTreasury { due: day }, by.at).await?)
}

/// Mails a person the report as of the day before, under one Message-ID a day.
///
/// # Errors
/// It was not accepted; the database fails.
pub async fn mail(app: &App, MailTreasury { due }: MailTreasury) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let TreasuryDue { organisation_id, member_id, on } = due;
    let drawn = app.db.transaction(Scope::Creditor(organisation_id), async |conn| {
        let member = parties::find_member(conn, organisation_id, member_id).await?;
        let organisation = parties::find_organisation(conn, &by, organisation_id).await?;
        let report = treasury(conn, &by, organisation_id, on.pred_opt()).await?;
        Ok::<_, InsightError>((member, organisation, report))
    });
    let (member, organisation, report) = drawn.await?;
    let language = member.language;
    let (headlines, sheet) = (report.headlines(language), report.sheet(&organisation, language));
    let name = format!("treasury-{}.pdf", sheet.on);
    let never = |error: PaperError| JobError::Never(error.to_string());
    let pdf = tokio::task::spawn_blocking(move || sheet.pdf()).await.map_err(|error| JobError::Again(error.to_string()))?;
    let pdf = pdf.map_err(never)?;
    let to = Addressee { organisation: organisation.legal_name, language, zone: organisation.country.time_zone() };
    let link = format!("{}/portal/reports", app.settings.public_url);
    let mail = digest(&to, Digest::Treasury, &headlines, headlines.len(), link).map_err(never)?;
    let outgoing = Outgoing {
        to: &member.email,
        sender: "Entente",
        reply_to: None,
        message_id: &mailer::message_id(&app.settings, format!("treasury-{on}-{member_id}")),
        at: by.at,
        mail: &mail,
        attachment: Some(Attachment { name: &name, media_type: "application/pdf", content: &pdf }),
        unsubscribe: None,
    };
    Ok(mailer::send(app, &outgoing).await?)
}

impl From<InsightError> for JobError {
    fn from(error: InsightError) -> Self {
        if let InsightError::Db(inner) = error { Self::from(inner) } else { Self::Never(error.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_leave_on_mondays_or_on_the_first() {
        let next = |rhythm: TreasuryRhythm, today: &str| rhythm.next(today.parse().unwrap()).to_string();
        for (today, monday, first) in [
            ("2026-11-22", "2026-11-23", "2026-12-01"),
            ("2026-11-23", "2026-11-30", "2026-12-01"),
            ("2026-12-01", "2026-12-07", "2027-01-01"),
            ("2028-02-29", "2028-03-06", "2028-03-01"),
        ] {
            assert_eq!(
                (next(TreasuryRhythm::Weekly, today).as_str(), next(TreasuryRhythm::Monthly, today).as_str()),
                (monday, first)
            );
        }
    }
}
