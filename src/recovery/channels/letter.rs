//! Letters: a print-ready PDF is kept with the case. It counts as sent when it is made, or when somebody says that it is in the
//! post, as its organisation wants it (`letters`).

use serde_json::{Value, json};

use super::{
    super::{
        RecoveryError,
        act::Act,
        demand::demand,
        dossier::pursuer_of,
        letterheads,
        letters::{self, Recipient, SentWhen},
        records::{ActionStatus, DeliveryStatus},
        store::{deliveries, letters as store},
    },
    Carrier,
};
use crate::{
    app::App,
    cases::{Case, EventKind},
    db::{By, Conn},
    mailer,
    paper::Party,
    receivables::{self, DocumentKind, NewDocument},
    types::{Channel, DeliveryId, clock::day_in},
};

/// Draws the letter of a step and keeps it.
pub struct Letters;

impl Carrier for Letters {
    async fn prepare(app: &App, conn: &mut Conn<'_>, by: &By, case: &mut Case, act: &Act<'_>) -> Result<(), RecoveryError> {
        let demand = demand(app, conn, by, case, act.dossier, act.said()).await?;
        let address = act.dossier.address(Channel::Letter).ok_or(RecoveryError::NotFound("postal address"))?;
        let recipient = recipient(&demand.debtor);
        let (sender, reply_to) = (demand.sender.name.clone(), demand.sender.email.clone());
        let id = DeliveryId::fresh();
        let reference = reference_of(id);
        let dated = (reference.clone(), day_in(act.dossier.calendar.zone(), by.at));
        let sheet = letterheads::sheet(conn, by, act.dossier.pursuer().id, demand, dated).await?;
        // Some hundred milliseconds of work: off the thread that answers requests.
        let pdf = tokio::task::spawn_blocking(move || sheet.pdf()).await.map_err(|_| RecoveryError::DrawingBroke)??;
        let owner = pursuer_of(case).unwrap_or(case.creditor);
        let waits = letters::settings(conn, by, owner).await?.sent_when == SentWhen::Posted;
        let taken = if waits { ActionStatus::Prepared } else { ActionStatus::Done };
        act.keep(conn, case, taken, None, by.at).await?;
        let document = NewDocument {
            creditor_id: case.creditor,
            case_id: Some(case.id),
            kind: DocumentKind::Letter,
            media_type: "application/pdf",
            file_name: &format!("{reference}.pdf"),
            content: &pdf,
        };
        let document = receivables::store_document(conn, by, &document).await?;
        let delivery = deliveries::Insert {
            id,
            action: act.id,
            case: case.id,
            creditor: case.creditor,
            channel: Channel::Letter,
            sender: &sender,
            reply_to: reply_to.as_deref(),
            address: &address,
            subject: &reference,
            body: "",
            html: None,
            document: Some(document),
            segments: None,
            contact_epoch: case.contact_epoch,
            status: if waits { DeliveryStatus::Queued } else { DeliveryStatus::Sent },
            message_id: &mailer::message_id(&app.settings, id),
            queued_at: by.at,
            sent_at: (!waits).then_some(by.at),
        };
        deliveries::insert(conn, &delivery).await?;
        store::set_recipient(conn, id, &recipient).await?;
        if waits {
            return Ok(());
        }
        case.record(
            by,
            EventKind::ContactSent,
            act.told(json!({ "delivery_id": id, "document_id": document, "reference": reference })),
        );
        Ok(())
    }
}

fn recipient(debtor: &Party) -> Value {
    let said = |part: &Option<String>| part.clone().unwrap_or_default();
    json!(Recipient {
        name: debtor.name.clone(),
        street: said(&debtor.street),
        postal_code: said(&debtor.postal_code),
        city: said(&debtor.city),
        country: debtor.country.as_str().to_owned(),
    })
}

/// `L-9D3F4A5B6C`: short enough to read out, from the random end of the id.
fn reference_of(id: DeliveryId) -> String {
    let hex = id.0.simple().to_string().to_ascii_uppercase();
    format!("L-{}", hex.get(22..).unwrap_or_default())
}
