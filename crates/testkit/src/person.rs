//! A person: an account with password and authenticator app, and a session.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use protocol::{
    Code, Problem, RoomId, UserId,
    rest::{
        account::{SessionReply, SignupReply, User},
        people::{Contact, FoundUser, FriendRequest, PendingRequests},
    },
};
use reqwest::multipart::{Form, Part};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::{Stack, socket::Target};

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
    token: String,
    http: reqwest::Client,
    url: String,
    target: Target,
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
            token: String::new(),
            http: stack.http(),
            url: stack.url(),
            target: Target {
                port: stack.port(crate::Server::Gateway),
                tls: stack.tls(),
                origin: None,
                cookie: None,
                token: None,
            },
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
        person.take_session(done.token.unwrap().expose());
        person
    }

    /// Signs in with a backup code, which no clock holds up: a second session.
    pub async fn sign_in_with_backup_code(&mut self) -> Self {
        let code = self.recovery_codes.pop().unwrap();
        let body = json!({
            "username": self.username, "password": self.password, "method": "recovery",
            "code": code, "transport": "bearer",
        });
        let reply: SessionReply = self.post("/api/login", &body).await.unwrap();
        let mut person = self.clone();
        person.take_session(reply.token.unwrap().expose());
        person
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
        self.authorise(request).send().await
    }

    /// Uploads a ciphertext for the members of a room, as a device does before its message.
    pub async fn upload(&self, room_id: RoomId, file: Vec<u8>) -> Result<Value, Problem> {
        let form = Form::new()
            .text("room_id", room_id.to_string())
            .part("file", Part::bytes(file));
        let url = format!("{}/api/messages/image", self.url);
        let request = self.authorise(self.http.post(url).multipart(form));
        let reply = async { read(request.send().await?).await };
        match reply.await {
            Ok(read) => read,
            Err(_) => Err(Code::Unavailable.into()),
        }
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
        let head = Form::new().text("head", head.to_string());
        let form = parts.into_iter().fold(head, |form, part| {
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
        let reply = self.authorise(request).send().await.unwrap();
        read(reply).await.unwrap()
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

/// A reply's body, or the problem in it.
pub(crate) async fn read<T: DeserializeOwned>(
    reply: reqwest::Response,
) -> reqwest::Result<Result<T, Problem>> {
    let status = reply.status();
    let bytes = reply.bytes().await?;
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
