//! A stand-in of Telegram's Bot API that answers like its documentation.

use std::{
    collections::{HashSet, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify, time::timeout};

/// Of the form that @BotFather gives.
pub const TOKEN: &str = "7000000001:AAE-never_to_be_seen_in_any_log_0123";
pub const NAME: &str = "snug_test_bot";

/// What the next call of `sendMessage` meets.
#[derive(Clone, Copy)]
pub enum Trouble {
    /// 429 with `retry_after`.
    TooMany(u64),
    /// 502 from a proxy, no JSON.
    BadGateway,
    /// No answer at all.
    Silence,
}

#[derive(Clone)]
pub struct BotApi {
    pub url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    sent: Mutex<Vec<(i64, String)>>,
    updates: Mutex<Vec<Value>>,
    troubles: Mutex<VecDeque<Trouble>>,
    blocked: Mutex<HashSet<i64>>,
    webhook: Mutex<Option<(String, String)>>,
    newest: AtomicI64,
    polled: AtomicBool,
    news: Notify,
}

impl BotApi {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let router = Router::new()
            .route("/{bot}/{method}", post(call))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
    }

    /// The flags that make a service use this stand-in.
    pub fn flags(&self) -> [String; 2] {
        [
            format!("--telegram-token={TOKEN}"),
            format!("--telegram-api-url={}", self.url),
        ]
    }

    /// A person writes to the bot.
    pub fn write(&self, chat: i64, text: &str) -> Value {
        let user = json!({"id": chat, "is_bot": false, "first_name": "Ann", "language_code": "en"});
        self.update(json!({"message": {
            "message_id": 1,
            "from": user,
            "chat": {"id": chat, "first_name": "Ann", "type": "private"},
            "date": 1_700_000_000,
            "text": text,
        }}))
    }

    /// A person blocks the bot, or lets it write again.
    pub fn set_blocked(&self, chat: i64, blocked: bool) -> Value {
        let status = if blocked { "kicked" } else { "member" };
        let mut all = self.shared.blocked.lock().unwrap();
        match blocked {
            true => all.insert(chat),
            false => all.remove(&chat),
        };
        self.update(json!({"my_chat_member": {
            "chat": {"id": chat, "type": "private"},
            "new_chat_member": {"status": status},
        }}))
    }

    pub fn trouble(&self, trouble: Trouble) {
        self.shared.troubles.lock().unwrap().push_back(trouble);
    }

    /// What was sent to a chat, oldest first.
    pub fn sent_to(&self, chat: i64) -> Vec<String> {
        let sent = self.shared.sent.lock().unwrap();
        let to = sent.iter().filter(|(to, _)| *to == chat);
        to.map(|(_, text)| text.clone()).collect()
    }

    /// The code in what was sent to a chat last.
    pub fn code(&self, chat: i64) -> String {
        let text = self.sent_to(chat).pop().expect("a message");
        let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit());
        text.lines().find(is_code).expect("a code").to_owned()
    }

    /// URL and secret of the webhook that is set.
    pub fn webhook(&self) -> Option<(String, String)> {
        self.shared.webhook.lock().unwrap().clone()
    }

    fn update(&self, mut update: Value) -> Value {
        update["update_id"] = json!(self.shared.newest.fetch_add(1, SeqCst) + 1);
        self.shared.updates.lock().unwrap().push(update.clone());
        self.shared.news.notify_waiters();
        update
    }
}

async fn call(
    State(shared): State<Arc<Shared>>,
    Path((bot, method)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Response {
    if bot != format!("bot{TOKEN}") {
        return refuse(401, "Unauthorized", json!({}));
    }
    match &*method {
        "getMe" => done(json!({"id": 7, "is_bot": true, "first_name": "Snug", "username": NAME})),
        "sendMessage" => send(&shared, &body).await,
        "getUpdates" => updates(&shared, &body).await,
        "setWebhook" => {
            let text = |name: &str| body[name].as_str().unwrap().to_owned();
            *shared.webhook.lock().unwrap() = Some((text("url"), text("secret_token")));
            done(json!(true))
        }
        "deleteWebhook" => {
            *shared.webhook.lock().unwrap() = None;
            done(json!(true))
        }
        _ => refuse(404, "Not Found", json!({})),
    }
}

async fn send(shared: &Shared, body: &Value) -> Response {
    let trouble = shared.troubles.lock().unwrap().pop_front();
    match trouble {
        Some(Trouble::TooMany(seconds)) => {
            let text = format!("Too Many Requests: retry after {seconds}");
            return refuse(429, &text, json!({"retry_after": seconds}));
        }
        Some(Trouble::BadGateway) => {
            return (StatusCode::BAD_GATEWAY, "<html>Bad Gateway</html>").into_response();
        }
        Some(Trouble::Silence) => std::future::pending().await,
        None => {}
    }
    let (chat, text) = (body["chat_id"].as_i64(), body["text"].as_str());
    let (Some(chat), Some(text)) = (chat, text.filter(|text| !text.is_empty())) else {
        return refuse(400, "Bad Request: message text is empty", json!({}));
    };
    if text.encode_utf16().count() > 4_096 {
        return refuse(400, "Bad Request: message is too long", json!({}));
    }
    if chat <= 0 {
        return refuse(400, "Bad Request: chat not found", json!({}));
    }
    if shared.blocked.lock().unwrap().contains(&chat) {
        return refuse(403, "Forbidden: bot was blocked by the user", json!({}));
    }
    shared.sent.lock().unwrap().push((chat, text.to_owned()));
    done(json!({"message_id": 1, "chat": {"id": chat}, "text": text}))
}

async fn updates(shared: &Shared, body: &Value) -> Response {
    if shared.webhook.lock().unwrap().is_some() {
        let text = "Conflict: can't use getUpdates method while webhook is active";
        return refuse(409, text, json!({}));
    }
    if shared.polled.swap(true, SeqCst) {
        let text = "Conflict: terminated by other getUpdates request";
        return refuse(409, text, json!({}));
    }
    let offset = body["offset"].as_i64().unwrap_or(0);
    let take = || {
        let mut all = shared.updates.lock().unwrap();
        all.retain(|update| update["update_id"].as_i64().unwrap() >= offset);
        all.clone()
    };
    let wait = Duration::from_secs(body["timeout"].as_u64().unwrap_or(0));
    let news = shared.news.notified();
    let mut found = take();
    if found.is_empty() {
        let _ = timeout(wait, news).await;
        found = take();
    }
    shared.polled.store(false, SeqCst);
    done(json!(found))
}

fn done(result: Value) -> Response {
    Json(json!({"ok": true, "result": result})).into_response()
}

fn refuse(code: u16, description: &str, parameters: Value) -> Response {
    let status = StatusCode::from_u16(code).unwrap();
    let body = json!({
        "ok": false,
        "error_code": code,
        "description": description,
        "parameters": parameters,
    });
    (status, Json(body)).into_response()
}
