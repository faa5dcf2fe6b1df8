//! A client as a partner would write it: JSON in, JSON out. What it did not expect stops the story in one clear sentence.

use std::{fmt, time::Duration};

use reqwest::{Method, StatusCode};
use serde_json::Value;

/// Why the story stops: which step, what was sent, what came back.
#[derive(Debug)]
pub struct Stop(String);

impl Stop {
    pub fn because(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Stop {}

pub type Told<T = ()> = Result<T, Stop>;

const ANSWER_WITHIN: Duration = Duration::from_secs(120);
/// Bodies are quoted up to here.
const QUOTED_CHARS: usize = 300;

/// Somebody with or without a token.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    who: String,
    token: Option<String>,
}

/// What came back, with what had been asked, so that a missing field can be blamed.
#[derive(Debug, Clone)]
pub struct Reply {
    asked: String,
    pub status: StatusCode,
    pub etag: Option<String>,
    pub bytes: Vec<u8>,
    body: Value,
}

impl Client {
    pub fn new(base: &str, who: &str) -> Told<Self> {
        let http =
            reqwest::Client::builder().no_proxy().timeout(ANSWER_WITHIN).redirect(reqwest::redirect::Policy::none()).build();
        let http = http.map_err(|error| Stop::because(format!("no HTTP client could be made: {error}")))?;
        Ok(Self { http, base: base.to_owned(), who: who.to_owned(), token: None })
    }

    /// The same connection pool for somebody else.
    pub fn for_person(&self, who: &str, token: &str) -> Self {
        Self { who: who.to_owned(), token: Some(token.to_owned()), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Told<Reply> {
        self.send(Method::GET, path, self.http.get(self.url(path)), None).await?.expect_success()
    }

    /// Sends JSON under a fresh Idempotency-Key.
    pub async fn post(&self, path: &str, body: &Value) -> Told<Reply> {
        self.try_post(path, body).await?.expect_success()
    }

    pub async fn put(&self, path: &str, etag: Option<&str>, body: &Value) -> Told<Reply> {
        self.try_put(path, etag, body).await?.expect_success()
    }

    /// As [`Client::post_refused`], for changes.
    pub async fn put_refused(&self, path: &str, etag: Option<&str>, body: &Value, status: u16) -> Told<String> {
        self.try_put(path, etag, body).await?.expect_refusal(status)
    }

    async fn try_put(&self, path: &str, etag: Option<&str>, body: &Value) -> Told<Reply> {
        let request = self.http.put(self.url(path)).json(body);
        let request = match etag {
            Some(etag) => request.header("If-Match", etag),
            None => request,
        };
        self.send(Method::PUT, path, request, Some(&body.to_string())).await
    }

    /// A file as it is.
    pub async fn upload(&self, path: &str, content: &'static [u8]) -> Told<Reply> {
        let told = format!("a file of {} bytes", content.len());
        self.send(Method::POST, path, self.http.post(self.url(path)).body(content), Some(&told)).await?.expect_success()
    }

    /// A form, as a browser sends it; pages answer with a page or point to one.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Told<Reply> {
        let told = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&");
        let request =
            self.http.post(self.url(path)).header("Content-Type", "application/x-www-form-urlencoded").body(told.clone());
        let reply = self.send(Method::POST, path, request, Some(&told)).await?;
        if reply.status.is_redirection() { Ok(reply) } else { reply.expect_success() }
    }

    /// Where a refusal with this status belongs to the story. Returns its sentence.
    pub async fn post_refused(&self, path: &str, body: &Value, status: u16) -> Told<String> {
        self.try_post(path, body).await?.expect_refusal(status)
    }

    /// As [`Client::post_refused`], for reading.
    pub async fn get_refused(&self, path: &str, status: u16) -> Told<String> {
        self.send(Method::GET, path, self.http.get(self.url(path)), None).await?.expect_refusal(status)
    }

    async fn try_post(&self, path: &str, body: &Value) -> Told<Reply> {
        let key = entente::types::fresh_uuid().to_string();
        let request = self.http.post(self.url(path)).header("Idempotency-Key", key).json(body);
        self.send(Method::POST, path, request, Some(&body.to_string())).await
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) }
    }

    async fn send(&self, method: Method, path: &str, request: reqwest::RequestBuilder, sent: Option<&str>) -> Told<Reply> {
        let asked = match sent {
            Some(sent) => format!("{} sent {method} {path} with {}", self.who, quoted(sent)),
            None => format!("{} sent {method} {path}", self.who),
        };
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let failed = |error: reqwest::Error| Stop::because(format!("{asked}, and no answer came: {error}"));
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        let etag = response.headers().get("etag").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let bytes = response.bytes().await.map_err(failed)?.to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Reply { asked, status, etag, bytes, body })
    }
}

/// Percent-encoded for a form.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

impl Reply {
    fn expect_success(self) -> Told<Self> {
        if self.status.is_success() { Ok(self) } else { Err(self.unexpected("a success")) }
    }

    fn expect_refusal(self, status: u16) -> Told<String> {
        if self.status.as_u16() != status {
            return Err(self.unexpected(&format!("a refusal with {status}")));
        }
        Ok(self.reason())
    }

    fn unexpected(&self, expected: &str) -> Stop {
        Stop::because(format!("{}; {expected} was expected, but {} came back: {}", self.asked, self.status, self.reason()))
    }

    /// The problem's own sentence with its fields, or the body's beginning.
    fn reason(&self) -> String {
        let Some(detail) = self.body.get("detail").and_then(Value::as_str) else {
            return quoted(&String::from_utf8_lossy(&self.bytes));
        };
        let fields = self.body.get("errors").and_then(Value::as_array).into_iter().flatten();
        let named: Vec<String> = fields
            .filter_map(|field| Some(format!("{}: {}", field.get("pointer")?.as_str()?, field.get("detail")?.as_str()?)))
            .collect();
        if named.is_empty() { detail.to_owned() } else { format!("{detail} ({})", named.join("; ")) }
    }

    pub fn json(&self) -> Part<'_> {
        Part { reply: self, value: &self.body, at: String::new() }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// A place in a reply's JSON.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    reply: &'a Reply,
    value: &'a Value,
    at: String,
}

impl<'a> Part<'a> {
    /// By JSON pointer.
    pub fn find(&self, pointer: &str) -> Option<Self> {
        let value = self.value.pointer(pointer).filter(|value| !value.is_null())?;
        Some(Self { reply: self.reply, value, at: format!("{}{pointer}", self.at) })
    }

    pub fn at(&self, pointer: &str) -> Told<Self> {
        self.find(pointer).ok_or_else(|| self.missing(pointer, "nothing"))
    }

    fn missing(&self, pointer: &str, found: &str) -> Stop {
        let (asked, at) = (&self.reply.asked, &self.at);
        Stop::because(format!("{asked}; the answer has {found} at `{at}{pointer}`: {}", quoted(&self.reply.text())))
    }

    pub fn text(&self, pointer: &str) -> Told<&'a str> {
        self.at(pointer)?.value.as_str().ok_or_else(|| self.missing(pointer, "no text"))
    }

    pub fn number(&self, pointer: &str) -> Told<i64> {
        self.at(pointer)?.value.as_i64().ok_or_else(|| self.missing(pointer, "no whole number"))
    }

    /// Minor units of a `{minor, currency}`.
    pub fn minor(&self, pointer: &str) -> Told<i64> {
        self.number(&format!("{pointer}/minor"))
    }

    pub fn list(&self, pointer: &str) -> Told<Vec<Self>> {
        let place = self.at(pointer)?;
        let items = place.value.as_array().ok_or_else(|| self.missing(pointer, "no list"))?;
        Ok(items
            .iter()
            .enumerate()
            .map(|(index, value)| Part { reply: self.reply, value, at: format!("{}/{index}", place.at) })
            .collect())
    }

    /// As it was written.
    pub fn raw(&self) -> String {
        self.value.to_string()
    }
}
