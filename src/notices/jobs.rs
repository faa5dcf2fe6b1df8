//! Jobs of notices. Each is harmless when repeated: a thing is told once, and a mail keeps its Message-ID.

use serde::Deserialize;
use uuid::Uuid;

use super::{NoticesError, Telling, mails, notification, reminders, store};
use crate::{
    app::App,
    cases::NewEvents,
    db::{By, Scope},
    jobs::JobError,
    mailer::{self, Outgoing},
    paper::{
        Mail, Notice,
        notice::{Addressee, to_organisation},
    },
    parties::{
        self,
        account_changes::{self, AccountChangeStatus},
        password_links::{self, LinkPurpose},
    },
    types::{AccountChangeId, Clock, NotificationId, OfferId, term::Reminder},
};

/// An offer that was decided.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfOffer {
    pub offer_id: OfferId,
}

/// A notification to be mailed.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfNotification {
    pub notification_id: NotificationId,
}

/// Where a password was forgotten.
#[derive(Debug, Deserialize)]
pub struct Forgotten {
    pub email: String,
}

/// A link to be mailed by which a password is set.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfPasswordLink {
    pub link_id: Uuid,
}

/// A change of account to be confirmed.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OfAccountChange {
    pub account_change_id: AccountChangeId,
}

/// # Errors
/// The database fails.
pub async fn tell_of_events(app: &App, new: NewEvents) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let told = app.db.transaction(Scope::System, async |conn| {
        notification::tell_of_events(conn, &by, new.case_id, new.from_seq, new.to_seq).await
    });
    Ok(told.await?)
}

/// # Errors
/// The database fails.
pub async fn tell_of_offer(app: &App, of: OfOffer) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    Ok(app.db.transaction(Scope::System, async |conn| notification::tell_of_offer(conn, &by, of.offer_id).await).await?)
}

/// # Errors
/// The database fails.
pub async fn tell(app: &App, telling: Telling) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    Ok(app.db.transaction(Scope::System, async |conn| notification::tell(conn, &by, &[telling]).await).await?)
}

/// # Errors
/// The database fails.
pub async fn remind(app: &App, reminder: Reminder) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    Ok(app.db.transaction(Scope::System, async |conn| reminders::remind(conn, &by, reminder).await).await?)
}

/// Mails a notification to its organisation, in its language.
///
/// # Errors
/// It was not accepted; the database fails.
pub async fn mail(app: &App, of: OfNotification) -> Result<(), JobError> {
    let Some((to, mail)) = compose(app, of.notification_id).await? else { return Ok(()) };
    send(app, &to, &mailer::message_id(&app.settings, of.notification_id), &mail).await
}

/// Mails the code that confirms a new bank account to the organisation's address. Done twice it is the same mail; one that was
/// cancelled or confirmed meanwhile is not mailed.
///
/// # Errors
/// It was not accepted; the database fails.
pub async fn mail_account_code(app: &App, of: OfAccountChange) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let found = app.db.transaction(Scope::System, async |conn| {
        let change = account_changes::find(conn, of.account_change_id).await?;
        let organisation = parties::find_organisation(conn, &by, change.org).await?;
        Ok::<_, NoticesError>((change, organisation))
    });
    let (change, organisation) = found.await?;
    if change.status != AccountChangeStatus::Asked {
        return Ok(());
    }
    let notice = Notice::AccountToConfirm {
        iban: change.iban.to_string(),
        code: app.keys.account_code(change.id),
        confirm_by: change.confirm_by,
        cooling_days: app.settings.platform.account_cooling_days,
        link: format!("{}/portal", app.settings.public_url),
    };
    let to = Addressee {
        organisation: organisation.legal_name,
        language: organisation.language,
        zone: organisation.country.time_zone(),
    };
    let mail = to_organisation(&to, &notice).map_err(NoticesError::from)?;
    send(app, &organisation.email, &mailer::message_id(&app.settings, change.id), &mail).await
}

/// Mails somebody, in the platform's name.
///
/// # Errors
/// It was not accepted.
pub(super) async fn send(app: &App, to: &str, message_id: &str, mail: &Mail) -> Result<(), JobError> {
    let outgoing = Outgoing {
        to,
        sender: "Entente",
        reply_to: None,
        message_id,
        at: app.clock.now(),
        mail,
        attachment: None,
        unsubscribe: None,
    };
    Ok(mailer::send(app, &outgoing).await?)
}

/// The mail and where it goes; `None` where the notification needs none.
async fn compose(app: &App, id: NotificationId) -> Result<Option<(String, Mail)>, NoticesError> {
    let by = By::engine(app.clock.now());
    app.db
        .transaction(Scope::System, async |conn| {
            let told = store::find(conn, id).await?.ok_or(NoticesError::NotFound)?;
            let link = format!("{}{}", app.settings.public_url, mails::page_of(&told));
            let Some(notice) = mails::notice_of(conn, &by, &told, link).await? else { return Ok(None) };
            let organisation = parties::find_organisation(conn, &by, told.organisation).await?;
            let to = Addressee {
                organisation: organisation.legal_name,
                language: organisation.language,
                zone: organisation.country.time_zone(),
            };
            Ok(Some((organisation.email, to_organisation(&to, &notice)?)))
        })
        .await
}

/// Whoever has the address is sent a link, if anybody has.
///
/// # Errors
/// The database fails.
pub async fn password_forgotten(app: &App, forgotten: Forgotten) -> Result<(), JobError> {
    let (by, now) = (By::engine(app.clock.now()), Clock::real().now());
    let issuing =
        app.db.transaction(Scope::System, async |conn| password_links::issue_to(conn, &by, &forgotten.email, now).await);
    issuing.await.map_err(NoticesError::from)?;
    app.jobs_waiting.notify_one();
    Ok(())
}

/// Mails a link by which a password is set, in the member's language; not once it serves no more.
///
/// # Errors
/// It was not accepted; the database fails.
pub async fn password_link(app: &App, of: OfPasswordLink) -> Result<(), JobError> {
    let now = Clock::real().now();
    let finding = app.db.transaction(Scope::System, async |conn| password_links::find(conn, of.link_id, now).await);
    let Some(found) = finding.await.map_err(NoticesError::from)? else { return Ok(()) };
    let (full_name, organisation) = (found.full_name, found.legal_name.clone());
    let address = format!("{}/portal/password?link=", app.settings.public_url);
    let link = format!("{address}{}&lang={}", app.keys.password_token(found.id), found.language);
    let notice = match found.purpose {
        LinkPurpose::Forgotten => Notice::PasswordForgotten { full_name, link },
        LinkPurpose::Invitation => Notice::Invited { full_name, organisation, link },
    };
    let to = Addressee { organisation: found.legal_name, language: found.language, zone: found.country.time_zone() };
    let mail = to_organisation(&to, &notice).map_err(NoticesError::from)?;
    send(app, &found.email, &mailer::message_id(&app.settings, format!("pwd_{}", found.id.simple())), &mail).await
}
