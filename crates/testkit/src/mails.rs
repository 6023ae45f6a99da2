//! Mails, as the MFA service prints them without an SMTP server.

/// The six-digit codes in the printed mails to an address.
pub(crate) fn codes_in(log: &str, address: &str) -> Vec<String> {
    let mut codes = Vec::new();
    let mut mine = false;
    for line in log.lines() {
        if line.contains(" to ") || line.to_lowercase().contains("to:") {
            mine = line.contains(address);
        }
        let digits: String = line.chars().filter(char::is_ascii_digit).collect();
        let is_code =
            digits.len() == 6 && !line.starts_with('{') && line.to_lowercase().contains("code");
        if mine && is_code {
            codes.push(digits);
        }
    }
    codes.dedup();
    codes
}
