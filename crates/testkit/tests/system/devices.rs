//! People with more than one device.

use engine::Notice;
use testkit::{Stack, friends};

#[tokio::test]
async fn a_room_holds_every_device_of_both() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    let session = ana.person.sign_in_with_backup_code().await;
    let tablet = ana.twin_account(&session).await;
    ana.write(&bo.person, "from the laptop");
    bo.reads(&ana.person, &["from the laptop"]).await;
    tablet.reads(&bo.person, &["from the laptop"]).await;
    tablet.write(&bo.person, "from the tablet");
    bo.reads(&ana.person, &["from the laptop", "from the tablet"])
        .await;
    bo.write(&ana.person, "to both");
    for device in [&ana, &tablet] {
        device
            .reads(
                &bo.person,
                &["from the laptop", "from the tablet", "to both"],
            )
            .await;
    }
}

#[tokio::test]
async fn a_device_that_comes_later_reads_on_from_there() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    ana.write(&bo.person, "before the tablet");
    bo.reads(&ana.person, &["before the tablet"]).await;
    let session = ana.person.sign_in_with_backup_code().await;
    let tablet = ana.twin_account(&session).await;
    // It is let in by a commit of Ana's other device; what was said before is not for it.
    tablet
        .notice("an invitation", |notice| match notice {
            Notice::Conversation { conversation: row } => row.room_id,
            _ => None,
        })
        .await;
    bo.write(&ana.person, "are you there?");
    tablet.reads(&bo.person, &["are you there?"]).await;
    tablet.write(&bo.person, "now I am");
    let words = ["before the tablet", "are you there?", "now I am"];
    bo.reads(&ana.person, &words).await;
    ana.reads(&bo.person, &words).await;
    tablet.reads(&bo.person, &words[1..]).await;
}
