//! Text messages: by an HTTP API that speaks Twilio's, or into the outbox.

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
    twilio::{self, Outgoing},
};
use crate::{
    app::App,
    cases::Case,
    db::{By, Conn},
    mailer,
    paper::{Form, text_message::to_debtor},
    types::{Channel, DeliveryId},
};

pub struct TextMessages;

/// What its files in the outbox end with.
const ENDING: &str = "sms";

impl Carrier for TextMessages {
    async fn prepare(app: &App, conn: &mut Conn<'_>, by: &By, case: &mut Case, act: &Act<'_>) -> Result<(), RecoveryError> {
        let Some(Form::TextMessage(template)) = act.step.template.form() else {
            return Err(RecoveryError::NotFound("text template"));
        };
        let demand = demand(app, conn, by, case, act.dossier, act.said()).await?;
        let text = to_debtor(template, &demand)?;
        let number = act.dossier.address(Channel::Sms).ok_or(RecoveryError::NotFound("mobile number"))?;
        act.keep(conn, case, ActionStatus::Prepared, None, by.at).await?;
        let id = DeliveryId::fresh();
        let delivery = deliveries::Insert {
            id,
            action: act.id,
            case: case.id,
            creditor: case.creditor,
            channel: Channel::Sms,
            sender: &demand.sender.name,
            reply_to: None,
            address: &number,
            subject: "",
            body: &text.body,
            html: None,
            document: None,
            segments: i16::try_from(text.length.segments).ok(),
            contact_epoch: case.contact_epoch,
            status: DeliveryStatus::Queued,
            message_id: &mailer::message_id(&app.settings, id),
            queued_at: by.at,
            sent_at: None,
        };
        deliveries::insert(conn, &delivery).await?;
        line::join(app, conn, (id, Channel::Sms), by.at).await
    }

    async fn send(app: &App, leaving: &Leaving, _: DateTime<Utc>) -> Result<Taken, NotTaken> {
        let Some(provider) = &app.settings.sms.provider else {
            let content = format!("To: {}\n\n{}\n", leaving.address, leaving.body);
            let left = mailer::leave_in_outbox(&app.settings, &leaving.message_id, ENDING, content.as_bytes()).await;
            return left.map(|()| Taken::default()).map_err(|error| NotTaken::Passing(error.to_string()));
        };
        let reports_to = format!("{}/api/v1/inbound/sms-reports/{}", app.settings.public_url, leaving.id);
        twilio::send(provider, &Outgoing { id: leaving.id, to: &leaving.address, body: &leaving.body, reports_to: &reports_to })
            .await
    }

    async fn fate(app: &App, leaving: &Leaving) -> Fate {
        match &app.settings.sms.provider {
            Some(provider) => twilio::find(provider, &leaving.address, &leaving.body).await,
            None => match mailer::is_in_outbox(&app.settings, &leaving.message_id, ENDING).await {
                Some(true) => Fate::Left(Vec::new()),
                Some(false) => Fate::NeverLeft,
                None => Fate::NotKnownYet("the outbox cannot be read".to_owned()),
            },
        }
    }
}
