//! An older copy of the chat database takes the place of what came since, under people who talk.

use engine::{Command, ConversationId, RoomEvent};
use testkit::{Server, Stack};

use crate::groups::Group;

#[tokio::test]
async fn conversations_go_on_when_an_older_backup_was_restored() {
    let stack = Stack::start().await;
    let group = Group::start(&stack).await;
    let (ana, ben, cy) = (&group.ana, &group.ben, &group.cy);
    ana.write(&ben.person, "to Ben");
    ben.reads(&ana.person, &["to Ben"]).await;
    group.say(ana, "before");
    group.reads(ben, &["before"]).await;
    group.reads(cy, &["before"]).await;
    stack.back_up().await;

    // The group changes, everybody reads what the copy does not have.
    ana.command(Command::SetAdmin {
        room_id: group.room_id,
        user_id: ben.person.user_id,
        admin: true,
    });
    for device in [ana, ben, cy] {
        group
            .row(device, "two admins", |row| row.admins.len() == 2)
            .await;
    }
    ben.write(&ana.person, "from Ben");
    ana.reads(&ben.person, &["to Ben", "from Ben"]).await;
    group.say(cy, "since then");
    let words = ["before", "since then"];
    group.reads(ana, &words).await;
    group.reads(ben, &words).await;

    stack.restore().await;
    // Nobody writes, and everybody is where the server is.
    for device in [ana, ben, cy] {
        group
            .row(device, "one admin", |row| {
                row.admins.len() == 1 && row.fault.is_none()
            })
            .await;
        let back = |event: &&RoomEvent| **event == RoomEvent::SetBack;
        assert_eq!(group.events(device).iter().filter(back).count(), 1);
    }
    ana.write(&ben.person, "are you there?");
    let (to_ana, to_ben) = (
        ConversationId::direct(ana.person.user_id),
        ConversationId::direct(ben.person.user_id),
    );
    ben.hears(to_ana, "are you there?").await;
    ben.write(&ana.person, "I am");
    ana.hears(to_ben, "I am").await;
    group.say(cy, "all of us?");
    for device in [ana, ben, cy] {
        for words in ["before", "since then", "all of us?"] {
            device.hears(group.conversation, words).await;
        }
    }
    // What the group had decided is decided again.
    ana.command(Command::SetAdmin {
        room_id: group.room_id,
        user_id: ben.person.user_id,
        admin: true,
    });
    group
        .row(cy, "two admins again", |row| row.admins.len() == 2)
        .await;
    assert!(stack.log(Server::Chat).contains("set-back"));
}
