//! Replies, reactions, other words, messages taken back: single stories. Random ones are part of
//! `random.rs`.

use engine::{Body, Command, ConversationId, INDEX_PREFIX, MessageRef, Recipient, Said};
use protocol::ClientId;
use serde_json::json;

use crate::talk::{ROOM, Story, text, words};

const HOUR: i64 = 60 * 60 * 1000;

#[test]
fn a_reply_shows_what_it_answers_and_follows_it() {
    let mut story = Story::of_two();
    let question = story.say(0, "shall we?", None);
    let answer = story.say(1, "yes", Some(question));
    let again = story.say(0, "good", Some(answer));
    for node in 0..2 {
        let quote = story.entry(node, answer).unwrap().extra.reply_to.unwrap();
        let stands = story.entry(node, question).unwrap().position;
        assert_eq!((quote.message, quote.position), (question, Some(stands)));
        assert_eq!(quote.said, words("shall we?"));
        assert_eq!(story.said(node, again), words("yes"));
    }
    story.edit(0, question.id, "shall we go?");
    story.delete(1, answer, true);
    for node in 0..2 {
        assert_eq!(story.said(node, again), Said::Deleted);
        let quote = story.entry(node, answer).unwrap().extra.reply_to;
        assert_eq!(quote, None, "a deleted message answers nothing");
    }
    story.delete(0, question, false);
    let late = story.say(1, "hello?", Some(question));
    assert_eq!(story.said(0, late), Said::Missing);
    assert_eq!(story.said(1, late), words("shall we go?"));
}

#[test]
fn reactions_come_change_and_go() {
    let mut story = Story::of_three();
    let message = story.say(0, "cake?", None);
    story.react(1, message, "👍", true);
    story.react(2, message, "❤️", true);
    story.react(0, message, "👍", true);
    for node in 0..3 {
        let shown = [("👍".to_owned(), vec![0, 1]), ("❤️".to_owned(), vec![2])];
        assert_eq!(story.reactions(node, message), shown);
    }
    // Another one takes its place; what is taken back is gone.
    story.react(1, message, "🎂", true);
    story.react(0, message, "", false);
    for node in 0..3 {
        let shown = [("❤️".to_owned(), vec![2]), ("🎂".to_owned(), vec![1])];
        assert_eq!(story.reactions(node, message), shown);
    }
    for wrong in ["no", "👍👍", ""] {
        story.react(1, message, wrong, true);
        assert!(story.complaint(1).is_some(), "{wrong}");
    }
    // The row of the list has not moved: a reaction is no message.
    let row = &story.world.nodes[2].conversations[&ConversationId::group(ROOM)];
    let last = row.last.as_ref().map(|last| MessageRef {
        sender: last.sender,
        id: last.id,
    });
    assert_eq!((last, row.unread), (Some(message), 1));
}

#[test]
fn own_words_are_edited_for_a_day() {
    let mut story = Story::of_two();
    let message = story.say(0, "helo", None);
    story.edit(0, message.id, "hello");
    story.edit(0, message.id, "hello!");
    for node in 0..2 {
        let entry = story.entry(node, message).unwrap();
        assert_eq!(entry.body, text("hello!"));
        assert!(entry.extra.edited_at.is_some());
        let row = &story.world.nodes[node].conversations[&story.conversation(node)];
        assert_eq!(row.last.as_ref().unwrap().body, text("hello!"));
        assert_eq!(
            story.traces(node, "helo"),
            0,
            "what was said before is gone"
        );
    }
    // Not those of others, not nothing, not a picture.
    let other = story.say(1, "hi", None);
    story.edit(0, other.id, "forged");
    assert!(story.complaint(0).is_some());
    story.edit(0, message.id, " ");
    assert!(story.complaint(0).is_some());
    let to = Recipient::Direct {
        user_id: story.users[1],
    };
    let picture = story.world.picture_to(to, "the bridge");
    let Command::SendPicture { id, .. } = &picture else {
        unreachable!()
    };
    let id = *id;
    story.act(0, picture);
    story.edit(0, id, "words");
    assert!(story.complaint(0).is_some());
    story.world.run_for(24 * HOUR);
    story.edit(0, message.id, "too late");
    assert!(story.complaint(0).is_some());
    for node in 0..2 {
        assert_eq!(story.body(node, message), text("hello!"));
        assert_eq!(story.body(node, other), text("hi"));
    }
}

#[test]
fn who_changes_the_words_of_another_changes_nothing() {
    let mut story = Story::of_three();
    let message = story.say(0, "the truth", None);
    // A client that does not ask: it edits and deletes under the id of another one's message.
    let to = json!({ "sender": message.sender, "id": message.id });
    let changes = vec![
        json!({ "to": to, "what": { "Text": "a lie" } }),
        json!({ "to": to, "what": "Deleted" }),
    ];
    let conversation = story.conversation(1);
    story.world.forge(1, conversation, changes);
    story.world.run_for(10_000);
    let after = story.say(0, "still here", None);
    for node in 0..3 {
        assert_eq!(story.body(node, message), text("the truth"));
        assert!(story.entry(node, after).is_some());
    }
    assert_eq!(story.history(0).len(), story.history(1).len());
}

#[test]
fn what_is_deleted_is_gone_for_everyone() {
    let mut story = Story::of_two();
    let message = story.say(0, "the password is swordfish", None);
    story.react(1, message, "😮", true);
    story.delete(1, message, true);
    assert!(story.complaint(1).is_some(), "it is not theirs");
    story.delete(0, message, true);
    for node in 0..2 {
        assert_eq!(story.body(node, message), Body::Deleted);
        assert_eq!(story.reactions(node, message), []);
        assert_eq!(story.traces(node, "swordfish"), 0);
    }
    for (node, refused) in [(0, true), (1, true)] {
        story.react(node, message, "👍", true);
        assert_eq!(story.complaint(node).is_some(), refused);
    }
    story.edit(0, message.id, "again");
    assert!(story.complaint(0).is_some());
    assert_eq!(story.body(1, message), Body::Deleted);
}

#[test]
fn deleting_for_oneself_leaves_it_to_the_others() {
    let mut story = Story::of_two();
    let first = story.say(0, "one", None);
    let second = story.say(0, "two", None);
    story.delete(1, second, false);
    assert!(story.entry(1, second).is_none());
    assert!(story.entry(0, second).is_some());
    let row = &story.world.nodes[1].conversations[&story.conversation(1)];
    let last = row.last.as_ref().map(|last| MessageRef {
        sender: last.sender,
        id: last.id,
    });
    assert_eq!((last, row.unread), (Some(first), 1));
    assert_eq!(story.traces(1, "two"), 0);
    // A later change does not bring it back.
    story.edit(0, second.id, "two and a half");
    assert!(story.entry(1, second).is_none());
}

#[test]
fn changes_made_without_a_network_show_at_once_and_arrive_later() {
    let mut story = Story::of_two();
    let message = story.say(0, "hello", None);
    story.world.run_for(5_000);
    story.world.hold(0, true);
    story.edit(0, message.id, "hello you");
    story.react(0, message, "🌿", true);
    assert_eq!(story.body(0, message), text("hello you"));
    assert_eq!(story.reactions(0, message), [("🌿".to_owned(), vec![0])]);
    assert_eq!(story.body(1, message), text("hello"));
    // Words that were not sent are simply other ones.
    let unsent = story.say(0, "mistake", Some(message));
    assert_eq!(story.said(0, unsent), words("hello you"));
    story.edit(0, unsent.id, "no mistake");
    assert_eq!(story.body(0, unsent), text("no mistake"));
    story.world.hold(0, false);
    story.world.run_for(60_000);
    for node in 0..2 {
        assert_eq!(story.body(node, message), text("hello you"));
        assert_eq!(story.reactions(node, message), [("🌿".to_owned(), vec![0])]);
        let sent = story.entry(node, unsent).unwrap();
        assert_eq!(
            (sent.body, sent.extra.edited_at),
            (text("no mistake"), None)
        );
        assert_eq!(story.said(node, unsent), words("hello you"));
    }
}

#[test]
fn a_change_that_nobody_takes_is_undone() {
    let mut story = Story::of_two();
    let message = story.say(0, "hello", None);
    story.react(1, message, "👍", true);
    story.world.server.refuse_messages = Some(protocol::Code::InvalidMessage);
    story.react(0, message, "🌿", true);
    story.edit(0, message.id, "bye");
    story.delete(0, message, true);
    for _ in 0..3 {
        assert!(story.complaint(0).is_some());
    }
    story.world.server.refuse_messages = None;
    for node in 0..2 {
        assert_eq!(story.body(node, message), text("hello"));
        assert_eq!(story.entry(node, message).unwrap().extra.edited_at, None);
        assert_eq!(story.reactions(node, message), [("👍".to_owned(), vec![1])]);
    }
}

#[test]
fn changes_wait_for_their_message_within_bounds() {
    let mut story = Story::of_three();
    // Of messages that nobody has: a reaction each, from a client that makes them up.
    let id = |number: u8| ClientId::from_bytes([number; 16]);
    let to = |number: u8| json!({ "sender": story.users[0], "id": id(number) });
    let reaction = |number| json!({ "to": to(number), "what": { "Reaction": "👍" } });
    let changes = (0..100).map(reaction).collect();
    let conversation = story.conversation(1);
    story.world.forge(1, conversation, changes);
    story.world.run_for(60_000);
    let kept = story.world.nodes[2].records.keys();
    let kept = kept.filter(|key| key.starts_with(INDEX_PREFIX)).count();
    assert_eq!(kept, 64);
    // The message of one of them comes after all.
    let to = Recipient::Room { room_id: ROOM };
    let mut command = story.world.text_to(to, "late");
    let (late, sender) = (id(99), story.users[0]);
    if let Command::SendText { id, .. } = &mut command {
        *id = late;
    }
    story.act(0, command);
    let late = MessageRef { sender, id: late };
    for node in 0..3 {
        let shown = [("👍".to_owned(), vec![1])];
        assert_eq!(story.reactions(node, late), shown, "{node}");
    }
}
