//! Whether a reaction is one emoji: the grammar of Unicode's UTS #51, section 1.4.9, over the
//! blocks in which emoji stand. Which of them a font can draw is not asked.

use protocol::limits;

/// Emoji presentation.
const VARIATION: char = '\u{fe0f}';
const JOINER: char = '\u{200d}';
const KEYCAP: char = '\u{20e3}';

/// One emoji and nothing else.
pub(crate) fn is_emoji(text: &str) -> bool {
    if text.len() > limits::EMOJI {
        return false;
    }
    let letters: Vec<char> = text.chars().collect();
    match letters.as_slice() {
        [left, right] if is_regional(*left) => is_regional(*right),
        ['0'..='9' | '#' | '*', VARIATION, KEYCAP] => true,
        letters => letters.split(|letter| *letter == JOINER).all(is_element),
    }
}

/// A base with an optional skin tone, variation selector or tags (of a flag).
fn is_element(letters: &[char]) -> bool {
    let Some((base, rest)) = letters.split_first() else {
        return false;
    };
    let tone = |letter: &char| matches!(letter, '\u{1f3fb}'..='\u{1f3ff}');
    let tags = |letters: &[char]| match letters {
        ['\u{e0030}'..='\u{e007a}', .., '\u{e007f}'] => letters[..letters.len() - 1]
            .iter()
            .all(|letter| matches!(letter, '\u{e0030}'..='\u{e007a}')),
        _ => false,
    };
    is_base(*base)
        && match rest {
            [] | [VARIATION] => true,
            [letter] => tone(letter),
            letters => tags(letters),
        }
}

fn is_regional(letter: char) -> bool {
    matches!(letter, '\u{1f1e6}'..='\u{1f1ff}')
}

/// The blocks that hold emoji: symbols, not letters. Skin tones stand alone as well.
fn is_base(letter: char) -> bool {
    !is_regional(letter)
        && matches!(letter,
            '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
            | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{24c2}'
            | '\u{25a0}'..='\u{27bf}' | '\u{2934}' | '\u{2935}' | '\u{2b00}'..='\u{2bff}'
            | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
            | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_emoji_of_any_make() {
        for emoji in [
            "👍",
            "❤",
            "❤️",
            "😂",
            "😮",
            "🙏🏽",
            "👩🏽‍💻",
            "👨‍👩‍👧‍👦",
            "🇫🇷",
            "1️⃣",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "🏳️‍🌈",
            "👩🏽‍❤️‍💋‍👨🏿",
            "🧑🏻‍🤝‍🧑🏿",
            "♾️",
            "🫠",
        ] {
            assert!(is_emoji(emoji), "{emoji}");
        }
    }

    #[test]
    fn nothing_else() {
        for text in [
            "",
            "a",
            "1",
            "#",
            "👍👍",
            "👍 ",
            "hi 👍",
            "🇫",
            "🇫🇷🇫🇷",
            "\u{200d}",
            "👍\u{200d}",
            "\u{fe0f}",
            "<b>",
            "é",
            "مرحبا",
            "\u{202e}",
            "👍\u{e0067}",
            "👍\u{301}",
        ] {
            assert!(!is_emoji(text), "{text}");
        }
        let family = ["👨"; 20].join("\u{200d}");
        assert!(!is_emoji(&family));
    }

    proptest! {
        #[test]
        fn any_text_is_judged(text in "\\PC{0,12}") {
            let _ = is_emoji(&text);
        }

        #[test]
        fn letters_are_none(text in "[a-zA-Zéßдж漢]{1,8}") {
            prop_assert!(!is_emoji(&text));
        }
    }
}
