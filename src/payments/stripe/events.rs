//! What Stripe tells of: kept as it came, once, and worked on by a job. An event says where to look, not what is true.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{answers::Event, jobs::WorkEvent, store};
use crate::{
    db::{By, Conn, DbError},
    jobs,
    types::{CheckoutId, text_enum},
};

text_enum! {
    /// How an event reached us.
    pub enum CameBy {
        Webhook => "webhook",
        /// We asked for what no webhook had brought.
        CatchUp => "catch_up",
    }
}

/// An event as it came.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub id: String,
    pub kind: String,
    /// What it is about, by its id at Stripe.
    pub object: String,
    pub raw: String,
    pub created_at: DateTime<Utc>,
    pub came_by: CameBy,
}

/// # Errors
/// No event of Stripe's: what is wrong with it.
pub fn read(raw: &str, came_by: CameBy) -> Result<Arrived, String> {
    let event: Event = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    Ok(Arrived {
        object: text(&event.data.object, "id").unwrap_or_default().to_owned(),
        id: event.id,
        kind: event.kind,
        raw: raw.to_owned(),
        created_at: DateTime::from_timestamp(event.created, 0).ok_or("`created` is no time")?,
        came_by,
    })
}

/// Keeps an event and asks for the work on it; one that is known changes nothing.
///
/// # Errors
/// The database fails.
pub async fn take(conn: &mut Conn<'_>, by: &By, arrived: &Arrived) -> Result<(), DbError> {
    if store::insert_event(conn, arrived, by.at).await? {
        let due = WorkEvent { event_id: arrived.id.clone() };
        jobs::enqueue(conn, WorkEvent::KIND, &due, by.at).await?;
    }
    Ok(())
}

/// Where an event says to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// At the attempt that has this page or payment, or that is named by `checkout`.
    Payment {
        session: Option<String>,
        intent: Option<String>,
        checkout: Option<CheckoutId>,
    },
    Transfer(String),
    Account(String),
    /// Of a kind that the books do not depend on.
    Nothing,
}

/// Reads where to look off an event.
#[must_use]
pub fn subject(event: &Event) -> Subject {
    let object = &event.data.object;
    let own = |name: &str| text(object, name).map(str::to_owned);
    let checkout = text(object, "client_reference_id").or_else(|| text(object.get("metadata")?, "checkout"));
    let checkout = checkout.and_then(|id| id.parse().ok());
    match text(object, "object") {
        Some("checkout.session") => Subject::Payment { session: own("id"), intent: own("payment_intent"), checkout },
        Some("payment_intent") => Subject::Payment { session: None, intent: own("id"), checkout },
        Some("charge" | "dispute" | "refund") => match own("payment_intent") {
            Some(intent) => Subject::Payment { session: None, intent: Some(intent), checkout },
            None => Subject::Nothing,
        },
        Some("transfer") => own("id").map_or(Subject::Nothing, Subject::Transfer),
        Some("account") => own("id").map_or(Subject::Nothing, Subject::Account),
        Some(_) | None => Subject::Nothing,
    }
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn subject_of(object: Value) -> Subject {
        let event = json!({ "id": "evt_1", "type": "x", "created": 1, "data": { "object": object } });
        subject(&serde_json::from_value(event).unwrap())
    }

    #[test]
    fn an_event_says_where_to_look() {
        let id = CheckoutId::fresh();
        let payment = |session: Option<&str>, intent: Option<&str>, checkout| Subject::Payment {
            session: session.map(str::to_owned),
            intent: intent.map(str::to_owned),
            checkout,
        };
        for (object, expected) in [
            (
                json!({ "object": "checkout.session", "id": "cs_1", "payment_intent": "pi_1", "client_reference_id": id }),
                payment(Some("cs_1"), Some("pi_1"), Some(id)),
            ),
            (json!({ "object": "checkout.session", "id": "cs_1", "payment_intent": null }), payment(Some("cs_1"), None, None)),
            (
                json!({ "object": "payment_intent", "id": "pi_1", "metadata": { "checkout": id } }),
                payment(None, Some("pi_1"), Some(id)),
            ),
            (json!({ "object": "charge", "id": "ch_1", "payment_intent": "pi_1" }), payment(None, Some("pi_1"), None)),
            (json!({ "object": "dispute", "id": "dp_1", "payment_intent": "pi_1" }), payment(None, Some("pi_1"), None)),
            (json!({ "object": "refund", "id": "re_1", "payment_intent": null }), Subject::Nothing),
            (json!({ "object": "transfer", "id": "tr_1" }), Subject::Transfer("tr_1".to_owned())),
            (json!({ "object": "account", "id": "acct_1" }), Subject::Account("acct_1".to_owned())),
            (json!({ "object": "plan", "id": "price_1" }), Subject::Nothing),
            (json!("nonsense"), Subject::Nothing),
        ] {
            assert_eq!(subject_of(object.clone()), expected, "{object}");
        }
    }

    #[test]
    fn what_is_no_event_is_named() {
        for raw in ["", "{}", r#"{"id":"evt_1"}"#, "[1]"] {
            assert!(read(raw, CameBy::Webhook).is_err(), "{raw}");
        }
    }
}
