//! Files of any kind: sealed in pieces by the host, uploaded as pictures are, opened in pieces.

use e2ee::file::{FileError, Opener};
use engine::{Body, Command, ConversationId, Document, FILES_PREFIX, MessageRef, Recipient};
use protocol::{Code, limits};

use crate::{chaos::Chaos, random::friends, world::World};

/// What a ciphertext opens to, piece by piece.
pub(crate) fn open(ciphertext: &[u8], file: &Document) -> Result<Vec<u8>, FileError> {
    let key = file.key.as_ref().try_into().unwrap();
    let mut opener = Opener::new(ciphertext, key, file.sha256.as_ref().try_into().unwrap())?;
    let mut opened = Vec::new();
    while let Some(piece) = opener.next_piece()? {
        opened.extend(piece);
    }
    Ok(opened)
}

#[test]
fn a_file_travels_with_its_name_and_goes_with_its_message() {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, 2);
    world.run_for(1_000);
    let to = Recipient::Direct { user_id: users[1] };
    let command = world.file_to(0, to, "as agreed");
    let Command::SendFile { id, file: sent, .. } = &command else {
        unreachable!()
    };
    let (id, sent) = (*id, sent.clone());
    world.plan(0, 0, command);
    world.run_for(5_000);
    let history = world.nodes[1].history(ConversationId::direct(users[0]));
    let Body::File {
        attachment_id: Some(attachment),
        file,
    } = &history[0].body
    else {
        panic!("no file: {history:?}");
    };
    assert_eq!(**file, sent);
    let (_, ciphertext) = &world.server.pictures[attachment];
    assert_eq!(open(ciphertext, file).unwrap().len(), file.size as usize);
    let name = b"minutes.pdf";
    assert!(!ciphertext.windows(name.len()).any(|it| it == name));
    let mut other = ciphertext.clone();
    other[20] ^= 1;
    assert_eq!(open(&other, file), Err(FileError::WrongHash));

    let files = |world: &World| {
        let keys = world.nodes[0].records.keys();
        keys.filter(|key| key.starts_with(FILES_PREFIX)).count()
    };
    assert_eq!(files(&world), 1);
    let sender = users[0];
    let delete = Command::Delete {
        conversation: ConversationId::direct(users[1]),
        message: MessageRef { sender, id },
        for_everyone: true,
    };
    world.plan(0, 0, delete);
    world.run_for(5_000);
    assert_eq!(files(&world), 0);
    for (node, peer) in [(0, users[1]), (1, users[0])] {
        let history = world.nodes[node].history(ConversationId::direct(peer));
        assert_eq!(history[0].body, Body::Deleted);
    }
}

#[test]
fn limits_hold_at_their_edge() {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, 2);
    world.run_for(1_000);
    let to = Recipient::Direct { user_id: users[1] };
    let mut send = |change: &dyn Fn(&mut Document)| {
        let mut command = world.file_to(0, to, "");
        if let Command::SendFile { file, .. } = &mut command {
            change(file);
        }
        world.plan(0, 0, command);
        world.run_for(5_000);
        world.nodes[0].complaints.pop()
    };
    let refused = |code: Code| Some(code.title().to_owned());
    assert_eq!(send(&|_| {}), None);
    let larger = send(&|file| file.size = limits::FILE as u32 + 1);
    assert_eq!(larger, refused(Code::BodyTooLarge));
    let nameless = send(&|file| file.name = " ".into());
    assert_eq!(nameless, refused(Code::InvalidBody));
    let folder = send(&|file| file.name = "../x".into());
    assert_eq!(folder, refused(Code::InvalidBody));
    let keyless = send(&|file| file.key = vec![1; 31].into());
    assert_eq!(keyless, refused(Code::InvalidBody));
    assert_eq!(send(&|file| file.size = limits::FILE as u32), None);
}
