//! Three people in a group, through the real servers.

use engine::{Body, Command, Conversation, ConversationId, Fault, Notice, Recipient, RoomEvent};
use protocol::{RoomId, UserId, socket::ConversationLoaded};
use testkit::{Device, Person, Stack, until};

pub const NAME: &str = "Sunday hikes in the fog";

pub struct Group {
    pub ana: Device,
    pub ben: Device,
    pub cy: Device,
    pub room_id: RoomId,
    pub conversation: ConversationId,
}

impl Group {
    /// Ana makes a group with Ben and Cy, who do not know each other.
    pub async fn start(stack: &Stack) -> Self {
        let (ana, ben, cy) = tokio::join!(
            Person::sign_up(stack, "ana"),
            Person::sign_up(stack, "ben"),
            Person::sign_up(stack, "cy.w")
        );
        ana.befriend(&ben).await;
        ana.befriend(&cy).await;
        // One after the other: making keys keeps a thread busy.
        let ana = Device::set_up(&ana).await;
        let ben = Device::set_up(&ben).await;
        let cy = Device::set_up(&cy).await;
        let room_id = RoomId::from_parts(1, rand::random());
        ana.command(Command::CreateGroup {
            room_id,
            name: NAME.into(),
            members: vec![ben.person.user_id, cy.person.user_id],
        });
        let group = Self {
            ana,
            ben,
            cy,
            room_id,
            conversation: ConversationId::group(room_id),
        };
        for device in [&group.ana, &group.ben, &group.cy] {
            group
                .row(device, "the name and three members", |row| {
                    row.name.as_ref().is_some_and(|name| name.0 == NAME) && row.members.len() == 3
                })
                .await;
        }
        group
    }

    pub async fn row(&self, device: &Device, what: &str, is: impl Fn(&Conversation) -> bool) {
        let what = format!("{what} at {}", device.person.username);
        until(&what, || async {
            let row = device.conversation(self.conversation);
            row.filter(|row| is(row)).map(|_| ())
        })
        .await;
    }

    pub async fn members(&self, device: &Device, members: &[&Device]) {
        let mut users: Vec<UserId> = members.iter().map(|it| it.person.user_id).collect();
        users.sort_unstable();
        self.row(device, "the members", |row| row.members == users)
            .await;
    }

    pub fn say(&self, from: &Device, text: &str) {
        let room_id = self.room_id;
        from.write_to(Recipient::Room { room_id }, text);
    }

    pub async fn reads(&self, device: &Device, words: &[&str]) {
        device.reads_in(self.conversation, words).await;
    }

    pub fn events(&self, device: &Device) -> Vec<RoomEvent> {
        let entries = device.entries(self.conversation).into_iter();
        entries
            .filter_map(|entry| match entry.body {
                Body::Room { events } => Some(events),
                _ => None,
            })
            .flatten()
            .collect()
    }
}

#[tokio::test]
async fn a_group_talks_and_who_is_removed_reads_nothing_new() {
    let stack = Stack::start().await;
    let group = Group::start(&stack).await;
    let (ana, ben, cy) = (&group.ana, &group.ben, &group.cy);
    group.say(ana, "Nine at the bridge?");
    group.reads(cy, &["Nine at the bridge?"]).await;
    group.say(cy, "I bring tea.");
    for device in [ana, ben, cy] {
        group
            .reads(device, &["Nine at the bridge?", "I bring tea."])
            .await;
    }
    ana.command(Command::RemoveMember {
        room_id: group.room_id,
        user_id: cy.person.user_id,
    });
    group.members(ben, &[ana, ben]).await;
    group
        .row(cy, "the removal", |row| row.fault == Some(Fault::Removed))
        .await;
    group.say(ben, "And now without Cy.");
    let all = ["Nine at the bridge?", "I bring tea.", "And now without Cy."];
    group.reads(ana, &all).await;
    // A new connection brings nothing either.
    cy.online(false);
    cy.online(true);
    cy.live().await;
    group.reads(cy, &all[..2]).await;
    let removed = RoomEvent::Removed {
        users: vec![cy.person.user_id],
    };
    assert!(group.events(cy).contains(&removed));
    assert!(group.events(ben).contains(&removed));
    // Nor does the server hand anything out that came after the removal.
    let gone = cy.entries(group.conversation).into_iter().rev();
    let gone = gone.filter_map(|entry| entry.seq).next().unwrap();
    let path = format!("/api/rooms/{}/messages?after={gone}", group.room_id);
    let page: ConversationLoaded = cy.person.get(&path).await.unwrap();
    assert!(page.messages.is_empty(), "{:?}", page.messages);

    // Back in, Cy reads what is said from then on.
    ana.command(Command::Invite {
        room_id: group.room_id,
        members: vec![cy.person.user_id],
    });
    group.members(ben, &[ana, ben, cy]).await;
    group.say(ben, "Welcome back.");
    group
        .reads(
            cy,
            &["Nine at the bridge?", "I bring tea.", "Welcome back."],
        )
        .await;

    // The server never saw the name.
    let dump = stack.dump().await;
    assert!(
        !dump.contains(NAME),
        "the server knows what the group is called"
    );
}

#[tokio::test]
async fn roles_change_hands_and_people_leave() {
    let stack = Stack::start().await;
    let group = Group::start(&stack).await;
    let (ana, ben, cy) = (&group.ana, &group.ben, &group.cy);
    let room_id = group.room_id;
    ana.command(Command::LeaveRoom { room_id });
    ana.notice("a refusal", |notice| match notice {
        Notice::Refused { failure, .. } => Some(failure.code),
        _ => None,
    })
    .await;
    ana.command(Command::SetAdmin {
        room_id,
        user_id: ben.person.user_id,
        admin: true,
    });
    for device in [ana, ben] {
        group
            .row(device, "two admins", |row| row.admins.len() == 2)
            .await;
    }
    // Whoever is away when somebody leaves hears of it later.
    cy.online(false);
    ana.command(Command::LeaveRoom { room_id });
    group.members(ben, &[ben, cy]).await;
    ben.command(Command::RenameRoom {
        room_id,
        name: "Saturday hikes".into(),
    });
    cy.online(true);
    group.members(cy, &[ben, cy]).await;
    group
        .row(cy, "the new name", |row| {
            row.name
                .as_ref()
                .is_some_and(|name| name.0 == "Saturday hikes")
        })
        .await;
    assert!(group.events(cy).contains(&RoomEvent::Left));
    assert!(group.events(ana).contains(&RoomEvent::Left));
    group.say(cy, "Bye, Ana.");
    group.reads(ben, &["Bye, Ana."]).await;
    group.reads(ana, &[]).await;
}
