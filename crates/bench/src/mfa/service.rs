//! One MFA service with accounts that have a TOTP factor, driven as an application drives it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use testkit::{Server, Stack};
use totp_rs::{Builder, Secret};

/// Seconds that a code is shown.
const STEP: u64 = 30;

/// The service and a keep-alive client with an application's certificate.
pub struct Service {
    pub stack: Stack,
    http: reqwest::Client,
    url: String,
}

/// An account whose codes are known here.
pub struct Member {
    id: String,
    secret: Vec<u8>,
    number: usize,
}

/// A challenge that is answered by the next code.
pub struct Question {
    challenge: String,
    code: String,
    number: usize,
}

impl Service {
    /// Starts the service alone.
    pub async fn start() -> Self {
        let quiet = (Server::Mfa, "LOG_LEVEL", "warn");
        let usual = (Server::Mfa, "PASSWORD_HASH_MS", "50");
        let stack = Stack::start_alone(Server::Mfa, &[quiet, usual]).await;
        Self {
            http: stack.client_of(Server::Chat),
            url: format!("https://localhost:{}", stack.port(Server::Mfa)),
            stack,
        }
    }

    /// Sends a request for a person, each of whom has an address of their own.
    pub async fn post(&self, person: usize, path: &str, body: &Value) -> anyhow::Result<Reply> {
        let [_, a, b, c] = u32::try_from(person)?.to_be_bytes();
        let started = Instant::now();
        let reply = self
            .http
            .post(format!("{}{path}", self.url))
            .header("x-client-address", format!("10.{a}.{b}.{c}"))
            .json(body)
            .send()
            .await?;
        let status = reply.status().as_u16();
        let body = reply.json().await?;
        Ok(Reply {
            status,
            body,
            time: started.elapsed(),
        })
    }

    /// Makes accounts with an active factor each, through the API. Without a password: nothing
    /// is hashed.
    pub async fn members(&self, count: usize) -> anyhow::Result<Vec<Member>> {
        stream::iter(0..count)
            .map(|number| self.member(number))
            .buffer_unordered(16)
            .try_collect()
            .await
    }

    async fn member(&self, number: usize) -> anyhow::Result<Member> {
        let body = json!({"email": format!("m{number}@example.org"), "factor": "totp"});
        let reply = self.post(number, "/v1/accounts", &body).await?;
        ensure!(reply.status == 201, "{:?}", reply.body);
        let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
        let id = text(&reply.body["account_id"])?;
        let factor = &reply.body["factor"];
        let secret = Secret::try_from_base32(text(&factor["secret"])?)?
            .as_bytes()
            .to_vec();
        let member = Member { id, secret, number };
        let path = format!(
            "/v1/accounts/{}/factors/{}/activate",
            member.id,
            text(&factor["factor_id"])?
        );
        let code = json!({"code": code_at(&member.secret, unix())?});
        let reply = self.post(number, &path, &code).await?;
        ensure!(reply.status == 200, "{:?}", reply.body);
        Ok(member)
    }

    /// A challenge for each member, with codes of a time step that none of them has used: waits
    /// for the next one and leaves at least 15 of its 30 seconds.
    pub async fn questions(&self, members: &[Member]) -> anyhow::Result<Vec<Question>> {
        let used = unix() / STEP;
        let challenges: Vec<(usize, String)> = stream::iter(members.iter().enumerate())
            .map(|(index, member)| async move {
                let body = json!({"account_id": member.id, "purpose": "bench"});
                let reply = self.post(member.number, "/v1/challenges", &body).await?;
                ensure!(reply.status == 201, "{:?}", reply.body);
                let id = reply.body["challenge_id"].as_str().context("a challenge")?;
                anyhow::Ok((index, id.to_owned()))
            })
            .buffer_unordered(16)
            .try_collect()
            .await?;
        while unix() / STEP <= used || unix() % STEP > STEP / 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        challenges
            .into_iter()
            .map(|(index, challenge)| {
                let member = &members[index];
                Ok(Question {
                    challenge,
                    code: code_at(&member.secret, unix())?,
                    number: member.number,
                })
            })
            .collect()
    }

    /// Answers a challenge; an error unless the code is accepted.
    pub async fn answer(&self, question: &Question) -> anyhow::Result<Duration> {
        let path = format!("/v1/challenges/{}/verify", question.challenge);
        let body = json!({"method": "totp", "code": question.code});
        let reply = self.post(question.number, &path, &body).await?;
        ensure!(reply.status == 200, "{:?}", reply.body);
        Ok(reply.time)
    }
}

/// What came back, and after how long.
pub struct Reply {
    pub status: u16,
    pub body: Value,
    pub time: Duration,
}

fn code_at(secret: &[u8], unix: u64) -> anyhow::Result<String> {
    let totp = Builder::new()
        .with_secret(Secret::from(secret.to_vec()))
        .with_step_duration(STEP)
        .build_noncompliant();
    Ok(totp.generate(unix).to_string())
}

fn unix() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}
