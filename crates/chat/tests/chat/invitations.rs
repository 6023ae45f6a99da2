//! Signing up where only invited people may.

use protocol::{Code, limits};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Person, Server, refused};

fn form(name: &str, invite: Option<&Value>) -> Value {
    let email = format!("{name}@example.org");
    let mut form = json!({"email": email, "username": name, "password": "green heron seven"});
    if let Some(code) = invite {
        form["invite"] = code.clone();
    }
    form
}

/// Somebody who may invite, on a server that asks for invitations.
async fn keeper(server: &Server) -> Person {
    let code = made_by_operator(server).await;
    let person = Person::sign_up_with(server, "mod", Some(&code)).await;
    let person = person.sign_in(server).await;
    sqlx::query("update users set role = 'moderator'")
        .execute(server.pool())
        .await
        .unwrap();
    person
}

/// The first invitation has to come from outside.
async fn made_by_operator(server: &Server) -> Value {
    let command = ["invitations", "create", "--json"];
    let out = server.operate(&command).await.unwrap();
    let created: Value = serde_json::from_str(&out).unwrap();
    created["code"].clone()
}

#[tokio::test]
async fn who_has_an_invitation_signs_up_once_with_it() {
    let server = Server::with(&["--signup=invite"]).await;
    let config = server.request(Method::GET, "/api/config").send().await;
    let config: Value = config.unwrap().json().await.unwrap();
    assert_eq!(config["signup"], "invite");
    let moderator = keeper(&server).await;

    let problem = refused(
        server.post("/api/signup", &form("ann", None)).await,
        Code::InvitationRequired,
    );
    assert_eq!(problem.errors[0].field, "invite");
    let made = moderator
        .post(&server, "/api/admin/invitations", &json!({"note": "Ann"}))
        .await;
    let (code, invitation) = (&made["code"], &made["invitation"]);
    assert_eq!(
        made["url"]
            .as_str()
            .unwrap()
            .split_once("?invite=")
            .unwrap()
            .1,
        code.as_str().unwrap()
    );
    assert_eq!(
        (&invitation["uses"], &invitation["used"]),
        (&json!(1), &json!(0))
    );
    // Two at once: one of them gets in. However it is typed, it is the same code.
    let typed = json!(code.as_str().unwrap().to_lowercase().replace('-', " "));
    let forms = (form("ann", Some(code)), form("bea", Some(&typed)));
    let (one, other) = tokio::join!(
        server.post("/api/signup", &forms.0),
        server.post("/api/signup", &forms.1),
    );
    let (good, bad) = if one.0 == 201 {
        (one, other)
    } else {
        (other, one)
    };
    assert_eq!(good.0, 201, "{}", good.1);
    refused(bad, Code::InvitationRequired);

    let all = moderator.get(&server, "/api/admin/invitations").await;
    assert_eq!(
        (&all[0]["used"], &all[0]["note"]),
        (&json!(1), &json!("Ann"))
    );
    assert_eq!(all[0]["created_by"], moderator.id.to_string());
    assert_eq!(all[1]["created_by"], Value::Null);
    assert!(
        !all.to_string().contains(code.as_str().unwrap()),
        "shown once"
    );
}

#[tokio::test]
async fn what_is_refused_takes_no_use_and_what_is_over_lets_nobody_in() {
    let server = Server::with(&["--signup=invite"]).await;
    let moderator = keeper(&server).await;
    let invite = async |body: Value| {
        moderator
            .post(&server, "/api/admin/invitations", &body)
            .await
    };
    let made = invite(json!({"uses": 2, "days": limits::INVITATION_DAYS})).await;
    let code = &made["code"];
    let taken = server.post("/api/signup", &form("mod", Some(code))).await;
    refused(taken, Code::UsernameTaken);
    server.stop_mfa();
    let down = server.post("/api/signup", &form("ann", Some(code))).await;
    refused(down, Code::MfaUnavailable);
    let all = moderator.get(&server, "/api/admin/invitations").await;
    assert_eq!(all[0]["used"], 0);

    let path = format!(
        "/api/admin/invitations/{}",
        made["invitation"]["invitation_id"].as_str().unwrap()
    );
    let revoked = moderator.call(&server, Method::DELETE, &path, None).await;
    assert_eq!(revoked.0, 204);
    let again = moderator.call(&server, Method::DELETE, &path, None).await;
    refused(again, Code::NotFound);
    let late = invite(json!({})).await;
    sqlx::query("update invitations set expires_at = now()")
        .execute(server.pool())
        .await
        .unwrap();
    for code in [code, &late["code"], &json!(""), &json!("no code at all")] {
        let refusal = server.post("/api/signup", &form("ann", Some(code))).await;
        refused(refusal, Code::InvitationRequired);
    }
}

#[tokio::test]
async fn invitations_have_bounds_and_are_made_by_keepers_alone() {
    let server = Server::start().await;
    let member = Person::sign_up(&server, "ann").await;
    let member = member.sign_in(&server).await;
    for method in [Method::GET, Method::POST] {
        let body = (method == Method::POST).then(|| json!({}));
        let reply = member
            .call(&server, method, "/api/admin/invitations", body.as_ref())
            .await;
        refused(reply, Code::Forbidden);
    }
    // Where everybody may sign up, a code is no hindrance.
    let (status, _) = server
        .post("/api/signup", &form("bea", Some(&json!("anything"))))
        .await;
    assert_eq!(status, 201);
    sqlx::query("update users set role = 'moderator'")
        .execute(server.pool())
        .await
        .unwrap();
    let note = "é".repeat(limits::INVITATION_NOTE);
    let largest = json!({"uses": limits::INVITATION_USES, "days": 1, "note": note});
    member
        .post(&server, "/api/admin/invitations", &largest)
        .await;
    for wrong in [
        json!({"uses": 0}),
        json!({"uses": limits::INVITATION_USES + 1}),
        json!({"days": 0}),
        json!({"days": limits::INVITATION_DAYS + 1}),
        json!({"note": format!("{note}x")}),
        json!({"note": "two\nlines"}),
        json!({"code": "MINE"}),
    ] {
        member
            .refused(&server, "/api/admin/invitations", &wrong, Code::InvalidBody)
            .await;
    }
}
