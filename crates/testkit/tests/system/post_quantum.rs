//! Rooms that withstand a quantum computer, through the real servers: who gets one, who comes in,
//! who cannot.

use engine::{Command, ConversationId, LinkHow, NotAdded, Notice, Recipient};
use protocol::RoomId;
use serde_json::Value;
use testkit::{Device, Person, Stack, friends, until};

/// ML-KEM-768 and X25519 together, with the number that it has for the time being.
const POST_QUANTUM: i32 = 0x004F;
const CLASSIC: i32 = 0x0003;

/// How many key packages of a suite the server has of a device, last resorts among them.
async fn packages(stack: &Stack, device: &Device, suite: i32) -> i64 {
    sqlx::query_scalar("select count(*) from key_packages where device_id = $1 and suite = $2")
        .bind(device.device_id().0)
        .bind(suite)
        .fetch_one(stack.chat_database())
        .await
        .unwrap()
}

/// Switches it on, and waits for the packages that others need.
async fn switch_on(stack: &Stack, device: &Device) {
    device.command(Command::SetPostQuantum { on: true });
    until("packages of the suite", || async {
        (packages(stack, device, POST_QUANTUM).await > 1).then_some(())
    })
    .await;
    assert!(
        packages(stack, device, CLASSIC).await > 1,
        "beside the others"
    );
}

/// Whether a conversation has it, as a device shows it.
fn has_it(device: &Device, conversation: ConversationId) -> bool {
    device.conversation(conversation).unwrap().post_quantum
}

#[tokio::test]
async fn two_who_want_it_get_such_a_room_and_a_further_device_comes_in() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    switch_on(&stack, &ana).await;
    switch_on(&stack, &bo).await;
    let (here, there) = (
        ConversationId::direct(bo.person.user_id),
        ConversationId::direct(ana.person.user_id),
    );
    ana.write(&bo.person, "for a long time to come");
    let room = bo.hears(there, "for a long time to come").await.room_id;
    bo.write(&ana.person, "and back");
    ana.hears(here, "and back").await;
    assert!(has_it(&ana, here) && has_it(&bo, there));
    let room = room.unwrap();
    let same = ana.epoch_authenticator(room);
    assert!(same.is_some() && same == bo.epoch_authenticator(room));

    // A device of Ana's whose switch was never touched: it comes in by its own commit.
    ana.keeps_everything().await;
    let session = ana.person.sign_in_with_backup_code().await;
    stack.let_factors_age().await;
    let tablet = ana.link_by(&session, LinkHow::Scan).await;
    assert_eq!(packages(&stack, &tablet, POST_QUANTUM).await, 0);
    tablet.hears(here, "for a long time to come").await;
    until("the tablet in the room", || async {
        let inside = tablet.epoch_authenticator(room)?;
        (bo.epoch_authenticator(room)? == inside).then_some(())
    })
    .await;
    tablet.write(&bo.person, "from the tablet");
    bo.hears(there, "from the tablet").await;
    bo.write(&ana.person, "to both");
    for device in [&ana, &tablet] {
        let heard = device.hears(here, "to both").await;
        assert_eq!(heard.room_id, Some(room), "the room stays what it is");
        assert!(has_it(device, here));
    }
}

#[tokio::test]
async fn who_has_the_classic_suite_alone_stays_out_of_such_a_group_and_gets_a_classic_room() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    let cy = Person::sign_up(&stack, "cy.w").await;
    ana.person.befriend(&cy).await;
    let cy = Device::set_up(&cy).await;
    switch_on(&stack, &ana).await;
    switch_on(&stack, &bo).await;
    let room_id = RoomId::from_parts(1, rand::random());
    let group = ConversationId::group(room_id);
    ana.command(Command::CreateGroup {
        room_id,
        name: "Attic".into(),
        members: vec![bo.person.user_id],
    });
    until("the group", || async {
        let row = bo.conversation(group)?;
        row.post_quantum.then_some(())
    })
    .await;
    let invite = Command::Invite {
        room_id,
        members: vec![cy.person.user_id],
    };
    ana.command(invite.clone());
    ana.notice("that Cy was not added", |notice| match notice {
        Notice::NotAdded {
            room_id: of,
            user_id,
            reason: NotAdded::NoPostQuantumKeys,
        } => (*of == room_id && *user_id == cy.person.user_id).then_some(()),
        _ => None,
    })
    .await;
    let to = Recipient::Room { room_id };
    ana.write_to(to, "the two of us, then");
    bo.hears(group, "the two of us, then").await;
    let rooms: Vec<Value> = cy.person.get("/api/rooms").await.unwrap();
    assert!(rooms.is_empty(), "{rooms:?}");

    // With Ana it is a classic room.
    let (with_cy, with_ana) = (
        ConversationId::direct(cy.person.user_id),
        ConversationId::direct(ana.person.user_id),
    );
    ana.write(&cy.person, "as always");
    cy.hears(with_ana, "as always").await;
    assert!(!has_it(&ana, with_cy) && !has_it(&cy, with_ana));

    // With the switch on Cy can be added.
    switch_on(&stack, &cy).await;
    ana.command(invite);
    until("Cy in the group", || async {
        let inside = cy.epoch_authenticator(room_id)?;
        (bo.epoch_authenticator(room_id)? == inside).then_some(())
    })
    .await;
    cy.write_to(to, "the three of us");
    for device in [&ana, &bo] {
        device.hears(group, "the three of us").await;
    }
    assert!(has_it(&cy, group));
    let classic = !has_it(&cy, with_ana);
    assert!(classic, "a room never changes its suite");
}
