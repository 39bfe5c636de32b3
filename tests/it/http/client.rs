//! A client with a cookie jar. Whatever it is answered, it checks what holds for every answer: no fault of the server,
//! an id, and errors as problem documents.

use std::net::SocketAddr;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::program::{http_client, http_client_builder};

/// Somebody who calls the API.
#[derive(Clone)]
pub struct Client {
    /// The user's id; 0 for a stranger.
    pub id: i64,
    base: String,
    http: reqwest::Client,
    headers: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The call, for messages.
    pub call: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Client {
    /// With an empty jar.
    pub fn new(address: SocketAddr) -> Self {
        let http = http_client_builder().cookie_store(true).redirect(reqwest::redirect::Policy::none());
        Self { id: 0, base: format!("http://{address}"), http: http.build().unwrap(), headers: Vec::new() }
    }

    /// The same client, with a header on each of its requests.
    pub fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut headers = self.headers.clone();
        headers.push((name, value.into()));
        Self { headers, ..self.clone() }
    }

    /// Somebody without a cookie at the same server, who shows a token.
    pub fn bearing(&self, token: &str) -> Self {
        let stranger = Self { http: http_client(), ..self.clone() };
        stranger.with("authorization", format!("Bearer {token}"))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = self.request(method, path);
        let request = match body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body.to_string()),
            None => request,
        };
        Answer::to(request).await
    }

    /// A body that need not be JSON, or need not say that it is.
    pub async fn send_raw(&self, method: Method, path: &str, content_type: Option<&str>, body: Vec<u8>) -> Answer {
        let mut request = self.request(method, path).body(body);
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        Answer::to(request).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value))
    }
}

impl Answer {
    async fn to(request: RequestBuilder) -> Self {
        let (http, request) = request.build_split();
        let request = request.unwrap();
        let sent = request.body().and_then(reqwest::Body::as_bytes).map(String::from_utf8_lossy);
        let sent: String = sent.unwrap_or_default().chars().take(400).collect();
        let call = format!("{} {} {sent}", request.method(), request.url());
        let response = http.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let answer = Self { call, status, headers, text: response.text().await.unwrap() };
        answer.check();
        answer
    }

    fn check(&self) {
        assert!(self.status < 500 || self.status == 503, "{self:#?}");
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()), "{self:#?}");
        if self.status >= 400 && !self.call.starts_with("HEAD ") {
            assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:#?}");
            let problem = self.json();
            let keys: Vec<&str> = problem.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys[..4], ["type", "title", "status", "detail"], "{self:#?}");
            assert_eq!(problem["status"], self.status, "{self:#?}");
            assert_eq!(keys.get(4), Some(&"errors").filter(|_| keys.len() > 4), "{self:#?}");
            assert!(self.status != 400 || problem["errors"].is_object(), "{self:#?}");
        }
        if [429, 503].contains(&self.status) {
            assert!(self.header("retry-after").is_some_and(|seconds| seconds.parse::<u64>().unwrap() > 0), "{self:#?}");
        }
    }

    /// The body, where the status is this one; null where there is none.
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:#?}");
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Any status from 200 to 299.
    #[track_caller]
    pub fn is_success(&self) {
        assert!((200..300).contains(&self.status), "{self:#?}");
    }

    /// 400 that names exactly this field.
    #[track_caller]
    pub fn names(&self, field: &str) {
        let problem = self.is(400);
        let named: Vec<&String> = problem["errors"].as_object().unwrap().keys().collect();
        assert_eq!(named, [field], "{self:#?}");
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The entity tag, which must be there.
    #[track_caller]
    pub fn tag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("{self:#?}")).to_owned()
    }

    /// The path of the next page, where there is one.
    pub fn next(&self) -> Option<String> {
        let link = self.header("link")?;
        let path = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).unwrap();
        Some(path.to_owned())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// The names of an object's fields, in order.
pub fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap_or_else(|| panic!("{value}")).keys().map(String::as_str).collect()
}
