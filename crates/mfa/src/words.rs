//! Small texts for people.

/// A length of time, rounded up to a unit that one says.
pub fn span(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..=1 => (1, "second"),
        2..=90 => (seconds, "second"),
        91..=5_400 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3_600), "hour"),
    };
    if count == 1 {
        format!("1 {unit}")
    } else {
        format!("{count} {unit}s")
    }
}

/// An address that only its owner recognises: `a•••@example.org`.
pub fn email_hint(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((local, domain)) => {
            let first: String = local.chars().take(1).collect();
            format!("{first}•••@{domain}")
        }
        None => "•••".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let spans = [0, 30, 90, 91, 3_600, 5_401, 86_400].map(span);
        let expected = [
            "1 second",
            "30 seconds",
            "90 seconds",
            "2 minutes",
            "60 minutes",
            "2 hours",
            "24 hours",
        ];
        assert_eq!(spans, expected);
    }

    #[test]
    fn hints_hide_the_local_part() {
        assert_eq!(email_hint("anna.b@example.org"), "a•••@example.org");
        assert_eq!(email_hint("élise@example.org"), "é•••@example.org");
    }
}
