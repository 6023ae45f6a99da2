//! What the servers hold and see after a whole story: nothing that was said, and nothing that opens
//! it.

use std::{collections::BTreeSet, fmt::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use engine::{LinkHow, RecoveryFailure};
use serde_json::{Value, json};
use testkit::{Device, Haystack, Person, Server, Stack, dump_of, until};

use crate::tale::{self, Tale};

/// What nobody may find: what it is, and its bytes.
type Needles = Vec<(String, Vec<u8>)>;

/// A password that somebody mistyped.
const MISTYPED: &str = "seven grene herons";
/// Lies beside what was said wherever files are kept, and is sent as they are.
const PLANTED: &[u8] = b"planted to be found in the shed of the files";

/// A place where words could be left.
struct Place {
    name: &'static str,
    holds: Haystack,
    /// What is in it and may be: by which it shows that the search would find the rest.
    controls: Vec<Vec<u8>>,
}

impl Place {
    fn of(
        name: &'static str,
        pieces: impl IntoIterator<Item = impl AsRef<[u8]>>,
        controls: &[&[u8]],
    ) -> Self {
        let mut holds = Haystack::default();
        pieces.into_iter().for_each(|piece| holds.add(piece));
        let controls = controls.iter().map(|it| it.to_vec()).collect();
        Self {
            name,
            holds,
            controls,
        }
    }

    /// Adds a line for every needle that is here and for every control that is not.
    fn report(&self, needles: &Needles, into: &mut String) {
        for control in &self.controls {
            if self.holds.finds(control).is_none() {
                let control = String::from_utf8_lossy(control);
                writeln!(into, "{}: {control} is not found", self.name).unwrap();
            }
        }
        for (what, bytes) in needles {
            if let Some(found) = self.holds.finds(bytes) {
                writeln!(into, "{}: {what} is there, as {found}", self.name).unwrap();
            }
        }
    }
}

/// The tale and all that comes after it: a device that is linked, one that is recovered, one that
/// has not fetched yet what waits for it.
struct Told {
    stack: Stack,
    tale: Tale,
    tablet: Device,
    found: Device,
    recovery_key: String,
    /// Of a sign-in that failed, which passed through all three servers.
    request_id: String,
}

impl Told {
    async fn tell() -> Self {
        let mut stack = Stack::start().await;
        stack.overhear().await;
        stack.tap().start();
        let tale = Tale::tell(&stack).await;
        let (ana, ben) = (&tale.group.ana, &tale.group.ben);
        let profile = json!({"name": tale::PUBLIC});
        let changed = ana.person.raw("PATCH", "/api/me", Some(&profile)).await;
        assert_eq!(changed.status(), 200);
        let planted = PLANTED.repeat(40);
        let upload = ana.person.upload(tale.group.room_id, planted).await;
        upload.unwrap();
        let form = json!({"username": ana.person.username, "password": MISTYPED});
        let refused = ana.person.raw("POST", "/api/login", Some(&form)).await;
        assert_eq!(refused.status(), 401);
        let request_id = refused.headers()["x-request-id"].to_str().unwrap();

        ana.keeps_everything().await;
        stack.let_factors_age().await;
        let recovery_key = ana.make_recovery_key().await;
        let session = ana.person.sign_in_with_backup_code().await;
        stack.let_factors_age().await;
        let tablet = ana.link_by(&session, LinkHow::Scan).await;
        tale.is_told_to(&tablet).await;
        let session = ana.person.sign_in_with_backup_code().await;
        let found = Device::blank(&session);
        let wrong = tale::wrong_key();
        assert_eq!(found.recover_in_vain(&wrong).await, RecoveryFailure::Wrong);
        found.recover(&recovery_key);
        found.live().await;
        tale.is_told_to(&found).await;
        // Ben reads nothing for a while, so that what is on its way is in the database, too.
        ben.online(false);
        ben.phase(&engine::Phase::Offline).await;
        found.write(&ben.person, tale::WAITING);
        found.hears(tale.direct_of(ben), tale::WAITING).await;
        Self {
            request_id: request_id.to_owned(),
            stack,
            tale,
            tablet,
            found,
            recovery_key,
        }
    }

    /// What no server may see at all.
    fn said(&self) -> Needles {
        let owned = |(what, bytes): (&str, Vec<u8>)| (what.to_owned(), bytes);
        let mut said: Needles = tale::said().into_iter().map(owned).collect();
        let key = &self.recovery_key;
        for (what, text) in [
            ("the recovery key", key.clone()),
            ("the recovery key without dashes", key.replace('-', "")),
        ] {
            said.push((what.to_owned(), text.into_bytes()));
        }
        let files = self.tale.file_keys();
        assert_eq!(files.len(), 2, "of a picture and of a file");
        said.extend(
            files
                .into_iter()
                .map(|key| ("a file's key".to_owned(), key)),
        );
        let group = &self.tale.group;
        for device in [&group.ana, &group.ben, &group.cy, &self.tablet, &self.found] {
            let secrets = device.secrets().into_iter();
            let secrets: Needles = secrets
                .map(|(what, bytes)| (format!("{what} of {}", device.person.username), bytes))
                .collect();
            assert!(secrets.len() >= 3, "account, device and archive at least");
            said.extend(secrets);
            said.extend(hpke_keys(device));
            let epoch = device.epoch_authenticator(group.room_id).unwrap();
            said.push(("a secret of the group".to_owned(), from_hexadecimal(&epoch)));
        }
        said
    }

    /// What the servers are told and keep none of.
    fn signing_in(&self) -> Needles {
        let people = [&self.tale.group.ana.person, &self.tale.group.ben.person];
        let mut needles = vec![("a mistyped password".to_owned(), MISTYPED.into())];
        for person in people {
            let secrets = signing_in(person).into_iter();
            let name = &person.username;
            needles.extend(secrets.map(|(what, bytes)| (format!("{what} of {name}"), bytes)));
        }
        needles
    }

    /// Rows of both databases, logs of the three servers (every stack runs at debug level), mails,
    /// files: all that lies on the servers' disks.
    async fn at_rest(&self) -> Vec<Place> {
        let Self { stack, .. } = self;
        let ana = &self.tale.group.ana.person;
        let account: Value = ana
            .get(&format!("/api/users/{}/devices", ana.user_id))
            .await
            .unwrap();
        let account_key = STANDARD.decode(account["account_key"].as_str().unwrap());
        let (chat, mfa) = (
            dump_of(stack.chat_database()).await,
            dump_of(stack.mfa_database()).await,
        );
        assert!(chat.lines().count() > 100 && mfa.lines().count() > 10);
        let files = stack.stored_files();
        assert_eq!(files.len(), 3, "a picture, a file, what was planted");
        let email = ana.email.as_bytes();
        let mut places = vec![
            Place::of(
                "the chat database",
                chat.lines(),
                &[
                    tale::PUBLIC.as_bytes(),
                    email,
                    // As bytes in a row.
                    &account_key.unwrap(),
                ],
            ),
            Place::of("the MFA database", mfa.lines(), &[email]),
            Place::of("the files", files, &[PLANTED]),
        ];
        let id = self.request_id.as_bytes();
        for (server, name) in [
            (Server::Gateway, "the gateway's log"),
            (Server::Chat, "the chat server's log"),
            (Server::Mfa, "the MFA service's log"),
        ] {
            let log = until("the log of the sign-in", || async {
                let log = stack.log(server);
                log.contains(&self.request_id).then_some(log)
            })
            .await;
            // Mails are printed for want of an SMTP server: those are not a log.
            let (lines, mails): (Vec<_>, Vec<_>) =
                log.lines().partition(|line| line.starts_with('{'));
            places.push(Place::of(name, lines, &[id]));
            if server == Server::Mfa {
                places.push(Place::of("the mails", mails, &[email]));
            }
        }
        places
    }

    /// What chat servers leave in a Redis and tell each other through it, where there is one.
    async fn in_redis(&self) -> Vec<Place> {
        let Some((held, told)) = self.stack.search_redis(PLANTED).await else {
            assert_eq!(self.stack.nodes(), 1);
            return Vec::new();
        };
        let room = self.tale.group.room_id.to_string();
        vec![
            Place::of("the Redis", [held], &[PLANTED]),
            Place::of("through Redis", told, &[PLANTED, room.as_bytes()]),
        ]
    }

    /// What the servers told each other: the whole connections, out of their TLS.
    fn between_servers(&self) -> Vec<Place> {
        let ana = &self.tale.group.ana.person;
        // The servers are told what people sign in with, and check it.
        let passed_on = [self.request_id.as_bytes(), ana.password.as_bytes()];
        let chat = self.stack.overheard(Server::Chat);
        let public = [tale::PUBLIC.as_bytes(), PLANTED];
        vec![
            Place::of(
                "between gateway and chat server",
                chat,
                &[&passed_on[..], &public].concat(),
            ),
            Place::of(
                "between chat server and MFA service",
                self.stack.overheard(Server::Mfa),
                &[&passed_on[..], &[ana.email.as_bytes()]].concat(),
            ),
        ]
    }

    /// What was sent and received by all clients, each request, body and frame as a whole.
    fn on_the_wire(&self) -> Place {
        let ana = &self.tale.group.ana.person;
        let pieces = self.stack.tap().recorded();
        let place = Place::of(
            "the traffic",
            pieces,
            &[
                tale::PUBLIC.as_bytes(),
                PLANTED,
                self.request_id.as_bytes(),
                // The servers are told these, and check them.
                ana.password.as_bytes(),
                ana.totp_secret.as_bytes(),
            ],
        );
        assert!(place.holds.len() > 200_000, "{} bytes", place.holds.len());
        place
    }
}

#[tokio::test]
async fn databases_logs_files_and_traffic_hold_nothing_that_was_said() {
    let told = Told::tell().await;
    let (said, signing_in) = (told.said(), told.signing_in());
    let mut report = String::new();
    for place in told.at_rest().await {
        place.report(&said, &mut report);
        place.report(&signing_in, &mut report);
    }
    told.on_the_wire().report(&said, &mut report);
    for place in told.between_servers() {
        place.report(&said, &mut report);
    }
    for place in told.in_redis().await {
        place.report(&said, &mut report);
        place.report(&signing_in, &mut report);
    }
    assert!(report.is_empty(), "\n{report}");
}

/// What opens things that were sealed to a device in MLS.
fn hpke_keys(device: &Device) -> Needles {
    let keys = device.hpke_keys();
    let of = |kind: &str| keys.get(kind).map_or(0, BTreeSet::len);
    // Of each package two, its own and its leaf's; in two rooms a leaf, and somewhere a node above.
    assert!(of("key-package") >= 20, "{}", of("key-package"));
    assert!(
        of("epoch-encryption-keys") >= 3,
        "{}",
        of("epoch-encryption-keys")
    );
    let name = &device.person.username;
    let needle = |kind: &str, key| (format!("a private key of {name}, {kind}"), key);
    let all = keys.into_iter();
    all.flat_map(|(kind, keys)| keys.into_iter().map(move |key| needle(&kind, key)))
        .collect()
}

/// What a person signs in with.
fn signing_in(person: &Person) -> Vec<(&'static str, Vec<u8>)> {
    let totp = totp_rs::Secret::try_from_base32(&person.totp_secret).unwrap();
    let mut secrets = vec![
        ("the password", person.password.clone().into_bytes()),
        ("the TOTP secret", totp.as_ref().to_vec()),
        (
            "the TOTP secret in base 32",
            person.totp_secret.clone().into_bytes(),
        ),
    ];
    let codes = person.recovery_codes.iter();
    secrets.extend(codes.map(|code| ("a backup code", code.clone().into_bytes())));
    secrets
}

fn from_hexadecimal(text: &str) -> Vec<u8> {
    let pairs = (0..text.len()).step_by(2);
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    pairs.map(byte).collect()
}
