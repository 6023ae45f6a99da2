//! What the server holds after a conversation: nothing that opens it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use testkit::{Server, Stack, friends};

const WORDS: &str = "the heron lands at seven";

#[tokio::test]
async fn databases_and_logs_hold_no_plaintext_and_no_secret() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    // Bo reads nothing for a while, so that the ciphertext is in the database.
    ana.write(&bo.person, WORDS);
    bo.reads(&ana.person, &[WORDS]).await;
    bo.online(false);
    for _ in 0..3 {
        ana.write(&bo.person, WORDS);
    }
    ana.reads(&bo.person, &[WORDS; 4]).await;

    let mut searched = stack.dump().await;
    let rows = searched.lines().count();
    for server in [Server::Gateway, Server::Chat, Server::Mfa] {
        let log = stack.log(server);
        assert!(log.lines().count() > 3, "{server:?} logs something");
        // The mails with their codes are printed for want of an SMTP server: not a log.
        let lines = log.lines().filter(|line| line.starts_with('{'));
        searched.extend(lines.flat_map(|line| [line, "\n"]));
    }
    assert!(rows > 20, "the dump holds the tables");
    assert!(
        searched.contains(&ana.person.username),
        "what is searched is really there"
    );

    let mut needles = vec![("the message".to_owned(), WORDS.as_bytes().to_vec())];
    for device in [&ana, &bo] {
        let person = &device.person;
        let name = &person.username;
        needles.push((
            format!("password of {name}"),
            person.password.clone().into_bytes(),
        ));
        let totp = totp_rs::Secret::try_from_base32(&person.totp_secret).unwrap();
        needles.push((format!("TOTP secret of {name}"), totp.as_ref().to_vec()));
        needles.push((
            format!("base32 TOTP secret of {name}"),
            person.totp_secret.clone().into(),
        ));
        for code in &person.recovery_codes {
            needles.push((format!("backup code of {name}"), code.clone().into_bytes()));
        }
        let secrets = device.secrets();
        assert!(secrets.len() >= 2, "account key and device key at least");
        for (what, bytes) in secrets {
            needles.push((format!("{what} of {name}"), bytes));
        }
    }
    for (what, bytes) in needles {
        for form in forms(&bytes) {
            assert!(
                !searched.contains(&form),
                "{what} is in a database or a log"
            );
        }
    }
}

/// How bytes may show in a dump or a log.
fn forms(bytes: &[u8]) -> Vec<String> {
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let list = bytes.iter().map(u8::to_string).collect::<Vec<_>>();
    let mut forms = vec![
        hexadecimal,
        STANDARD.encode(bytes),
        list.join(", "),
        list.join(","),
    ];
    forms.extend(String::from_utf8(bytes.to_vec()));
    forms
}
