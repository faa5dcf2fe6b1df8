//! Once a day, at seven in its own zone, an organisation that has rules: what stands for too long is looked for, and the mail goes
//! out. Nothing else looks at all cases of anybody.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{super::NoticesError, What, facts::Standing, store, tell};
use crate::{
    app::App,
    cases,
    db::{By, Conn, Scope},
    jobs::{self, JobError},
    mailer::{self, MailError, Outgoing},
    paper::notice::{Addressee, digest},
    parties, receivables,
    types::{Calendar, Country, MemberId, OrgId, clock::day_in},
};

const AT_HOUR: u32 = 7;
/// Alerts that a mail names; the list has the others.
const IN_A_MAIL: usize = 30;

/// The day of an organisation.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct LookThrough {
    pub organisation_id: OrgId,
    pub on: NaiveDate,
}

impl LookThrough {
    pub const KIND: &'static str = "notices.look_through";
}

/// A mail to a person with what their role was alerted of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MailDigest {
    pub member_id: MemberId,
    pub organisation_id: OrgId,
    pub on: NaiveDate,
    /// Each: the rule's name and the case's reference.
    pub alerts: Vec<(String, String)>,
}

impl MailDigest {
    pub const KIND: &'static str = "notices.mail_digest";
}

/// Begins the days of an organisation, if they have not begun.
///
/// # Errors
/// The database fails.
pub async fn begin(conn: &mut Conn<'_>, by: &By, owner: OrgId) -> Result<(), NoticesError> {
    let country = parties::find_organisation(conn, by, owner).await?.country;
    let on = tomorrow(country, by);
    if store::begin_days(conn, owner, on).await? { enqueue(conn, owner, on, country).await } else { Ok(()) }
}

fn tomorrow(country: Country, by: &By) -> NaiveDate {
    let today = day_in(country.time_zone(), by.at);
    today.checked_add_days(Days::new(1)).unwrap_or(today)
}

async fn enqueue(conn: &mut Conn<'_>, owner: OrgId, on: NaiveDate, country: Country) -> Result<(), NoticesError> {
    let at = Calendar::of(country).instant(on, AT_HOUR);
    Ok(jobs::enqueue(conn, LookThrough::KIND, &LookThrough { organisation_id: owner, on }, at).await?)
}

/// Looks through what stands, asks for the mails, and for the next day. A day is looked through once, however often its job runs.
///
/// # Errors
/// The database fails.
pub async fn look_through(app: &App, day: LookThrough) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    Ok(app.db.transaction(Scope::System, async |conn| look(conn, &by, day).await).await?)
}

async fn look(conn: &mut Conn<'_>, by: &By, day: LookThrough) -> Result<(), NoticesError> {
    let owner = day.organisation_id;
    let rules = store::list_rules(conn, &[owner]).await?;
    if rules.is_empty() {
        return Ok(store::end_days(conn, owner).await?);
    }
    let country = parties::find_organisation(conn, by, owner).await?.country;
    let next = tomorrow(country, by);
    if !store::next_day(conn, owner, day.on, next).await? {
        return Ok(());
    }
    enqueue(conn, owner, next, country).await?;
    for (standing, found) in [
        (Standing::DisputeOpen, store::list_open_disputes(conn, owner).await?),
        (Standing::AgencySilent, store::list_silent(conn, owner).await?),
    ] {
        for one in found {
            let case = cases::find(conn, by, one.case_id).await?;
            let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
            let what = What {
                event: standing.as_str(),
                days: (by.at - one.since).num_days(),
                key: format!("{standing}:{}:{}", one.case_id, one.since.timestamp()),
            };
            tell(conn, by, (&case, &debtor), &what, rules.iter()).await?;
        }
    }
    ask_for_mails(conn, by, day).await
}

async fn ask_for_mails(conn: &mut Conn<'_>, by: &By, day: LookThrough) -> Result<(), NoticesError> {
    let alerts = store::take_for_mail(conn, day.organisation_id, by.at).await?;
    for member in store::list_readers(conn, day.organisation_id).await? {
        let own = alerts.iter().filter(|alert| alert.role == member.role);
        let alerts: Vec<(String, String)> = own.map(|alert| (alert.rule_name.clone(), alert.case_reference.clone())).collect();
        if !alerts.is_empty() {
            let mail = MailDigest { member_id: member.id, organisation_id: day.organisation_id, on: day.on, alerts };
            jobs::enqueue(conn, MailDigest::KIND, &mail, by.at).await?;
        }
    }
    Ok(())
}

/// Mails a person what their role was alerted of, under one Message-ID a day.
///
/// # Errors
/// It was not accepted; the database fails.
pub async fn mail_digest(app: &App, digest_of: MailDigest) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let read = app.db.transaction(Scope::System, async |conn| {
        let member = parties::find_member(conn, digest_of.organisation_id, digest_of.member_id).await?;
        let organisation = parties::find_organisation(conn, &by, digest_of.organisation_id).await?;
        Ok::<_, NoticesError>((member, organisation))
    });
    let (member, organisation) = read.await?;
    let to =
        Addressee { organisation: organisation.legal_name, language: member.language, zone: organisation.country.time_zone() };
    let lines: Vec<String> = digest_of.alerts.iter().take(IN_A_MAIL).map(|(rule, case)| format!("{rule} · {case}")).collect();
    let link = format!("{}/portal/alerts", app.settings.public_url);
    let mail = digest(&to, &lines, digest_of.alerts.len(), link).map_err(|error| JobError::Never(error.to_string()))?;
    let outgoing = Outgoing {
        to: &member.email,
        sender: "Entente",
        reply_to: None,
        message_id: &mailer::message_id(&app.settings, format!("alerts-{}-{}", digest_of.on, member.id)),
        at: by.at,
        mail: &mail,
        attachment: None,
        unsubscribe: None,
    };
    match mailer::send(app, &outgoing).await {
        Ok(()) => Ok(()),
        Err(error @ (MailError::Passing(_) | MailError::Away(_) | MailError::Unknown(_))) => {
            Err(JobError::Again(error.to_string()))
        }
        Err(error @ MailError::Refused(_)) => Err(JobError::Never(error.to_string())),
    }
}
