//! The one inline script of the page: its import map, which names the hash of every module.
//!
//! A browser takes import maps only inline, so the content policy has to name this one. It is named
//! by its hash: another, or any other inline script, stays forbidden.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// As the frontend's build writes it, in `frontend/build/integrity.ts`.
const BEGIN: &[u8] = b"<script type=\"importmap\">";
const END: &[u8] = b"</script>";

/// The source expression of the page's import map (Content Security Policy 3, section 2.3.1):
/// `'sha256-…'`. `None` when the page has none.
pub(super) fn source(page: &[u8]) -> Option<String> {
    let begin = find(page, BEGIN)? + BEGIN.len();
    let rest = page.get(begin..)?;
    let map = rest.get(..find(rest, END)?)?;
    Some(format!("'sha256-{}'", STANDARD.encode(Sha256::digest(map))))
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_is_hashed_and_nothing_else_is_allowed() {
        // By `printf 'doSomething();' | openssl dgst -sha256 -binary | base64`.
        let page =
            b"<head><script type=\"importmap\">doSomething();</script><script src=\"/a.js\">";
        let hash = "'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='";
        assert_eq!(source(page).as_deref(), Some(hash));
        for none in [
            &b"<script>doSomething();</script>"[..],
            b"<script type=\"module\">doSomething();</script>",
            b"<script type=\"importmap\">without an end",
            b"",
        ] {
            assert_eq!(source(none), None);
        }
    }
}
