//! Argon2id hashes as PHC strings, in memory that is kept from one hash to the next: to get 19 MiB
//! of fresh pages takes a third of the time of a hash.

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

/// Where one hash after the other is computed. Empty until the first; dropped, all of it is the
/// system's again.
#[derive(Default)]
pub struct Memory(Vec<Block>);

impl Memory {
    /// Hashes with a fresh salt to `$argon2id$v=19$m=…,t=…,p=1$salt$hash`.
    ///
    /// # Errors
    /// When argon2 takes no such number of passes.
    pub fn hash(&mut self, password: &[u8], passes: u32) -> Result<String, Failure> {
        let salt = Salt::new(&rand::random::<[u8; 16]>())
            .map_err(|_| Failure(argon2::Error::SaltTooShort))?;
        let output = self.digest(password, &salt, (MEMORY, passes, 1))?;
        Ok(format!(
            "$argon2id$v=19$m={MEMORY},t={passes},p=1${salt}${}",
            Output::new(&output).map_err(|_| Failure(argon2::Error::OutputTooLong))?
        ))
    }

    /// Whether a password fits a PHC string, and the passes it was hashed with; `None` when the
    /// string is no argon2id hash.
    pub fn verify(&mut self, password: &[u8], phc: &str) -> Option<(bool, u32)> {
        let stored = PasswordHash::new(phc).ok()?;
        if stored.algorithm.as_str() != "argon2id" || stored.version != Some(0x13) {
            return None;
        }
        let [memory, passes, lanes] = ["m", "t", "p"].map(|name| stored.params.get_decimal(name));
        let (salt, hash) = (stored.salt?, stored.hash?);
        let output = self
            .digest(password, &salt, (memory?, passes?, lanes?))
            .ok()?;
        Some((output.ct_eq(hash.as_bytes()).into(), passes?))
    }

    fn digest(
        &mut self,
        password: &[u8],
        salt: &Salt,
        (memory, passes, lanes): (u32, u32, u32),
    ) -> Result<[u8; 32], Failure> {
        let params = Params::new(memory, passes, lanes, None).map_err(Failure)?;
        let Self(blocks) = self;
        if blocks.len() < params.block_count() {
            *blocks = Vec::with_capacity(RESERVED.max(params.block_count()));
            blocks.resize(params.block_count(), Block::new());
        }
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut output = [0; 32];
        argon2
            .hash_password_into_with_memory(password, salt, &mut output, &mut *blocks)
            .map_err(Failure)?;
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_the_hash_of_the_crate_s_own_api() {
        use argon2::password_hash::{PasswordHasher, PasswordVerifier};
        let mut memory = Memory::default();
        let theirs = Argon2::default()
            .hash_password(b"password")
            .unwrap()
            .to_string();
        assert_eq!(memory.verify(b"password", &theirs), Some((true, 2)));
        let ours = memory.hash(b"password", 2).unwrap();
        assert!(
            Argon2::default()
                .verify_password(b"password", &*ours)
                .is_ok()
        );
        assert_eq!(memory.verify(b"passwore", &ours), Some((false, 2)));
    }

    #[test]
    fn memory_grows_for_a_larger_hash_and_serves_smaller_ones() {
        use argon2::password_hash::PasswordHasher;
        let [small, large] = [8, 64].map(|kib| {
            let params = Params::new(kib, 1, 1, None).unwrap();
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password(b"password")
                .unwrap()
                .to_string()
        });
        let mut memory = Memory::default();
        for phc in [&small, &large, &small, &large] {
            assert_eq!(memory.verify(b"password", phc), Some((true, 1)), "{phc}");
            assert_eq!(memory.verify(b"other", phc), Some((false, 1)), "{phc}");
        }
    }

    #[test]
    fn other_strings_are_no_hash() {
        for wrong in [
            "",
            "!",
            "$2b$12$abc",
            "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAA",
        ] {
            assert_eq!(
                Memory::default().verify(b"password", wrong),
                None,
                "{wrong}"
            );
        }
    }
}
