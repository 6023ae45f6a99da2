//! Real SMTP: a server that takes the mail, one that refuses it, one that never answers.

use std::time::Duration;

use mfa::notify::{Mailer, worker::Worker};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use crate::harness::{Service, config};

/// What a server of a test does with mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Take,
    Refuse,
    Hang,
}

async fn server(manner: Manner) -> (u16, UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(session(stream, manner, sender.clone()));
        }
    });
    (port, receiver)
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
