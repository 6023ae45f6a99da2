//! Both ways of linking, and what somebody between the devices can try.

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::{AccountKey, ArchiveKeys, BundleKey, Keyring};

const USER: Uuid = Uuid::from_u128(1);
const LINK: Uuid = Uuid::from_u128(2);
const NOW: u64 = 1_700_000_000;

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

fn handover(seed: u8) -> Handover {
    let mut archive_keys = ArchiveKeys::default();
    archive_keys.renew(&mut rng(seed));
    Handover {
        keyring: Keyring {
            account_key: AccountKey::generate(&mut rng(seed)),
            list_version: 3,
            archive_keys,
        },
        vault_version: 4,
        bundle_key: Some(BundleKey::from_bytes(USER, &[seed; 32])),
    }
}

fn same(one: &Handover, other: &Handover) -> bool {
    one.to_bytes() == other.to_bytes()
}

fn shown() -> ShownCode {
    ShownCode::new(USER, LINK, NOW, &mut rng(10))
}

/// Both devices up to the digits, with nobody between.
fn at_the_digits() -> (ShowingDigits, AwaitingDigits) {
    let (new, commitment) = AwaitingAnswer::new(USER, LINK, NOW, &mut rng(11));
    let (old, answer) = AwaitingReveal::answer(USER, LINK, &commitment, NOW, &mut rng(12)).unwrap();
    let (new, reveal) = new.answered(&answer, NOW + 1).unwrap();
    (new, old.revealed(&reveal, NOW + 2).unwrap())
}

#[test]
fn a_scanned_code_hands_over() {
    let new = shown();
    let old = ScannedCode::read(&new.text(), USER, NOW + 5).unwrap();
    assert_eq!(old.link(), LINK);
    let message = old.seal(&handover(1), NOW + 30, &mut rng(2)).unwrap();
    let opened = new.open(&message, NOW + 31).unwrap();
    assert!(same(&opened, &handover(1)));
    assert!(opened.bundle_key == handover(1).bundle_key);
}

#[test]
fn a_code_of_another_account_version_or_kind_is_refused() {
    let text = shown().text();
    let refused = |text: &str, user| ScannedCode::read(text, user, NOW).unwrap_err();
    assert_eq!(refused(&text, Uuid::from_u128(9)), LinkError::OtherAccount);
    assert_eq!(refused(&text[..text.len() - 1], USER), LinkError::Malformed);
    let newer = crate::code::write("SNUG-LINK", &[2, 1, 1]);
    assert_eq!(refused(&newer, USER), LinkError::Newer);
    let longer = crate::code::write("SNUG-LINK", &[1; 98]);
    assert_eq!(refused(&longer, USER), LinkError::Malformed);
    let other = crate::code::write("SNUG-SAFETY", &[1; 97]);
    assert_eq!(refused(&other, USER), LinkError::Malformed);
}

#[test]
fn who_has_not_seen_the_code_can_neither_read_nor_forge() {
    // The server knows everything but the secret: another code with the same key stands for that.
    let new = shown();
    let guess = ShownCode {
        session: new.session,
        keys: hpke_modes::KeyPair {
            secret: new.keys.secret.clone(),
            public: new.keys.public.clone(),
        },
        secret: zeroize::Zeroizing::new([0; 32]),
    };
    let scanned = |code: &ShownCode| ScannedCode::read(&code.text(), USER, NOW).unwrap();
    let forged = scanned(&guess)
        .seal(&handover(6), NOW, &mut rng(3))
        .unwrap();
    let honest = scanned(&new).seal(&handover(1), NOW, &mut rng(3)).unwrap();
    assert_eq!(
        guess.open(&honest, NOW).unwrap_err(),
        LinkError::Undecryptable
    );
    assert_eq!(
        new.open(&forged, NOW).unwrap_err(),
        LinkError::Undecryptable
    );
    // Another key than the one in the code.
    let other = ShownCode::new(USER, LINK, NOW, &mut rng(9));
    assert_eq!(
        other.open(&honest, NOW).unwrap_err(),
        LinkError::Undecryptable
    );
}

#[test]
fn every_changed_byte_ends_a_link_by_scan() {
    let message = ScannedCode::read(&shown().text(), USER, NOW)
        .unwrap()
        .seal(&handover(1), NOW, &mut rng(2))
        .unwrap();
    for place in 0..message.len() {
        let mut changed = message.clone();
        changed[place] ^= 1;
        assert!(shown().open(&changed, NOW).is_err(), "byte {place}");
    }
    // The same bytes as the other kind of handover.
    let mut other = message;
    other[1] = Kind::HandoverByDigits as u8;
    assert_eq!(shown().open(&other, NOW).unwrap_err(), LinkError::Malformed);
}

#[test]
fn typed_digits_hand_over() {
    let (new, old) = at_the_digits();
    let digits = new.digits();
    assert_eq!(digits.len(), 7);
    assert!(digits.bytes().all(|digit| digit.is_ascii_digit()));
    let typed = format!(" {}-{} ", &digits[..3], &digits[3..]);
    let message = old
        .typed(&typed, &handover(1), NOW + 60, &mut rng(2))
        .unwrap();
    let opened = new.open(&message, NOW + 61).unwrap().confirm();
    assert!(same(&opened, &handover(1)));
}

#[test]
fn one_wrong_digit_ends_it() {
    let digits = at_the_digits().0.digits();
    for place in 0..7 {
        let mut wrong = digits.clone();
        let other = if wrong[place..].starts_with('0') {
            "1"
        } else {
            "0"
        };
        wrong.replace_range(place..=place, other);
        let (_, old) = at_the_digits();
        let typed = old.typed(&wrong, &handover(1), NOW, &mut rng(2));
        assert_eq!(typed.unwrap_err(), LinkError::WrongDigits);
    }
    for wrong in ["", &digits[..6], &format!("{digits}0")] {
        let (_, old) = at_the_digits();
        let typed = old.typed(wrong, &handover(1), NOW, &mut rng(2));
        assert_eq!(typed.unwrap_err(), LinkError::WrongDigits);
    }
}

#[test]
fn who_stands_between_gives_the_devices_different_digits() {
    // A server that is a new device to the old one and an old device to the new one.
    for seed in 0..50 {
        let (new, commitment) = AwaitingAnswer::new(USER, LINK, NOW, &mut rng(11));
        let (false_new, false_commitment) =
            AwaitingAnswer::new(USER, LINK, NOW, &mut rng(100 + seed));
        let (old, answer) =
            AwaitingReveal::answer(USER, LINK, &false_commitment, NOW, &mut rng(12)).unwrap();
        let (false_old, false_answer) =
            AwaitingReveal::answer(USER, LINK, &commitment, NOW, &mut rng(200 + seed)).unwrap();
        let (new, reveal) = new.answered(&false_answer, NOW).unwrap();
        let (false_new, false_reveal) = false_new.answered(&answer, NOW).unwrap();
        let false_old = false_old.revealed(&reveal, NOW).unwrap();
        let old = old.revealed(&false_reveal, NOW).unwrap();
        assert_ne!(new.digits(), false_new.digits());
        let typed = old.typed(&new.digits(), &handover(1), NOW, &mut rng(2));
        assert_eq!(typed.unwrap_err(), LinkError::WrongDigits);
        // What it hands over itself opens on the new device: hence the confirmation.
        let digits = new.digits();
        let forged = false_old.typed(&digits, &handover(6), NOW, &mut rng(3));
        assert!(new.open(&forged.unwrap(), NOW).is_ok());
    }
}

#[test]
fn a_key_that_was_not_committed_to_is_refused() {
    let (_, commitment) = AwaitingAnswer::new(USER, LINK, NOW, &mut rng(11));
    let (old, answer) = AwaitingReveal::answer(USER, LINK, &commitment, NOW, &mut rng(12)).unwrap();
    let (other, _) = AwaitingAnswer::new(USER, LINK, NOW, &mut rng(13));
    let (_, reveal) = other.answered(&answer, NOW).unwrap();
    assert_eq!(
        old.revealed(&reveal, NOW).unwrap_err(),
        LinkError::BrokenCommitment
    );
    // The same key in another link, or of another person, gives other digits.
    for (user, link) in [(USER, Uuid::from_u128(9)), (Uuid::from_u128(9), LINK)] {
        let (new, _) = AwaitingAnswer::new(user, link, NOW, &mut rng(11));
        let (old, answer) =
            AwaitingReveal::answer(USER, LINK, &commitment, NOW, &mut rng(12)).unwrap();
        let (new, reveal) = new.answered(&answer, NOW).unwrap();
        let old = old.revealed(&reveal, NOW).unwrap();
        let typed = old.typed(&new.digits(), &handover(1), NOW, &mut rng(2));
        assert_eq!(typed.unwrap_err(), LinkError::WrongDigits);
    }
}

#[test]
fn after_equal_digits_only_the_old_device_can_hand_over() {
    let (new, old) = at_the_digits();
    let digits = new.digits();
    // Somebody who knows every message seals to the new device's key with a key of their own.
    let forger = AwaitingDigits {
        keys: hpke_modes::KeyPair::generate(&mut rng(66)),
        session: old.session,
        new_key: old.new_key.clone(),
        transcript: old.transcript,
    };
    let forged = forger.typed(&digits, &handover(6), NOW, &mut rng(3));
    assert_eq!(
        new.open(&forged.unwrap(), NOW).unwrap_err(),
        LinkError::Undecryptable
    );
}

#[test]
fn two_minutes_end_every_step() {
    let (late, over) = (NOW + LIFE, NOW + LIFE + 1);
    let expired = LinkError::Expired;
    assert_eq!(shown().open(&[], over).unwrap_err(), expired);
    assert_ne!(shown().open(&[], late).unwrap_err(), expired);
    let scanned = ScannedCode::read(&shown().text(), USER, NOW).unwrap();
    let sealed = scanned.seal(&handover(1), over, &mut rng(2));
    assert_eq!(sealed.unwrap_err(), expired);

    let (new, commitment) = AwaitingAnswer::new(USER, LINK, NOW, &mut rng(11));
    let (old, answer) = AwaitingReveal::answer(USER, LINK, &commitment, NOW, &mut rng(12)).unwrap();
    assert_eq!(new.answered(&answer, over).unwrap_err(), expired);
    assert_eq!(old.revealed(&answer, over).unwrap_err(), expired);
    let (new, old) = at_the_digits();
    let typed = old.typed(&new.digits(), &handover(1), over, &mut rng(2));
    assert_eq!(typed.unwrap_err(), expired);
    assert_eq!(new.open(&[], over).unwrap_err(), expired);
}

#[test]
fn keys_of_low_order_are_refused() {
    let session = Session {
        user: USER,
        link: LINK,
        started: NOW,
    };
    // Orders 4 and 1 (Wycheproof, X25519).
    let mut one = [0; 32];
    one[0] = 1;
    for key in [[0; 32], one] {
        let commitment = Kind::Commitment.message(&digits::commitment(&session, &key));
        let (old, _) = AwaitingReveal::answer(USER, LINK, &commitment, NOW, &mut rng(12)).unwrap();
        let old = old.revealed(&Kind::Reveal.message(&key), NOW);
        assert_eq!(old.unwrap_err(), LinkError::Malformed);
        let (new, _) = AwaitingAnswer::new(USER, LINK, NOW, &mut rng(11));
        let new = new.answered(&Kind::Answer.message(&key), NOW);
        assert_eq!(new.unwrap_err(), LinkError::Malformed);
        let ids = session.labelled(&[]);
        let bytes = [[VERSION].as_slice(), &ids, &key, &[5; 32]].concat();
        let scanned = ScannedCode::read(&crate::code::write("SNUG-LINK", &bytes), USER, NOW);
        assert_eq!(scanned.unwrap_err(), LinkError::Malformed);
    }
}

#[test]
fn messages_of_another_kind_or_version_are_refused() {
    let answer = |message: &[u8]| {
        AwaitingReveal::answer(USER, LINK, message, NOW, &mut rng(12)).unwrap_err()
    };
    assert_eq!(
        answer(&Kind::Reveal.message(&[1; 32])),
        LinkError::Malformed
    );
    assert_eq!(
        answer(&Kind::Commitment.message(&[1; 31])),
        LinkError::Malformed
    );
    assert_eq!(
        answer(&Kind::Commitment.message(&[1; 33])),
        LinkError::Malformed
    );
    assert_eq!(answer(&[]), LinkError::Malformed);
    assert_eq!(answer(&[0, 1]), LinkError::Malformed);
    assert_eq!(answer(&[2, 1]), LinkError::Newer);
}

#[test]
fn states_print_nothing() {
    let (new, old) = at_the_digits();
    assert_eq!(
        format!("{new:?} {old:?}"),
        "ShowingDigits(…) AwaitingDigits(…)"
    );
    let scanned = ScannedCode::read(&shown().text(), USER, NOW);
    assert_eq!(format!("{:?}", shown()), "ShownCode(…)");
    assert_eq!(format!("{scanned:?}"), "Ok(ScannedCode(…))");
}

proptest! {
    #[test]
    fn garbage_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in 1u8..6) {
        let headed = [&[VERSION, kind], bytes.as_slice()].concat();
        for message in [&bytes, &headed] {
            prop_assert!(shown().open(message, NOW).is_err());
            let (new, _) = at_the_digits();
            prop_assert!(new.open(message, NOW).is_err());
            let (new, _) = AwaitingAnswer::new(USER, LINK, NOW, &mut rng(11));
            let _ = new.answered(message, NOW);
            let _ = AwaitingReveal::answer(USER, LINK, message, NOW, &mut rng(12));
        }
    }

    #[test]
    fn any_text_is_refused(text in "(SNUG-LINK:)?\\PC{0,200}") {
        prop_assert!(ScannedCode::read(&text, USER, NOW).is_err());
    }
}
