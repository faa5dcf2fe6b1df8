//! An HTTP API that speaks Twilio's `Messages` resource: how a text is handed over, asked after, and reported on.
//!
//! Facts of the public reference (api.twilio.com, version 2010-04-01): a message is made by a form with HTTP Basic
//! authentication and answered with 201 and its `sid`; failures carry a numeric `code`; nothing in it makes a repetition
//! harmless, so one without an answer is looked for in the list of messages to that number, by its words. For providers that
//! honour it the customary `Idempotency-Key` is sent all the same. Reports are forms, signed with HMAC-SHA1 over the address
//! they are sent to and the sorted fields.

use std::{sync::LazyLock, time::Duration};

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{StatusCode, redirect::Policy};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::{Fate, NotTaken, Taken};
use crate::{config::SmsProvider, types::DeliveryId};

/// Far shorter than a job's lease.
const PATIENCE: Duration = Duration::from_secs(20);
/// Messages to one number that are looked through, the newest first.
const LOOKED_THROUGH: &str = "50";

/// Numbers that no text reaches: unknown (30005), a landline (30006, 21614), none at all (21211, 21217), unsubscribed there (21610).
const DEAD: [u32; 6] = [30005, 30006, 21614, 21211, 21217, 21610];

static HTTP: LazyLock<Option<reqwest::Client>> = LazyLock::new(|| {
    reqwest::Client::builder().timeout(PATIENCE).connect_timeout(PATIENCE / 2).redirect(Policy::none()).build().ok()
});

/// A text on its way.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    pub id: DeliveryId,
    /// E.164
    pub to: &'a str,
    pub body: &'a str,
    pub reports_to: &'a str,
}

#[derive(Deserialize)]
struct Made {
    sid: String,
}

#[derive(Deserialize)]
struct Failure {
    code: Option<u32>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    sid: String,
    body: Option<String>,
    direction: Option<String>,
}

fn messages_of(provider: &SmsProvider) -> String {
    format!("{}/2010-04-01/Accounts/{}/Messages.json", provider.url.trim_end_matches('/'), provider.account_sid)
}

/// Hands a text over.
///
/// # Errors
/// See [`NotTaken`].
pub async fn send(provider: &SmsProvider, outgoing: &Outgoing<'_>) -> Result<Taken, NotTaken> {
    let http = HTTP.as_ref().ok_or_else(|| NotTaken::Away("no HTTP client could be built".to_owned()))?;
    let from = if provider.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
    let form = [("To", outgoing.to), (from, &provider.from), ("Body", outgoing.body), ("StatusCallback", outgoing.reports_to)];
    let request = http
        .post(messages_of(provider))
        .basic_auth(&provider.account_sid, Some(provider.auth_token.expose_secret()))
        .header("Idempotency-Key", outgoing.id.to_string())
        .form(&form);
    let answer = request.send().await.map_err(|error| {
        let said = error.to_string();
        // What fails before a connection stands was certainly not handed over.
        if error.is_connect() || error.is_builder() { NotTaken::Away(said) } else { NotTaken::Unknown(said) }
    })?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(|error| NotTaken::Unknown(error.to_string()))?;
    if status.is_success() {
        let made: Made = serde_json::from_slice(&body).map_err(|error| NotTaken::Unknown(format!("{status}, and {error}")))?;
        return Ok(Taken { provider_id: Some(made.sid) });
    }
    Err(refused(status, serde_json::from_slice(&body).ok()))
}

fn refused(status: StatusCode, failure: Option<Failure>) -> NotTaken {
    let (code, message) = failure.map_or((None, None), |failure| (failure.code, failure.message));
    let said = format!("{status} {} {}", code.unwrap_or_default(), message.unwrap_or_default()).trim_end().to_owned();
    let is_ours_to_mend = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&status);
    if is_ours_to_mend || status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
        NotTaken::Away(said)
    } else if status.is_client_error() {
        NotTaken::Refused { said, is_dead: code.is_some_and(|code| DEAD.contains(&code)) }
    } else {
        NotTaken::Unknown(said)
    }
}

/// Looks for a text to a number among those that the provider has, by its words.
pub async fn find(provider: &SmsProvider, to: &str, body: &str) -> Fate {
    match list(provider, to).await {
        Ok(messages) => {
            let is_it = |message: &Message| {
                message.body.as_deref() == Some(body)
                    && message.direction.as_deref().is_none_or(|way| way.starts_with("outbound"))
            };
            let found: Vec<String> = messages.into_iter().filter(is_it).map(|message| message.sid).collect();
            if found.is_empty() { Fate::NotKnownYet("the provider has no such message".to_owned()) } else { Fate::Left(found) }
        }
        Err(why) => Fate::NotKnownYet(why),
    }
}

async fn list(provider: &SmsProvider, to: &str) -> Result<Vec<Message>, String> {
    let http = HTTP.as_ref().ok_or("no HTTP client could be built")?;
    let request = http
        .get(messages_of(provider))
        .basic_auth(&provider.account_sid, Some(provider.auth_token.expose_secret()))
        .query(&[("To", to), ("PageSize", LOOKED_THROUGH)]);
    let answer = request.send().await.and_then(reqwest::Response::error_for_status).map_err(|error| error.to_string())?;
    Ok(answer.json::<Listed>().await.map_err(|error| error.to_string())?.messages)
}

/// What a provider reports of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub provider_id: String,
    pub reported: Reported,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reported {
    /// It has the message.
    Taken,
    Delivered,
    /// It did not arrive, and will not.
    Undelivered {
        said: String,
        is_dead: bool,
    },
}

/// Reads a report.
///
/// # Errors
/// It names no message, or a status that the reference does not have.
pub fn read_report(fields: &[(String, String)]) -> Result<Report, String> {
    let field = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    let provider_id = field("MessageSid").ok_or("a report names its message: MessageSid")?.to_owned();
    let code = field("ErrorCode").and_then(|code| code.parse::<u32>().ok());
    let reported = match field("MessageStatus").unwrap_or_default() {
        "accepted" | "scheduled" | "queued" | "sending" | "sent" => Reported::Taken,
        "delivered" | "read" => Reported::Delivered,
        status @ ("undelivered" | "failed" | "canceled") => Reported::Undelivered {
            said: code.map_or_else(|| status.to_owned(), |code| format!("{status}: {code}")),
            is_dead: code.is_some_and(|code| DEAD.contains(&code)),
        },
        unknown => return Err(format!("`{unknown}` is no MessageStatus")),
    };
    Ok(Report { provider_id, reported })
}

/// Whether a form that was sent to `address` was signed by the provider.
#[must_use]
pub fn is_signed(provider: &SmsProvider, address: &str, fields: &[(String, String)], signature: &str) -> bool {
    let Ok(signature) = BASE64_STANDARD.decode(signature) else { return false };
    let mut sorted: Vec<&(String, String)> = fields.iter().collect();
    sorted.sort();
    let signed = sorted.into_iter().fold(address.to_owned(), |signed, (name, value)| signed + name + value);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, provider.auth_token.expose_secret().as_bytes());
    hmac::verify(&key, signed.as_bytes(), &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_refusal_is_read_as_what_may_be_done_about_it() {
        let failure = |code| Some(Failure { code: Some(code), message: Some("so".to_owned()) });
        let kind = |status: u16, code| match refused(StatusCode::from_u16(status).unwrap(), failure(code)) {
            NotTaken::Passing(_) => "later",
            NotTaken::Away(_) => "again",
            NotTaken::Refused { is_dead: true, .. } => "dead",
            NotTaken::Refused { is_dead: false, .. } => "refused",
            NotTaken::Unknown(_) => "ask",
        };
        for (status, code, expected) in [
            (429, 20_429, "again"),
            (503, 0, "again"),
            (401, 20_003, "again"),
            (400, 21_211, "dead"),
            (400, 21_610, "dead"),
            (400, 21_617, "refused"),
            (500, 20_500, "ask"),
            (502, 0, "ask"),
        ] {
            assert_eq!(kind(status, code), expected, "{status} {code}");
        }
    }

    #[test]
    fn a_report_says_what_became_of_a_message() {
        let reported = |status: &str, code: &str| {
            read_report(&fields(&[("MessageSid", "SM1"), ("MessageStatus", status), ("ErrorCode", code)]))
                .map(|report| report.reported)
        };
        assert_eq!(reported("sent", ""), Ok(Reported::Taken));
        assert_eq!(reported("delivered", ""), Ok(Reported::Delivered));
        let undelivered = |said: &str, is_dead| Ok(Reported::Undelivered { said: said.to_owned(), is_dead });
        assert_eq!(reported("undelivered", "30003"), undelivered("undelivered: 30003", false));
        assert_eq!(reported("undelivered", "30005"), undelivered("undelivered: 30005", true));
        assert_eq!(reported("failed", ""), undelivered("failed", false));
        assert!(reported("flying", "").is_err() && read_report(&[]).is_err());
    }

    /// The signature was reckoned apart from this program: `printf '%s' ADDRESS+FIELDS | openssl dgst -sha1 -hmac TOKEN -binary | base64`.
    #[test]
    fn a_signature_covers_the_address_and_every_field() {
        let provider = SmsProvider {
            url: String::new(),
            account_sid: String::new(),
            auth_token: "12345".to_owned().into(),
            from: String::new(),
        };
        let address = "https://example.com/myapp.php?foo=1&bar=2";
        let form = fields(&[("To", "+18005551212"), ("CallSid", "CA1234567890ABCDE"), ("Digits", "1234")]);
        let signature = "umTCKexl988++kfx9Pu+y8CiGlY=";
        assert!(is_signed(&provider, address, &form, signature));
        let mut bent = form.clone();
        bent[1].1.push('x');
        assert!(!is_signed(&provider, address, &bent, signature));
        assert!(!is_signed(&provider, "https://example.com/", &form, signature));
        assert!(!is_signed(&provider, address, &form, "nonsense"));
    }
}
