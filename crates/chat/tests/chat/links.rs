//! Links: how a new device and one in use reach each other, and what ends that.

use base64::{Engine, engine::general_purpose::STANDARD};
use protocol::{Code, limits};
use reqwest::Method;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::support::{Device, Person, Server, Socket, befriend, refused};

const PATH: &str = "/api/links";
const STEPS: [&str; 4] = ["commit", "answer", "reveal", "approval"];

/// Somebody with a device in use and a session of a new one.
async fn person_with_two(server: &Server, name: &str) -> (Device, Person) {
    let person = Person::sign_up(server, name).await.sign_in(server).await;
    let device = Device::register(server, &person).await;
    let new = person.sign_in(server).await;
    (device, new)
}

/// The path of a link that was just made.
async fn link(server: &Server, who: &Person) -> String {
    let made = who.post(server, PATH, &Value::Null).await;
    format!("{PATH}/{}", made["link_id"].as_str().unwrap())
}

async fn write(
    server: &Server,
    who: &Person,
    link: &str,
    step: &str,
    bytes: &[u8],
) -> (u16, Value) {
    let body = json!({"blob": STANDARD.encode(bytes)});
    let path = format!("{link}/{step}");
    who.call(server, Method::PUT, &path, Some(&body)).await
}

async fn look(server: &Server, who: &Person, link: &str) -> (u16, Value) {
    who.call(server, Method::GET, link, None).await
}

async fn end(server: &Server, who: &Person, link: &str) -> u16 {
    who.call(server, Method::DELETE, link, None).await.0
}

/// The step that is told next; nothing for an end.
async fn told(socket: &mut Socket, link: &str) -> Option<String> {
    let event = socket.event("link_updated").await.payload;
    assert!(
        link.ends_with(event["link_id"].as_str().unwrap()),
        "{event}"
    );
    event["step"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn two_devices_of_a_person_write_to_each_other_in_turn() {
    let server = Server::start().await;
    let (old, new) = person_with_two(&server, "ana").await;
    let (mut here, mut there) = (old.connect(&server).await, new.socket(&server).await);
    there.event("connected").await;
    let made = new.post(&server, PATH, &Value::Null).await;
    let time = |name: &str| OffsetDateTime::parse(made[name].as_str().unwrap(), &Rfc3339).unwrap();
    let life = (time("expires_at") - time("created_at")).whole_seconds();
    assert_eq!(life, i64::from(limits::LINK_LIFE));
    assert_eq!(made["steps"], json!([]));
    let link = format!("{PATH}/{}", made["link_id"].as_str().unwrap());

    for step in ["answer", "approval"] {
        let early = write(&server, &new, &link, step, b"").await;
        refused(early, Code::DeviceRequired);
    }
    for (step, who) in STEPS
        .into_iter()
        .zip([&new, &old.person, &new, &old.person])
    {
        let written = write(&server, who, &link, step, step.as_bytes()).await;
        assert_eq!(written.0, 204, "{}", written.1);
        for socket in [&mut here, &mut there] {
            assert_eq!(told(socket, &link).await.as_deref(), Some(step));
        }
    }
    // Said again because a reply was lost: nothing comes of it.
    for (step, who) in STEPS
        .into_iter()
        .zip([&new, &old.person, &new, &old.person])
    {
        let again = write(&server, who, &link, step, step.as_bytes()).await;
        assert_eq!(again.0, 204, "{}", again.1);
    }
    let mut whole = made.clone();
    whole["steps"] = STEPS
        .iter()
        .map(|step| json!({"step": step, "blob": STANDARD.encode(step)}))
        .collect();
    assert_eq!(look(&server, &new, &link).await, (200, whole.clone()));
    assert_eq!(new.get(&server, PATH).await, json!([whole]));

    assert_eq!(end(&server, &new, &link).await, 204);
    for socket in [&mut here, &mut there] {
        assert_eq!(told(socket, &link).await, None);
    }
    assert_eq!(end(&server, &new, &link).await, 204, "it is over");
    assert_eq!(new.get(&server, PATH).await, json!([]));
}

#[tokio::test]
async fn an_approval_needs_a_fresh_factor() {
    let server = Server::start().await;
    let (old, new) = person_with_two(&server, "ana").await;
    let (first, second) = (link(&server, &new).await, link(&server, &new).await);
    server.let_factors_age().await;
    let person = &old.person;
    // The other way: by a code that the new device shows, there is nothing but this step.
    let problem = refused(
        write(&server, person, &first, "approval", b"sealed").await,
        Code::StepUpRequired,
    );
    assert_eq!(look(&server, &new, &first).await.1["steps"], json!([]));
    person.step_up(&server, &problem).await;
    let written = write(&server, person, &first, "approval", b"sealed").await;
    assert_eq!(written.0, 204, "{}", written.1);

    // Nobody is asked for a factor in vain.
    sqlx::query("update sessions set factor_at = null")
        .execute(server.pool())
        .await
        .unwrap();
    assert_eq!(end(&server, &new, &second).await, 204);
    let late = write(&server, person, &second, "approval", b"sealed").await;
    refused(late, Code::LinkOver);
}

#[tokio::test]
async fn a_step_that_does_not_fit_ends_a_link() {
    let server = Server::start().await;
    let (old, new) = person_with_two(&server, "ana").await;
    let mut here = old.connect(&server).await;
    for (written, wrong) in [
        // The same step with something else in it, and one that was passed.
        (&["commit"][..], "commit"),
        (&["commit", "reveal"][..], "answer"),
        (&["approval"][..], "commit"),
    ] {
        let link = link(&server, &new).await;
        for step in written {
            let right = write(&server, &old.person, &link, step, b"right").await;
            assert_eq!(right.0, 204, "{}", right.1);
            assert_eq!(told(&mut here, &link).await.as_deref(), Some(*step));
        }
        let other = write(&server, &old.person, &link, wrong, b"wrong").await;
        refused(other, Code::LinkOver);
        assert_eq!(told(&mut here, &link).await, None);
        refused(look(&server, &new, &link).await, Code::LinkOver);
        for step in STEPS {
            let late = write(&server, &old.person, &link, step, b"right").await;
            refused(late, Code::LinkOver);
        }
        assert_eq!(end(&server, &new, &link).await, 204);
    }
    let (steps, ended): (i64, i64) = sqlx::query_as(
        "select (select count(*) from link_steps),
           (select count(*) from links where ended_at is not null)",
    )
    .fetch_one(server.pool())
    .await
    .unwrap();
    assert_eq!((steps, ended), (0, 3));
}

#[tokio::test]
async fn a_link_has_limits() {
    let server = Server::start().await;
    let (old, new) = person_with_two(&server, "ana").await;
    let first = link(&server, &new).await;
    let large = vec![7; limits::LINK_STEP + 1];
    let refusal = write(&server, &new, &first, "commit", &large).await;
    refused(refusal, Code::BodyTooLarge);
    let largest = write(&server, &new, &first, "commit", &large[1..]).await;
    assert_eq!(largest.0, 204, "{}", largest.1);
    let strange = write(&server, &new, &first, "greeting", b"x").await;
    refused(strange, Code::NotFound);
    let body = json!({"blob": "", "step": "reveal"});
    let path = format!("{first}/reveal");
    let strange = new.call(&server, Method::PUT, &path, Some(&body)).await;
    refused(strange, Code::InvalidBody);

    for _ in 1..limits::LINKS {
        link(&server, &old.person).await;
    }
    new.refused(&server, PATH, &Value::Null, Code::TooManyLinks)
        .await;
    // One that has ended leaves room, and so do those that ran out.
    assert_eq!(end(&server, &new, &first).await, 204);
    link(&server, &new).await;
    new.refused(&server, PATH, &Value::Null, Code::TooManyLinks)
        .await;
    sqlx::query("update links set expires_at = now()")
        .execute(server.pool())
        .await
        .unwrap();
    assert_eq!(new.get(&server, PATH).await, json!([]));
    refused(look(&server, &new, &first).await, Code::LinkOver);
    link(&server, &new).await;
}

#[tokio::test]
async fn links_are_ones_own() {
    let server = Server::start().await;
    let (ana, new) = person_with_two(&server, "ana").await;
    let (bo, _) = person_with_two(&server, "bo.l").await;
    befriend(&server, &ana.person, &bo.person).await;
    let mut there = bo.connect(&server).await;
    let link = link(&server, &new).await;
    let written = write(&server, &new, &link, "commit", b"hash").await;
    assert_eq!(written.0, 204, "{}", written.1);
    let unknown = format!("{PATH}/{}", Uuid::now_v7());
    for (who, path) in [(&bo.person, &link), (&new, &unknown)] {
        refused(look(&server, who, path).await, Code::NotFound);
        assert_eq!(end(&server, who, path).await, 404);
    }
    for step in STEPS {
        let foreign = write(&server, &bo.person, &link, step, b"hash").await;
        refused(foreign, Code::NotFound);
    }
    assert_eq!(bo.person.get(&server, PATH).await, json!([]));
    let heard = there.settle().await;
    assert!(heard.iter().all(|event| event.name != "link_updated"));
    assert_eq!(look(&server, &new, &link).await.0, 200);
}
