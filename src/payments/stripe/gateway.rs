//! Stripe over HTTP: the requests are async-stripe's, the client is the house's own, of the answers only what is needed is read
//! (`docs/decisions/0007-stripe-requests-typed-answers-lean.md`).
//!
//! What may never happen here: a POST without an idempotency key; an unknown outcome told as a refusal.

use std::{collections::HashMap, sync::LazyLock, time::Duration};

use reqwest::{StatusCode, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionAllowedPaymentMethodTypes, CreateCheckoutSessionLineItems,
    CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData, ExpireCheckoutSession, ListCheckoutSession,
    ProductData, RetrieveCheckoutSession,
};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_connect::{
    account::{CreateAccount, CreateAccountCapabilities, CreateAccountCapabilitiesTransfers, CreateAccountType, RetrieveAccount},
    account_link::{CreateAccountLink, CreateAccountLinkType},
    transfer::{CreateTransfer, ListTransfer, RetrieveTransfer},
    transfer_reversal::{CreateIdTransferReversal, ListIdTransferReversal},
};
use stripe_core::{
    balance_transaction::ListBalanceTransaction,
    dispute::ListDispute,
    event::ListEvent,
    payment_intent::RetrievePaymentIntent,
    refund::{CreateRefund, ListRefund},
};
use stripe_types::{Currency as StripeCurrency, RangeQueryTs};

use super::answers::{Account, Dispute, Intent, Link, List, Metadata, Movement, Refund, Refusal, Reversal, Session, Transfer};
use crate::{
    app::App,
    types::{CheckoutId, Country, Money, OrgId, PayoutId},
};

/// Far shorter than a job's lease; a debtor waits no longer either.
const PATIENCE: Duration = Duration::from_secs(20);
/// As many as a page of Stripe's lists has.
const PAGE: i64 = 100;
/// Pages that are looked through for one attempt, the newest first.
const PAGES_LOOKED_THROUGH: usize = 5;

static HTTP: LazyLock<Option<reqwest::Client>> = LazyLock::new(|| {
    reqwest::Client::builder().timeout(PATIENCE).connect_timeout(PATIENCE / 2).redirect(Policy::none()).build().ok()
});

/// Why something is not done, or may not be.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotDone {
    /// It was certainly not done, and may be tried again as it is.
    #[error("Stripe is away: {0}")]
    Away(String),
    /// It may have been done: look it up before it is tried again.
    #[error("Stripe gave no answer: {0}")]
    Unknown(String),
    /// Stripe said no: the same under the same key is refused again.
    #[error("Stripe refused: {said}")]
    Refused { code: String, said: String },
}

/// Stripe, with the platform's key.
#[derive(Clone, Copy)]
pub struct Gateway<'a> {
    api: &'a str,
    key: &'a SecretString,
}

/// What a debtor is to pay, and the addresses it comes back to.
#[derive(Debug)]
pub struct Offer<'a> {
    pub checkout: CheckoutId,
    pub amount: Money,
    /// What Stripe's page says it is for.
    pub title: &'a str,
    pub paid_url: String,
    pub back_url: String,
}

/// A payout on its way to a connected account.
#[derive(Debug)]
pub struct Sending<'a> {
    pub payout: PayoutId,
    pub amount: Money,
    pub destination: &'a str,
    /// The payment it is a part of: what is not available yet may be transferred all the same.
    pub charge: Option<&'a str>,
    pub tries: i32,
}

impl<'a> Gateway<'a> {
    /// `None`: there is no key, and nothing goes through Stripe.
    #[must_use]
    pub fn of(app: &'a App) -> Option<Self> {
        let settings = &app.settings.stripe;
        settings.secret_key.as_ref().map(|key| Self { api: settings.api.trim_end_matches('/'), key })
    }

    /// Opens a page to pay on.
    pub async fn open_session(self, offer: &Offer<'_>) -> Result<Session, NotDone> {
        let id = offer.checkout.to_string();
        let mut price = CreateCheckoutSessionLineItemsPriceData::new(currency(offer.amount));
        price.product_data = Some(ProductData::new(offer.title));
        price.unit_amount = Some(offer.amount.minor);
        let mut line = CreateCheckoutSessionLineItems::new();
        line.price_data = Some(price);
        line.quantity = Some(1);
        let mut data = CreateCheckoutSessionPaymentIntentData::new();
        data.description = Some(offer.title.to_owned());
        data.metadata = Some(metadata("checkout", &id));
        let request = CreateCheckoutSession::new()
            .mode(stripe_shared::CheckoutSessionMode::Payment)
            .client_reference_id(&id)
            .line_items(vec![line])
            .payment_intent_data(data)
            .allowed_payment_method_types(means_for(offer.amount))
            .success_url(&offer.paid_url)
            .cancel_url(&offer.back_url);
        self.ask(&request, Some(&id)).await
    }

    /// The page that an attempt opened, if it did.
    pub async fn find_session(self, checkout: CheckoutId) -> Result<Option<Session>, NotDone> {
        let id = checkout.to_string();
        let mut after: Option<String> = None;
        for _ in 0..PAGES_LOOKED_THROUGH {
            let mut request = ListCheckoutSession::new().limit(PAGE);
            if let Some(after) = &after {
                request = request.starting_after(after);
            }
            let page: List<Session> = self.ask(&request, None).await?;
            after = page.data.last().map(|session| session.id.clone());
            let found = page.data.into_iter().find(|session| session.client_reference_id.as_deref() == Some(&id));
            if found.is_some() || !page.has_more {
                return Ok(found);
            }
        }
        Ok(None)
    }

    pub async fn session(self, id: &str) -> Result<Session, NotDone> {
        self.ask(&RetrieveCheckoutSession::new(id), None).await
    }

    /// Closes a page. Refused where it is paid or closed already.
    pub async fn expire_session(self, id: &str) -> Result<Session, NotDone> {
        self.ask(&ExpireCheckoutSession::new(id), Some(&format!("{id}/expire"))).await
    }

    pub async fn intent(self, id: &str) -> Result<Intent, NotDone> {
        self.ask(&RetrievePaymentIntent::new(id).expand(vec!["latest_charge".to_owned()]), None).await
    }

    pub async fn disputes(self, intent: &str) -> Result<Vec<Dispute>, NotDone> {
        let page: List<Dispute> = self.ask(&ListDispute::new().payment_intent(intent).limit(PAGE), None).await?;
        Ok(page.data)
    }

    /// Sends money to a connected account.
    pub async fn transfer(self, sending: &Sending<'_>) -> Result<Transfer, NotDone> {
        let id = sending.payout.to_string();
        let mut request = CreateTransfer::new(currency(sending.amount), sending.destination)
            .amount(sending.amount.minor)
            .transfer_group(&id)
            .metadata(metadata("payout", &id));
        if let Some(charge) = sending.charge {
            request = request.source_transaction(charge);
        }
        self.ask(&request, Some(&format!("{id}/{}", sending.tries))).await
    }

    /// The transfer that a payout went by, if it did.
    pub async fn find_transfer(self, payout: PayoutId) -> Result<Option<Transfer>, NotDone> {
        let page: List<Transfer> = self.ask(&ListTransfer::new().transfer_group(payout.to_string()), None).await?;
        Ok(page.data.into_iter().next())
    }

    pub async fn show_transfer(self, id: &str) -> Result<Transfer, NotDone> {
        self.ask(&RetrieveTransfer::new(id), None).await
    }

    /// Takes money back from a connected account.
    pub async fn reverse(self, transfer: &str, sending: &Sending<'_>) -> Result<Reversal, NotDone> {
        let id = sending.payout.to_string();
        let request = CreateIdTransferReversal::new(transfer).amount(sending.amount.minor).metadata(metadata("payout", &id));
        self.ask(&request, Some(&format!("{id}/{}", sending.tries))).await
    }

    /// The reversal by which a payout was given back, if it was.
    pub async fn find_reversal(self, transfer: &str, payout: PayoutId) -> Result<Option<Reversal>, NotDone> {
        let page: List<Reversal> = self.ask(&ListIdTransferReversal::new(transfer).limit(PAGE), None).await?;
        Ok(page.data.into_iter().find(|one| one.metadata.get("payout") == Some(&payout.to_string())))
    }

    /// Gives money back to the debtor.
    pub async fn refund(self, intent: &str, amount: Money, refund: &str) -> Result<Refund, NotDone> {
        let request = CreateRefund::new().payment_intent(intent).amount(amount.minor).metadata(metadata("refund", refund));
        self.ask(&request, Some(refund)).await
    }

    pub async fn find_refund(self, intent: &str, refund: &str) -> Result<Option<Refund>, NotDone> {
        let page: List<Refund> = self.ask(&ListRefund::new().payment_intent(intent).limit(PAGE), None).await?;
        Ok(page.data.into_iter().find(|one| one.metadata.get("refund").map(String::as_str) == Some(refund)))
    }

    /// A connected account for an organisation, which Stripe then asks who it is.
    pub async fn open_account(self, org: OrgId, country: Country, email: Option<&str>) -> Result<Account, NotDone> {
        let id = org.to_string();
        let mut capabilities = CreateAccountCapabilities::new();
        let mut transfers = CreateAccountCapabilitiesTransfers::new();
        transfers.requested = Some(true);
        capabilities.transfers = Some(transfers);
        let mut request = CreateAccount::new()
            .type_(CreateAccountType::Express)
            .country(country.as_str())
            .capabilities(capabilities)
            .metadata(metadata("organisation", &id));
        if let Some(email) = email {
            request = request.email(email);
        }
        self.ask(&request, Some(&id)).await
    }

    pub async fn account(self, id: &str) -> Result<Account, NotDone> {
        self.ask(&RetrieveAccount::new(id), None).await
    }

    /// Where an organisation shows Stripe who it is. `key` is the request's own: an address is good once.
    pub async fn account_link(self, account: &str, return_to: &str, key: &str) -> Result<Link, NotDone> {
        let request = CreateAccountLink::new(account, CreateAccountLinkType::AccountOnboarding)
            .return_url(return_to)
            .refresh_url(return_to);
        self.ask(&request, Some(key)).await
    }

    /// Events from an instant on, the newest first, as they are.
    pub async fn events(self, since: i64, after: Option<&str>) -> Result<List<Value>, NotDone> {
        let mut request = ListEvent::new().created(RangeQueryTs::gte(since)).limit(PAGE);
        if let Some(after) = after {
            request = request.starting_after(after);
        }
        self.ask(&request, None).await
    }

    /// Lines of the platform's balance from an instant on, the newest first.
    pub async fn movements(self, since: i64, after: Option<&str>) -> Result<List<Movement>, NotDone> {
        let mut request = ListBalanceTransaction::new().created(RangeQueryTs::gte(since)).limit(PAGE);
        if let Some(after) = after {
            request = request.starting_after(after);
        }
        self.ask(&request, None).await
    }

    async fn ask<T: DeserializeOwned>(self, request: &impl StripeRequest, key: Option<&str>) -> Result<T, NotDone> {
        let http = HTTP.as_ref().ok_or_else(|| NotDone::Away("no HTTP client could be built".to_owned()))?;
        let RequestBuilder { query, body, path, method } = request.build();
        let address = format!("{}/v1{path}{}", self.api, query.map(|query| format!("?{query}")).unwrap_or_default());
        let mut call = match method {
            StripeMethod::Get => http.get(address),
            StripeMethod::Post => http.post(address).header("Content-Type", "application/x-www-form-urlencoded"),
            StripeMethod::Delete => http.delete(address),
        };
        call = call.bearer_auth(self.key.expose_secret()).header("Stripe-Version", stripe_shared::version::VERSION.as_str());
        if let Some(key) = key {
            call = call.header("Idempotency-Key", key);
        }
        let answer = call.body(body.unwrap_or_default()).send().await.map_err(|error| {
            // What fails before a connection stands was certainly not handed over; what only asks changes nothing.
            let is_harmless = key.is_none() || error.is_connect() || error.is_builder();
            let said = error.without_url().to_string();
            if is_harmless { NotDone::Away(said) } else { NotDone::Unknown(said) }
        })?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| NotDone::Unknown(error.without_url().to_string()))?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|error| NotDone::Unknown(format!("{status}, and {error}")));
        }
        Err(refused(status, serde_json::from_slice(&body).ok()))
    }
}

fn refused(status: StatusCode, refusal: Option<Refusal>) -> NotDone {
    let failure = refusal.map(|refusal| refusal.error).unwrap_or_default();
    let code = failure.decline_code.or(failure.code).or(failure.kind).unwrap_or_default();
    let said = format!("{status} {code} {}", failure.message.unwrap_or_default()).trim_end().to_owned();
    match status {
        // Ours to mend, or another moment's.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => NotDone::Away(said),
        // The same request is at work already.
        StatusCode::CONFLICT => NotDone::Unknown(said),
        status if status.is_client_error() => NotDone::Refused { code, said },
        _ => NotDone::Unknown(said),
    }
}

fn currency(amount: Money) -> StripeCurrency {
    StripeCurrency::Unknown(amount.currency.code().to_ascii_lowercase())
}

fn metadata(name: &str, value: &str) -> Metadata {
    HashMap::from([(name.to_owned(), value.to_owned())])
}

/// Wallets come with cards; a direct debit can only be in euro.
fn means_for(amount: Money) -> Vec<CreateCheckoutSessionAllowedPaymentMethodTypes> {
    let mut means = vec![CreateCheckoutSessionAllowedPaymentMethodTypes::Card];
    if amount.currency == crate::types::Currency::EUR {
        means.push(CreateCheckoutSessionAllowedPaymentMethodTypes::SepaDebit);
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_as_what_may_be_done_about_it() {
        let refusal = |code: &str| serde_json::from_value(serde_json::json!({ "error": { "type": "x", "code": code } })).ok();
        for (status, code, expected) in [
            (400, "balance_insufficient", "refused"),
            (402, "card_declined", "refused"),
            (404, "resource_missing", "refused"),
            (401, "api_key_expired", "away"),
            (429, "rate_limit", "away"),
            (409, "idempotency_key_in_use", "unknown"),
            (500, "api_error", "unknown"),
            (503, "", "unknown"),
        ] {
            let read = match refused(StatusCode::from_u16(status).unwrap(), refusal(code)) {
                NotDone::Away(_) => "away",
                NotDone::Unknown(_) => "unknown",
                NotDone::Refused { code: read, .. } => {
                    assert_eq!(read, code);
                    "refused"
                }
            };
            assert_eq!(read, expected, "{status} {code}");
        }
    }
}
