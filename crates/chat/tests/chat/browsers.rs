//! What browsers are known by at the MFA service, those that are remembered, and puzzles.

use protocol::Code;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{Person, STUFFED, Server, TOTP_CODE, refused};

fn login() -> Value {
    json!({"username": "ana", "password": "green heron seven"})
}

/// Posts as a browser that has these cookies.
async fn post(server: &Server, path: &str, body: &Value, cookies: &[String]) -> Response {
    let mut request = server.request(Method::POST, path).json(body);
    if !cookies.is_empty() {
        request = request
            .header("cookie", cookies.join("; "))
            .header("origin", "https://localhost:8443");
    }
    request.send().await.unwrap()
}

/// The cookies of a reply whose name begins like this.
fn kept(reply: &Response, name: &str) -> Vec<String> {
    let all = reply.headers().get_all("set-cookie").iter();
    all.map(|value| value.to_str().unwrap().split(';').next().unwrap())
        .filter(|cookie| cookie.starts_with(name))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn a_browser_is_known_by_a_cookie_of_its_own_and_a_program_by_its_name() {
    let server = Server::start().await;
    Person::sign_up(&server, "ana").await;
    let first = post(&server, "/api/login", &login(), &[]).await;
    assert_eq!(first.status(), 401);
    let id = kept(&first, "__Host-browser=");
    assert_eq!(id.len(), 1, "given with the question for a code already");
    let again = post(&server, "/api/login", &login(), &id).await;
    assert_eq!(kept(&again, "__Host-browser="), Vec::<String>::new());
    let another = post(&server, "/api/login", &login(), &[]).await;
    assert_ne!(kept(&another, "__Host-browser="), id);

    let mut body = login();
    body["transport"] = "bearer".into();
    let request = server.request(Method::POST, "/api/login").json(&body);
    let reply = request.header("user-agent", "snug/9").send().await.unwrap();
    assert!(kept(&reply, "__Host-").is_empty());
    let agents = server.agents();
    assert_eq!(agents[0], agents[1]);
    assert_ne!(agents[0], agents[2]);
    assert_eq!(agents[3].as_deref(), Some("program snug/9"));
}

#[tokio::test]
async fn a_remembered_browser_needs_no_code_and_its_token_changes_with_each_use() {
    let server = Server::start().await;
    Person::sign_up(&server, "ana").await;
    let mut body = login();
    body["code"] = TOTP_CODE.into();
    body["remember_browser"] = true.into();
    let reply = post(&server, "/api/login", &body, &[]).await;
    assert_eq!(reply.status(), 200);
    let first = kept(&reply, "__Host-remembered-");
    assert_eq!(first.len(), 1);

    let reply = post(&server, "/api/login", &login(), &first).await;
    assert_eq!(reply.status(), 200, "the password is enough here");
    let second = kept(&reply, "__Host-remembered-");
    assert_ne!(second, first);
    let session = kept(&reply, "__Host-session=");
    let mut cookies = second.clone();
    cookies.extend(session);

    // What was given earlier is no fresh factor.
    let add = json!({"kind": "totp"});
    let reply = post(&server, "/api/mfa/factors", &add, &cookies).await;
    assert_eq!(reply.status(), 403);

    let list = server
        .request(Method::GET, "/api/remembered-browsers")
        .header("cookie", cookies.join("; "));
    let list: Value = list.send().await.unwrap().json().await.unwrap();
    assert_eq!(list[0]["current"], true, "{list}");
    let path = format!(
        "/api/remembered-browsers/{}",
        list[0]["browser_id"].as_str().unwrap()
    );
    let forget = server
        .request(Method::DELETE, &path)
        .header("cookie", cookies.join("; "))
        .header("origin", "https://localhost:8443");
    let reply = forget.send().await.unwrap();
    assert_eq!(reply.status(), 204);
    assert!(kept(&reply, "__Host-remembered-")[0].ends_with('='));

    let reply = post(&server, "/api/login", &login(), &second).await;
    assert_eq!(reply.status(), 401, "forgotten");
    assert!(kept(&reply, "__Host-remembered-")[0].ends_with('='));
    let problem: Value = reply.json().await.unwrap();
    assert_eq!(problem["code"], "mfa-required");
}

#[tokio::test]
async fn a_browser_is_remembered_by_the_second_call_too_and_for_its_account_alone() {
    let server = Server::start().await;
    Person::sign_up(&server, "ana").await;
    Person::sign_up(&server, "ben").await;
    let asked = post(&server, "/api/login", &login(), &[]).await;
    let asked: Value = asked.json().await.unwrap();
    let body = json!({
        "challenge_id": asked["challenge_id"], "method": "totp", "code": TOTP_CODE,
        "remember_browser": true,
    });
    let reply = post(&server, "/api/login/verify", &body, &[]).await;
    let cookies = kept(&reply, "__Host-remembered-");
    assert_eq!(cookies.len(), 1);
    let body = json!({"username": "ben", "password": "green heron seven"});
    let reply = post(&server, "/api/login", &body, &cookies).await;
    assert_eq!(reply.status(), 401);
    assert!(kept(&reply, "__Host-remembered-").is_empty());
    let reply = post(&server, "/api/login", &login(), &cookies).await;
    assert_eq!(reply.status(), 200);
}

#[tokio::test]
async fn a_puzzle_is_passed_on_and_its_solution_back() {
    let server = Server::start().await;
    let body = json!({"username": "ana", "password": STUFFED});
    let problem = refused(server.post("/api/login", &body).await, Code::ProofRequired);
    let puzzle = &problem.extra["puzzle"];
    assert_eq!(
        (&puzzle["nonce"], &puzzle["bits"]),
        (&json!("n"), &json!(1))
    );
    let mut body = body;
    body["work"] = json!({"nonce": "n", "solution": "42"});
    let reply = server.post("/api/login", &body).await;
    refused(reply, Code::InvalidCredentials);
}
