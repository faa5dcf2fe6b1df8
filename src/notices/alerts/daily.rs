//! Once a day, at seven in its own zone, an organisation that has rules: what stands for too long is looked for, and the mail goes
//! out. Nothing else looks at all cases of anybody.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{super::NoticesError, About, Alert, What, account_owner, customers, facts::Standing, in_case, store, tell};
use crate::{
    app::App,
    cases,
    db::{By, Conn, Scope},
    jobs::{self, JobError},
    notices::digests,
    paper::{
        Texts,
        notice::{Digest, digest},
    },
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
    /// Each: the rule's name and the case's reference, where it is about one.
    pub alerts: Vec<(String, Option<String>)>,
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
                happened: in_case(&case, &debtor, (standing.as_str(), (by.at - one.since).num_days()), by),
                key: format!("{standing}:{}:{}", one.case_id, one.since.timestamp()),
            };
            let about = About { debtor: &debtor, case: Some(&case), account_owner: account_owner(conn, by, &debtor).await? };
            tell(conn, by, &about, &what, rules.iter()).await?;
        }
    }
    customers::look(conn, by, owner, &rules).await?;
    ask_for_mails(conn, by, day).await
}

async fn ask_for_mails(conn: &mut Conn<'_>, by: &By, day: LookThrough) -> Result<(), NoticesError> {
    let alerts = store::take_for_mail(conn, day.organisation_id, by.at).await?;
    for member in store::list_readers(conn, day.organisation_id).await? {
        let is_own = |alert: &&Alert| alert.role == member.role && alert.member_id.is_none_or(|person| person == member.id);
        let own = alerts.iter().filter(is_own);
        let alerts: Vec<(String, Option<String>)> =
            own.map(|alert| (alert.rule_name.clone(), alert.case_reference.clone())).collect();
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
    let person = (digest_of.organisation_id, digest_of.member_id);
    digests::send(app, person, &format!("alerts-{}-{}", digest_of.on, digest_of.member_id), |to| {
        let customer = Texts::of(to.language).say("mail.alerts.customer");
        let named = |(rule, case): &(String, Option<String>)| format!("{rule} · {}", case.as_deref().unwrap_or(customer));
        let lines: Vec<String> = digest_of.alerts.iter().take(IN_A_MAIL).map(named).collect();
        digest(to, Digest::Alerts, &lines, digest_of.alerts.len(), format!("{}/portal/alerts", app.settings.public_url))
    })
    .await
}
