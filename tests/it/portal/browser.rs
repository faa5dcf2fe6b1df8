//! A browser as the portals need one: it keeps cookies, follows redirects, and sends a form with all that the form holds.

use std::{cell::RefCell, collections::BTreeMap};

use reqwest::{Method, header, redirect::Policy};

use crate::support::{PASSWORD, World};

pub struct Browser {
    http: reqwest::Client,
    base: String,
    jar: RefCell<BTreeMap<String, String>>,
}

/// What is on the screen.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: u16,
    /// Where the browser ended up.
    pub path: String,
    pub html: String,
    pub headers: header::HeaderMap,
}

const REDIRECTS_MAX: usize = 5;

impl World {
    pub fn browser(&self) -> Browser {
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
        Browser { http, base: self.base().to_owned(), jar: RefCell::default() }
    }

    /// Somebody in front of their portal.
    pub async fn logged_in(&self, email: &str) -> Browser {
        let browser = self.browser();
        let page = browser.log_in(email, PASSWORD).await;
        assert_eq!((page.status, page.path.as_str()), (200, "/portal"), "{}", page.html);
        browser
    }
}

impl Browser {
    pub async fn log_in(&self, email: &str, password: &str) -> Page {
        let page = self.open("/portal/log-in").await;
        self.send(&page, "/portal/log-in", &[("email", email), ("password", password)]).await
    }

    pub async fn open(&self, path: &str) -> Page {
        self.follow(Method::GET, path, None, &[]).await
    }

    /// Sends the form of a page that goes to `action`, with its hidden fields and what is typed into it.
    #[track_caller]
    pub fn send<'a>(&'a self, page: &Page, action: &'a str, typed: &'a [(&'a str, &'a str)]) -> impl Future<Output = Page> + 'a {
        let mut fields = page.hidden_of(action);
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let body = fields.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect::<Vec<_>>().join("&");
        async move { self.follow(Method::POST, action, Some(body), &[("sec-fetch-site", "same-origin")]).await }
    }

    /// A form as it is, with headers of one's own.
    pub async fn post(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> Page {
        self.follow(Method::POST, path, Some(body.to_owned()), headers).await
    }

    /// A file as it is, and its kind.
    pub async fn download(&self, path: &str) -> (Vec<u8>, String) {
        let cookies: Vec<String> = self.jar.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.get(format!("{}{path}", self.base)).header("cookie", cookies.join("; "));
        let response = request.send().await.expect("the server answers");
        assert_eq!(response.status().as_u16(), 200);
        let kind = response.headers()[header::CONTENT_TYPE].to_str().expect("a kind").to_owned();
        (response.bytes().await.expect("a whole file").to_vec(), kind)
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.borrow().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    async fn follow(&self, method: Method, path: &str, body: Option<String>, headers: &[(&str, &str)]) -> Page {
        let (mut method, mut path, mut body) = (method, path.to_owned(), body);
        for _ in 0..REDIRECTS_MAX {
            let page = self.once(method, &path, body.take(), headers).await;
            match page.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()) {
                Some(to) if page.status == 303 => path = to.to_owned(),
                _ => return page,
            }
            method = Method::GET;
        }
        panic!("redirected in circles: {path}");
    }

    async fn once(&self, method: Method, path: &str, body: Option<String>, headers: &[(&str, &str)]) -> Page {
        let cookies: Vec<String> = self.jar.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .header("accept", "text/html")
            .header("accept-language", "en");
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            let is_said = headers.iter().any(|(name, _)| *name == "content-type");
            let request_of_form =
                |request: reqwest::RequestBuilder| request.header("content-type", "application/x-www-form-urlencoded");
            request = if is_said { request } else { request_of_form(request) }.body(body);
        }
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for set in headers.get_all(header::SET_COOKIE) {
            self.keep(set.to_str().expect("a cookie in ASCII"));
        }
        let html = response.text().await.expect("a text");
        Page { status, path: path.to_owned(), html, headers }
    }

    fn keep(&self, set: &str) {
        assert!(set.contains("; HttpOnly") && set.contains("; SameSite=Lax") && set.contains("; Path=/portal"), "{set}");
        let (pair, rest) = set.split_once(';').expect("attributes");
        let (name, value) = pair.split_once('=').expect("a name");
        if value.is_empty() || rest.contains("Max-Age=0") {
            self.jar.borrow_mut().remove(name);
        } else {
            self.jar.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Page {
    /// The page, if the status is as expected.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.path, self.html);
        self
    }

    /// Asserts that all of these stand on the page, as read.
    #[track_caller]
    pub fn shows(self, texts: &[&str]) -> Self {
        let read = self.text();
        for text in texts {
            assert!(read.contains(text), "`{text}` is not on {}:\n{read}", self.path);
        }
        self
    }

    #[track_caller]
    pub fn hides(self, texts: &[&str]) -> Self {
        let read = self.text();
        for text in texts {
            assert!(!read.contains(text), "`{text}` is on {}:\n{read}", self.path);
        }
        self
    }

    /// Without tags, with plain spaces and signs.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut rest = self.html.as_str();
        while let Some((before, after)) = rest.split_once('<') {
            text.push_str(before);
            text.push(' ');
            rest = after.split_once('>').map_or("", |(_, after)| after);
        }
        text.push_str(rest);
        let text = text.replace(['\u{a0}', '\u{202f}'], " ").replace('\u{2212}', "-");
        let text =
            text.replace("&#39;", "'").replace("&#34;", "\"").replace("&#38;", "&").replace("&#60;", "<").replace("&#62;", ">");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The first link that begins like this.
    #[track_caller]
    pub fn link(&self, beginning: &str) -> String {
        let (_, rest) = self
            .html
            .split_once(&format!("href=\"{beginning}"))
            .unwrap_or_else(|| panic!("no link to {beginning}… on {}:\n{}", self.path, self.html));
        format!("{beginning}{}", rest.split('"').next().unwrap_or_default())
    }

    /// The first form that goes somewhere like this.
    #[track_caller]
    pub fn action(&self, beginning: &str, ending: &str) -> String {
        let actions = self.html.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let mut fitting = actions.filter(|action| action.starts_with(beginning) && action.ends_with(ending));
        fitting.next().unwrap_or_else(|| panic!("no form to {beginning}…{ending} on {}:\n{}", self.path, self.html)).to_owned()
    }

    #[track_caller]
    fn hidden_of(&self, action: &str) -> Vec<(String, String)> {
        let start = [format!("action=\"{action}\""), format!("action=\"{action}?")];
        let start = start.iter().find_map(|start| self.html.find(start.as_str()));
        let start = start.unwrap_or_else(|| panic!("no form to {action} on {}:\n{}", self.path, self.html));
        let form = self.html[start..].split("</form>").next().expect("a form");
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
        inputs
            .map(|input| {
                let (name, rest) = input.split_once('"').expect("a name");
                let value = rest.strip_prefix(" value=\"").and_then(|rest| rest.split('"').next()).expect("a value");
                (name.to_owned(), value.to_owned())
            })
            .collect()
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

impl Browser {
    /// Sends a form with one file, as a browser does.
    pub async fn send_file(&self, page: &Page, action: &str, typed: &[(&str, &str)], (name, content): (&str, &str)) -> Page {
        let boundary = "----entente-test-boundary";
        let mut body = String::new();
        let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        for (field, value) in page.hidden_of(action).into_iter().chain(typed) {
            body.push_str(&format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"));
        }
        let head = format!("Content-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: text/csv");
        body.push_str(&format!("--{boundary}\r\n{head}\r\n\r\n{content}\r\n--{boundary}--\r\n"));
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.follow(Method::POST, action, Some(body), &[("content-type", &kind), ("sec-fetch-site", "same-origin")]).await
    }
}
