//! What is said inside MLS against `docs/encryption-vectors.json`, which a second implementation made
//! from its description alone: `docs/encryption-vectors.py`.

use protocol::{AttachmentId, ClientId, UserId};
use serde_json::Value;

use crate::{
    Document, MessageRef, Picture, PictureKind,
    content::{Content, ContentBody},
};

#[test]
fn contents_of_every_kind() {
    let expected = &vectors()["content"];
    for one in expected["contents"].as_array().unwrap() {
        let content = Content {
            id: ClientId(expected["id"].as_str().unwrap().parse().unwrap()),
            sent_at: expected["sent_at"].as_u64().unwrap(),
            body: body(&one["kind"], bytes(&one["body"])),
            reply_to: serde_json::from_value(one["reply_to"].clone()).ok(),
            expires_after: one["expires_after"].as_u64().map(|seconds| seconds as u32),
        };
        let mut padded = bytes(&one["bytes"]);
        padded.resize(one["size"].as_u64().unwrap() as usize, 0);
        if let ContentBody::RoomProfile { picture, .. } = &content.body
            && picture.is_empty()
        {
            // As version 1 began, before groups had pictures: read, and written with an empty one.
            assert!(Content::decode(&padded).is_ok_and(|decoded| decoded == content));
            continue;
        }
        assert_eq!(content.encode(), Ok(padded.clone()), "kind {}", one["kind"]);
        // A content has no `Debug`: it is what people say.
        assert!(Content::decode(&padded).is_ok_and(|decoded| decoded == content));
    }
}

#[test]
fn a_picture_in_a_message() {
    let expected = &vectors()["picture"];
    let number = |name: &str| expected[name].as_u64().unwrap();
    assert_eq!(number("kind"), 4);
    let picture = Picture {
        key: bytes(&expected["key"]).into(),
        sha256: bytes(&expected["sha256"]).into(),
        kind: PictureKind::Webp,
        width: number("width") as u16,
        height: number("height") as u16,
        size: number("size") as u32,
        preview: bytes(&expected["preview"]).into(),
        caption: expected["caption"].as_str().unwrap().into(),
    };
    let attachment = AttachmentId(expected["attachment"].as_str().unwrap().parse().unwrap());
    let encoded = bytes(&expected["bytes"]);
    assert_eq!(picture.encode(attachment), encoded);
    assert_eq!(Picture::decode(&encoded), Some((attachment, picture)));
}

#[test]
fn a_file_in_a_message() {
    let expected = &vectors()["document"];
    let text = |name: &str| expected[name].as_str().unwrap();
    let document = Document {
        key: bytes(&expected["key"]).into(),
        sha256: bytes(&expected["sha256"]).into(),
        size: expected["size"].as_u64().unwrap() as u32,
        name: text("name").into(),
        media_type: text("media_type").to_owned(),
        caption: text("caption").into(),
    };
    let attachment = AttachmentId(text("attachment").parse().unwrap());
    let encoded = bytes(&expected["bytes"]);
    assert_eq!(document.encode(attachment), encoded);
    assert_eq!(Document::decode(&encoded), Some((attachment, document)));
}

/// The body of a kind, read by hand at the places that the description names.
fn body(kind: &Value, data: Vec<u8>) -> ContentBody {
    let part = |at: usize| {
        let size = usize::from(u16::from_be_bytes(data[at..at + 2].try_into().unwrap()));
        data[at + 2..][..size].to_vec()
    };
    let words = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let id = |at: usize| ClientId::from_bytes(data[at..at + 16].try_into().unwrap());
    let count = |at: usize| u64::from_be_bytes(data[at..at + 8].try_into().unwrap());
    match kind.as_u64().unwrap() {
        1 => ContentBody::Text(words(&data)),
        2 => ContentBody::RoomProfile {
            revision: count(0),
            name: words(&part(8)),
            picture: match data.len() - 10 - part(8).len() {
                0 => Vec::new(),
                _ => part(10 + part(8).len()),
            },
        },
        3 => ContentBody::Leave,
        4 => ContentBody::Picture(data),
        5 => ContentBody::Reaction {
            to: MessageRef {
                sender: UserId::from_bytes(data[..16].try_into().unwrap()),
                id: id(16),
            },
            on: data[32] == 1,
            emoji: words(&data[34..]),
        },
        6 => ContentBody::Edit {
            id: id(0),
            text: words(&part(16)),
        },
        7 => ContentBody::Delete { id: id(0) },
        8 => ContentBody::File(data),
        9 => ContentBody::Timer {
            revision: count(0),
            again: data[8] == 1,
            seconds: u32::from_be_bytes(data[9..13].try_into().unwrap()),
        },
        kind => ContentBody::Unknown {
            kind: kind as u8,
            data,
        },
    }
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../docs/encryption-vectors.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
