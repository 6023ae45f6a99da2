//! Time-based one-time codes (RFC 6238): SHA-1, 6 digits, 30 seconds, what every app supports.

use qrcode::{EcLevel, QrCode, render::svg};
use rand::CryptoRng;
use subtle::ConstantTimeEq;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

/// Seconds that a code is shown.
pub const STEP: u64 = 30;

/// How far a clock may be off to be named as the cause, in steps.
const DRIFT: u64 = 20;

/// A shared secret of 160 bits, the length that RFC 4226 recommends (section 4).
pub fn new_secret(rng: &mut impl CryptoRng) -> Zeroizing<[u8; 20]> {
    let mut secret = Zeroizing::new([0; 20]);
    rng.fill_bytes(&mut *secret);
    secret
}

/// The time step that a code belongs to, among the current one and `window` before it. All of
/// them are compared, whichever fits.
pub fn matching_step(secret: &[u8], code: &str, unix: u64, window: u64) -> Option<u64> {
    let totp = totp(secret, Algorithm::SHA1);
    let current = unix / STEP;
    let mut found = None;
    for step in current.saturating_sub(window)..=current {
        if same(&totp, step, code) {
            found = Some(step);
        }
    }
    found
}

/// Why a first code is wrong, when that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The device's clock is off by this many seconds; positive means ahead.
    ClockDrift(i64),
    /// The app computes with SHA-256 or SHA-512.
    WrongAlgorithm,
}

/// Looks for a cause. Only for the activation of a factor: at a login it would help guessing.
pub fn diagnose(secret: &[u8], code: &str, unix: u64) -> Option<Cause> {
    let current = unix / STEP;
    for algorithm in [Algorithm::SHA256, Algorithm::SHA512] {
        if same(&totp(secret, algorithm), current, code) {
            return Some(Cause::WrongAlgorithm);
        }
    }
    let totp = totp(secret, Algorithm::SHA1);
    (current.saturating_sub(DRIFT)..=current + DRIFT)
        .find(|&step| same(&totp, step, code))
        .map(|step| Cause::ClockDrift((step as i64 - current as i64) * STEP as i64))
}

/// What an authenticator app is set up with.
pub struct Setup {
    /// `otpauth://totp/…`
    pub uri: Zeroizing<String>,
    /// The secret in base32 without padding.
    pub base32: Zeroizing<String>,
    /// The URI as a QR code.
    pub qr_svg: Zeroizing<String>,
}

/// The URI, the QR code and the typed form of a secret. `issuer` and `account` are what the app
/// shows.
pub fn setup(secret: &[u8], issuer: &str, account: &str) -> anyhow::Result<Setup> {
    let totp = Builder::new()
        .with_secret(Secret::from(secret.to_vec()))
        .with_issuer(Some(issuer.replace(':', " ")))
        .with_account_name(account.replace(':', " "))
        .build()?;
    let uri = Zeroizing::new(totp.to_url()?);
    let code = QrCode::with_error_correction_level(uri.as_bytes(), EcLevel::M)?;
    let qr_svg = Zeroizing::new(code.render::<svg::Color>().min_dimensions(240, 240).build());
    Ok(Setup {
        base32: Zeroizing::new(totp.secret().to_base32()),
        uri,
        qr_svg,
    })
}

/// The code of a time: for clients and tests, never sent by the service.
pub fn code_at(secret: &[u8], unix: u64) -> String {
    totp(secret, Algorithm::SHA1).generate(unix).to_string()
}

fn totp(secret: &[u8], algorithm: Algorithm) -> Totp {
    Builder::new()
        .with_algorithm(algorithm)
        .with_digits(6)
        .with_step_duration(STEP)
        .with_secret(Secret::from(secret.to_vec()))
        .build_noncompliant()
}

fn same(totp: &Totp, step: u64, code: &str) -> bool {
    let right = Zeroizing::new(totp.generate(step * STEP).to_string());
    right.as_bytes().ct_eq(code.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"12345678901234567890";

    /// RFC 6238, appendix B (SHA-1), the last six of eight digits.
    #[test]
    fn rule_03_rfc_6238_vectors() {
        for (unix, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(KEY, unix), code);
            assert_eq!(matching_step(KEY, code, unix, 1), Some(unix / STEP));
        }
    }

    /// RFC 4226, appendix D: counters 0 to 9.
    #[test]
    fn rule_03_rfc_4226_vectors() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (counter, code) in codes.into_iter().enumerate() {
            assert_eq!(code_at(KEY, counter as u64 * STEP), code);
        }
    }

    #[test]
    fn rule_03_window_is_this_step_and_those_before() {
        let now = 1_700_000_015_u64;
        let code = |steps: i64| code_at(KEY, now.wrapping_add_signed(steps * STEP as i64));
        let step = now / STEP;
        assert_eq!(matching_step(KEY, &code(0), now, 1), Some(step));
        assert_eq!(matching_step(KEY, &code(-1), now, 1), Some(step - 1));
        assert_eq!(matching_step(KEY, &code(-1), now, 0), None);
        assert_eq!(matching_step(KEY, &code(-2), now, 1), None);
        assert_eq!(matching_step(KEY, &code(1), now, 1), None);
        for wrong in ["", "12345", "abcdef", "0000000"] {
            assert_eq!(matching_step(KEY, wrong, now, 1), None);
        }
    }

    #[test]
    fn a_first_code_tells_drift_and_algorithm() {
        let now = 1_700_000_015;
        assert_eq!(
            diagnose(KEY, &code_at(KEY, now - 120), now),
            Some(Cause::ClockDrift(-120))
        );
        assert_eq!(
            diagnose(KEY, &code_at(KEY, now + 300), now),
            Some(Cause::ClockDrift(300))
        );
        let sha256 = totp(KEY, Algorithm::SHA256).generate(now).to_string();
        assert_eq!(diagnose(KEY, &sha256, now), Some(Cause::WrongAlgorithm));
        assert_eq!(diagnose(KEY, &code_at(KEY, now + 3_600), now), None);
    }

    #[test]
    fn the_uri_is_what_apps_expect() {
        let setup = setup(KEY, "Snug", "ann@example.org").unwrap();
        assert!(
            setup
                .uri
                .starts_with("otpauth://totp/Snug:ann%40example.org?"),
            "{}",
            *setup.uri
        );
        assert!(
            setup
                .uri
                .contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        );
        assert!(setup.uri.contains("issuer=Snug"));
        assert_eq!(*setup.base32, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(setup.qr_svg.contains("<svg"));
    }
}
