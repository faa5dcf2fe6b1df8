//! The webhook by which mail reaches us, signed as Standard Webhooks are: whoever cannot sign brings nothing in.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use standardwebhooks::Webhook;

/// The three headers of the signature.
const SIGNED_WITH: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];

/// Whether `body` was signed with `secret`, lately. `header` reads the request's headers. Signatures live in real time even
/// where the product's clock is moved.
pub fn is_signed<'a>(secret: &SecretString, body: &[u8], header: impl Fn(&str) -> Option<&'a str>) -> bool {
    let Ok(webhook) = Webhook::new(secret.expose_secret()) else { return false };
    let mut headers = HeaderMap::new();
    for name in SIGNED_WITH {
        let Some(value) = header(name).and_then(|value| HeaderValue::from_str(value).ok()) else { return false };
        headers.insert(HeaderName::from_static(name), value);
    }
    webhook.verify(body, &headers).is_ok()
}
