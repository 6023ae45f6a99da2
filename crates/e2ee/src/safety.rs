//! Safety numbers: how two people see that nobody stands between them.
//!
//! The number has 60 digits: 30 for each of the two, the smaller half first, so that both read the
//! same. A half is made as libsignal's numeric fingerprint is: 5,200 times SHA-512, first over
//! `label | user 16 | account key 32 | account key 32`, then over `hash | account key 32`; of the
//! last hash six times five bytes, big-endian, modulo 100,000. Another key with the same half takes
//! 10^30 tries of 5,200 hashes.
//!
//! The code for the camera says more exactly the same: `version 1 | user 16 | account key 32 | user
//! 16 | account key 32`, first of who shows it, then of who is to scan it, as that one knows them.

use sha2::{Digest, Sha512};
use uuid::Uuid;

use crate::{bytes::take, code, identity::AccountPublicKey};

const LABEL: &[u8] = b"snug/safety-number/v1\0";
const ITERATIONS: usize = 5_200;
const CODE: &str = "SNUG-SAFETY";
const VERSION: u8 = 1;

/// One of the two people: who, and the account key that is held to be theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// The person.
    pub user: Uuid,
    /// Their account key.
    pub account_key: AccountPublicKey,
}

/// What a scanned code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Both hold the same two keys: nobody stands between.
    Same,
    /// A code of the same two people with another key: somebody may stand between, or one of them
    /// has not yet seen a change of keys.
    Different,
    /// The code that `me` shows: it would always be the same.
    Own,
    /// A code of other people: nothing is said about this contact's keys.
    OtherPerson,
    /// A code of a newer version.
    Newer,
    /// No code, or a part of one.
    Unreadable,
}

/// The 60 digits, without spaces. They take a few milliseconds: 10,400 hashes.
pub fn number(one: &Side, other: &Side) -> String {
    let mut halves = [half(one), half(other)];
    halves.sort_unstable();
    halves.concat()
}

fn half(side: &Side) -> String {
    let key = side.account_key.as_bytes();
    let mut hash = Sha512::new()
        .chain_update(LABEL)
        .chain_update(side.user.as_bytes())
        .chain_update(key)
        .chain_update(key)
        .finalize();
    for _ in 1..ITERATIONS {
        hash = Sha512::new()
            .chain_update(hash.as_slice())
            .chain_update(key)
            .finalize();
    }
    hash.as_slice()
        .chunks_exact(5)
        .take(6)
        .map(|bytes| {
            let number = bytes
                .iter()
                .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            format!("{:05}", number % 100_000)
        })
        .collect()
}

/// The text of the code that `me` shows to `them`.
pub fn code(me: &Side, them: &Side) -> String {
    let mut bytes = vec![VERSION];
    for side in [me, them] {
        bytes.extend_from_slice(side.user.as_bytes());
        bytes.extend_from_slice(side.account_key.as_bytes());
    }
    code::write(CODE, &bytes).to_string()
}

/// Compares the code that `them` shows with what `me` knows.
pub fn compare(text: &str, me: &Side, them: &Side) -> Comparison {
    let [(shower, their_key), (reader, my_key)] = match read(text) {
        Ok(sides) => sides,
        Err(unusable) => return unusable,
    };
    if shower == me.user && reader == them.user {
        return Comparison::Own;
    }
    if shower != them.user || reader != me.user {
        return Comparison::OtherPerson;
    }
    if their_key == *them.account_key.as_bytes() && my_key == *me.account_key.as_bytes() {
        Comparison::Same
    } else {
        Comparison::Different
    }
}

/// A person and their key, as a code says them.
type Said = (Uuid, [u8; 32]);

/// Who shows a code and for whom it is, or why that cannot be said.
fn read(text: &str) -> Result<[Said; 2], Comparison> {
    let bytes = code::read(CODE, text).ok_or(Comparison::Unreadable)?;
    let mut rest = bytes.as_slice();
    match take::<1>(&mut rest) {
        Some([VERSION]) => {}
        Some([version]) if version > VERSION => return Err(Comparison::Newer),
        _ => return Err(Comparison::Unreadable),
    }
    sides(rest).ok_or(Comparison::Unreadable)
}

fn sides(mut rest: &[u8]) -> Option<[Said; 2]> {
    let shower = (Uuid::from_bytes(take(&mut rest)?), take(&mut rest)?);
    let reader = (Uuid::from_bytes(take(&mut rest)?), take(&mut rest)?);
    rest.is_empty().then_some([shower, reader])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::AccountKey;

    fn side(user: u128, seed: u8) -> Side {
        Side {
            user: Uuid::from_u128(user),
            account_key: AccountKey::from_bytes(&[seed; 32]).public(),
        }
    }

    #[test]
    fn both_read_the_same_60_digits() {
        let (ana, bo) = (side(1, 1), side(2, 2));
        let number = number(&ana, &bo);
        assert_eq!(number, super::number(&bo, &ana));
        assert_eq!(number.len(), 60);
        assert!(number.bytes().all(|digit| digit.is_ascii_digit()));
        assert!(number[..30] < number[30..]);
        assert_ne!(number, super::number(&ana, &side(2, 3)));
        assert_ne!(number, super::number(&ana, &side(3, 2)));
        // A half is about one person alone.
        let other = super::number(&ana, &side(3, 3));
        assert!([&other[..30], &other[30..]].contains(&half(&ana).as_str()));
    }

    #[test]
    fn a_scanned_code_says_what_it_is() {
        let (ana, bo) = (side(1, 1), side(2, 2));
        let shown = code(&bo, &ana);
        assert_eq!(compare(&shown, &ana, &bo), Comparison::Same);
        assert_eq!(compare(&shown.to_lowercase(), &ana, &bo), Comparison::Same);
        // Ana holds another key for Bo than he has, or he for her.
        assert_eq!(compare(&shown, &ana, &side(2, 3)), Comparison::Different);
        assert_eq!(compare(&shown, &side(1, 3), &bo), Comparison::Different);
        let newer = code::write(CODE, &[&[2], [0_u8; 96].as_slice()].concat());
        let longer = code::write(CODE, &[&[1], [0_u8; 97].as_slice()].concat());
        for (text, expected) in [
            (code(&ana, &bo).as_str(), Comparison::Own),
            (&code(&side(3, 2), &ana), Comparison::OtherPerson),
            (&code(&bo, &side(3, 1)), Comparison::OtherPerson),
            (&code(&bo, &bo), Comparison::OtherPerson),
            (&newer, Comparison::Newer),
            (&longer, Comparison::Unreadable),
            (&shown[..shown.len() - 1], Comparison::Unreadable),
            ("hello", Comparison::Unreadable),
        ] {
            assert_eq!(compare(text, &ana, &bo), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_unreadable(text in "(SNUG-SAFETY:)?\\PC{0,200}") {
            let answer = compare(&text, &side(1, 1), &side(2, 2));
            prop_assert_eq!(answer, Comparison::Unreadable);
        }
    }
}
