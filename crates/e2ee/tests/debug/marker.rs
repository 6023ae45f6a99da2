//! Secrets that can be recognised, in whatever form they are printed.

use std::convert::Infallible;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rand_core::{TryCryptoRng, TryRng};

/// What every secret of [`Marked`] begins with.
pub const MARK: &[u8] = b"leak0";

/// A generator whose draws are all different and all begin with [`MARK`].
#[derive(Default)]
pub struct Marked(u32);

impl TryRng for Marked {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        panic!("secrets are drawn as bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        panic!("secrets are drawn as bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0 += 1;
        let mark = format!("leak{:04}", self.0);
        for (byte, mark) in bytes.iter_mut().zip(mark.bytes().cycle()) {
            *byte = mark;
        }
        Ok(())
    }
}

impl TryCryptoRng for Marked {}

/// How the first bytes of a secret look in a line without white space and in small letters.
pub fn forms(secret: &[u8]) -> Vec<String> {
    let start = &secret[..secret.len().min(9)];
    let hex: String = start.iter().map(|byte| format!("{byte:02x}")).collect();
    let numbers: Vec<_> = start.iter().map(ToString::to_string).collect();
    let hex_numbers: Vec<_> = start.iter().map(|byte| format!("{byte:x}")).collect();
    // The last character may hang together with bytes behind.
    let base64 = STANDARD.encode(start);
    let base64 = &base64[..start.len() * 8 / 6];
    let mut forms = vec![
        hex,
        numbers.join(","),
        hex_numbers.join(","),
        hex_numbers.join(",0x"),
        base64.to_lowercase(),
    ];
    let text = String::from_utf8_lossy(start).to_lowercase();
    forms.push(text.split_whitespace().collect());
    forms
}

/// Whether a line holds the secret in any form.
pub fn holds(line: &str, secret: &[u8]) -> bool {
    let line: String = line.split_whitespace().collect();
    let line = line.to_lowercase();
    forms(secret).iter().any(|form| line.contains(form))
}

#[test]
fn a_secret_is_found_in_every_form() {
    let secret = b"leak0001leak0001";
    for line in [
        format!("{secret:?}"),
        format!("{secret:#?}"),
        format!("{secret:x?}"),
        format!("{secret:#x?}"),
        format!("Key({})", String::from_utf8_lossy(secret)),
        format!("key={}", STANDARD.encode(secret)),
        format!(
            "{:?}",
            secret
                .iter()
                .map(|byte| format!("{byte:02X}"))
                .collect::<String>()
        ),
    ] {
        assert!(holds(&line, MARK), "{line}");
        assert!(holds(&line, secret), "{line}");
        assert!(!holds(&line, b"another secret"), "{line}");
    }
}
