//! One signed POST to an organisation's software.
//!
//! What may never happen here: a host asked that is not on the open internet, whatever its name says or resolves to later (the
//! addresses that were looked at are the ones that are connected to); a redirect followed.

use std::{net::SocketAddr, time::Duration};

use reqwest::{Client, redirect::Policy};
use standardwebhooks::Webhook;
use url::Url;

use super::destination::is_public;
use crate::types::Clock;

/// Far shorter than a job's lease.
const PATIENCE: Duration = Duration::from_secs(15);

/// A message that is to be taken.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The same for every try.
    pub id: &'a str,
    pub body: &'a str,
    pub secret: &'a str,
}

/// Posts it. Taken is what was answered with 2xx.
///
/// # Errors
/// Why it was not taken, for whoever looks after that software.
pub async fn post(url: &Url, allow_private: bool, message: &Message<'_>) -> Result<(), String> {
    let host = url.host_str().ok_or("the address names no host")?;
    let port = url.port_or_known_default().ok_or("the address names no port")?;
    let found: Vec<SocketAddr> = match tokio::time::timeout(PATIENCE, tokio::net::lookup_host((bare(host), port))).await {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(error)) => return Err(format!("the host was not found: {error}")),
        Err(_) => return Err("the host was not found in time".to_owned()),
    };
    let open: Vec<SocketAddr> = found.into_iter().filter(|at| allow_private || is_public(at.ip())).collect();
    if open.is_empty() {
        return Err("the host is not on the open internet".to_owned());
    }
    let client = Client::builder().timeout(PATIENCE).redirect(Policy::none()).no_proxy().resolve_to_addrs(host, &open).build();
    let client = client.map_err(|error| error.to_string())?;
    // Signatures live in real time even where the product's clock is moved.
    let at = Clock::real().now().timestamp();
    let signed = Webhook::new(message.secret).and_then(|webhook| webhook.sign(message.id, at, message.body.as_bytes()));
    let signature = signed.map_err(|error| error.to_string())?;
    let request = client
        .post(url.clone())
        .header("content-type", "application/json")
        .header("webhook-id", message.id)
        .header("webhook-timestamp", at.to_string())
        .header("webhook-signature", signature)
        .body(message.body.to_owned());
    let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("it answered {}", answer.status())) }
}

/// An IPv6 address without its brackets.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}
