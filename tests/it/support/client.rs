//! A client as a partner would write it: JSON in, JSON out, a bearer token.

use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::Value;

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Client {
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { http, base: base.to_owned(), token: None }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    pub async fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[("Idempotency-Key", key)], Some(body)).await
    }

    pub async fn put(&self, path: &str, etag: Option<&str>, body: &Value) -> Answer {
        let headers: Vec<(&str, &str)> = etag.map(|tag| ("If-Match", tag)).into_iter().collect();
        self.send(Method::PUT, path, &headers, Some(body)).await
    }

    pub async fn delete(&self, path: &str, etag: Option<&str>) -> Answer {
        let headers: Vec<(&str, &str)> = etag.map(|tag| ("If-Match", tag)).into_iter().collect();
        self.send(Method::DELETE, path, &headers, None).await
    }

    /// A body as it is: files, broken JSON.
    pub async fn upload(&self, path: &str, content: Vec<u8>) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base)).body(content);
        self.finish(request).await
    }

    /// As [`Self::upload`], in the place of what is there.
    pub async fn replace(&self, path: &str, content: Vec<u8>) -> Answer {
        let request = self.http.put(format!("{}{path}", self.base)).body(content);
        self.finish(request).await
    }

    /// Bytes as they are, with these headers.
    pub async fn deliver(&self, path: &str, headers: &[(&str, String)], content: &[u8]) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base)).body(content.to_vec());
        self.finish(headers.iter().fold(request, |request, (name, value)| request.header(*name, value))).await
    }

    /// Files in one form.
    pub async fn upload_form(&self, path: &str, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Answer {
        let part = |(name, content): (String, Vec<u8>)| reqwest::multipart::Part::bytes(content).file_name(name);
        let form = files.into_iter().map(part).fold(reqwest::multipart::Form::new(), |form, part| form.part("files", part));
        let request = self.http.post(format!("{}{path}", self.base)).multipart(form);
        self.finish(request).await
    }

    /// A form, as a browser sends it; redirects are followed.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encoded: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
        let request = self.http.post(format!("{}{path}", self.base)).body(encoded.join("&"));
        self.finish(request.header("content-type", "application/x-www-form-urlencoded").header("accept", "text/html")).await
    }

    /// What a browser asks for.
    pub async fn browse(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[("accept", "text/html")], None).await
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.finish(request).await
    }

    async fn finish(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.expect("a whole body").to_vec();
        Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

impl Answer {
    /// The page, if the status is as expected and it is one.
    #[track_caller]
    pub fn page(self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "text/html; charset=utf-8");
        self.text
    }

    /// The body, if the status is as expected.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        if self.bytes.is_empty() { Value::Null } else { serde_json::from_slice(&self.bytes).expect("JSON") }
    }

    /// Asserts a problem with this status and code; returns it.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body}");
        assert!(!body["request_id"].as_str().unwrap_or_default().is_empty(), "{body}");
        body
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
