//! Pictures: uploaded before their message leaves, opened by whoever it reaches.

use engine::{
    Body, Command, ConversationId, Entry, EntryState, FILES_PREFIX, PictureError, Recipient,
    open_picture,
};
use protocol::{ClientId, Code, UserId, limits};

use crate::{chaos::Chaos, random::friends, world::World};

struct Two {
    world: World,
    users: Vec<UserId>,
}

impl Two {
    fn start() -> Self {
        let mut world = World::new(1, Chaos::none(1));
        let users = friends(&mut world, 2);
        world.run_for(1_000);
        Self { world, users }
    }

    /// The first person sends the second a picture; its id and bytes.
    fn send(&mut self, caption: &str) -> (ClientId, Vec<u8>) {
        let to = Recipient::Direct {
            user_id: self.users[1],
        };
        let command = self.world.picture_to(to, caption);
        let Command::SendPicture { id, picture, .. } = &command else {
            unreachable!()
        };
        let sent = (*id, picture.file.as_ref().to_vec());
        self.world.plan(0, 0, command);
        sent
    }

    fn history(&self, node: usize) -> Vec<Entry> {
        let peer = self.users[1 - node];
        self.world.nodes[node].history(ConversationId::direct(peer))
    }

    /// The ciphertexts that a device keeps.
    fn files(&self, node: usize) -> usize {
        let keys = self.world.nodes[node].records.keys();
        keys.filter(|key| key.starts_with(FILES_PREFIX)).count()
    }
}

/// What the newest picture of a conversation is opened to.
fn opened(two: &Two, node: usize) -> Vec<u8> {
    let history = two.history(node);
    let Some(Body::Picture {
        attachment_id: Some(id),
        picture,
    }) = history.last().map(|entry| &entry.body)
    else {
        panic!("no picture: {history:?}");
    };
    let (room, ciphertext) = &two.world.server.pictures[id];
    assert_eq!(Some(*room), history.last().unwrap().room_id);
    open_picture(ciphertext, picture).unwrap()
}

#[test]
fn a_picture_is_uploaded_before_its_message_leaves() {
    let mut two = Two::start();
    let (_, file) = two.send("the bridge");
    let after = two.world.text(two.users[1], "seen it?");
    two.world.plan(1, 0, after);
    two.world.run_for(5_000);
    let history = two.history(1);
    let Body::Picture { picture, .. } = &history[0].body else {
        panic!("no picture: {history:?}");
    };
    assert_eq!((picture.width, picture.height), (640, 480));
    assert_eq!(picture.caption.0, "the bridge");
    assert_eq!(
        history[1].body,
        Body::Text {
            text: "seen it?".into()
        }
    );
    assert_eq!(two.world.nodes[0].outbox, 0);
    // The sender looks at its own copy.
    assert_eq!((two.files(0), two.files(1)), (1, 0));

    let (_, ciphertext) = two.world.server.pictures.values().next().unwrap();
    let beginning = &file[..20];
    assert!(!ciphertext.windows(20).any(|bytes| bytes == beginning));
    assert_eq!(open_picture(ciphertext, picture), Ok(file));
    let mut other = ciphertext.clone();
    other[40] ^= 1;
    assert!(matches!(
        open_picture(&other, picture),
        Err(PictureError::File(e2ee::file::FileError::WrongHash))
    ));
}

#[test]
fn a_picture_that_is_refused_can_be_sent_again_or_dropped() {
    let mut two = Two::start();
    two.world.server.refuse_pictures = Some(Code::AttachmentsFull);
    let (first, file) = two.send("one");
    two.world.run_for(5_000);
    let (second, _) = two.send("two");
    two.world.run_for(5_000);
    let history = two.history(0);
    for (entry, id) in history.iter().zip([first, second]) {
        assert_eq!((entry.id, entry.state), (id, EntryState::Failed));
        let code = entry.failure.as_ref().map(|failure| failure.code);
        assert_eq!(code, Some(Code::AttachmentsFull));
    }
    assert_eq!((history.len(), two.files(0)), (2, 2));

    let conversation = ConversationId::direct(two.users[1]);
    let id = second;
    two.world.plan(0, 0, Command::Discard { conversation, id });
    two.world.server.refuse_pictures = None;
    let id = first;
    two.world.plan(1, 0, Command::Retry { conversation, id });
    two.world.run_for(5_000);
    assert_eq!((two.history(0).len(), two.files(0)), (1, 1));
    assert_eq!(opened(&two, 1), file);
}

#[test]
fn a_room_that_closes_meanwhile_costs_a_second_upload() {
    let mut two = Two::start();
    let hello = two.world.text(two.users[1], "hello");
    two.world.plan(0, 0, hello);
    two.world.run_for(5_000);
    let (_, file) = two.send("three");
    while two.world.server.pictures.is_empty() {
        two.world.run_for(1);
    }
    for room in two.world.server.rooms.values_mut() {
        room.open = false;
    }
    two.world.run_for(60_000);
    assert_eq!(two.world.server.pictures.len(), 2);
    assert_eq!(opened(&two, 1), file);
}

#[test]
fn what_is_dropped_during_its_upload_never_arrives() {
    let mut two = Two::start();
    let (id, _) = two.send("never mind");
    two.world.run_for(1);
    let conversation = ConversationId::direct(two.users[1]);
    two.world.plan(0, 0, Command::Discard { conversation, id });
    let after = two.world.text(two.users[1], "good morning");
    two.world.plan(1, 0, after);
    two.world.run_for(20_000);
    assert_eq!((two.history(1).len(), two.files(0)), (1, 0));
    assert_eq!(two.world.nodes[0].outbox, 0);
}

#[test]
fn limits_hold_at_their_edge() {
    let mut two = Two::start();
    let mut send = |change: &dyn Fn(&mut engine::NewPicture)| {
        let to = Recipient::Direct {
            user_id: two.users[1],
        };
        let mut command = two.world.picture_to(to, "");
        if let Command::SendPicture { picture, .. } = &mut command {
            change(picture);
        }
        two.world.plan(0, 0, command);
        two.world.run_for(5_000);
        two.world.nodes[0].complaints.pop()
    };
    let grown = |picture: &mut engine::NewPicture, size: usize| {
        let mut file = picture.file.as_ref().to_vec();
        file.resize(size, 0);
        picture.file = file.into();
    };
    assert_eq!(send(&|picture| grown(picture, limits::PICTURE)), None);
    let refused = |code: Code| Some(code.title().to_owned());
    let larger = send(&|picture| grown(picture, limits::PICTURE + 1));
    assert_eq!(larger, refused(Code::BodyTooLarge));
    let words = send(&|picture| picture.file = b"no picture".to_vec().into());
    assert_eq!(words, refused(Code::UnsupportedMediaType));
    let empty = send(&|picture| picture.file = Vec::new().into());
    assert_eq!(empty, refused(Code::UnsupportedMediaType));
    let flat = send(&|picture| picture.height = 0);
    assert_eq!(flat, refused(Code::InvalidBody));
    let preview = vec![0; limits::PICTURE_PREVIEW + 1];
    let detailed = send(&|picture| picture.preview = preview.clone().into());
    assert_eq!(detailed, refused(Code::InvalidBody));
    let caption = "x".repeat(limits::PICTURE_CAPTION + 1);
    let wordy = send(&|picture| picture.caption = caption.as_str().into());
    assert_eq!(wordy, refused(Code::InvalidBody));
    // Padded and sealed, the largest is one that the server takes.
    let sizes = two
        .world
        .server
        .pictures
        .values()
        .map(|(_, file)| file.len());
    assert!(sizes.max().unwrap() <= limits::ATTACHMENT);
    assert_eq!(two.history(1).len(), 1);
}
