//! Pictures through the real servers: for the people of a conversation, and for nobody else.

use engine::{
    Body, Command, ConversationId, Entry, EntryState, FILES_PREFIX, NewPicture, Picture, Recipient,
    open_picture,
};
use protocol::{AttachmentId, limits};
use testkit::{Device, Person, Server, Stack, friends, until};

/// As much of a PNG as the servers and the engine look at, with bytes that are easy to find.
fn png(size: usize) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(b"taken at the mill pond ".iter().cycle().take(size - 8));
    file
}

fn picture(file: &[u8]) -> NewPicture {
    NewPicture {
        file: file.to_vec().into(),
        width: 1600,
        height: 1200,
        preview: vec![7; 200].into(),
        caption: "our new boat".into(),
    }
}

/// Waits for the newest picture of a conversation, as a device has it.
async fn arrived(device: &Device, conversation: ConversationId) -> (Entry, AttachmentId, Picture) {
    let what = format!("a picture at {}", device.person.username);
    until(&what, || async {
        let entry = device.entries(conversation).pop()?;
        match entry.body.clone() {
            Body::Picture {
                attachment_id: Some(id),
                picture,
            } if entry.state == EntryState::Sent => Some((entry, id, *picture)),
            _ => None,
        }
    })
    .await
}

async fn fetched(person: &Person, id: AttachmentId) -> (u16, Vec<u8>) {
    let path = format!("/api/attachments/{id}");
    let reply = person.raw("GET", &path, None).await;
    (reply.status().as_u16(), reply.bytes().await.unwrap().into())
}

#[tokio::test]
async fn a_picture_is_for_the_two_who_talk() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    // Of several chunks.
    let file = png(300_000);
    let user_id = bo.person.user_id;
    ana.send_picture(Recipient::Direct { user_id }, picture(&file));
    let (_, id, told) = arrived(&bo, ConversationId::direct(ana.person.user_id)).await;
    assert_eq!((told.width, told.height), (1600, 1200));
    assert_eq!(told.caption.0, "our new boat");

    let (status, ciphertext) = fetched(&bo.person, id).await;
    assert_eq!(status, 200);
    assert!(ciphertext.len() <= limits::ATTACHMENT && ciphertext.len() > file.len());
    let beginning = &file[..32];
    assert!(!ciphertext.windows(32).any(|bytes| bytes == beginning));
    assert!(open_picture(&ciphertext, &told).unwrap() == file);

    let stranger = Person::sign_up(&stack, "cy.w").await;
    assert_eq!(fetched(&stranger, id).await.0, 404);
    let dump = stack.dump().await;
    assert!(!dump.contains("our new boat") && !dump.contains("mill pond"));

    // The sender's own copy outlives a crash; nothing is uploaded twice.
    let (_, own_id, _) = arrived(&ana, ConversationId::direct(bo.person.user_id)).await;
    assert_eq!(own_id, id);
    let ana = ana.crash().await;
    ana.live().await;
    let kept = ana.records().into_iter();
    let kept: Vec<_> = kept
        .filter(|(key, _)| key.starts_with(FILES_PREFIX))
        .collect();
    assert!(kept.len() == 1 && kept[0].1 == ciphertext);
}

#[tokio::test]
async fn a_picture_waits_for_the_server_and_keeps_its_place() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    let user_id = bo.person.user_id;
    let to = Recipient::Direct { user_id };
    ana.write(&bo.person, "look");
    bo.reads(&ana.person, &["look"]).await;
    stack.kill(Server::Chat);
    ana.send_picture(to, picture(&png(200_000)));
    ana.write(&bo.person, "that is it");
    stack.restart(Server::Chat).await;
    let conversation = ConversationId::direct(ana.person.user_id);
    let what = "three messages";
    let three = || async { Some(bo.entries(conversation)).filter(|all| all.len() == 3) };
    let entries = until(what, three).await;
    let Body::Picture { picture, .. } = &entries[1].body else {
        panic!("no picture in its place: {entries:?}");
    };
    assert_eq!(picture.size, 200_000);
}

#[tokio::test]
async fn a_group_sees_a_picture_and_who_was_removed_cannot_fetch_it() {
    let stack = Stack::start().await;
    let group = crate::groups::Group::start(&stack).await;
    let (ana, ben, cy) = (&group.ana, &group.ben, &group.cy);
    let room_id = group.room_id;
    let file = png(70_000);
    ben.send_picture(Recipient::Room { room_id }, picture(&file));
    for device in [ana, cy] {
        let (_, id, told) = arrived(device, group.conversation).await;
        let (_, ciphertext) = fetched(&device.person, id).await;
        assert!(open_picture(&ciphertext, &told).unwrap() == file);
    }
    let (_, id, _) = arrived(cy, group.conversation).await;
    let user_id = cy.person.user_id;
    ana.command(Command::RemoveMember { room_id, user_id });
    group.members(ben, &[ana, ben]).await;
    until("the end of it", || async {
        (fetched(&cy.person, id).await.0 == 404).then_some(())
    })
    .await;
    assert_eq!(fetched(&ben.person, id).await.0, 200);
}
