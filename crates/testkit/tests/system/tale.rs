//! A whole story, with words in it that occur nowhere else.

use e2ee::RecoveryKey;
use engine::{Body, Command, ConversationId, Entry, MessageRef, NewPicture, Recipient};
use protocol::ClientId;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use testkit::{Device, Stack, until};

use crate::groups::{Group, NAME};

/// What the servers are meant to know: a display name.
pub const PUBLIC: &str = "Ana of the \"Övre\" Mill 🦩";

const TEXT: &str = "the grey heron lands at seven";
const REPLY: &str = "then I bring the tall ladder";
const TYPO: &str = "bring a lantren and some rope";
const EDITED: &str = "bring a lantern and some rope";
const DELETED: &str = "forget that I ever said walnut";
const GROUP_TEXT: &str = "nobody tells the \"Försteher\" 🌿 anything";
const FADING: &str = "read this once, then burn the almanac";
const CAPTION: &str = "our new boat at the quay";
const PICTURE: &[u8] = b"taken at the old mill pond ";
const CAMERA: &[u8] =
    b"Exif\0\0MM\0*\0\0\0\x08 Larkspur 5, held by Ana Brandt at 63.4305 N 10.3951 E";
const PREVIEW: &[u8] = b"a small look at the mill pond";
const FILE_NAME: &str = "minutes of the salamanders.pdf";
const FILE_CAPTION: &str = "as we agreed under the elm";
const FILE: &[u8] = b"the treasurer keeps bees in the attic ";
const RENAMED: &str = "Saturday swims in the rain";
const ROOM_PICTURE: &[u8] = b"drawn by hand on birch bark";
const REACTION: &str = "👩🏽\u{200d}🚀";
pub const WAITING: &str = "are you still up there, Ben?";

/// What nobody but the devices may know: what it is, and its bytes.
pub fn said() -> Vec<(&'static str, Vec<u8>)> {
    let words: [(&str, &[u8]); 20] = [
        ("a text", TEXT.as_bytes()),
        ("a reply", REPLY.as_bytes()),
        ("a text before its edit", TYPO.as_bytes()),
        ("an edit", EDITED.as_bytes()),
        ("a deleted text", DELETED.as_bytes()),
        ("a text to a group", GROUP_TEXT.as_bytes()),
        ("a text that disappears", FADING.as_bytes()),
        ("what a camera wrote", &CAMERA[6..]),
        ("where a picture was taken", b"63.4305 N 10.3951 E"),
        ("a caption", CAPTION.as_bytes()),
        ("a picture", PICTURE),
        ("a preview", PREVIEW),
        ("the name of a file", FILE_NAME.as_bytes()),
        ("the caption of a file", FILE_CAPTION.as_bytes()),
        ("a file", FILE),
        ("the name of a group", NAME.as_bytes()),
        ("the new name of a group", RENAMED.as_bytes()),
        ("the picture of a group", ROOM_PICTURE),
        ("a reaction", REACTION.as_bytes()),
        ("a text that waits", WAITING.as_bytes()),
    ];
    words.map(|(what, bytes)| (what, bytes.to_vec())).into()
}

/// A well-formed recovery key that opens nothing.
pub fn wrong_key() -> String {
    let key = RecoveryKey::generate(&mut ChaCha20Rng::from_seed([9; 32]));
    key.to_text().to_string()
}

/// As much of a photograph as anybody looks at, with what its camera wrote along.
fn photograph(words: &[u8], size: usize) -> Vec<u8> {
    let length = u16::try_from(2 + CAMERA.len()).unwrap().to_be_bytes();
    let mut file = [&b"\xff\xd8\xff\xe1"[..], &length, CAMERA].concat();
    file.extend(words.iter().cycle().take(size));
    file
}

/// As much of a PNG as anybody looks at.
fn png(words: &[u8], size: usize) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(words.iter().cycle().take(size));
    file
}

/// Three people, and what they said.
pub struct Tale {
    pub group: Group,
}

impl Tale {
    /// Everything is said, in a conversation of two and in a group, and has arrived.
    pub async fn tell(stack: &Stack) -> Self {
        let tale = Self {
            group: Group::start(stack).await,
        };
        tale.of_two().await;
        tale.of_three().await;
        tale
    }

    /// The conversation with a person.
    pub fn direct_of(&self, with: &Device) -> ConversationId {
        ConversationId::direct(with.person.user_id)
    }

    async fn of_two(&self) {
        let (ana, ben) = (&self.group.ana, &self.group.ben);
        let (here, there) = (self.direct_of(ben), self.direct_of(ana));
        let to = Recipient::Direct {
            user_id: ben.person.user_id,
        };
        ana.write(&ben.person, TEXT);
        let heard = ben.hears(there, TEXT).await;
        let message = |entry: &Entry| MessageRef {
            sender: entry.sender,
            id: entry.id,
        };
        ben.command(Command::SendText {
            to: Recipient::Direct {
                user_id: ana.person.user_id,
            },
            id: ClientId::from_parts(0, rand::random()),
            text: REPLY.into(),
            reply_to: Some(message(&heard)),
        });
        ana.hears(here, REPLY).await;
        ben.command(Command::React {
            conversation: there,
            message: message(&heard),
            emoji: REACTION.to_owned(),
            on: true,
        });
        ana.entry("a reaction", here, |entry| {
            let mut reactions = entry.extra.reactions.iter();
            reactions.find(|it| it.emoji == REACTION).map(|_| ())
        })
        .await;
        ana.write(&ben.person, TYPO);
        let typo = ana.hears(here, TYPO).await;
        ben.hears(there, TYPO).await;
        ana.command(Command::Edit {
            conversation: here,
            id: typo.id,
            text: EDITED.into(),
        });
        ben.hears(there, EDITED).await;
        ana.write(&ben.person, DELETED);
        let deleted = ana.hears(here, DELETED).await;
        ben.hears(there, DELETED).await;
        ana.command(Command::Delete {
            conversation: here,
            message: message(&deleted),
            for_everyone: true,
        });
        ben.entry("a deletion", there, |entry| {
            (entry.id == deleted.id && entry.body == Body::Deleted).then_some(())
        })
        .await;
        let picture = NewPicture {
            file: photograph(PICTURE, 90_000).into(),
            width: 1600,
            height: 1200,
            preview: png(PREVIEW, 200).into(),
            caption: CAPTION.into(),
        };
        ana.send_picture(to, picture);
        let picture = ben.entry("a picture", there, |entry| match &entry.body {
            Body::Picture {
                attachment_id,
                picture,
            } => attachment_id.zip(Some(picture.clone())),
            _ => None,
        });
        let (id, picture) = picture.await;
        let ciphertext = ben.person.attachment(id).await;
        let opened = engine::open_picture(&ciphertext, &picture).unwrap();
        for words in [PICTURE, CAMERA] {
            assert!(opened.windows(words.len()).any(|it| it == words));
        }
        self.fades().await;
    }

    /// While a timer is set.
    async fn fades(&self) {
        let (ana, ben) = (&self.group.ana, &self.group.ben);
        let (here, there) = (self.direct_of(ben), self.direct_of(ana));
        let set = |seconds| Command::SetTimer {
            conversation: here,
            seconds,
        };
        ana.command(set(Some(3_600)));
        self.timer(Some(3_600)).await;
        ana.write(&ben.person, FADING);
        let heard = ben.hears(there, FADING).await;
        assert_eq!(heard.extra.expires_after, Some(3_600));
        ana.command(set(None));
        self.timer(None).await;
    }

    async fn timer(&self, wanted: Option<u32>) {
        let (ana, ben) = (&self.group.ana, &self.group.ben);
        for (device, conversation) in [(ana, self.direct_of(ben)), (ben, self.direct_of(ana))] {
            until("the timer", || async {
                let row = device.conversation(conversation)?;
                (row.timer == wanted).then_some(())
            })
            .await;
        }
    }

    /// The keys of the picture and of the file.
    pub fn file_keys(&self) -> Vec<Vec<u8>> {
        let (ana, ben) = (&self.group.ana, &self.group.ben);
        let entries = [
            ana.entries(self.direct_of(ben)),
            ana.entries(self.group.conversation),
        ];
        let keys = entries
            .concat()
            .into_iter()
            .filter_map(|entry| match entry.body {
                Body::Picture { picture, .. } => Some(picture.key.as_ref().to_vec()),
                Body::File { file, .. } => Some(file.key.as_ref().to_vec()),
                _ => None,
            });
        keys.collect()
    }

    async fn of_three(&self) {
        let Group {
            ana,
            cy,
            room_id,
            conversation,
            ..
        } = &self.group;
        let (room_id, conversation) = (*room_id, *conversation);
        let to = Recipient::Room { room_id };
        cy.write_to(to, GROUP_TEXT);
        ana.hears(conversation, GROUP_TEXT).await;
        let file = FILE.repeat(2_000);
        cy.send_file(to, FILE_NAME, FILE_CAPTION, &file);
        let got = ana.entry("a file", conversation, |entry| match &entry.body {
            Body::File {
                attachment_id,
                file,
            } => attachment_id.zip(Some(file.clone())),
            _ => None,
        });
        let (id, got) = got.await;
        assert_eq!(
            (got.name.0.as_str(), got.caption.0.as_str()),
            (FILE_NAME, FILE_CAPTION)
        );
        let ciphertext = ana.person.attachment(id).await;
        let (key, sha256) = (got.key.as_ref(), got.sha256.as_ref());
        let opened = e2ee::file::open(
            &ciphertext,
            key.try_into().unwrap(),
            sha256.try_into().unwrap(),
        );
        assert!(opened.unwrap() == file);
        ana.command(Command::RenameRoom {
            room_id,
            name: RENAMED.into(),
        });
        ana.command(Command::SetRoomPicture {
            room_id,
            picture: Some(png(ROOM_PICTURE, 2_000).into()),
        });
        cy.notice("a picture of the group", |notice| match notice {
            engine::Notice::RoomPicture { picture, .. } => picture.as_ref().map(|_| ()),
            _ => None,
        })
        .await;
        until("the new name", || async {
            let row = cy.conversation(conversation)?;
            (row.name?.0 == RENAMED).then_some(())
        })
        .await;
    }

    /// A device of Ana's that came later has it all from the archive.
    pub async fn is_told_to(&self, device: &Device) {
        let (two, three) = (self.direct_of(&self.group.ben), self.group.conversation);
        for words in [TEXT, REPLY, EDITED] {
            device.hears(two, words).await;
        }
        device.hears(three, GROUP_TEXT).await;
        device
            .entry("the picture", two, |entry| {
                matches!(entry.body, Body::Picture { .. }).then_some(())
            })
            .await;
        device
            .entry("the file", three, |entry| {
                matches!(entry.body, Body::File { .. }).then_some(())
            })
            .await;
        let entries = [device.entries(two), device.entries(three)].concat();
        for words in [TYPO, DELETED, FADING] {
            let is = |entry: &Entry| matches!(&entry.body, Body::Text { text } if text.0 == words);
            assert!(!entries.iter().any(is), "{words} is kept");
        }
    }
}
