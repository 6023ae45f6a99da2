//! Proof of work: a client finds a text whose SHA-256 together with a nonce begins with zero bits.
//!
//! Nothing is kept for a puzzle that was given out; a solved one is good for one login.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::mfa::{Puzzle, Work};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime};

use crate::{app::App, client::Client, error::Result, limits};

/// Zero bits that a solution needs: some 260,000 hashes, half a second in a browser.
pub const BITS: u32 = 18;
/// How long a puzzle may be solved.
pub const LIFE: Duration = Duration::minutes(5);
/// Longest solution, in bytes.
const SOLUTION_MAX: usize = 64;

/// A new puzzle for an application.
pub fn make(app: &App, client: &Client, now: OffsetDateTime) -> Puzzle {
    let expires_at = now + LIFE;
    let end = expires_at.unix_timestamp().to_be_bytes();
    let random = rand::random::<[u8; 16]>();
    let seal = seal(app, client, &end, &random);
    let nonce = URL_SAFE_NO_PAD.encode([&end[..], &random, &seal].concat());
    Puzzle {
        nonce,
        bits: BITS,
        expires_at: expires_at.into(),
    }
}

/// Whether a puzzle of ours was solved in time, and for the first time.
pub async fn accept(app: &App, client: &Client, work: &Work, now: OffsetDateTime) -> Result<bool> {
    if work.solution.len() > SOLUTION_MAX || !is_solved(&work.nonce, &work.solution, BITS) {
        return Ok(false);
    }
    let Ok(nonce) = URL_SAFE_NO_PAD.decode(&work.nonce) else {
        return Ok(false);
    };
    let (Some((end, rest)), 40) = (nonce.split_first_chunk::<8>(), nonce.len()) else {
        return Ok(false);
    };
    let (random, given) = rest.split_at(16);
    let is_ours = bool::from(seal(app, client, end, random).ct_eq(given));
    if !is_ours || i64::from_be_bytes(*end) < now.unix_timestamp() {
        return Ok(false);
    }
    limits::solved_puzzle(app, &nonce).await
}

/// Whether SHA-256 of `nonce:solution` begins with so many zero bits.
pub fn is_solved(nonce: &str, solution: &str, bits: u32) -> bool {
    let digest: [u8; 32] = Sha256::digest(format!("{nonce}:{solution}").as_bytes()).into();
    let mut zeros = 0;
    for byte in digest {
        zeros += byte.leading_zeros();
        if byte != 0 {
            break;
        }
    }
    zeros >= bits
}

fn seal(app: &App, client: &Client, end: &[u8], random: &[u8]) -> [u8; 16] {
    let id = client.app.id.as_bytes();
    let digest = app.vault.mac("puzzle", &[id, end, random]);
    let mut seal = [0; 16];
    seal.copy_from_slice(&digest[..16]);
    seal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_18_zero_bits_are_counted_over_bytes() {
        let solution = (0..)
            .map(|number: u32| number.to_string())
            .find(|solution| is_solved("nonce", solution, 12))
            .unwrap();
        assert!(is_solved("nonce", &solution, 0) && is_solved("nonce", &solution, 12));
        assert!(!is_solved("nonce", &solution, 200));
        assert!(!is_solved("another", &solution, 12));
    }
}
