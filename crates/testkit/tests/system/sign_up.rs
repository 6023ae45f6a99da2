//! Sign-up and sign-in over the real servers, with what goes wrong on the way.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use protocol::{
    Code, Problem,
    rest::account::{PendingFactor, SessionReply, SignupReply},
};
use serde_json::{Value, json};
use testkit::{Person, Stack, until};

struct Visitor<'a> {
    stack: &'a Stack,
}

impl Visitor<'_> {
    async fn post(&self, path: &str, body: &Value) -> Result<Value, Problem> {
        let url = format!("{}{path}", self.stack.url());
        let reply = self.stack.http().post(url).json(body).send().await.unwrap();
        let ok = reply.status().is_success();
        let body: Value = reply.json().await.unwrap_or_default();
        if ok {
            Ok(body)
        } else {
            Err(serde_json::from_value(body).unwrap())
        }
    }

    async fn code_of(&self, path: &str, body: &Value) -> Code {
        self.post(path, body).await.unwrap_err().code
    }
}

fn form(username: &str, email: &str) -> Value {
    json!({"username": username, "email": email, "password": "seven green herons"})
}

#[tokio::test]
async fn the_steps_come_in_either_order_and_survive_a_closed_tab() {
    let stack = Stack::start().await;
    let visitor = Visitor { stack: &stack };
    let signed = visitor
        .post("/api/signup", &form("cy", "cy@example.org"))
        .await
        .unwrap_err();
    assert_eq!(
        signed.errors[0].field, "username",
        "two characters are too few"
    );
    let signed: SignupReply = serde_json::from_value(
        visitor
            .post("/api/signup", &form("cyd", "cyd@example.org"))
            .await
            .unwrap(),
    )
    .unwrap();

    // The tab is closed: a login with the right password goes on where it stopped.
    let login = json!({"username": "cyd", "password": "seven green herons"});
    let stopped = visitor.post("/api/login", &login).await.unwrap_err();
    assert!(matches!(
        stopped.code,
        Code::EmailUnverified | Code::EnrolmentRequired
    ));
    let token: String = stopped.member("enrolment_token").unwrap();
    let hint: String = stopped.member("email_hint").unwrap();
    assert!(
        hint.contains('@') && !hint.contains("cyd@example.org"),
        "{hint}"
    );
    let factor: PendingFactor = stopped.member("mfa").unwrap();
    assert_eq!(factor.secret.expose(), signed.mfa.secret.expose());

    // The app first, then the mail.
    let app = app(&factor);
    let activate = json!({
        "enrolment_token": token, "factor_id": factor.factor_id, "code": app,
        "transport": "bearer",
    });
    let reply: SessionReply =
        serde_json::from_value(visitor.post("/api/mfa/activate", &activate).await.unwrap())
            .unwrap();
    assert_eq!(reply.recovery_codes.unwrap().len(), 10);
    assert!(reply.token.is_none());
    let code = stack.mailed_code("cyd@example.org").await;
    let verify = json!({"email": "cyd@example.org", "code": code, "transport": "bearer"});
    let reply: SessionReply =
        serde_json::from_value(visitor.post("/api/verify-email", &verify).await.unwrap()).unwrap();
    assert_eq!(reply.user.unwrap().username, "cyd");
    assert!(
        reply.token.is_some(),
        "whichever comes last opens the session"
    );
    assert_eq!(
        visitor.code_of("/api/verify-email", &verify).await,
        Code::InvalidCode
    );
}

#[tokio::test]
async fn wrong_codes_are_refused_and_counted() {
    let stack = Stack::start().await;
    let visitor = Visitor { stack: &stack };
    visitor
        .post("/api/signup", &form("dora", "dora@example.org"))
        .await
        .unwrap();
    let right = stack.mailed_code("dora@example.org").await;
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    let body = |code: &str| json!({"email": "dora@example.org", "code": code});
    let mut seen = Vec::new();
    for _ in 0..12 {
        seen.push(visitor.code_of("/api/verify-email", &body(wrong)).await);
    }
    assert_eq!(seen[0], Code::InvalidCode);
    // Ten wrong ones use the code up: the right one does not help any more.
    let late = visitor.code_of("/api/verify-email", &body(&right)).await;
    assert!(
        matches!(late, Code::InvalidCode | Code::Locked | Code::RateLimited),
        "{late:?}"
    );
    visitor
        .post(
            "/api/resend-verification",
            &json!({"email": "dora@example.org"}),
        )
        .await
        .unwrap();
    let codes = stack.mailed_codes("dora@example.org", 2).await;
    assert!(
        visitor
            .post("/api/verify-email", &body(&codes[1]))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_taken_name_is_told_and_a_taken_address_is_not() {
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let visitor = Visitor { stack: &stack };
    let taken = visitor
        .post("/api/signup", &form("ANA", "other@example.org"))
        .await
        .unwrap_err();
    assert_eq!((taken.code, taken.status), (Code::UsernameTaken, 409));

    let fresh = visitor
        .post("/api/signup", &form("eve1", "eve@example.org"))
        .await
        .unwrap();
    let second = visitor
        .post("/api/signup", &form("eve2", &ana.email))
        .await
        .unwrap();
    let fields = |reply: &Value| {
        reply
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(fields(&fresh), fields(&second), "the replies look alike");
    stack.mailed_code("eve@example.org").await;
    until("a mail to the owner of the address", || async {
        let log = stack.log(testkit::Server::Mfa);
        log.contains("already have an account").then_some(())
    })
    .await;
    assert_eq!(
        stack.mailed_codes(&ana.email, 1).await.len(),
        1,
        "no second code to Ana"
    );
    let guess = json!({"enrolment_token": second["enrolment_token"], "code": "123456"});
    assert_eq!(
        visitor.code_of("/api/verify-email", &guess).await,
        Code::InvalidCode
    );
}

#[tokio::test]
async fn signing_in_needs_both_and_takes_a_code_once() {
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let visitor = Visitor { stack: &stack };
    let login = |password: &str| json!({"username": "ana", "password": password});
    assert_eq!(
        visitor.code_of("/api/login", &login("wrong")).await,
        Code::InvalidCredentials
    );
    let unknown = json!({"username": "nobody", "password": "wrong"});
    assert_eq!(
        visitor.code_of("/api/login", &unknown).await,
        Code::InvalidCredentials
    );

    let asked = visitor
        .post("/api/login", &login(&ana.password))
        .await
        .unwrap_err();
    assert_eq!((asked.code, asked.status), (Code::MfaRequired, 401));
    let challenge: String = asked.member("challenge_id").unwrap();
    let methods: Vec<String> = asked.member("methods").unwrap();
    assert!(methods.contains(&"totp".to_owned()) && methods.contains(&"recovery".to_owned()));
    let verify = |code: &str, method: &str| {
        json!({
            "challenge_id": challenge, "method": method, "code": code, "transport": "bearer",
        })
    };
    // The code that set the app up is spent.
    let spent = visitor
        .post("/api/login/verify", &verify(&ana.code(), "totp"))
        .await;
    if let Err(problem) = spent {
        assert_eq!(problem.code, Code::CodeUsed, "{problem}");
        assert!(problem.retry_after.unwrap() <= 30);
        let code = ana.recovery_codes[0].as_str();
        let reply = visitor
            .post("/api/login/verify", &verify(code, "recovery"))
            .await
            .unwrap();
        assert_eq!(reply["user"]["username"], "ana");
    }
    let again = visitor
        .post("/api/login", &login(&ana.password))
        .await
        .unwrap_err();
    let challenge: String = again.member("challenge_id").unwrap();
    let used = json!({
        "challenge_id": challenge, "method": "recovery", "code": ana.recovery_codes[0],
        "transport": "bearer",
    });
    // Either the backup code was spent above or it is now: a second use never works.
    let _ = visitor.post("/api/login/verify", &used).await;
    let again = visitor
        .post("/api/login", &login(&ana.password))
        .await
        .unwrap_err();
    let challenge: String = again.member("challenge_id").unwrap();
    let used = json!({
        "challenge_id": challenge, "method": "recovery", "code": ana.recovery_codes[0],
        "transport": "bearer",
    });
    let refused = visitor.code_of("/api/login/verify", &used).await;
    assert!(
        matches!(refused, Code::InvalidCode | Code::CodeUsed),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told_at_activation() {
    let stack = Stack::start().await;
    let visitor = Visitor { stack: &stack };
    let signed: SignupReply = serde_json::from_value(
        visitor
            .post("/api/signup", &form("finn", "finn@example.org"))
            .await
            .unwrap(),
    )
    .unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let slow = code_at(&signed.mfa, now - Duration::from_secs(150));
    let body = json!({
        "enrolment_token": signed.enrolment_token, "factor_id": signed.mfa.factor_id,
        "code": slow,
    });
    let refused = visitor.post("/api/mfa/activate", &body).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidCode);
    assert_eq!(
        refused.member::<String>("reason").as_deref(),
        Some("clock-drift")
    );
}

fn app(factor: &PendingFactor) -> String {
    code_at(
        factor,
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap(),
    )
}

fn code_at(factor: &PendingFactor, since_1970: Duration) -> String {
    let secret = totp_rs::Secret::try_from_base32(factor.secret.expose()).unwrap();
    let totp = totp_rs::Builder::new()
        .with_secret(secret)
        .build_noncompliant();
    totp.generate(since_1970.as_secs()).to_string()
}
