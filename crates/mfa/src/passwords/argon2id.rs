//! Argon2id hashes as PHC strings, computed in memory that goes back to the system at once.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, PasswordHash, Salt},
};
use subtle::ConstantTimeEq;

/// Memory of one hash in KiB: OWASP's minimum for argon2id.
pub const MEMORY: u32 = 19 * 1024;

/// Blocks reserved for one hash; those beyond [`MEMORY`] are never touched. glibc keeps freed
/// blocks below 32 MiB for later, 19 MiB per thread that ever hashed; above, it gives them back.
const RESERVED: usize = 33 * 1024;

/// A hash could not be computed: the parameters are out of argon2's bounds.
#[derive(Debug, thiserror::Error)]
#[error("argon2id: {0}")]
pub struct Failure(argon2::Error);

/// Hashes with a fresh salt to `$argon2id$v=19$m=…,t=…,p=1$salt$hash`.
pub fn hash(password: &[u8], passes: u32) -> Result<String, Failure> {
    let salt =
        Salt::new(&rand::random::<[u8; 16]>()).map_err(|_| Failure(argon2::Error::SaltTooShort))?;
    let output = digest(password, &salt, MEMORY, passes, 1)?;
    Ok(format!(
        "$argon2id$v=19$m={MEMORY},t={passes},p=1${salt}${}",
        Output::new(&output).map_err(|_| Failure(argon2::Error::OutputTooLong))?
    ))
}

/// Whether a password fits a PHC string, and the passes it was hashed with; `None` when the
/// string is no argon2id hash.
pub fn verify(password: &[u8], phc: &str) -> Option<(bool, u32)> {
    let stored = PasswordHash::new(phc).ok()?;
    if stored.algorithm.as_str() != "argon2id" || stored.version != Some(0x13) {
        return None;
    }
    let [memory, passes, lanes] = ["m", "t", "p"].map(|name| stored.params.get_decimal(name));
    let (salt, hash) = (stored.salt?, stored.hash?);
    let output = digest(password, &salt, memory?, passes?, lanes?).ok()?;
    Some((output.ct_eq(hash.as_bytes()).into(), passes?))
}

fn digest(
    password: &[u8],
    salt: &Salt,
    memory: u32,
    passes: u32,
    lanes: u32,
) -> Result<[u8; 32], Failure> {
    let params = Params::new(memory, passes, lanes, None).map_err(Failure)?;
    let mut blocks = Vec::with_capacity(RESERVED.max(params.block_count()));
    blocks.resize(params.block_count(), Block::new());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = [0; 32];
    argon2
        .hash_password_into_with_memory(password, salt, &mut output, &mut blocks)
        .map_err(Failure)?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_the_hash_of_the_crate_s_own_api() {
        use argon2::password_hash::{PasswordHasher, PasswordVerifier};
        let theirs = Argon2::default()
            .hash_password(b"password")
            .unwrap()
            .to_string();
        assert_eq!(verify(b"password", &theirs), Some((true, 2)));
        let ours = hash(b"password", 2).unwrap();
        assert!(
            Argon2::default()
                .verify_password(b"password", &*ours)
                .is_ok()
        );
        assert_eq!(verify(b"passwore", &ours), Some((false, 2)));
    }

    #[test]
    fn other_strings_are_no_hash() {
        for wrong in [
            "",
            "!",
            "$2b$12$abc",
            "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAA",
        ] {
            assert_eq!(verify(b"password", wrong), None, "{wrong}");
        }
    }
}
