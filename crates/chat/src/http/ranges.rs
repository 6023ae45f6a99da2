//! `Range` of a request: one part of a file.

/// What of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// All of it.
    Whole,
    /// The bytes from the first to the last one, both included.
    Part(u64, u64),
    /// None that there is.
    Nothing,
}

/// One range (RFC 9110, section 14.1.2); several, or none that we know, are the whole.
pub fn asked_range(text: &str, size: u64) -> Asked {
    let spec = text
        .strip_prefix("bytes=")
        .and_then(|spec| spec.split_once('-'));
    let Some((first, last)) = spec else {
        return Asked::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (first.trim(), last.trim()) {
        ("", last) => match number(last) {
            Some(count) if count == 0 || size == 0 => Asked::Nothing,
            Some(count) => Asked::Part(size.saturating_sub(count), size.saturating_sub(1)),
            None => Asked::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), _) if first >= size => Asked::Nothing,
            (Some(first), None) if last.is_empty() => Asked::Part(first, size - 1),
            (Some(first), Some(last)) if first <= last => Asked::Part(first, last.min(size - 1)),
            _ => Asked::Whole,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_one_part_of_what_is_there() {
        for (text, asked) in [
            ("bytes=0-0", Asked::Part(0, 0)),
            ("bytes=2-", Asked::Part(2, 9)),
            ("bytes=2-99", Asked::Part(2, 9)),
            ("bytes=-3", Asked::Part(7, 9)),
            ("bytes=-99", Asked::Part(0, 9)),
            ("bytes=10-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=5-2", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=x", Asked::Whole),
            ("lines=0-1", Asked::Whole),
        ] {
            assert_eq!(asked_range(text, 10), asked, "{text}");
        }
        for text in ["bytes=0-0", "bytes=0-", "bytes=-3"] {
            assert_eq!(asked_range(text, 0), Asked::Nothing, "{text}");
        }
    }
}
