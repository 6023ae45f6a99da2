//! Real SMTP: a server that takes the mail, one that refuses it, one that never answers.

use std::time::Duration;

use mfa::notify::{Mailer, worker::Worker};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::{JoinHandle, JoinSet},
};

use crate::harness::{Service, config};

/// What a server of a test does with mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Take,
    Refuse,
    Hang,
    /// Ends in the middle of a mail's data.
    Die,
}

async fn server(manner: Manner) -> (u16, UnboundedReceiver<String>) {
    let (port, receiver, _) = server_at(0, manner).await;
    (port, receiver)
}

async fn server_at(port: u16, manner: Manner) -> (u16, UnboundedReceiver<String>, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = unbounded_channel();
    let running = tokio::spawn(async move {
        let mut sessions = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            sessions.spawn(session(stream, manner, sender.clone()));
        }
    });
    (port, receiver, running)
}

async fn session(stream: TcpStream, manner: Manner, taken: UnboundedSender<String>) {
    let mut stream = BufReader::new(stream);
    if manner == Manner::Hang {
        std::future::pending::<()>().await;
    }
    stream.write_all(b"220 test\r\n").await.unwrap();
    let mut line = String::new();
    while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
        let reply = match line.split_whitespace().next().unwrap_or_default() {
            "EHLO" => "250 test\r\n",
            "RCPT" if manner == Manner::Refuse => "550 no such mailbox\r\n",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.unwrap();
                let mut mail = String::new();
                if manner == Manner::Die {
                    stream.read_line(&mut mail).await.unwrap();
                    return;
                }
                while !mail.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut mail).await.unwrap();
                }
                taken.send(mail).unwrap();
                "250 taken\r\n"
            }
            "QUIT" => return,
            _ => "250 ok\r\n",
        };
        stream.write_all(reply.as_bytes()).await.unwrap();
        line.clear();
    }
}

fn worker(service: &Service, port: u16) -> Worker {
    let port = format!("--smtp-port={port}");
    let flags = [
        "--smtp-server=localhost",
        &port,
        "--from-email=Snug <snug@example.org>",
    ];
    let config = config(&service.database.url, &flags);
    let mailer = Mailer::new(config.mail.smtp().unwrap().as_ref()).unwrap();
    mfa::worker(&service.app, &mailer, &config)
}

async fn row(service: &Service) -> (String, i16, Option<String>) {
    sqlx::query_as("select state, attempts, error from outbox")
        .fetch_one(&service.database.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn rule_10_a_server_takes_the_mail() {
    let service = Service::start().await;
    let (port, mut taken) = server(Manner::Take).await;
    let person = service.sign_up("ann", "ann@example.org").await;
    assert!(worker(&service, port).step().await.unwrap());
    let mail = taken.recv().await.unwrap();
    assert!(mail.contains("To: ann@example.org"), "{mail}");
    assert!(mail.contains("From: Snug <snug@example.org>"));
    assert!(mail.contains("Auto-Submitted: auto-generated"));
    assert!(mail.contains("multipart/alternative"));
    let code = mail
        .lines()
        .map(str::trim)
        .find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()));
    let verified = service.verify_email(&person, code.unwrap()).await;
    assert_eq!(verified.status, 200);
    assert_eq!(row(&service).await.0, "sent");
}

#[tokio::test]
async fn rule_10_a_refusal_for_good_is_not_repeated() {
    let service = Service::start().await;
    let (port, _taken) = server(Manner::Refuse).await;
    service.sign_up("ann", "ann@example.org").await;
    let worker = worker(&service, port);
    assert!(worker.step().await.unwrap());
    assert!(!worker.step().await.unwrap());
    let (state, attempts, error) = row(&service).await;
    assert_eq!((&*state, attempts), ("dead", 1));
    assert_eq!(error.as_deref(), Some("the SMTP server answered 550"));
}

#[tokio::test]
async fn rule_10_a_server_that_is_away_gets_the_mail_later() {
    let service = Service::start().await;
    let away = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = away.local_addr().unwrap().port();
    drop(away);
    service.sign_up("ann", "ann@example.org").await;
    let lost = worker(&service, port);
    assert!(lost.step().await.unwrap());
    assert!(!lost.step().await.unwrap(), "not due again yet");
    assert_eq!(row(&service).await.0, "queued");
    service.clock.advance(Duration::from_secs(6));
    let (port, mut taken) = server(Manner::Take).await;
    assert!(worker(&service, port).step().await.unwrap());
    assert!(taken.recv().await.is_some());
    assert_eq!(row(&service).await.1, 2);
}

#[tokio::test]
async fn rule_10_a_server_that_never_answers_is_left() {
    let service = Service::start().await;
    let (port, _taken) = server(Manner::Hang).await;
    service.sign_up("ann", "ann@example.org").await;
    let impatient = Worker {
        mailer: worker(&service, port)
            .mailer
            .with_timeout(Duration::from_millis(200)),
        ..worker(&service, port)
    };
    let step = tokio::time::timeout(Duration::from_secs(5), impatient.step()).await;
    assert!(step.expect("the time-out works").unwrap());
    let (state, _, error) = row(&service).await;
    assert_eq!(
        (&*state, error.as_deref()),
        ("queued", Some("the SMTP server does not answer"))
    );
}

#[tokio::test]
async fn rule_10_a_worker_that_dies_leaves_the_mail_to_the_next() {
    let service = Service::start().await;
    let (port, _hang) = server(Manner::Hang).await;
    service.sign_up("ann", "ann@example.org").await;
    let dying = worker(&service, port);
    let step = tokio::spawn(async move { dying.step().await });
    while row(&service).await.0 != "sending" {
        tokio::task::yield_now().await;
    }
    step.abort();
    let (port, mut taken) = server(Manner::Take).await;
    let next = worker(&service, port);
    assert!(!next.step().await.unwrap(), "leased");
    service.clock.advance(Duration::from_secs(61));
    assert!(next.step().await.unwrap());
    assert!(taken.recv().await.is_some());
}

#[tokio::test]
async fn rule_10_a_server_killed_in_the_middle_and_restarted_gets_the_mail_once() {
    let service = Service::start().await;
    let (port, _, dying) = server_at(0, Manner::Die).await;
    let person = service.sign_up("ann", "ann@example.org").await;
    let worker = worker(&service, port);
    assert!(worker.step().await.unwrap());
    let (state, attempts, error) = row(&service).await;
    assert_eq!((&*state, attempts), ("queued", 1));
    assert_eq!(error.as_deref(), Some("no connection to the SMTP server"));
    dying.abort();
    let _ = dying.await;
    service.clock.advance(Duration::from_secs(6));
    assert!(worker.step().await.unwrap());
    assert_eq!(row(&service).await.0, "queued", "away");

    let (_, mut taken, _) = server_at(port, Manner::Take).await;
    service.clock.advance(Duration::from_secs(11));
    assert!(worker.step().await.unwrap());
    assert_eq!(row(&service).await.0, "sent");
    assert!(!worker.step().await.unwrap());
    let mail = taken.recv().await.unwrap();
    assert!(mail.contains("To: ann@example.org"));
    assert!(taken.try_recv().is_err(), "once");
    let code = mail
        .lines()
        .map(str::trim)
        .find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()));
    let verified = service.verify_email(&person, code.unwrap()).await;
    assert_eq!(verified.status, 200);
}

#[tokio::test]
async fn rule_10_attempts_end_with_a_dead_letter() {
    let service = Service::start().await;
    let (port, _, dying) = server_at(0, Manner::Die).await;
    dying.abort();
    let _ = dying.await;
    service.sign_up("ann", "ann@example.org").await;
    let worker = worker(&service, port);
    for attempt in 1..=8 {
        assert!(worker.step().await.unwrap(), "{attempt}");
        assert!(!worker.step().await.unwrap(), "a pause follows");
        service.clock.advance(Duration::from_secs(601));
    }
    assert!(!worker.step().await.unwrap());
    let (state, attempts, _) = row(&service).await;
    assert_eq!((&*state, attempts), ("dead", 8));
    let left: (Option<String>, Option<Vec<u8>>) =
        sqlx::query_as("select reason, payload from outbox")
            .fetch_one(&service.database.pool)
            .await
            .unwrap();
    assert_eq!(left, (Some("exhausted".to_owned()), None));
}

#[tokio::test]
async fn rule_10_a_mail_s_words_stay_within_the_mail() {
    let service = Service::start().await;
    sqlx::query("update apps set scopes = '{notify}'")
        .execute(&service.database.pool)
        .await
        .unwrap();
    let (port, mut taken) = server(Manner::Take).await;
    let body = json!({
        "channel": "email",
        "recipient": "ann@example.org",
        "subject": "Été",
        "message": "one\r\n.\r\nMAIL FROM:<x@example.org>\r\n.\r\nBcc: b@example.org",
    });
    assert_eq!(service.post("/send", body).await.status, 202);
    let port = format!("--smtp-port={port}");
    let flags = [
        "--smtp-server=localhost",
        &port,
        "--from-email=snug@example.org",
    ];
    let config = config(&service.database.url, &flags);
    let mailer = Mailer::new(config.mail.smtp().unwrap().as_ref()).unwrap();
    let worker = mfa::worker(&service.app, &mailer, &config);
    assert!(worker.step().await.unwrap());
    let mail = taken.recv().await.unwrap();
    assert!(taken.try_recv().is_err(), "one mail");
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("Bcc"), "{head}");
    assert!(head.contains("From: Snug <snug@example.org>"), "{head}");
    assert!(body.contains("\r\n..\r\nMAIL FROM"), "{body}");
    assert!(!mail.replace("\r\n", "").contains(['\r', '\n']));
}
