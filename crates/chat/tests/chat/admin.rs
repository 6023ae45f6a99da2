//! Moderators, admins and the trail.

use std::time::{Duration, Instant};

use protocol::Code;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Person, Server, refused};

async fn with_role(server: &Server, name: &str, role: &str) -> Person {
    let person = Person::sign_up(server, name).await.sign_in(server).await;
    sqlx::query("update users set role = $1::role where user_id = $2")
        .bind(role)
        .bind(person.id)
        .execute(server.pool())
        .await
        .unwrap();
    person
}

async fn call(
    server: &Server,
    who: &Person,
    method: Method,
    user: Uuid,
    act: &str,
) -> (u16, Value) {
    let path = format!("/api/admin/users/{user}{act}");
    who.call(server, method, &path, None).await
}

/// The entries of this action about somebody, once there is one: the trail is written behind.
async fn trail(server: &Server, who: &Person, action: &str, user: Uuid) -> Vec<Value> {
    let path = format!("/api/admin/audit?subject={user}&action={action}");
    // An account that the MFA service could not be told of takes up to 20 seconds.
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let entries = who.get(server, &path).await.as_array().unwrap().clone();
        if !entries.is_empty() || Instant::now() > patience {
            return entries;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn members_see_no_admins_page() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    for path in ["users", "audit", "summary"] {
        let path = format!("/api/admin/{path}");
        refused(
            ana.call(&server, Method::GET, &path, None).await,
            Code::Forbidden,
        );
    }
    for (method, act) in [
        (Method::GET, ""),
        (Method::POST, "/deactivate"),
        (Method::POST, "/activate"),
        (Method::DELETE, "/sessions"),
    ] {
        refused(
            call(&server, &ana, method, ana.id, act).await,
            Code::Forbidden,
        );
    }
}

#[tokio::test]
async fn moderators_look_after_members_alone() {
    let server = Server::start().await;
    let member = Person::sign_up(&server, "bo.l").await;
    let moderator = with_role(&server, "mod", "moderator").await;
    let admin = with_role(&server, "root.admin", "admin").await;
    let list = moderator.get(&server, "/api/admin/users?q=b").await;
    assert_eq!(list["users"][0]["username"], "bo.l");
    let list = moderator.get(&server, "/api/admin/users?limit=2").await;
    assert_eq!(
        (list["users"].as_array().unwrap().len(), &list["has_more"]),
        (2, &json!(true))
    );
    let list = moderator
        .get(&server, "/api/admin/users?limit=2&after=mod")
        .await;
    assert_eq!(list["users"][0]["username"], "root.admin");
    let list = moderator.get(&server, "/api/admin/users?q=b%00").await;
    assert_eq!(list["users"], json!([]), "NUL is in no name");
    let behind = "/api/admin/users?q=bo&after=%00";
    assert_eq!(moderator.get(&server, behind).await["users"], json!([]));
    let none = "/api/admin/audit?action=role%00changed";
    assert_eq!(moderator.get(&server, none).await, json!([]));
    assert_eq!(
        moderator.get(&server, "/api/admin/summary").await["users"],
        3
    );

    let mut socket = member.socket(&server).await;
    let ended = call(&server, &moderator, Method::DELETE, member.id, "/sessions").await;
    assert_eq!(ended.0, 204, "{}", ended.1);
    assert_eq!(socket.closed().await.last().unwrap().name, "session_ended");
    let off = call(&server, &moderator, Method::POST, member.id, "/deactivate").await;
    assert_eq!(off.0, 204);
    let on = call(&server, &moderator, Method::POST, member.id, "/activate").await;
    assert_eq!(on.0, 204);
    let again = call(&server, &moderator, Method::POST, member.id, "/activate").await;
    refused(again, Code::NotFound);
    member.sign_in(&server).await;

    for user in [moderator.id, admin.id] {
        let off = call(&server, &moderator, Method::POST, user, "/deactivate").await;
        refused(off, Code::Forbidden);
    }
    let path = format!("/api/admin/users/{}", member.id);
    let role = json!({"role": "admin"});
    let given = moderator
        .call(&server, Method::PATCH, &path, Some(&role))
        .await;
    refused(given, Code::Forbidden);
    let entries = trail(&server, &moderator, "account-deactivated", member.id).await;
    assert_eq!(entries[0]["actor"], moderator.id.to_string());
    assert!(entries[0]["request_id"].is_string() && entries[0]["address"].is_string());
    assert!(
        !trail(&server, &moderator, "signed-in", member.id)
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn admins_remove_accounts_and_the_mfa_service_follows_when_it_is_back() {
    let mut server = Server::start().await;
    let member = Person::sign_up(&server, "bo.l").await;
    let moderator = with_role(&server, "mod", "moderator").await;
    let admin = with_role(&server, "root.admin", "admin").await;
    let remove = async |server: &Server, who: &Person, user: Uuid, name: &str| {
        let (path, body) = (
            format!("/api/admin/users/{user}"),
            json!({"username": name}),
        );
        who.call(server, Method::DELETE, &path, Some(&body)).await
    };
    let theirs = remove(&server, &moderator, member.id, "bo.l").await;
    refused(theirs, Code::Forbidden);
    let other = remove(&server, &admin, member.id, "mod").await;
    refused(other, Code::InvalidBody);
    let last = remove(&server, &admin, admin.id, "root.admin").await;
    refused(last, Code::LastAdmin);

    server.stop_mfa();
    let mut socket = member.socket(&server).await;
    let gone = remove(&server, &admin, member.id, "bo.l").await;
    assert_eq!(gone.0, 204, "{}", gone.1);
    socket.closed().await;
    let again = remove(&server, &admin, member.id, "bo.l").await;
    refused(again, Code::NotFound);
    assert!(server.mfa_knows(member.id), "it could not be told");
    server.start_mfa().await;
    let entries = trail(&server, &admin, "account-erased", member.id).await;
    assert_eq!(entries[0]["outcome"], "ok");
    assert!(!server.mfa_knows(member.id));
    let due: i64 = sqlx::query_scalar("select count(*) from users where erase_due")
        .fetch_one(server.pool())
        .await
        .unwrap();
    assert_eq!(due, 0);
}

#[tokio::test]
async fn admins_announce_that_factors_go_and_call_it_off() {
    let server = Server::start().await;
    let member = Person::sign_up(&server, "bo.l").await;
    let moderator = with_role(&server, "mod", "moderator").await;
    let admin = with_role(&server, "root.admin", "admin").await;
    let act = async |who: &Person, method: Method| {
        call(&server, who, method, member.id, "/factor-reset").await
    };
    refused(act(&moderator, Method::POST).await, Code::Forbidden);
    refused(act(&admin, Method::DELETE).await, Code::NotFound);
    let (status, first) = act(&admin, Method::POST).await;
    assert_eq!(status, 202, "{first}");
    assert_eq!(act(&admin, Method::POST).await, (202, first));
    assert_eq!(act(&admin, Method::DELETE).await.0, 204);
    let entries = trail(&server, &admin, "factor-reset", member.id).await;
    assert_eq!(entries[0]["actor"], admin.id.to_string());
}

#[tokio::test]
async fn admins_give_roles_and_one_of_them_stays() {
    let server = Server::start().await;
    let member = Person::sign_up(&server, "bo.l").await;
    let admin = with_role(&server, "root.admin", "admin").await;
    let give = async |user: Uuid, role: &str| {
        let path = format!("/api/admin/users/{user}");
        let body = json!({"role": role});
        admin.call(&server, Method::PATCH, &path, Some(&body)).await
    };
    refused(give(admin.id, "member").await, Code::LastAdmin);
    assert_eq!(give(member.id, "admin").await.1["role"], "admin");
    assert_eq!(give(admin.id, "member").await.0, 200);
    refused(give(member.id, "member").await, Code::Forbidden);
    // What an admin does needs a fresh factor.
    sqlx::query("update sessions set factor_at = null")
        .execute(server.pool())
        .await
        .unwrap();
    let path = format!("/api/admin/users/{}", admin.id);
    let body = json!({"role": "moderator"});
    let stale = member
        .call(&server, Method::PATCH, &path, Some(&body))
        .await;
    let problem = refused(stale, Code::StepUpRequired);
    member.step_up(&server, &problem).await;
    let given = member
        .call(&server, Method::PATCH, &path, Some(&body))
        .await;
    assert_eq!(given.0, 200, "{}", given.1);
}
