//! What is said inside MLS against `docs/encryption-vectors.json`, which a second implementation made
//! from its description alone: `docs/encryption-vectors.py`.

use protocol::{AttachmentId, ClientId};
use serde_json::Value;

use crate::{
    Picture, PictureKind,
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
        };
        let mut padded = bytes(&one["bytes"]);
        padded.resize(one["size"].as_u64().unwrap() as usize, 0);
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

fn body(kind: &Value, data: Vec<u8>) -> ContentBody {
    match kind.as_u64().unwrap() {
        1 => ContentBody::Text(String::from_utf8(data).unwrap()),
        2 => ContentBody::RoomProfile {
            revision: u64::from_be_bytes(data[..8].try_into().unwrap()),
            name: String::from_utf8(data[10..].to_vec()).unwrap(),
        },
        3 => ContentBody::Leave,
        4 => ContentBody::Picture(data),
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
