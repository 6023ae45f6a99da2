//! A device that is let in by another one, through the real servers.

use engine::LinkHow;
use testkit::{Stack, friends};

#[tokio::test]
async fn a_device_is_let_in_by_scan_or_by_digits_and_reads_what_was_before() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    let words = ["long ago", "and the answer"];
    ana.write(&bo.person, words[0]);
    bo.reads(&ana.person, &words[..1]).await;
    bo.write(&ana.person, words[1]);
    ana.reads(&bo.person, &words).await;
    let mut all: Vec<&str> = words.to_vec();
    for (how, name) in [(LinkHow::Scan, "by scan"), (LinkHow::Typed, "by digits")] {
        ana.keeps_everything().await;
        let session = ana.person.sign_in_with_backup_code().await;
        stack.let_factors_age().await;
        let new = ana.link_by(&session, how).await;
        new.reads(&bo.person, &all).await;
        let said = [
            "hello, you new one, linked by scan",
            "hello, linked by digits",
        ];
        let said = said[usize::from(how == LinkHow::Typed)];
        bo.write(&ana.person, said);
        all.push(said);
        new.reads(&bo.person, &all).await;
        new.write(&bo.person, name);
        all.push(name);
        for (device, with) in [(&ana, &bo), (&bo, &ana), (&new, &bo)] {
            device.reads(&with.person, &all).await;
        }
    }
}
