//! The whole encoding: buckets, kinds, fields, and any bytes.

use proptest::prelude::*;

use super::*;

fn text(text: &str) -> Content {
    Content {
        id: ClientId::from_bytes([7; 16]),
        sent_at: 1_700_000_000_123,
        body: ContentBody::Text(text.to_owned()),
        reply_to: None,
        expires_after: None,
    }
}

fn message(number: u8) -> MessageRef {
    MessageRef {
        sender: protocol::UserId::from_bytes([number; 16]),
        id: ClientId::from_bytes([number + 1; 16]),
    }
}

fn same(left: &Content, right: &Content) -> bool {
    left == right
}

#[test]
fn sizes_fall_into_buckets() {
    let size = |length: usize| text(&"x".repeat(length)).encode().map(|bytes| bytes.len());
    assert_eq!(size(1), Ok(BUCKETS[0]));
    assert_eq!(size(62), Ok(BUCKETS[0]));
    assert_eq!(size(63), Ok(BUCKETS[1]));
    assert_eq!(size(BODY_MAX), Ok(BUCKETS[4]));
    assert_eq!(size(BODY_MAX + 1), Err(ContentError::TooLong));
}

#[test]
fn newer_bodies_versions_and_fields_are_kept_apart() {
    let unknown = Content {
        body: ContentBody::Unknown {
            kind: 200,
            data: vec![1, 2, 3],
        },
        ..text("")
    };
    assert!(same(
        &Content::decode(&unknown.encode().unwrap()).unwrap(),
        &unknown
    ));

    let mut newer = text("hi").encode().unwrap();
    newer[LENGTH] = 2;
    let newer = Content::decode(&newer).unwrap();
    assert!(matches!(newer.body, ContentBody::Unknown { kind: 1, .. }));

    let mut longer = text("hi").encode().unwrap();
    longer[3] += 5;
    let field = [200, 0, 2, 9, 9];
    longer[LENGTH + HEAD + 2..][..5].copy_from_slice(&field);
    assert!(same(&Content::decode(&longer).unwrap(), &text("hi")));
}

#[test]
fn what_is_said_of_a_group_comes_back() {
    let profile = ContentBody::RoomProfile {
        revision: 7,
        name: "Sunday hikes 🌿".to_owned(),
        picture: b"GIF89a".to_vec(),
    };
    let timer = ContentBody::Timer {
        revision: 3,
        again: true,
        seconds: 300,
    };
    for body in [profile, ContentBody::Leave, timer] {
        let content = Content { body, ..text("") };
        let bytes = content.encode().unwrap();
        assert_eq!(bytes.len(), BUCKETS[0]);
        assert!(same(&Content::decode(&bytes).unwrap(), &content));
    }
    let mut short = Content {
        body: ContentBody::RoomProfile {
            revision: 1,
            name: "ab".to_owned(),
            picture: Vec::new(),
        },
        ..text("")
    }
    .encode()
    .unwrap();
    short[LENGTH + HEAD + 9] = 9;
    assert!(Content::decode(&short).is_err());
}

#[test]
fn changes_and_fields_come_back() {
    let bodies = [
        ContentBody::Text("yes".to_owned()),
        ContentBody::Reaction {
            to: message(3),
            on: true,
            emoji: "👍".to_owned(),
        },
        ContentBody::Edit {
            id: message(3).id,
            text: "other words".to_owned(),
        },
        ContentBody::Delete { id: message(3).id },
        ContentBody::File(vec![1, 2, 3]),
    ];
    for body in bodies {
        for (reply_to, expires_after) in [
            (None, None),
            (Some(message(9)), None),
            (None, Some(300)),
            (Some(message(9)), Some(1)),
        ] {
            let content = Content {
                body: body.clone(),
                reply_to,
                expires_after,
                ..text("")
            };
            let bytes = content.encode().unwrap();
            assert!(same(&Content::decode(&bytes).unwrap(), &content));
        }
    }
    let longest = Content {
        reply_to: Some(message(9)),
        expires_after: Some(300),
        ..text(&"x".repeat(BODY_MAX))
    };
    assert!(longest.encode().is_ok());
}

#[test]
fn fields_are_each_there_once_in_order_and_whole() {
    let with = |fields: &[u8]| {
        let mut bytes = text("hi").encode().unwrap();
        bytes[3] += u8::try_from(fields.len()).unwrap();
        bytes[LENGTH + HEAD + 2..][..fields.len()].copy_from_slice(fields);
        Content::decode(&bytes).is_ok()
    };
    assert!(with(&[2, 0, 4, 0, 0, 1, 44]));
    assert!(with(&[2, 0, 4, 0, 0, 1, 44, 3, 0, 1, 9]));
    for wrong in [
        &[2, 0, 4, 0, 0, 0, 0][..],
        &[2, 0, 4, 0, 0, 1, 44, 2, 0, 4, 0, 0, 1, 44],
        &[3, 0, 0, 2, 0, 4, 0, 0, 1, 44],
        &[2, 0, 3, 0, 1, 44],
        &[2, 0, 5, 0, 0, 1, 44, 0],
        &[2, 0, 200],
        &[9, 0],
        &[0, 0, 0],
    ] {
        assert!(!with(wrong), "{wrong:?}");
    }
}

#[test]
fn wrong_bytes_are_malformed() {
    let good = text("hi").encode().unwrap();
    let mut dirty = good.clone();
    *dirty.last_mut().unwrap() = 1;
    let mut no_text = good.clone();
    no_text[LENGTH + HEAD] = 0xff;
    let mut version_0 = good.clone();
    version_0[LENGTH] = 0;
    for wrong in [
        &[][..],
        &good[..20],
        &[0xff; 40],
        &dirty,
        &no_text,
        &version_0,
    ] {
        assert!(Content::decode(wrong).is_err());
    }
}

proptest! {
    #[test]
    fn every_text_comes_back(words in "\\PC{0,400}", at: u64, id: [u8; 16]) {
        let content = Content {
            id: ClientId::from_bytes(id),
            sent_at: at,
            body: ContentBody::Text(words),
            reply_to: None,
            expires_after: None,
        };
        let bytes = content.encode().unwrap();
        prop_assert!(BUCKETS.contains(&bytes.len()));
        prop_assert!(same(&Content::decode(&bytes).unwrap(), &content));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Content::decode(&bytes);
    }

    #[test]
    fn any_body_is_read_or_refused(kind: u8, body in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(read) = ContentBody::decode(kind, &body) {
            // What was read is written so that it reads the same.
            let (again, bytes) = read.encode().unwrap();
            prop_assert_eq!(again, kind);
            prop_assert!(ContentBody::decode(kind, &bytes).is_ok_and(|it| it == read));
        }
    }

    #[test]
    fn any_flip_is_read_or_refused(at in 0..96usize, with: u8) {
        let mut bytes = text("hello").encode().unwrap();
        bytes[at] ^= with;
        let _ = Content::decode(&bytes);
    }
}
