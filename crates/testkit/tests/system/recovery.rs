//! Every device is lost: the recovery key brings the account and its conversations back, through the
//! real servers.

use std::time::Instant;

use e2ee::RecoveryKey;
use engine::{ConversationId, RecoveryFailure};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use testkit::{Device, Stack, friends, until};

/// What a page of the archive holds.
const PAGE: usize = 50;
const MESSAGES: usize = 130;

#[tokio::test]
async fn who_lost_every_device_reads_everything_again_page_by_page() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    let words: Vec<String> = (0..MESSAGES).map(|n| format!("message {n}")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    for (n, text) in words.iter().enumerate() {
        // Each answers the one before, ten at a time.
        let (from, to) = if n / 10 % 2 == 0 {
            (&ana, &bo)
        } else {
            (&bo, &ana)
        };
        from.write(&to.person, text);
        if n % 10 == 9 {
            to.reads(&from.person, &words[..=n]).await;
        }
    }
    ana.keeps_everything().await;
    stack.let_factors_age().await;
    let old_key = ana.make_recovery_key().await;
    stack.let_factors_age().await;
    let key = ana.make_recovery_key().await;
    assert_ne!(key, old_key);

    // The only device is gone, with all that it stored; what is left is password, backup codes and
    // the sheet of paper.
    let lost = ana.device_id();
    let person = ana.person.clone();
    drop(ana);
    let session = person.sign_in_with_backup_code().await;
    let found = Device::blank(&session);
    let foreign = RecoveryKey::generate(&mut ChaCha20Rng::from_seed([7; 32])).to_text();
    let typo = format!(
        "{}{}",
        if key.starts_with('A') { 'B' } else { 'A' },
        &key[1..]
    );
    for (typed, reason) in [
        (typo.as_str(), RecoveryFailure::Typo { group: 1 }),
        // The one before the last opens nothing any more.
        (old_key.as_str(), RecoveryFailure::Wrong),
        (foreign.as_str(), RecoveryFailure::Wrong),
    ] {
        assert_eq!(found.recover_in_vain(typed).await, reason);
    }
    let begun = Instant::now();
    found.recover(&key);
    found.live().await;
    let recovered = begun.elapsed();
    let conversation = ConversationId::direct(bo.person.user_id);
    let here = || found.history(&bo.person).len();
    // The first page comes by itself, the others when they are asked for.
    until("the first page", || async { (here() > 0).then_some(()) }).await;
    println!(
        "recovered in {recovered:?}, with the first page in {:?}",
        begun.elapsed()
    );
    assert_eq!(here(), PAGE);
    assert_eq!(
        found.transcript(&bo.person)[0].1,
        words[MESSAGES - PAGE],
        "the newest page first"
    );
    let mut more = true;
    while more {
        let before = here();
        more = found.load_older(conversation).await;
        assert!(here() - before <= PAGE);
    }
    found.reads(&bo.person, &words).await;
    println!("everything after {:?}", begun.elapsed());
    assert_ne!(found.device_id(), lost);
    found.write(&bo.person, "back again");
    let all = [words.as_slice(), &["back again"]].concat();
    bo.reads(&session, &all).await;
    bo.write(&session, "good to read you");
    found
        .reads(
            &bo.person,
            &[all.as_slice(), &["good to read you"]].concat(),
        )
        .await;
}
