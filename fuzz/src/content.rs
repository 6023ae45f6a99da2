//! What messages say, and what the archive holds of them.

use engine::{
    Body, Document, Entry, Picture, PictureKind, Said,
    content::{BUCKETS, Content, ContentBody},
    fuzzing,
};
use protocol::{AttachmentId, ClientId, UserId, limits};

use crate::{Target, story::ROOM};

/// Where the version stands in an encoded content.
const VERSION_AT: usize = 4;

/// What is said inside a message.
pub const CONTENT: Target = Target {
    name: "content",
    run: |bytes| {
        let Ok(content) = Content::decode(bytes) else {
            return false;
        };
        if bytes.get(VERSION_AT) != Some(&1) {
            assert!(matches!(content.body, ContentBody::Unknown { .. }));
            return true;
        }
        if bytes.len() <= BUCKETS[4] {
            let again = content.encode().expect("it was no longer");
            assert!(BUCKETS.contains(&again.len()));
            assert!(Content::decode(&again).as_ref() == Ok(&content));
        }
        true
    },
    seeds: || {
        let to = engine::MessageRef {
            sender: UserId::from_bytes([1; 16]),
            id: ClientId::from_bytes([2; 16]),
        };
        let (emoji, text) = ("👍".to_owned(), "words".to_owned());
        let bodies = [
            ContentBody::Text(text.clone()),
            ContentBody::RoomProfile {
                revision: 3,
                name: text.clone(),
                picture: b"GIF89a".to_vec(),
            },
            ContentBody::Picture(picture_body()),
            ContentBody::Leave,
            ContentBody::Reaction {
                to,
                on: true,
                emoji,
            },
            ContentBody::Edit { id: to.id, text },
            ContentBody::Delete { id: to.id },
            ContentBody::File(document_body()),
            ContentBody::Timer {
                revision: 1,
                again: false,
                seconds: 60,
            },
            ContentBody::Unknown {
                kind: 200,
                data: b"new".to_vec(),
            },
        ];
        let content = |body| Content {
            id: to.id,
            sent_at: 1,
            body,
            reply_to: Some(to),
            expires_after: Some(60),
        };
        let all = bodies.into_iter().map(content);
        all.map(|it| it.encode().expect("a short one")).collect()
    },
};

/// Harmless, within its limits, and the same when it is written and read again.
fn check_document(document: &Document, again: &[u8]) {
    let hidden = |it: char| it.is_control() || matches!(it, '/' | '\\' | '\u{202e}');
    assert!(!document.name.0.contains(hidden));
    assert!(document.name.0.len() <= limits::FILE_NAME);
    assert!(document.caption.0.len() <= limits::PICTURE_CAPTION);
    assert!(document.size as usize <= limits::FILE);
    let (same, bytes) = fuzzing::document(again).expect("what was written");
    assert_eq!((&same, bytes.as_slice()), (document, again));
}

fn check_picture(picture: &Picture, again: &[u8]) {
    assert!(picture.preview.as_ref().len() <= limits::PICTURE_PREVIEW);
    assert!(picture.caption.0.len() <= limits::PICTURE_CAPTION);
    let (same, bytes) = fuzzing::picture(again).expect("what was written");
    assert_eq!((&same, bytes.as_slice()), (picture, again));
}

/// A file, as a message tells of it.
pub const DOCUMENT: Target = Target {
    name: "document",
    run: |bytes| {
        let Some((document, again)) = fuzzing::document(bytes) else {
            return false;
        };
        check_document(&document, &again);
        true
    },
    seeds: || vec![document_body()],
};

/// A picture, as a message tells of it, and its ciphertext behind: that one never fits.
pub const PICTURE: Target = Target {
    name: "picture",
    run: |bytes| {
        let Some((picture, again)) = fuzzing::picture(bytes) else {
            return false;
        };
        check_picture(&picture, &again);
        let rest = bytes.get(again.len()..).unwrap_or_default();
        assert!(engine::open_picture(rest, &picture).is_err());
        true
    },
    seeds: || vec![picture_body()],
};

/// A reaction.
pub const EMOJI: Target = Target {
    name: "emoji",
    run: |bytes| {
        let emoji = std::str::from_utf8(bytes).is_ok_and(fuzzing::is_emoji);
        // Digits stand in keycaps alone.
        let harmless = |it: u8| !it.is_ascii() || matches!(it, b'0'..=b'9' | b'#' | b'*');
        assert!(!emoji || (!bytes.is_empty() && bytes.len() <= limits::EMOJI));
        assert!(!emoji || bytes.iter().all(|byte| harmless(*byte)));
        emoji
    },
    seeds: || {
        let all = ["👍", "❤️", "👩🏽‍🚀", "🇨🇭", "3️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"];
        all.map(|emoji| emoji.as_bytes().to_vec()).to_vec()
    },
};

/// What the archive holds of an entry.
pub const ARCHIVE_LINE: Target = Target {
    name: "archive_line",
    run: |bytes| {
        let Some((mut entry, again)) = fuzzing::line(bytes, ROOM.into(), 7) else {
            return false;
        };
        // What it quotes is looked up anew, whatever is said of it.
        if let Some(quote) = &mut entry.extra.reply_to {
            quote.position = None;
            quote.said = Said::Looking;
        }
        let (same, bytes) = fuzzing::line(&again, ROOM.into(), 7).expect("what was written");
        assert_eq!((same, bytes), (entry, again));
        true
    },
    seeds: || {
        let base = serde_json::json!({
            "key": "", "position": "", "id": ROOM, "room_id": null, "seq": null,
            "sender": ROOM, "mine": false, "sent_at": 5, "state": "sent",
        });
        let picture = fuzzing::picture(&picture_body()).expect("a picture").0;
        let document = fuzzing::document(&document_body()).expect("a file").0;
        let attachment = AttachmentId::from_bytes([3; 16]);
        let bodies = [
            Body::Text {
                text: "words".into(),
            },
            Body::Unknown {
                kind: 200,
                data: b"new".to_vec().into(),
            },
            Body::Picture {
                attachment_id: Some(attachment),
                picture: Box::new(picture),
            },
            Body::File {
                attachment_id: Some(attachment),
                file: Box::new(document),
            },
            Body::Deleted,
        ];
        let line = |body| {
            let mut json = base.clone();
            json["body"] = serde_json::to_value(body).expect("it has a form");
            json["reply_to"] = serde_json::json!({
                "sender": ROOM, "id": ROOM, "said": {"type": "text", "text": "quoted"},
            });
            let entry: Entry = serde_json::from_value(json).expect("an entry");
            fuzzing::line_of(&entry).expect("it has a form")
        };
        bodies.map(line).to_vec()
    },
};

fn document_body() -> Vec<u8> {
    let numbers = [
        [1; 16].as_slice(),
        &[2; 32],
        &[3; 32],
        &100u32.to_be_bytes(),
    ]
    .concat();
    let texts = ["minutes.pdf", "application/pdf", "of today"];
    let texts = texts.map(|text| sized(text.as_bytes()));
    [numbers, texts.concat()].concat()
}

fn picture_body() -> Vec<u8> {
    let kind = PictureKind::of_file(b"\x89PNG\r\n\x1a\n").expect("a picture") as u8 + 1;
    let head = [[1; 16].as_slice(), &[2; 32], &[3; 32], &[kind, 0, 9, 0, 9]].concat();
    let texts = [sized(b"preview"), sized("the lake".as_bytes())];
    [head, 100u32.to_be_bytes().to_vec(), texts.concat()].concat()
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    let size = u16::try_from(bytes.len()).expect("a short one");
    [&size.to_be_bytes(), bytes].concat()
}
