//! Somebody erases their only device and comes back with the recovery key, through the real servers:
//! their group is theirs as before.

use engine::{Command, Phase, RoomEvent};
use testkit::{Device, Stack};

use crate::groups::Group;

#[tokio::test]
async fn an_only_admin_without_a_device_comes_back_as_one() {
    let stack = Stack::start().await;
    let mut group = Group::start(&stack).await;
    group.say(&group.ana, "before");
    group.reads(&group.ben, &["before"]).await;
    group.reads(&group.cy, &["before"]).await;
    let user = group.ana.person.user_id;
    group.ana.keeps_everything().await;
    stack.let_factors_age().await;
    let key = group.ana.make_recovery_key().await;
    group.ana.command(Command::SignOff);
    group.ana.phase(&Phase::Revoked).await;
    for device in [&group.ben, &group.cy] {
        group
            .row(device, "Ana without a device", |row| {
                row.absent == [user] && row.members.len() == 3 && row.admins == [user]
            })
            .await;
    }
    group.say(&group.cy, "while she is away");
    group
        .reads(&group.ben, &["before", "while she is away"])
        .await;

    let session = group.ana.person.sign_in_with_backup_code().await;
    let found = Device::blank(&session);
    found.recover(&key);
    found.live().await;
    drop(std::mem::replace(&mut group.ana, found));
    for device in [&group.ana, &group.ben, &group.cy] {
        group
            .row(device, "everybody", |row| {
                row.absent.is_empty() && row.members.len() == 3 && row.fault.is_none()
            })
            .await;
    }
    group.say(&group.ana, "here again");
    group.ben.hears(group.conversation, "here again").await;
    group.cy.hears(group.conversation, "here again").await;
    group.say(&group.ben, "good");
    group.ana.hears(group.conversation, "good").await;
    // Her first words come from her archive, and what was said meanwhile was never hers.
    group.ana.hears(group.conversation, "before").await;
    group.ana.command(Command::SetAdmin {
        room_id: group.room_id,
        user_id: group.ben.person.user_id,
        admin: true,
    });
    group
        .row(&group.cy, "two admins", |row| row.admins.len() == 2)
        .await;
    // To the others nobody came or went.
    for device in [&group.ben, &group.cy] {
        let events = group.events(device);
        let came_or_went = |event: &&RoomEvent| {
            matches!(
                event,
                RoomEvent::Added { .. } | RoomEvent::Removed { .. } | RoomEvent::Gone { .. }
            )
        };
        assert_eq!(events.iter().find(came_or_went), None, "{events:?}");
    }
}
