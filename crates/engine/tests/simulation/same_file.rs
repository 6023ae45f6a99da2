//! Several messages that name one file, key and hash: passed on by somebody, or named by somebody
//! who wants to be rid of it. What becomes of one of them is nothing to the others.

use engine::{
    Body, Command, ConversationId, Document, FILES_PREFIX, MessageRef, Recipient, own_file_key,
};
use protocol::{Binary, Code};

use crate::{
    files::open,
    talk::{ROOM, Story},
};

const HOUR: i64 = 60 * 60 * 1000;

/// A file that somebody sends.
struct Sent {
    message: MessageRef,
    file: Document,
    ciphertext: Binary,
}

/// Sends a file into the group: a fresh one, or the one of another message.
fn send(story: &mut Story, node: usize, same: Option<&Sent>) -> Sent {
    let to = Recipient::Room { room_id: ROOM };
    let mut command = story.world.file_to(node, to, "");
    let Command::SendFile { id, file, .. } = &mut command else {
        unreachable!()
    };
    let (id, sender) = (*id, story.users[node]);
    if let Some(sent) = same {
        *file = sent.file.clone();
        let records = &mut story.world.nodes[node].records;
        records.insert(own_file_key(id), sent.ciphertext.clone());
    }
    let file = file.clone();
    let ciphertext = story.world.nodes[node].records[&own_file_key(id)].clone();
    story.act(node, command);
    Sent {
        message: MessageRef { sender, id },
        file,
        ciphertext,
    }
}

/// A person looks at it: the host keeps what it fetched.
fn fetch(story: &mut Story, node: usize, sent: &Sent) {
    let entry = story.entry(node, sent.message).unwrap();
    let Body::File {
        attachment_id: Some(attachment),
        ..
    } = &entry.body
    else {
        panic!("no file: {entry:?}");
    };
    let (_, ciphertext) = story.world.server.pictures[attachment].clone();
    let records = &mut story.world.nodes[node].records;
    records.insert(entry.file_key(), ciphertext.into());
}

/// Whether a message's file is here, and opens.
fn has(story: &Story, node: usize, sent: &Sent) -> bool {
    let Some(entry) = story.entry(node, sent.message) else {
        return false;
    };
    let record = story.world.nodes[node].records.get(&entry.file_key());
    record.is_some_and(|it| open(it.as_ref(), &sent.file).is_ok())
}

fn kept(story: &Story, node: usize) -> usize {
    let keys = story.world.nodes[node].records.keys();
    keys.filter(|key| key.starts_with(FILES_PREFIX)).count()
}

#[test]
fn a_message_that_is_deleted_leaves_the_file_to_others_that_name_it() {
    let mut story = Story::of_three();
    let first = send(&mut story, 0, None);
    let other = send(&mut story, 1, Some(&first));
    let again = send(&mut story, 0, Some(&first));
    for (node, sent) in [(0, &other), (1, &first), (1, &again)] {
        fetch(&mut story, node, sent);
    }
    for sent in [&first, &other, &again] {
        fetch(&mut story, 2, sent);
    }
    assert_eq!([0, 1, 2].map(|node| kept(&story, node)), [3; 3]);
    // Whoever names it takes the message back again: nobody's picture goes but theirs.
    story.delete(1, other.message, true);
    for node in 0..3 {
        assert!(!has(&story, node, &other) && kept(&story, node) == 2);
        assert!(has(&story, node, &first) && has(&story, node, &again));
    }
    story.delete(0, first.message, true);
    story.delete(2, again.message, false);
    for node in 0..2 {
        assert!(has(&story, node, &again) && kept(&story, node) == 1);
    }
    // With the last one it is gone.
    assert_eq!(kept(&story, 2), 0);
    story.delete(0, again.message, true);
    assert_eq!([0, 1].map(|node| kept(&story, node)), [0; 2]);
}

#[test]
fn a_message_that_goes_away_leaves_the_file_to_others_that_name_it() {
    let mut story = Story::of_three();
    let stays = send(&mut story, 0, None);
    story.set_timer(0, Some(300));
    let goes = send(&mut story, 1, Some(&stays));
    for node in 0..3 {
        for sent in [&stays, &goes] {
            fetch(&mut story, node, sent);
        }
        assert_eq!(kept(&story, node), 2);
        story.read_all(node);
    }
    story.world.run_for(HOUR);
    for node in 0..3 {
        assert!(story.entry(node, goes.message).is_none());
        assert!(has(&story, node, &stays) && kept(&story, node) == 1);
    }
}

/// Until now the record was named by the ciphertext's hash. The host moved what it kept; what the
/// engine wrote down of messages that go away still tells the old name.
#[test]
fn what_was_to_go_before_files_had_messages_goes() {
    let mut story = Story::of_three();
    let stays = send(&mut story, 0, None);
    story.set_timer(0, Some(300));
    let goes = send(&mut story, 1, Some(&stays));
    for node in 0..3 {
        for sent in [&stays, &goes] {
            fetch(&mut story, node, sent);
        }
    }
    let hash: String = stays
        .file
        .sha256
        .as_ref()
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    for node in 0..3 {
        let life = story.world.nodes[node].life;
        story.world.kill(node);
        let records = &mut story.world.nodes[node].records;
        let fates = records.iter_mut();
        let mut fates = fates.filter(|(key, _)| key.starts_with("state/fading/"));
        let (_, fate) = fates.next().unwrap();
        let mut value: serde_json::Value = serde_json::from_slice(fate.as_ref()).unwrap();
        value["file"] = format!("{FILES_PREFIX}{hash}").into();
        *fate = serde_json::to_vec(&value).unwrap().into();
        assert!(fates.next().is_none());
        while story.world.nodes[node].life == life {
            story.world.run_for(1_000);
        }
        story.read_all(node);
    }
    story.world.run_for(HOUR);
    for node in 0..3 {
        assert!(story.entry(node, goes.message).is_none());
        assert!(has(&story, node, &stays) && kept(&story, node) == 1);
    }
}

#[test]
fn what_is_dropped_leaves_the_file_to_others_that_name_it() {
    let mut story = Story::of_three();
    let first = send(&mut story, 0, None);
    story.world.server.refuse_pictures = Some(Code::AttachmentsFull);
    let failed = send(&mut story, 0, Some(&first));
    assert_eq!(kept(&story, 0), 2);
    let (conversation, id) = (ConversationId::group(ROOM), failed.message.id);
    story.act(0, Command::Discard { conversation, id });
    assert!(has(&story, 0, &first) && kept(&story, 0) == 1);
    // Of what is refused at once nothing stays.
    let to = Recipient::Room { room_id: ROOM };
    let mut command = story.world.file_to(0, to, "");
    if let Command::SendFile { file, .. } = &mut command {
        file.name = "../x".into();
    }
    assert_eq!(kept(&story, 0), 2);
    story.act(0, command);
    assert_eq!(kept(&story, 0), 1);
}
