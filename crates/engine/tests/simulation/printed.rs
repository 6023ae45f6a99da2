//! What is printed of inputs and effects: never a secret, never what somebody wrote.

use engine::{Body, Command, ConversationId, LinkHow, LinkState, Recipient};
use protocol::{Base64, RoomId};

use crate::{
    own::{blank, link_of, past, persons_part, recover, start_link, world},
    random::set_up,
    world::World,
};

/// How the beginning of a secret looks in a line without white space.
fn forms(secret: &[u8]) -> Vec<String> {
    let start = &secret[..secret.len().min(12)];
    let listed = |form: fn(&u8) -> String, between: &str| {
        start.iter().map(form).collect::<Vec<_>>().join(between)
    };
    let base64 = serde_json::to_string(&Base64::from(start.to_vec())).unwrap();
    // The last character may hang together with bytes behind.
    let base64 = &base64[1..][..start.len() * 8 / 6];
    let text = String::from_utf8_lossy(start);
    vec![
        listed(|byte| format!("{byte:02x}"), ""),
        listed(|byte| format!("{byte}"), ","),
        listed(|byte| format!("{byte:x}"), ","),
        base64.to_owned(),
        text.split_whitespace().collect(),
    ]
}

/// What the disks hold that nobody may see, by what it is.
fn stored(world: &World) -> Vec<(&'static str, Vec<u8>)> {
    let mut secrets = Vec::new();
    for node in &world.nodes {
        for (key, value) in &node.records {
            match key.as_str() {
                "state/keys/account" => secrets.push(("account key", value.as_ref().to_vec())),
                "state/keys/device" => secrets.push(("device key", value.as_ref().to_vec())),
                "state/ring" => {
                    let ring: serde_json::Value = serde_json::from_slice(value.as_ref()).unwrap();
                    // Behind the count, the key's id and its generation.
                    let keys: Base64 =
                        serde_json::from_value(ring["archive_keys"].clone()).unwrap();
                    secrets.push(("archive key", keys.as_ref()[2 + 16 + 4..].to_vec()));
                    if let Ok(key) = serde_json::from_value::<Base64>(ring["bundle_key"].clone()) {
                        secrets.push(("bundle key", key.as_ref().to_vec()));
                    }
                }
                key if key.starts_with(engine::HISTORY_PREFIX) => {
                    let entry: engine::Entry = serde_json::from_slice(value.as_ref()).unwrap();
                    match entry.body {
                        Body::Picture { picture, .. } => {
                            secrets.push(("key of a picture", picture.key.as_ref().to_vec()));
                        }
                        Body::File { file, .. } => {
                            secrets.push(("key of a file", file.key.as_ref().to_vec()));
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
    }
    secrets
}

#[test]
fn no_input_and_no_effect_prints_a_secret() {
    let mut world = world();
    world.printed = Some(String::new());
    let users = past(&mut world);
    let group = RoomId::from_bytes([9; 16]);
    let create = Command::CreateGroup {
        room_id: group,
        name: "Whispered hikes".into(),
        members: vec![users[1]],
    };
    let direct = Recipient::Direct { user_id: users[1] };
    let picture = world.picture_to(direct, "the hidden lake");
    let file = world.file_to(0, direct, "of the secret club");
    let text = world.text_to(direct, "nobody reads this");
    let Command::SendText { id, .. } = text.clone() else {
        unreachable!()
    };
    let edit = Command::Edit {
        conversation: ConversationId::direct(users[1]),
        id,
        text: "nor that, please".into(),
    };
    world.server.own(users[0]).fresh = true;
    for command in [create, picture, file, text, edit, Command::MakeRecoveryKey] {
        world.plan(1, 0, command);
        world.run_for(4_000);
    }
    let key = world.nodes[0].recovery_keys[0].clone();
    let mut secrets = vec![("recovery key", key.clone().into_bytes())];
    for how in [LinkHow::Scan, LinkHow::Typed] {
        let new = blank(&mut world, users[0]);
        world.plan(1, new, start_link(users[0], how));
        world.run_for(1_000);
        while link_of(&world, new) != LinkState::Done {
            if let LinkState::ShowCode { text, .. } = link_of(&world, new) {
                secrets.push(("link code", text.0.into_bytes()));
            }
            persons_part(&mut world, 0, new);
        }
    }
    // As a program may do that has the account key by another way.
    let account = world.nodes[1].records["state/keys/account"].clone();
    let further = blank(&mut world, users[1]);
    world.plan(1, further, set_up(users[1], Some(account)));
    let found = blank(&mut world, users[0]);
    world.plan(1, found, recover(users[0], &key));
    world.run_for(20_000);
    for words in [
        "to Bo 0",
        "to Ann 0",
        "Whispered hikes",
        "the hidden lake",
        "minutes.pdf",
        "of the secret club",
        "nobody reads this",
        "nor that, please",
    ] {
        secrets.push(("words", words.as_bytes().to_vec()));
    }
    secrets.extend(stored(&world));
    for kind in [
        "archive key",
        "bundle key",
        "key of a picture",
        "key of a file",
    ] {
        assert!(secrets.iter().any(|(it, _)| *it == kind), "{kind}");
    }

    let printed = world.printed.take().unwrap();
    // What holds a secret did come up.
    for name in [
        "SetUp",
        "Recover {",
        "RecoveryKey {",
        "ScanLink {",
        "ShowCode {",
        "TypeLinkDigits { digits: Text(",
        "ShowDigits { digits: Text(",
        "Persist {",
        "Picture {",
        "File {",
        "Edit {",
        "CreateGroup {",
        "Conversation {",
    ] {
        assert!(printed.contains(name), "{name}");
    }
    let line: String = printed.split_whitespace().collect();
    for (kind, secret) in &secrets {
        for form in forms(secret) {
            assert!(!line.contains(&form), "{kind}");
        }
    }
}
