//! People at a customer: who pays, who buys, who decides; and which of their addresses came back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ReceivablesError, find_debtor, store::contacts as store};
use crate::{
    db::{By, Conn},
    types::{ContactId, DebtorId, Language, text_enum},
};

text_enum! {
    /// What a person does at a customer.
    pub enum ContactRole {
        AccountsPayable => "accounts_payable",
        Purchasing => "purchasing",
        Management => "management",
        Legal => "legal",
        Other => "other",
    }
}

/// A person at a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DebtorContact {
    pub id: ContactId,
    pub debtor_id: DebtorId,
    pub full_name: String,
    pub role: ContactRole,
    /// The customer's own unless said.
    pub language: Option<Language>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Mail to this address came back: nobody writes there until it is changed.
    pub bounced_at: Option<DateTime<Utc>>,
    pub bounce_reason: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// A person at a customer, as told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactDraft {
    #[schema(example = "Lucía Pagos", min_length = 1, max_length = 200)]
    pub full_name: String,
    pub role: ContactRole,
    pub language: Option<Language>,
    pub email: Option<String>,
    pub phone: Option<String>,
}

impl ContactDraft {
    fn check(&self) -> Result<(), ReceivablesError> {
        let named = self.full_name.trim();
        if named.is_empty() || named.chars().count() > 200 || named.chars().any(char::is_control) {
            return Err(ReceivablesError::Contact("full_name", "a name has 1 to 200 characters"));
        }
        if self.email.is_none() && self.phone.is_none() {
            return Err(ReceivablesError::Contact("email", "say at least a mail address or a phone number"));
        }
        if self.email.as_ref().is_some_and(|email| email.parse::<lettre::Address>().is_err()) {
            return Err(ReceivablesError::Contact("email", "this is not a mail address"));
        }
        let digits = |phone: &String| phone.chars().filter(char::is_ascii_digit).count();
        if self.phone.as_ref().is_some_and(|phone| phone.len() > 40 || !(5..=15).contains(&digits(phone))) {
            return Err(ReceivablesError::Contact("phone", "this is not a phone number"));
        }
        Ok(())
    }
}

/// People at a customer that `by` may see.
///
/// # Errors
/// Not visible.
pub async fn list_contacts(conn: &mut Conn<'_>, by: &By, debtor: DebtorId) -> Result<Vec<DebtorContact>, ReceivablesError> {
    find_debtor(conn, by, debtor).await?;
    Ok(store::list(conn, debtor).await?)
}

/// # Errors
/// Not visible, or a value is wrong.
pub async fn add_contact(
    conn: &mut Conn<'_>,
    by: &By,
    debtor: DebtorId,
    draft: &ContactDraft,
) -> Result<DebtorContact, ReceivablesError> {
    draft.check()?;
    let creditor = find_debtor(conn, by, debtor).await?.creditor_id;
    let id = ContactId::fresh();
    store::insert(conn, id, (creditor, debtor), draft, by.at).await?;
    store::find(conn, id).await?.ok_or(ReceivablesError::NotFound("contact"))
}

/// Changes what is told of a person; another mail address is no longer one that bounced.
///
/// # Errors
/// Not visible, or a value is wrong.
pub async fn change_contact(
    conn: &mut Conn<'_>,
    _by: &By,
    id: ContactId,
    draft: &ContactDraft,
) -> Result<DebtorContact, ReceivablesError> {
    draft.check()?;
    store::update(conn, id, draft).await?;
    store::find(conn, id).await?.ok_or(ReceivablesError::NotFound("contact"))
}

/// # Errors
/// Not visible.
pub async fn remove_contact(conn: &mut Conn<'_>, by: &By, id: ContactId) -> Result<(), ReceivablesError> {
    if store::remove(conn, id, by.at).await? { Ok(()) } else { Err(ReceivablesError::NotFound("contact")) }
}

/// Marks everybody at a customer whose mail goes to an address that came back; tells how many.
///
/// # Errors
/// The database fails.
pub async fn mark_bounced(
    conn: &mut Conn<'_>,
    by: &By,
    debtor: DebtorId,
    address: &str,
    reason: &str,
) -> Result<usize, ReceivablesError> {
    let reason: String = reason.chars().filter(|c| !c.is_control()).take(500).collect();
    Ok(store::mark_bounced(conn, debtor, address, &reason, by.at).await?)
}
