//! Web Push subscriptions.

use protocol::{Code, limits};
use reqwest::Method;
use serde_json::json;

use crate::support::{Person, Server, refused};

#[tokio::test]
async fn subscriptions_are_of_known_services_and_end_with_their_session() {
    let server = Server::with(&["--push-hosts=push.example.org"]).await;
    let ana = Person::sign_up(&server, "ana").await;
    let path = "/api/push";
    let key = ana.get(&server, path).await;
    assert_eq!(key, ana.get(&server, path).await, "one key for good");
    for wrong in [
        "https://127.0.0.1/x",
        "http://push.example.org/x",
        "https://example.org/x",
    ] {
        let body = json!({"endpoint": wrong});
        ana.refused(&server, path, &body, Code::InvalidBody).await;
    }
    let endpoint = |n: usize| json!({"endpoint": format!("https://push.example.org/{n}")});
    for n in 0..limits::PUSH_SUBSCRIPTIONS {
        ana.post(&server, path, &endpoint(n)).await;
    }
    ana.post(&server, path, &endpoint(0)).await;
    let more = endpoint(limits::PUSH_SUBSCRIPTIONS);
    ana.refused(&server, path, &more, Code::TooManySubscriptions)
        .await;
    let end = async |who: &Person| {
        who.call(&server, Method::DELETE, path, Some(&endpoint(0)))
            .await
    };
    let bo = Person::sign_up(&server, "bo.l").await;
    refused(end(&bo).await, Code::NotFound);
    assert_eq!(end(&ana).await.0, 204);
    refused(end(&ana).await, Code::NotFound);
    ana.post(&server, path, &more).await;
}
