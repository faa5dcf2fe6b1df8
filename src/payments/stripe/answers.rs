//! What is read of Stripe's answers, and no more: an object of theirs grows with every version of the API, and a field that is
//! not needed must not be able to stop a payment.

use std::collections::HashMap;

use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
pub struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

/// What objects of ours are found by again.
pub type Metadata = HashMap<String, String>;

/// A page of Stripe's on which a debtor pays.
#[derive(Debug, Clone, Deserialize)]
pub struct Session {
    pub id: String,
    /// None once it is paid or over.
    pub url: Option<String>,
    /// `open`, `complete` or `expired`.
    pub status: Option<String>,
    pub payment_intent: Option<String>,
    pub client_reference_id: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Intent {
    pub id: String,
    pub status: String,
    pub currency: String,
    #[serde(default)]
    pub metadata: Metadata,
    /// Asked for whole.
    pub latest_charge: Option<Charge>,
    pub last_payment_error: Option<Failure>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Charge {
    pub id: String,
    pub amount_captured: i64,
    pub amount_refunded: i64,
    pub created: i64,
}

/// Why something was refused.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Failure {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub message: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Dispute {
    pub id: String,
    pub status: String,
    pub reason: String,
    /// What it took out of the balance, and what it put back.
    #[serde(default)]
    pub balance_transactions: Vec<Movement>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Refund {
    #[serde(default)]
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Transfer {
    pub id: String,
    pub amount: i64,
    pub amount_reversed: i64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Reversal {
    pub id: String,
    #[serde(default)]
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    pub id: String,
    #[serde(default)]
    pub capabilities: HashMap<String, String>,
    pub requirements: Option<Requirements>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Requirements {
    pub currently_due: Option<Vec<String>>,
}

/// An address at which an organisation shows Stripe who it is: for some minutes.
#[derive(Debug, Clone, Deserialize)]
pub struct Link {
    pub url: String,
    pub expires_at: i64,
}

/// A line of the platform's balance.
#[derive(Debug, Clone, Deserialize)]
pub struct Movement {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub source: Option<String>,
    pub currency: String,
    pub amount: i64,
    pub fee: i64,
    pub net: i64,
    pub created: i64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub created: i64,
    pub data: EventData,
}

#[derive(Debug, Clone, Deserialize)]
pub struct EventData {
    pub object: serde_json::Value,
}

/// `{"error": …}`
#[derive(Debug, Clone, Deserialize)]
pub struct Refusal {
    pub error: Failure,
}
