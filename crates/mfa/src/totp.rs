//! Time-based one-time codes (RFC 6238), by default what every app supports: SHA-1, 6 digits, 30
//! seconds.

use qrcode::{EcLevel, QrCode, render::svg};
use rand::CryptoRng;
use subtle::ConstantTimeEq;
pub use totp_rs::Algorithm;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

/// Seconds that a code is shown unless an application wants it otherwise.
pub const STEP: u64 = 30;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::SHA1, Algorithm::SHA256, Algorithm::SHA512];

/// How far a clock may be off to be named as the cause, in steps.
const DRIFT: u64 = 20;

/// How codes are computed. A factor keeps what it was enrolled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The hash of the HMAC.
    pub algorithm: Algorithm,
    /// 6 or 8.
    pub digits: u8,
    /// Seconds that a code is shown.
    pub period: u64,
}

impl Default for Parameters {
    /// What every app supports.
    fn default() -> Self {
        Self {
            algorithm: Algorithm::SHA1,
            digits: 6,
            period: STEP,
        }
    }
}

/// A shared secret as long as the hash, as RFC 6238 recommends (section 5.1); 160 bits for SHA-1
/// (RFC 4226, section 4).
pub fn new_secret(algorithm: Algorithm, rng: &mut impl CryptoRng) -> Zeroizing<Vec<u8>> {
    let length = match algorithm {
        Algorithm::SHA256 => 32,
        Algorithm::SHA512 => 64,
        _ => 20,
    };
    let mut secret = Zeroizing::new(vec![0; length]);
    rng.fill_bytes(&mut secret);
    secret
}

/// Why a first code is wrong, when that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The device's clock is off by this many seconds; positive means ahead.
    ClockDrift(i64),
    /// The app computes with another hash.
    WrongAlgorithm,
}

impl Parameters {
    /// Those of a row, where the database has checked them.
    pub fn of_row(algorithm: &str, digits: i16, period: i16) -> Option<Self> {
        Some(Self {
            algorithm: ALGORITHMS
                .into_iter()
                .find(|known| name(*known) == algorithm)?,
            digits: digits.try_into().ok()?,
            period: period.try_into().ok().filter(|period| *period > 0)?,
        })
    }

    /// The hash as rows and `otpauth` URIs name it.
    pub fn algorithm_name(self) -> &'static str {
        name(self.algorithm)
    }

    /// The time step that a code belongs to, among the current one and `window` before it. All of
    /// them are compared, whichever fits.
    pub fn matching_step(self, secret: &[u8], code: &str, unix: u64, window: u64) -> Option<u64> {
        let totp = self.totp(secret);
        let current = unix / self.period;
        let mut found = None;
        for step in current.saturating_sub(window)..=current {
            if self.same(&totp, step, code) {
                found = Some(step);
            }
        }
        found
    }

    /// Looks for a cause. Only for the activation of a factor: at a login it would help guessing.
    pub fn diagnose(self, secret: &[u8], code: &str, unix: u64) -> Option<Cause> {
        let current = unix / self.period;
        for algorithm in ALGORITHMS {
            let other = Self { algorithm, ..self };
            if algorithm != self.algorithm && other.same(&other.totp(secret), current, code) {
                return Some(Cause::WrongAlgorithm);
            }
        }
        let totp = self.totp(secret);
        (current.saturating_sub(DRIFT)..=current + DRIFT)
            .find(|&step| self.same(&totp, step, code))
            .map(|step| Cause::ClockDrift((step as i64 - current as i64) * self.period as i64))
    }

    /// The code of a time: for clients and tests, never sent by the service.
    pub fn code_at(self, secret: &[u8], unix: u64) -> String {
        self.totp(secret).generate(unix).to_string()
    }

    fn totp(self, secret: &[u8]) -> Totp {
        self.builder(secret).build_noncompliant()
    }

    fn builder(self, secret: &[u8]) -> Builder {
        Builder::new()
            .with_algorithm(self.algorithm)
            .with_digits(self.digits)
            .with_step_duration(self.period)
            .with_secret(Secret::from(secret.to_vec()))
    }

    fn same(self, totp: &Totp, step: u64, code: &str) -> bool {
        let right = Zeroizing::new(totp.generate(step * self.period).to_string());
        right.as_bytes().ct_eq(code.as_bytes()).into()
    }
}

const fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::SHA256 => "SHA256",
        Algorithm::SHA512 => "SHA512",
        _ => "SHA1",
    }
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
pub fn setup(
    secret: &[u8],
    parameters: Parameters,
    issuer: &str,
    account: &str,
) -> anyhow::Result<Setup> {
    let totp = parameters
        .builder(secret)
        .with_issuer(Some(issuer.replace(':', " ")))
        .with_account_name(account.replace(':', " "))
        .build()?;
    let uri = Zeroizing::new(totp.to_url()?);
    Ok(Setup {
        base32: Zeroizing::new(totp.secret().to_base32()),
        qr_svg: qr_svg(&uri)?,
        uri,
    })
}

/// A URI as a QR code, an SVG document.
pub fn qr_svg(uri: &str) -> anyhow::Result<Zeroizing<String>> {
    let code = QrCode::with_error_correction_level(uri.as_bytes(), EcLevel::M)?;
    let svg = code.render::<svg::Color>().min_dimensions(240, 240).build();
    Ok(Zeroizing::new(svg))
}

/// The code of a time by the [default](Parameters) rules: for clients and tests.
pub fn code_at(secret: &[u8], unix: u64) -> String {
    Parameters::default().code_at(secret, unix)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"12345678901234567890";
    const USUAL: Parameters = Parameters {
        algorithm: Algorithm::SHA1,
        digits: 6,
        period: STEP,
    };

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
            assert_eq!(USUAL.matching_step(KEY, code, unix, 1), Some(unix / STEP));
        }
    }

    /// RFC 6238, appendix B: eight digits, each hash with a key of its length.
    #[test]
    fn rule_03_rfc_6238_vectors_of_every_hash() {
        let long = KEY.repeat(4);
        for (algorithm, length, codes) in [
            (Algorithm::SHA1, 20, ["94287082", "07081804", "65353130"]),
            (Algorithm::SHA256, 32, ["46119246", "68084774", "77737706"]),
            (Algorithm::SHA512, 64, ["90693936", "25091201", "47863826"]),
        ] {
            let parameters = Parameters {
                algorithm,
                digits: 8,
                period: STEP,
            };
            let times = [59, 1_111_111_109, 20_000_000_000];
            for (unix, code) in times.into_iter().zip(codes) {
                assert_eq!(parameters.code_at(&long[..length], unix), code);
            }
            assert_eq!(new_secret(algorithm, &mut rand::rng()).len(), length);
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
        assert_eq!(USUAL.matching_step(KEY, &code(0), now, 1), Some(step));
        assert_eq!(USUAL.matching_step(KEY, &code(-1), now, 1), Some(step - 1));
        assert_eq!(USUAL.matching_step(KEY, &code(-1), now, 0), None);
        assert_eq!(USUAL.matching_step(KEY, &code(-2), now, 1), None);
        assert_eq!(USUAL.matching_step(KEY, &code(1), now, 1), None);
        for wrong in ["", "12345", "abcdef", "0000000"] {
            assert_eq!(USUAL.matching_step(KEY, wrong, now, 1), None);
        }
    }

    #[test]
    fn a_first_code_tells_drift_and_algorithm() {
        let now = 1_700_000_015;
        assert_eq!(
            USUAL.diagnose(KEY, &code_at(KEY, now - 120), now),
            Some(Cause::ClockDrift(-120))
        );
        assert_eq!(
            USUAL.diagnose(KEY, &code_at(KEY, now + 300), now),
            Some(Cause::ClockDrift(300))
        );
        let other = Parameters {
            algorithm: Algorithm::SHA256,
            ..USUAL
        };
        let sha256 = other.code_at(KEY, now);
        assert_eq!(
            USUAL.diagnose(KEY, &sha256, now),
            Some(Cause::WrongAlgorithm)
        );
        assert_eq!(USUAL.diagnose(KEY, &code_at(KEY, now + 3_600), now), None);
    }

    #[test]
    fn the_uri_is_what_apps_expect() {
        let setup = setup(KEY, USUAL, "Snug", "ann@example.org").unwrap();
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
        let strong = Parameters {
            algorithm: Algorithm::SHA256,
            digits: 8,
            period: 60,
        };
        let uri = super::setup(KEY, strong, "Snug", "ann").unwrap().uri;
        for part in ["algorithm=SHA256", "digits=8", "period=60"] {
            assert!(uri.contains(part), "{}", *uri);
        }
    }
}
