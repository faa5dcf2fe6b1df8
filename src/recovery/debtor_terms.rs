//! One mail to a debtor before its silence is taken as an answer: an objection that lacks what was asked for, an offer to settle.
//!
//! What may never happen here: a mail to who wants none, outside hours, twice, or about what was said meanwhile. It asks for no
//! payment, so neither the holds of the case nor the caps on contact keep it back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{RecoveryError, dossier::Dossier, opt_outs, store::debtor_terms as store};
use crate::{
    app::App,
    cases::{self, Case, EventKind, Phase},
    db::{By, Conn, Scope},
    jobs::{self, JobError},
    mailer::{self, MailError, Outgoing},
    paper::debtor_term::DebtorTerm,
    types::{CaseId, Channel, clock::day_in, term::Reminder},
};

/// A debtor is to be reminded by mail.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct MailTerm {
    #[serde(flatten)]
    pub reminder: Reminder,
}

impl MailTerm {
    pub const KIND: &'static str = "recovery.mail_term";
}

/// A mail that may leave.
struct Ready {
    case: CaseId,
    to: String,
    sender: String,
    reply_to: Option<String>,
    term: DebtorTerm,
}

/// Asks for the mail, at the next hour at which the debtor may be written to, if that is before the end. Once for each term.
///
/// # Errors
/// The database fails.
pub async fn remind(app: &App, reminder: Reminder) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    Ok(app.db.transaction(Scope::System, async |conn| ask(conn, &by, reminder).await).await?)
}

async fn ask(conn: &mut Conn<'_>, by: &By, reminder: Reminder) -> Result<(), RecoveryError> {
    let Some(waiting) = store::find_waiting(conn, reminder).await? else { return Ok(()) };
    let case = cases::find(conn, by, waiting.case_id).await?;
    let dossier = Dossier::of(conn, by, &case).await?;
    let at = dossier.hours().open_from(Channel::Mail, by.at).filter(|at| *at < reminder.until);
    let (Some(at), Some(_)) = (at, address(conn, &case, &dossier).await?) else { return Ok(()) };
    if store::keep(conn, reminder, case.id).await? {
        jobs::enqueue(conn, MailTerm::KIND, &MailTerm { reminder }, at).await?;
    }
    Ok(())
}

/// Where the debtor may be written to.
async fn address(conn: &mut Conn<'_>, case: &Case, dossier: &Dossier) -> Result<Option<String>, RecoveryError> {
    let profile = &dossier.profile;
    if case.phase == Phase::Closed || profile.do_not_contact || !profile.channels.contains(&Channel::Mail) {
        return Ok(None);
    }
    let Some(to) = dossier.address(Channel::Mail).filter(|to| !dossier.came_back(Channel::Mail, to)) else { return Ok(None) };
    let is_refused = opt_outs::is_refused(conn, Channel::Mail, &to, dossier.debtor.country).await?;
    Ok((!is_refused).then_some(to))
}

/// Sends it, if the debtor is still awaited and may still be written to.
///
/// # Errors
/// The mail server is away; the database fails.
pub async fn mail(app: &App, MailTerm { reminder }: MailTerm) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let Some(ready) = app.db.transaction(Scope::System, async |conn| ready(app, conn, &by, reminder).await).await? else {
        return Ok(());
    };
    let mail = ready.term.mail().map_err(RecoveryError::from)?;
    let outgoing = Outgoing {
        to: &ready.to,
        sender: &ready.sender,
        reply_to: ready.reply_to.as_deref(),
        message_id: &mailer::message_id(&app.settings, format!("{}-{}", reminder.term.thing(), reminder.until.timestamp())),
        at: by.at,
        mail: &mail,
        attachment: None,
        unsubscribe: None,
    };
    match mailer::send(app, &outgoing).await {
        Ok(()) => Ok(app.db.transaction(Scope::System, async |conn| sent(conn, &by, reminder, ready.case).await).await?),
        // An address that takes nothing: what is awaited stands on the debtor's page.
        Err(error @ MailError::Refused(_)) => {
            tracing::info!(case = %ready.case, %error, "a debtor was not reminded of a term");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

async fn ready(app: &App, conn: &mut Conn<'_>, by: &By, reminder: Reminder) -> Result<Option<Ready>, RecoveryError> {
    let waiting = store::find_waiting(conn, reminder).await?;
    let Some(waiting) = waiting.filter(|waiting| waiting.mailed_at.is_none() && by.at < reminder.until) else { return Ok(None) };
    let case = cases::find(conn, by, waiting.case_id).await?;
    let dossier = Dossier::of(conn, by, &case).await?;
    let Some(to) = address(conn, &case, &dossier).await? else { return Ok(None) };
    let (language, zone) = (dossier.debtor.language, dossier.calendar.zone());
    let on = cases::reckonable(&case, day_in(zone, by.at));
    let claim = cases::claim_of(conn, by, &case, on).await?.printed();
    let pursuer = dossier.pursuer();
    Ok(Some(Ready {
        case: case.id,
        to,
        sender: pursuer.legal_name.clone(),
        reply_to: Some(pursuer.email.clone()),
        term: DebtorTerm {
            language,
            creditor: dossier.creditor.legal_name.clone(),
            invoices: claim.invoices_in_words(language),
            awaited: waiting.awaited(),
            until: day_in(zone, reminder.until),
            page_link: format!("{}/d/{}", app.settings.public_url, app.keys.debtor_token(case.id)),
        },
    }))
}

async fn sent(conn: &mut Conn<'_>, by: &By, reminder: Reminder, case: CaseId) -> Result<(), RecoveryError> {
    let mut case = cases::lock(conn, by, case).await?;
    store::set_mailed(conn, reminder, by.at).await?;
    let until: DateTime<Utc> = reminder.until;
    case.record(
        by,
        EventKind::DebtorReminded,
        json!({ "of": reminder.term.kind(), "id": reminder.term.thing(), "until": until, "channel": Channel::Mail }),
    );
    Ok(cases::save(conn, by, &mut case).await?)
}
