//! A recovery key as text: 8 groups of 4 characters and a check character.
//!
//! With the numbers of the characters as elements of GF(32) (`a^5 = a^2 + 1`), group `g`, from 1,
//! checks when `g + a x1 + a^2 x2 + a^3 x3 + a^4 x4 + check = 0`. One wrong character, two that are
//! swapped and a group in another's place are always found, and of anything else 31 in 32 in each
//! group. It finds mistakes and hides nothing: nobody can guess 160 bits.

use zeroize::Zeroizing;

use super::{LENGTH, WrongGroup};
use crate::base32;

const GROUPS: usize = 8;
/// Characters in a group that hold the key.
const DATA: usize = 4;
const GROUP: usize = DATA + 1;
/// Stands for a character that base 32 does not have.
const NONE: u8 = 0xff;

pub(super) fn write(key: &[u8; LENGTH]) -> Zeroizing<String> {
    let symbols = base32::split(key);
    let mut text = Zeroizing::new(String::with_capacity(GROUPS * (GROUP + 1)));
    for (number, group) in (1..).zip(symbols.chunks(DATA)) {
        if number > 1 {
            text.push('-');
        }
        text.extend(group.iter().copied().map(base32::character));
        text.push(base32::character(check(number, group)));
    }
    text
}

pub(super) fn read(text: &str) -> Result<Zeroizing<[u8; LENGTH]>, WrongGroup> {
    let groups = groups(text);
    let mut data = Zeroizing::new(Vec::with_capacity(GROUPS * DATA));
    for number in 1..=GROUPS {
        let wrong = WrongGroup { group: number };
        let group = groups.get(number - 1).ok_or(wrong)?;
        let (given, symbols) = group.split_last().ok_or(wrong)?;
        let known = symbols.len() == DATA && symbols.iter().all(|symbol| *symbol < 32);
        if !known || check(number, symbols) != *given {
            return Err(wrong);
        }
        data.extend_from_slice(symbols);
    }
    let beyond = WrongGroup { group: GROUPS + 1 };
    if groups.len() > GROUPS {
        return Err(beyond);
    }
    base32::join(&data)
        .and_then(|bytes| bytes.as_slice().try_into().ok().map(Zeroizing::new))
        .ok_or(beyond)
}

/// The groups as they were typed, or, when they are not 8, every 5 characters: so one that is
/// missing or too many is found in its place.
fn groups(text: &str) -> Vec<Zeroizing<Vec<u8>>> {
    let typed: Vec<_> = text
        .split(separates)
        .filter(|group| !group.is_empty())
        .map(numbers)
        .collect();
    if typed.len() == GROUPS {
        return typed;
    }
    numbers(text)
        .chunks(GROUP)
        .map(|group| Zeroizing::new(group.to_vec()))
        .collect()
}

fn numbers(text: &str) -> Zeroizing<Vec<u8>> {
    let mut numbers = Zeroizing::new(Vec::with_capacity(text.len()));
    let characters = text.chars().filter(|character| !separates(*character));
    numbers.extend(characters.map(|character| base32::symbol(character).unwrap_or(NONE)));
    numbers
}

/// White space and every dash that a word processor makes of one.
fn separates(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '_' | '.'
        )
}

fn check(number: usize, symbols: &[u8]) -> u8 {
    let sum = symbols
        .iter()
        .rev()
        .fold(0_u8, |sum, symbol| times_a(sum ^ symbol));
    sum ^ (number as u8 & 31)
}

fn times_a(element: u8) -> u8 {
    let shifted = element << 1;
    if shifted & 0b10_0000 == 0 {
        shifted
    } else {
        shifted ^ 0b10_0101
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: [u8; LENGTH] = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ];

    fn wrong(text: &str) -> Option<usize> {
        read(text).err().map(|wrong| wrong.group)
    }

    #[test]
    fn a_key_is_8_groups_of_5() {
        let text = write(&KEY);
        assert_eq!(text.len(), 47);
        assert!(text.split('-').all(|group| group.len() == GROUP));
        // Group 1 is the bits 00000 00000 00000 10000: a^4 * 16 = a^8 = 13, and 13 + 1 = 12 = C.
        assert!(text.starts_with("000GC-"));
        assert_eq!(read(&text).map(|key| *key), Ok(KEY));
    }

    #[test]
    fn how_it_is_typed_does_not_matter() {
        let text = write(&KEY).to_lowercase();
        for typed in [
            text.replace('-', ""),
            text.replace('-', " "),
            text.replace('-', " \u{2013}\n"),
            text.replace('0', "o").replace('1', "l"),
            format!("  {text}\n"),
        ] {
            assert_eq!(read(&typed).map(|key| *key), Ok(KEY), "{typed}");
        }
    }

    #[test]
    fn the_wrong_group_is_named() {
        let text = write(&KEY);
        let groups: Vec<_> = text.split('-').collect();
        for (place, group) in groups.iter().copied().enumerate() {
            let named = |typed: &str| {
                let mut all = groups.clone();
                all[place] = typed;
                assert_eq!(wrong(&all.join("-")), Some(place + 1), "{typed}");
            };
            named(&group[1..]);
            named(&format!("{group}0"));
            named(&group.replacen(|_: char| true, "$", 1));
            named(groups[(place + 1) % GROUPS]);
            for at in 0..GROUP {
                for character in (0..32).map(base32::character) {
                    if !group[at..].starts_with(character) {
                        let mut mistyped = group.to_owned();
                        mistyped.replace_range(at..=at, &character.to_string());
                        named(&mistyped);
                    }
                }
                let mut swapped: Vec<_> = group.chars().collect();
                swapped.swap(at, (at + 1) % GROUP);
                let swapped: String = swapped.into_iter().collect();
                if swapped != group {
                    named(&swapped);
                }
            }
        }
    }

    #[test]
    fn too_little_and_too_much_is_told_from_a_wrong_group() {
        let text = write(&KEY);
        assert_eq!(wrong(""), Some(1));
        assert_eq!(wrong(&text[..16]), Some(3));
        assert_eq!(wrong(&text[..17]), Some(4));
        assert_eq!(wrong(&format!("{}-00000", *text)), Some(9));
    }

    proptest! {
        #[test]
        fn every_key_comes_back(key: [u8; LENGTH]) {
            prop_assert_eq!(read(&write(&key)).map(|key| *key), Ok(key));
        }

        #[test]
        fn any_text_is_refused(text in "\\PC{0,60}") {
            prop_assert!(read(&text).is_err());
        }
    }
}
