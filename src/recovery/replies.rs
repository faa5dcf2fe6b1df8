//! Mail that came back, filed on its case: a bounce marks the address and may lead to another step; an answer stops everything
//! that is pending until a person has read it.
//!
//! What may never happen here: an answer that nobody sees; one filed twice; a reminder that crosses an answer.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    RecoveryError, delivery,
    dossier::{Dossier, pursuer_of},
    inbound::{Bounce, Inbound, Reply},
    inbound_text::IncomingText,
    opt_outs::{self, Way},
    records::TaskReason,
    store::{deliveries, inbound as store},
    tasks,
};
use crate::{
    cases::{self, Case, EventKind},
    db::{Actor, By, Conn},
    types::{CaseId, Channel, DeliveryId, InboundMessageId, text_enum},
};

/// More in a day than people write: a loop that says nothing of itself.
const A_DAY_MAX: i64 = 20;

/// A mail or text message that a debtor sent.
#[derive(Debug, QueryableByName, Serialize, ToSchema)]
pub struct InboundMessage {
    #[diesel(sql_type = SqlUuid)]
    pub id: InboundMessageId,
    /// The message it answers, where it says so.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub delivery_id: Option<DeliveryId>,
    #[diesel(sql_type = Text)]
    pub sender: String,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub body: String,
    #[diesel(sql_type = Timestamptz)]
    pub received_at: DateTime<Utc>,
}

text_enum! {
    /// What became of a message that reached us.
    pub enum FiledAs {
        Bounce => "bounce",
        Reply => "reply",
        /// A machine wrote it, or it was filed before.
        Ignored => "ignored",
        /// It belongs to no case.
        Unknown => "unknown",
    }
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Filed {
    pub filed_as: FiledAs,
}

/// Files a mail. `fingerprint` names it where it has no Message-ID. Under `Scope::System`.
///
/// # Errors
/// The database fails.
pub async fn file(conn: &mut Conn<'_>, by: &By, inbound: &Inbound, fingerprint: &str) -> Result<Filed, RecoveryError> {
    let filed_as = match inbound {
        Inbound::Automatic(_) => FiledAs::Ignored,
        Inbound::Bounce(bounce) => file_bounce(conn, by, bounce).await?,
        Inbound::Reply(reply) => file_reply(conn, by, reply, fingerprint).await?,
    };
    Ok(Filed { filed_as })
}

async fn file_bounce(conn: &mut Conn<'_>, by: &By, bounce: &Bounce) -> Result<FiledAs, RecoveryError> {
    let Some(message_id) = &bounce.message_id else { return Ok(FiledAs::Unknown) };
    let Some(id) = deliveries::find_by_message_id(conn, message_id).await? else { return Ok(FiledAs::Unknown) };
    let said = format!("{} {}", bounce.status, bounce.diagnostic);
    let is_news = delivery::bounced(conn, by, id, said.trim()).await?;
    Ok(if is_news { FiledAs::Bounce } else { FiledAs::Ignored })
}

async fn file_reply(conn: &mut Conn<'_>, by: &By, reply: &Reply, fingerprint: &str) -> Result<FiledAs, RecoveryError> {
    let Some((case, delivery)) = case_of(conn, by, reply).await? else { return Ok(FiledAs::Unknown) };
    let said = Said {
        case,
        delivery,
        name: reply.message_id.as_deref().unwrap_or(fingerprint),
        from: &reply.from,
        subject: &reply.subject,
        text: &reply.text,
    };
    keep(conn, by, &said).await
}

/// Files a text message on the case of the latest one that left for its number. One that asks for no more of them refuses them
/// besides. Under `Scope::System`.
///
/// # Errors
/// The database fails.
pub async fn file_text(conn: &mut Conn<'_>, by: &By, text: &IncomingText) -> Result<Filed, RecoveryError> {
    let texted = deliveries::last_texted(conn, &text.from).await?;
    let Some(delivery) = texted else { return Ok(Filed { filed_as: FiledAs::Unknown }) };
    let Some(id) = deliveries::case_of(conn, delivery).await? else { return Ok(Filed { filed_as: FiledAs::Unknown }) };
    if text.is_farewell() {
        let debtor = By { actor: Actor::DEBTOR, ..*by };
        opt_outs::opt_address_out(conn, &debtor, id, (Channel::Sms, &text.from), Way::TextMessage).await?;
    }
    let said =
        Said { case: id, delivery: Some(delivery), name: &text.provider_id, from: &text.from, subject: "", text: &text.body };
    Ok(Filed { filed_as: keep(conn, by, &said).await? })
}

/// A message of a debtor, and where it belongs.
struct Said<'a> {
    case: CaseId,
    /// The message it answers.
    delivery: Option<DeliveryId>,
    /// Its own name: filed once under it.
    name: &'a str,
    from: &'a str,
    subject: &'a str,
    text: &'a str,
}

async fn keep(conn: &mut Conn<'_>, by: &By, said: &Said<'_>) -> Result<FiledAs, RecoveryError> {
    let mut case = cases::lock(conn, by, said.case).await?;
    if store::count_since(conn, case.id, by.at - TimeDelta::days(1)).await? >= A_DAY_MAX {
        tracing::warn!(case = %case.id, "more answers in a day than people write: not filed");
        return Ok(FiledAs::Ignored);
    }
    let message = store::Insert {
        id: InboundMessageId::fresh(),
        case: case.id,
        creditor: case.creditor,
        agency: pursuer_of(&case),
        delivery: said.delivery,
        message_id: said.name,
        sender: said.from,
        subject: said.subject,
        body: said.text,
        received_at: by.at,
    };
    if !store::insert(conn, &message).await? {
        return Ok(FiledAs::Ignored);
    }
    if let Some(delivery) = said.delivery {
        deliveries::set_answered(conn, delivery).await?;
    }
    let told = json!({ "message_id": message.id, "delivery_id": said.delivery, "from": said.from, "subject": said.subject });
    case.record(by, EventKind::MessageReceived, told);
    wait_for_reader(conn, by, &mut case, said.from).await?;
    cases::save(conn, by, &mut case).await?;
    Ok(FiledAs::Reply)
}

/// Nothing that was prepared leaves, and nothing follows, until somebody has read the answer.
async fn wait_for_reader(conn: &mut Conn<'_>, by: &By, case: &mut Case, from: &str) -> Result<(), RecoveryError> {
    if !case.is_pursued() {
        return Ok(());
    }
    case.stop_contact(None);
    let dossier = Dossier::of(conn, by, case).await?;
    tasks::ask(conn, by, case, &dossier, (TaskReason::Answered, from)).await
}

/// The case of the message it answers, else the one whose address it was sent to.
async fn case_of(conn: &mut Conn<'_>, by: &By, reply: &Reply) -> Result<Option<(CaseId, Option<DeliveryId>)>, RecoveryError> {
    for answered in &reply.answers {
        if let Some(delivery) = deliveries::find_by_message_id(conn, answered).await?
            && let Some(case) = deliveries::case_of(conn, delivery).await?
        {
            return Ok(Some((case, Some(delivery))));
        }
    }
    for address in &reply.to {
        let reference = address.split('@').next().unwrap_or_default().to_ascii_uppercase();
        if let Some(case) = cases::find_by_reference(conn, by, &reference).await? {
            return Ok(Some((case.id, None)));
        }
    }
    Ok(None)
}

/// The answers of a case, oldest first: a creditor sees all, an agency those that came while it held the case.
///
/// # Errors
/// The case is not visible.
pub async fn list(conn: &mut Conn<'_>, by: &By, case: CaseId) -> Result<Vec<InboundMessage>, RecoveryError> {
    cases::find(conn, by, case).await?;
    Ok(store::list_of_case(conn, case).await?)
}
