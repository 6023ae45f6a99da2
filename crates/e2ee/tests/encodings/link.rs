//! The messages of a link, by scan and by digits.

use e2ee::{
    RecoveryKey,
    link::{AwaitingAnswer, AwaitingReveal, Handover, ScannedCode, ShownCode},
};

use crate::{Vectors, hex};

const NOW: u64 = 1_700_000_000;

fn handover(all: &Vectors) -> Handover {
    let recovery = all.part("recovery");
    let key = RecoveryKey::generate(&mut recovery.draws(&["key"]));
    Handover {
        keyring: all.keyring(),
        vault_version: all.part("vault").number("version"),
        bundle_key: Some(key.bundle_key(all.id("user"))),
    }
}

#[test]
fn by_scan() {
    let all = Vectors::load();
    let vectors = all.part("link_by_scan");
    let (user, link) = (all.id("user"), all.id("link"));
    let draws = &mut vectors.draws(&["secret", "new_key"]);
    let shown = ShownCode::new(user, link, NOW, draws);
    assert_eq!(shown.text().as_str(), vectors.text("code"));
    let scanned = ScannedCode::read(vectors.text("code"), user, NOW).unwrap();
    let draws = &mut vectors.draws(&["ephemeral_key"]);
    let message = scanned.seal(&handover(&all), NOW, draws).unwrap();
    assert_eq!(hex(&message), vectors.text("handover"));
    let opened = shown.open(&message, NOW).unwrap();
    assert!(opened.bundle_key == handover(&all).bundle_key);
}

#[test]
fn by_digits() {
    let all = Vectors::load();
    let vectors = all.part("link_by_digits");
    let (user, link) = (all.id("user"), all.id("link"));
    let (new, commitment) = AwaitingAnswer::new(user, link, NOW, &mut vectors.draws(&["new_key"]));
    assert_eq!(hex(&commitment), vectors.text("commitment"));
    let draws = &mut vectors.draws(&["old_key"]);
    let (old, answer) = AwaitingReveal::answer(user, link, &commitment, NOW, draws).unwrap();
    assert_eq!(hex(&answer), vectors.text("answer"));
    let (new, reveal) = new.answered(&answer, NOW).unwrap();
    assert_eq!(hex(&reveal), vectors.text("reveal"));
    assert_eq!(new.digits(), vectors.text("digits"));
    let old = old.revealed(&reveal, NOW).unwrap();
    let draws = &mut vectors.draws(&["ephemeral_key"]);
    let typed = old.typed(vectors.text("digits"), &handover(&all), NOW, draws);
    let message = typed.unwrap();
    assert_eq!(hex(&message), vectors.text("handover"));
    let opened = new.open(&message, NOW).unwrap().confirm();
    assert!(opened.bundle_key == handover(&all).bundle_key);
}
