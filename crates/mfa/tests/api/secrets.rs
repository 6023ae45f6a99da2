//! What must never be found: in the database, in the logs.

use crate::harness::{PASSWORD, Service, log_file};

#[tokio::test]
async fn rule_07_and_14_no_secret_in_the_database_or_the_logs() {
    let service = Service::start().await;
    let person = service.sign_up("ann", "ann@example.org").await;
    let dump_before = dump(&service).await;
    let code = service.mailed_code("ann@example.org").await;
    service.verify_email(&person, &code).await;
    let totp = service.totp(&person);
    let done = service.activate(&person, &totp).await;
    let recovery = crate::harness::strings(&done.body["recovery_codes"]);
    service.next_step();
    let challenge = service.challenge(&person).await;
    let next = service.totp(&person);
    let answered = service.answer(&challenge, "totp", &next).await;

    let base32 = base32(&person.secret);
    let hex: String = person
        .secret
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let plain = recovery[0].replace('-', "");
    let assertion = answered.text("assertion");
    let secrets = [
        &*base32,
        &*hex,
        &*recovery[0],
        &*plain,
        PASSWORD,
        "otpauth://",
        &*assertion,
    ];
    let everything = dump_before + &dump(&service).await;
    let logs = std::fs::read_to_string(log_file()).unwrap();
    assert!(logs.contains("request_id"), "the logs are on");
    for secret in secrets {
        assert!(!everything.contains(secret), "{secret} in the database");
        assert!(!logs.contains(secret), "{secret} in the logs");
    }
    // Six digits occur by chance in ids: look for them as a value.
    for code in [&code, &totp, &next] {
        assert!(!everything.contains(&format!("\"{code}\"")));
        assert!(!logs.contains(&format!("\"{code}\"")) && !logs.contains(&format!("={code}")));
    }
}

/// Every row of every table as JSON.
async fn dump(service: &Service) -> String {
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables where table_schema = 'public'",
    )
    .fetch_all(&service.database.pool)
    .await
    .unwrap();
    assert!(tables.len() > 10);
    let mut text = String::new();
    for table in tables {
        let sql = format!("select coalesce(string_agg(to_json(t)::text, ' '), '') from {table} t");
        let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&service.database.pool)
            .await
            .unwrap();
        text.push_str(&rows);
    }
    text
}

fn base32(bytes: &[u8]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .collect();
    bits.chunks(5)
        .map(|five| {
            let value = five.iter().fold(0, |value, bit| value << 1 | bit) << (5 - five.len());
            char::from(alphabet[value as usize])
        })
        .collect()
}
