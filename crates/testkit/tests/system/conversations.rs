//! Two people write to each other.

use engine::{Command, ConversationId, EntryState, Notice};
use testkit::{Stack, friends, until};

#[tokio::test]
async fn sign_up_to_message() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    ana.write(&bo.person, "Did the box arrive? 🌿");
    bo.reads(&ana.person, &["Did the box arrive? 🌿"]).await;
    bo.write(&ana.person, "This morning.");
    ana.reads(&bo.person, &["Did the box arrive? 🌿", "This morning."])
        .await;
    until("everything acknowledged", || async {
        let all = [ana.history(&bo.person), bo.history(&ana.person)].concat();
        all.iter()
            .all(|entry| entry.state == EntryState::Sent)
            .then_some(())
    })
    .await;
    assert_eq!(ana.transcript(&bo.person), bo.transcript(&ana.person));
}

#[tokio::test]
async fn delivered_and_read_are_told() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    ana.write(&bo.person, "seen?");
    bo.reads(&ana.person, &["seen?"]).await;
    let conversation = ConversationId::direct(bo.person.user_id);
    let marks = |notice: &Notice| match notice {
        Notice::Conversation { conversation: row } if row.id == conversation => {
            row.marks.last().copied()
        }
        _ => None,
    };
    let entry = bo.history(&ana.person).pop().unwrap();
    let (room_id, seq) = (entry.room_id.unwrap(), entry.seq.unwrap());
    ana.notice("delivered", |notice| {
        marks(notice).filter(|marks| marks.delivered >= seq)
    })
    .await;
    bo.command(Command::MarkRead {
        conversation: ConversationId::direct(ana.person.user_id),
        room_id,
        seq,
    });
    ana.notice("read", |notice| {
        marks(notice).filter(|marks| marks.read >= seq)
    })
    .await;
}

#[tokio::test]
async fn what_was_missed_is_there_in_order_and_once() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    ana.write(&bo.person, "hello");
    bo.reads(&ana.person, &["hello"]).await;
    bo.online(false);
    // More than a page of `sync`.
    let texts: Vec<String> = (0..70).map(|n| format!("message {n}")).collect();
    for text in &texts {
        ana.write(&bo.person, text);
    }
    let mut words = vec!["hello"];
    words.extend(texts.iter().map(String::as_str));
    ana.reads(&bo.person, &words).await;
    bo.online(true);
    bo.reads(&ana.person, &words).await;
    assert_eq!(ana.transcript(&bo.person), bo.transcript(&ana.person));
}

#[tokio::test]
async fn a_crash_of_a_device_loses_and_doubles_nothing() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    ana.write(&bo.person, "before");
    bo.reads(&ana.person, &["before"]).await;
    for n in 0..10 {
        ana.write(&bo.person, &format!("ana {n}"));
    }
    let ana = ana.crash().await;
    let bo = bo.crash().await;
    // What had reached the engine before the crash arrives; what had not is as if never typed.
    ana.live().await;
    bo.live().await;
    ana.write(&bo.person, "after");
    until("the last word at both", || async {
        let (mine, theirs) = (ana.transcript(&bo.person), bo.transcript(&ana.person));
        (mine.last()?.1 == "after" && theirs.last()?.1 == "after").then_some(())
    })
    .await;
    assert_eq!(ana.transcript(&bo.person), bo.transcript(&ana.person));
    let texts: Vec<_> = bo
        .transcript(&ana.person)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let mut once = texts.clone();
    once.dedup();
    assert_eq!(texts, once);
    assert_eq!(texts.first().unwrap(), "before");
}

#[tokio::test]
async fn the_log_drops_what_every_device_has() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    for n in 0..5 {
        ana.write(&bo.person, &format!("{n}"));
    }
    bo.reads(&ana.person, &["0", "1", "2", "3", "4"]).await;
    until("an empty log", || async {
        let left: i64 = sqlx::query_scalar("select count(*) from messages where body is not null")
            .fetch_one(stack.chat_database())
            .await
            .unwrap();
        (left == 0).then_some(())
    })
    .await;
    let seq: i64 = sqlx::query_scalar("select seq from rooms")
        .fetch_one(stack.chat_database())
        .await
        .unwrap();
    assert_eq!(
        seq, 6,
        "the commit and five messages were numbered without a gap"
    );
}
