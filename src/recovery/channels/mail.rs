//! Mails: by SMTP, or into the outbox.

use chrono::{DateTime, Utc};

use super::{
    super::{
        RecoveryError,
        act::Act,
        demand::demand,
        line,
        records::{ActionStatus, DeliveryStatus},
        store::deliveries::{self, Leaving},
    },
    Carrier, Fate, NotTaken, Taken,
};
use crate::{
    app::App,
    cases::Case,
    config::Settings,
    db::{By, Conn},
    mailer::{self, MailError, Outgoing},
    paper::{Form, Mail, mail::to_debtor},
    types::{Channel, DeliveryId},
};

pub struct Mails;

impl Carrier for Mails {
    async fn prepare(app: &App, conn: &mut Conn<'_>, by: &By, case: &mut Case, act: &Act<'_>) -> Result<(), RecoveryError> {
        let Some(Form::Mail(template)) = act.step.template.form() else { return Err(RecoveryError::NotFound("mail template")) };
        let demand = demand(app, conn, by, case, act.dossier, act.said()).await?;
        let mail = to_debtor(template, &demand)?;
        let address = act.dossier.address(Channel::Mail).ok_or(RecoveryError::NotFound("mail address"))?;
        act.keep(conn, case, ActionStatus::Prepared, None, by.at).await?;
        let id = DeliveryId::fresh();
        let reply_to = reply_to(&app.settings, case).or_else(|| demand.sender.email.clone());
        let delivery = deliveries::Insert {
            id,
            action: act.id,
            case: case.id,
            creditor: case.creditor,
            channel: Channel::Mail,
            sender: &demand.sender.name,
            reply_to: reply_to.as_deref(),
            address: &address,
            subject: &mail.subject,
            body: &mail.text,
            html: Some(&mail.html),
            document: None,
            segments: None,
            contact_epoch: case.contact_epoch,
            status: DeliveryStatus::Queued,
            message_id: &mailer::message_id(&app.settings, id),
            queued_at: by.at,
            sent_at: None,
        };
        deliveries::insert(conn, &delivery).await?;
        line::join(app, conn, (id, Channel::Mail), by.at).await
    }

    async fn send(app: &App, leaving: &Leaving, at: DateTime<Utc>) -> Result<Taken, NotTaken> {
        let mail =
            Mail { subject: leaving.subject.clone(), text: leaving.body.clone(), html: leaving.html.clone().unwrap_or_default() };
        let link = format!("{}/d/{}/unsubscribe/{}", app.settings.public_url, app.keys.debtor_token(leaving.case_id), leaving.id);
        let outgoing = Outgoing {
            to: &leaving.address,
            sender: &leaving.sender,
            reply_to: leaving.reply_to.as_deref(),
            message_id: &leaving.message_id,
            at,
            mail: &mail,
            attachment: None,
            unsubscribe: Some(&link),
        };
        let sent = mailer::send(app, &outgoing).await.map_err(|error| match error {
            MailError::Passing(said) => NotTaken::Passing(said),
            MailError::Away(said) => NotTaken::Away(said),
            MailError::Refused(said) => NotTaken::Refused { said, is_dead: true },
            MailError::Unknown(said) => NotTaken::Unknown(said),
        });
        sent.map(|()| Taken::default())
    }

    /// The outbox can be looked into; an SMTP server has no way to tell what it accepted.
    async fn fate(app: &App, leaving: &Leaving) -> Fate {
        match mailer::has_left(app, &leaving.message_id).await {
            Some(true) => Fate::Left(Vec::new()),
            Some(false) => Fate::NeverLeft,
            None => Fate::NobodyKnows("the connection, or the process, ended while it was being sent"),
        }
    }
}

/// The case's own address, where answers are filed by themselves.
fn reply_to(settings: &Settings, case: &Case) -> Option<String> {
    let domain = settings.mail.reply_domain.as_ref()?;
    Some(format!("{}@{domain}", case.reference.to_ascii_lowercase()))
}
