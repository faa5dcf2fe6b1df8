//! Mails: worded and queued here; they leave by the job `recovery.deliver`, which asks the policy again.

use super::super::{
    RecoveryError,
    act::Act,
    demand::demand,
    jobs::Deliver,
    records::{ActionStatus, DeliveryStatus},
    store::deliveries,
    strategy::Template,
};
use crate::{
    app::App,
    cases::Case,
    config::Settings,
    db::{By, Conn},
    jobs, mailer,
    paper::mail::{DebtorMail, to_debtor},
    types::{Channel, DeliveryId},
};

/// Words the mail of a step and asks for its delivery.
///
/// # Errors
/// See [`demand`]; the mail cannot be worded.
pub async fn prepare(app: &App, conn: &mut Conn<'_>, by: &By, case: &Case, act: &Act<'_>) -> Result<(), RecoveryError> {
    let wording = wording(act.step.template).ok_or(RecoveryError::NotFound("mail template"))?;
    let demand = demand(app, conn, by, case, act).await?;
    let mail = to_debtor(wording, &demand)?;
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
        contact_epoch: case.contact_epoch,
        status: DeliveryStatus::Queued,
        message_id: &mailer::message_id(&app.settings, id),
        queued_at: by.at,
        sent_at: None,
    };
    deliveries::insert(conn, &delivery).await?;
    Ok(jobs::enqueue(conn, Deliver::KIND, &Deliver { delivery_id: id }, by.at).await?)
}

/// The case's own address, where answers are filed by themselves.
fn reply_to(settings: &Settings, case: &Case) -> Option<String> {
    let domain = settings.mail.reply_domain.as_ref()?;
    Some(format!("{}@{domain}", case.reference.to_ascii_lowercase()))
}

/// None for the templates of other channels, which `strategy::check` keeps from mail steps.
pub const fn wording(template: Template) -> Option<DebtorMail> {
    match template {
        Template::Reminder => Some(DebtorMail::Reminder),
        Template::SecondReminder => Some(DebtorMail::SecondReminder),
        Template::FinalNotice => Some(DebtorMail::FinalNotice),
        Template::Letter | Template::CallScript => None,
    }
}
