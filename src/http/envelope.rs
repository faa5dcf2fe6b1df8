//! How a request is read: body with hash and Idempotency-Key, query, If-Match. Each refusal points at its place.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::StatusCode, web};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::problem::{Code, Problem};

/// Largest JSON body.
pub const JSON_MAX_BYTES: usize = 1024 * 1024;
const KEY_MAX_CHARS: usize = 255;

/// The JSON body of a POST, with what makes a repetition of it recognisable.
#[derive(Debug)]
pub struct Command<T> {
    pub input: T,
    pub envelope: Envelope,
}

/// What identifies a request, its key and a hash over method, path and body, and whether it is meant.
#[derive(Debug, Clone)]
pub struct Envelope {
    pub key: Option<String>,
    pub hash: Vec<u8>,
    /// `?dry_run=true`: answer what would happen, and leave everything as it is.
    pub dry_run: bool,
}

impl Envelope {
    /// # Errors
    /// The Idempotency-Key is no printable text of 1 to 255 characters, or `dry_run` neither `true` nor `false`.
    pub fn of(request: &HttpRequest, body: &[u8]) -> Result<Self, Problem> {
        let key = match request.headers().get("Idempotency-Key") {
            None => None,
            Some(value) => Some(printable(value.to_str().unwrap_or_default())?),
        };
        let mut hash = Sha256::new();
        for part in [request.method().as_str().as_bytes(), b" ", request.uri().to_string().as_bytes(), b"\n", body] {
            hash.update(part);
        }
        Ok(Self { key, hash: hash.finalize().to_vec(), dry_run: asks_for_dry_run(request.query_string())? })
    }

    /// For what cannot be tried out.
    ///
    /// # Errors
    /// A dry run was asked for.
    pub fn must_be_meant(&self) -> Result<(), Problem> {
        if self.dry_run {
            Err(Problem::new(Code::MalformedRequest).detail("this has no dry run: leave dry_run out"))
        } else {
            Ok(())
        }
    }
}

fn asks_for_dry_run(query: &str) -> Result<bool, Problem> {
    let said = query.split('&').find_map(|pair| pair.strip_prefix("dry_run="));
    match said {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Problem::new(Code::MalformedRequest).detail("dry_run is true or false")),
    }
}

fn printable(key: &str) -> Result<String, Problem> {
    if key.is_empty() || key.len() > KEY_MAX_CHARS || !key.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
        let detail = format!("Idempotency-Key must be 1 to {KEY_MAX_CHARS} printable ASCII characters");
        return Err(Problem::new(Code::MalformedRequest).detail(detail));
    }
    Ok(key.to_owned())
}

/// Reads a body up to `limit`; a longer one is refused without reading the rest.
///
/// # Errors
/// Too large, or the connection broke.
pub async fn read_body(payload: Payload, limit: usize) -> Result<web::Bytes, Problem> {
    let mut payload = payload;
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::new(Code::MalformedRequest).detail(format!("the body broke off: {error}")))?;
        if body.len() + chunk.len() > limit {
            let detail = format!("the body may have at most {limit} bytes");
            return Err(Problem::new(Code::PayloadTooLarge).detail(detail));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Parses JSON; the refusal carries a pointer to the offending place.
///
/// # Errors
/// 400 where it is no JSON, 422 where a value is missing, unknown or wrong.
pub fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let text = if body.is_empty() { b"{}".as_slice() } else { body };
    let mut reader = serde_json::Deserializer::from_slice(text);
    let parsed = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = json_pointer(error.path());
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => Problem::invalid(pointer, without_position(&inner.to_string())),
            serde_json::error::Category::Io | serde_json::error::Category::Syntax | serde_json::error::Category::Eof => {
                Problem::new(Code::MalformedRequest).detail(format!("the body is not JSON: {inner}"))
            }
        }
    })?;
    reader
        .end()
        .map_err(|error| Problem::new(Code::MalformedRequest).detail(format!("the body goes on after its JSON: {error}")))?;
    Ok(parsed)
}

fn json_pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

fn without_position(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

type Reading<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

impl<T: DeserializeOwned + 'static> FromRequest for Command<T> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = read_body(payload, JSON_MAX_BYTES).await?;
            let envelope = Envelope::of(&request, &body)?;
            Ok(Self { input: parse_json(&body)?, envelope })
        })
    }
}

/// An empty object: the body of a POST that has nothing to say but its address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// The JSON body of a PUT, which is idempotent by itself.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        Box::pin(async move { parse_json(&read_body(payload, JSON_MAX_BYTES).await?).map(Self) })
    }
}

/// A query string; refusals name the parameter.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = web::Query::<T>::from_query(request.query_string());
        std::future::ready(
            parsed
                .map(|query| Self(query.into_inner()))
                .map_err(|error| Problem::new(Code::MalformedRequest).detail(error.to_string())),
        )
    }
}

/// Several values of one parameter, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOf<T>(pub Vec<T>);

impl<'de, T: std::str::FromStr<Err: std::fmt::Display>> Deserialize<'de> for OneOf<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let values = text.split(',').filter(|value| !value.is_empty()).map(|value| value.parse::<T>());
        values.collect::<Result<_, _>>().map(Self).map_err(serde::de::Error::custom)
    }
}

/// The version a change is based on: `If-Match: "v3"`.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub i32);

impl IfMatch {
    /// # Errors
    /// 412 where the thing has moved on.
    pub fn check(self, version: i32) -> Result<(), Problem> {
        if self.0 == version {
            return Ok(());
        }
        Err(Problem::new(Code::StaleVersion)
            .detail(format!("you changed version {}, but it is at {version}: read it again", self.0)))
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = match request.headers().get("If-Match") {
            None => Err(Problem::new(Code::VersionRequired).detail("send If-Match with the ETag you got when you read it")),
            Some(value) => value
                .to_str()
                .ok()
                .and_then(|text| text.trim().trim_matches('"').strip_prefix('v')?.parse().ok())
                .map(Self)
                .ok_or_else(|| Problem::new(Code::StaleVersion).detail("that is not an ETag of ours: it looks like \"v3\"")),
        };
        std::future::ready(parsed)
    }
}

/// A resource as JSON. One that has a `version` gets an ETag.
///
/// # Errors
/// It cannot be written as JSON.
pub fn resource(status: StatusCode, body: &impl Serialize) -> Result<HttpResponse, Problem> {
    let body = serde_json::to_value(body).map_err(Problem::internal)?;
    Ok(json_response(status, &body))
}

/// A PDF to keep, under a name that is ours. Nothing on the way keeps it: it may say what somebody owes.
#[must_use]
pub fn pdf_file(name: &str, pdf: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .insert_header(("Cache-Control", "no-store"))
        .body(pdf)
}

pub(super) fn json_response(status: StatusCode, body: &serde_json::Value) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    if let Some(version) = body.get("version").and_then(serde_json::Value::as_i64) {
        response.insert_header(("ETag", format!("\"v{version}\"")));
    }
    response.insert_header(("Cache-Control", "no-store")).json(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its parsing is of interest")]
        rows: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[expect(dead_code, reason = "only its parsing is of interest")]
        due_on: chrono::NaiveDate,
    }

    #[test]
    fn a_wrong_value_is_pointed_at() {
        let problem = parse_json::<Outer>(br#"{"rows":[{"due_on":"2026-01-01"},{"due_on":"tomorrow"}]}"#).unwrap_err();
        let body = problem.body(String::new());
        assert_eq!((body.status, body.errors[0].pointer.as_str()), (422, "/rows/1/due_on"));
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for text in ["{", "[]x", "{}{}", "\u{0}"] {
            assert_eq!(
                parse_json::<serde_json::Value>(text.as_bytes()).map_err(|p| p.code).err(),
                Some(Code::MalformedRequest),
                "{text}"
            );
        }
    }
}
