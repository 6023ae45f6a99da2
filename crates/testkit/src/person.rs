//! A person: an account with password and authenticator app, and a session.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use protocol::{
    AttachmentId, Code, Problem, RoomId, UserId,
    rest::{
        account::{SessionReply, SignupReply, User},
        people::{Contact, FoundUser, FriendRequest, PendingRequests},
    },
};
use reqwest::{
    header::HeaderMap,
    multipart::{Form, Part},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::{Stack, Tap, socket::Target};

/// A person with a session, kept as a bearer token.
#[derive(Clone)]
pub struct Person {
    /// The account.
    pub user_id: UserId,
    /// The unique name.
    pub username: String,
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The authenticator app's secret, in base32.
    pub totp_secret: String,
    /// The backup codes.
    pub recovery_codes: Vec<String>,
    /// Those of them that nobody has used: shared by all clones.
    unused: Arc<Mutex<Vec<String>>>,
    token: String,
    http: reqwest::Client,
    url: String,
    target: Target,
    tap: Tap,
}

impl Person {
    /// Signs up as a person does: form, code from the mail, first code of the app.
    pub async fn sign_up(stack: &Stack, username: &str) -> Self {
        let email = format!("{username}@example.org");
        let password = "seven green herons".to_owned();
        let mut person = Self {
            user_id: UserId::from_bytes([0; 16]),
            username: username.to_owned(),
            email: email.clone(),
            password: password.clone(),
            totp_secret: String::new(),
            recovery_codes: Vec::new(),
            unused: Arc::default(),
            token: String::new(),
            http: stack.http(),
            url: stack.url(),
            target: Target {
                port: stack.port(crate::Server::Gateway),
                tls: stack.tls(),
                origin: None,
                cookie: None,
                token: None,
                tap: stack.tap().clone(),
            },
            tap: stack.tap().clone(),
        };
        let form = json!({"email": email, "username": username, "password": password});
        let signed: SignupReply = person.post("/api/signup", &form).await.unwrap();
        person.user_id = signed.user_id;
        person.totp_secret = signed.mfa.secret.expose().to_owned();
        let code = stack.mailed_code(&email).await;
        let body = json!({
            "enrolment_token": signed.enrolment_token, "code": code, "transport": "bearer",
        });
        let verified: SessionReply = person.post("/api/verify-email", &body).await.unwrap();
        assert!(
            verified.token.is_none(),
            "the second factor is still missing"
        );
        let body = json!({
            "enrolment_token": signed.enrolment_token, "factor_id": signed.mfa.factor_id,
            "code": person.code(), "transport": "bearer",
        });
        let done: SessionReply = person.post("/api/mfa/activate", &body).await.unwrap();
        person.recovery_codes = done
            .recovery_codes
            .unwrap()
            .iter()
            .map(|code| code.expose().to_owned())
            .collect();
        *person.unused.lock().unwrap() = person.recovery_codes.clone();
        person.take_session(done.token.unwrap().expose());
        person
    }

    /// Signs in with a backup code, which no clock holds up: a second session.
    pub async fn sign_in_with_backup_code(&self) -> Self {
        let code = self.backup_code();
        let body = json!({
            "username": self.username, "password": self.password, "method": "recovery",
            "code": code, "transport": "bearer",
        });
        let reply: SessionReply = self.post("/api/login", &body).await.unwrap();
        let mut person = self.clone();
        person.take_session(reply.token.unwrap().expose());
        person
    }

    /// Asks for what needs a fresh second factor, is asked for it, and gives it.
    pub async fn give_factor(&self) {
        let asked = self.get::<Value>("/api/recovery").await.unwrap_err();
        assert_eq!(asked.code, Code::StepUpRequired);
        let answer = json!({
            "challenge_id": asked.extra["challenge_id"], "method": "recovery",
            "code": self.backup_code(),
        });
        let _: Value = self.post("/api/step-up", &answer).await.unwrap();
    }

    /// A backup code that nobody has used: no clock holds it up.
    fn backup_code(&self) -> String {
        self.unused.lock().unwrap().pop().unwrap()
    }

    /// The code that the app shows now.
    pub fn code(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        self.code_at(now)
    }

    /// The code that the app shows at a time.
    pub fn code_at(&self, since_1970: Duration) -> String {
        let secret = Secret::try_from_base32(&self.totp_secret).unwrap();
        let totp = Builder::new().with_secret(secret).build_noncompliant();
        totp.generate(since_1970.as_secs()).to_string()
    }

    /// Finds somebody by the beginning of a name.
    pub async fn search(&self, text: &str) -> Vec<FoundUser> {
        self.get(&format!("/api/users/search?q={text}"))
            .await
            .unwrap()
    }

    /// Makes two people contacts: request and acceptance.
    pub async fn befriend(&self, other: &Self) {
        let found = self.search(&other.username[..2]).await;
        let other_id = found
            .iter()
            .find(|hit| hit.username == other.username)
            .unwrap()
            .user_id;
        let _: FriendRequest = self
            .post("/api/friend-requests/send", &json!({"user_id": other_id}))
            .await
            .unwrap();
        let pending: PendingRequests = other.get("/api/friend-requests/pending").await.unwrap();
        let request = pending
            .incoming
            .iter()
            .find(|request| request.user.user_id == self.user_id)
            .unwrap();
        let _: Contact = other
            .post(
                "/api/friend-requests/accept",
                &json!({"request_id": request.request_id}),
            )
            .await
            .unwrap();
    }

    /// Oneself.
    pub async fn me(&self) -> Result<User, Problem> {
        self.get("/api/me").await
    }

    /// GET with the session.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Problem> {
        self.send(self.http.get(format!("{}{path}", self.url)))
            .await
    }

    /// POST with the session, if there is one yet.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, Problem> {
        self.send(self.http.post(format!("{}{path}", self.url)).json(body))
            .await
    }

    /// A request with the session, answered by the raw reply.
    pub async fn raw(&self, method: &str, path: &str, body: Option<&Value>) -> reqwest::Response {
        self.try_raw(method, path, body).await.unwrap()
    }

    /// The same, where a server may be down.
    pub(crate) async fn try_raw(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<reqwest::Response> {
        let method = method.parse().unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(body);
        }
        self.exchange(request).await
    }

    /// Uploads a ciphertext for the members of a room, as a device does before its message.
    pub async fn upload(&self, room_id: RoomId, file: Vec<u8>) -> Result<Value, Problem> {
        self.tap.record(&file);
        let form = Form::new()
            .text("room_id", room_id.to_string())
            .part("file", Part::bytes(file));
        let url = format!("{}/api/messages/image", self.url);
        let request = self.http.post(url).multipart(form);
        let reply = async { self.read(self.exchange(request).await?).await };
        match reply.await {
            Ok(read) => read,
            Err(_) => Err(Code::Unavailable.into()),
        }
    }

    /// A ciphertext that the person may fetch.
    pub async fn attachment(&self, id: AttachmentId) -> Vec<u8> {
        let path = format!("/api/attachments/{id}");
        let reply = self.raw("GET", &path, None).await;
        assert_eq!(reply.status(), 200);
        self.bytes(reply).await.unwrap().into()
    }

    /// Sends a room or a commit that is too large for an event.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn multipart(
        &self,
        path: &str,
        head: &Value,
        parts: Vec<engine::Part>,
    ) -> Result<Value, Problem> {
        self.tap.record(head.to_string());
        let head = Form::new().text("head", head.to_string());
        let form = parts.into_iter().fold(head, |form, part| {
            self.tap.record(&part.value.0);
            form.part(part.name, Part::bytes(part.value.0.to_vec()))
        });
        let url = format!("{}{path}", self.url);
        self.send(self.http.post(url).multipart(form)).await
    }

    /// Where this person's socket connects.
    pub fn target(&self) -> Target {
        self.target.clone()
    }

    async fn send<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<T, Problem> {
        let reply = self.exchange(request).await.unwrap();
        self.read(reply).await.unwrap()
    }

    /// Sends a request; the parts of a form are for the caller to record.
    async fn exchange(
        &self,
        request: reqwest::RequestBuilder,
    ) -> reqwest::Result<reqwest::Response> {
        let request = self.authorise(request).build()?;
        self.tap.record(request.url().as_str());
        self.record_headers(request.headers());
        let body = request.body().and_then(reqwest::Body::as_bytes);
        self.tap.record(body.unwrap_or_default());
        let reply = self.http.execute(request).await?;
        self.record_headers(reply.headers());
        Ok(reply)
    }

    fn record_headers(&self, headers: &HeaderMap) {
        for (name, value) in headers {
            self.tap
                .record([name.as_str().as_bytes(), value.as_bytes()].join(&b": "[..]));
        }
    }

    /// A reply's body.
    pub(crate) async fn bytes(&self, reply: reqwest::Response) -> reqwest::Result<Bytes> {
        let bytes = reply.bytes().await?;
        self.tap.record(&bytes);
        Ok(bytes)
    }

    /// A reply's body, or the problem in it.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        reply: reqwest::Response,
    ) -> reqwest::Result<Result<T, Problem>> {
        let status = reply.status();
        let bytes = self.bytes(reply).await?;
        if status.is_success() {
            let bytes: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
            return Ok(Ok(serde_json::from_slice(bytes).unwrap()));
        }
        Ok(Err(serde_json::from_slice(&bytes).unwrap_or_else(|_| {
            panic!(
                "{status} without a problem: {}",
                String::from_utf8_lossy(&bytes)
            )
        })))
    }

    fn authorise(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        if self.token.is_empty() {
            request
        } else {
            request.bearer_auth(&self.token)
        }
    }

    fn take_session(&mut self, token: &str) {
        self.token = token.to_owned();
        self.target.token = Some(token.to_owned());
    }
}
