//! Linking a device: the scanned code, the messages of both ways, and what is handed over.

use e2ee::{
    Keyring, RecoveryKey, fuzzing,
    link::{
        AwaitingAnswer, AwaitingDigits, AwaitingReveal, Handover, ScannedCode, ShowingDigits,
        ShownCode,
    },
};

use crate::{
    Target,
    story::{ANA, ROOM, account, rng},
};

const NOW: u64 = 1_700_000_000;

fn handover() -> Handover {
    Handover {
        keyring: Keyring {
            account_key: account(ANA),
            list_version: 7,
            archive_keys: e2ee::ArchiveKeys::default(),
        },
        vault_version: 1,
        bundle_key: Some(RecoveryKey::generate(&mut rng(1)).bundle_key(ANA)),
    }
}

fn shown() -> ShownCode {
    ShownCode::new(ANA, ROOM, NOW, &mut rng(2))
}

fn begun() -> (AwaitingAnswer, Vec<u8>) {
    AwaitingAnswer::new(ANA, ROOM, NOW, &mut rng(3))
}

fn answered() -> (AwaitingReveal, Vec<u8>) {
    AwaitingReveal::answer(ANA, ROOM, &begun().1, NOW, &mut rng(4)).expect("a commitment")
}

fn at_the_digits() -> (ShowingDigits, AwaitingDigits) {
    let (new, reveal) = begun().0.answered(&answered().1, NOW).expect("an answer");
    (new, answered().0.revealed(&reveal, NOW).expect("a reveal"))
}

/// What is handed over.
pub const HANDOVER: Target = Target {
    name: "handover",
    run: |bytes| {
        let Some(handover) = fuzzing::handover(ANA, bytes) else {
            return false;
        };
        assert_eq!(fuzzing::handover_bytes(&handover).as_slice(), bytes);
        true
    },
    seeds: || vec![fuzzing::handover_bytes(&handover()).to_vec()],
};

/// A scanned code.
pub const LINK_CODE: Target = Target {
    name: "link_code",
    run: |bytes| {
        std::str::from_utf8(bytes).is_ok_and(|text| ScannedCode::read(text, ANA, NOW).is_ok())
    },
    seeds: || vec![shown().text().as_bytes().to_vec()],
};

/// A message, to whoever may be waiting for one.
pub const LINK_MESSAGES: Target = Target {
    name: "link_messages",
    run: |bytes| {
        let (showing, _) = at_the_digits();
        [
            shown().open(bytes, NOW).is_ok(),
            AwaitingReveal::answer(ANA, ROOM, bytes, NOW, &mut rng(5)).is_ok(),
            begun().0.answered(bytes, NOW).is_ok(),
            answered().0.revealed(bytes, NOW).is_ok(),
            showing.open(bytes, NOW).is_ok(),
        ]
        .contains(&true)
    },
    seeds: || {
        let scanned = ScannedCode::read(&shown().text(), ANA, NOW).expect("a code");
        let by_scan = scanned.seal(&handover(), NOW, &mut rng(6));
        let (_, reveal) = begun().0.answered(&answered().1, NOW).expect("an answer");
        let (showing, awaiting) = at_the_digits();
        let by_digits = awaiting.typed(&showing.digits(), &handover(), NOW, &mut rng(7));
        vec![
            begun().1,
            answered().1,
            reveal,
            by_scan.expect("a handover"),
            by_digits.expect("a handover"),
        ]
    },
};
