//! transcript-hashes: what an epoch says of all commits before it (RFC 9420, section 8.2).

use serde::Deserialize;

use super::{
    Hex,
    encoding::opaque,
    labels::{hash, mac},
    read,
};

#[derive(Deserialize)]
struct Vector {
    confirmation_key: Hex,
    authenticated_content: Hex,
    interim_transcript_hash_before: Hex,
    confirmed_transcript_hash_after: Hex,
    interim_transcript_hash_after: Hex,
}

/// The confirmed transcript hash, from the interim one before and ConfirmedTranscriptHashInput.
pub(super) fn confirmed(interim_before: &[u8], input: &[u8]) -> Vec<u8> {
    hash(&[interim_before, input].concat())
}

/// The interim transcript hash, from the confirmed one and the confirmation tag.
pub(super) fn interim(confirmed: &[u8], confirmation_tag: &[u8]) -> Vec<u8> {
    hash(&[confirmed, &opaque(confirmation_tag)].concat())
}

#[test]
fn hashes_go_on_with_every_commit() {
    let vectors = [
        "mls/transcript-hashes.json",
        "mls/transcript-hashes-original.json",
    ];
    for vector in vectors.into_iter().flat_map(read::<Vector>) {
        let after = &vector.confirmed_transcript_hash_after;
        let tag = mac(&vector.confirmation_key, after);
        // AuthenticatedContent is ConfirmedTranscriptHashInput with the confirmation tag behind it.
        let input = vector
            .authenticated_content
            .strip_suffix(opaque(&tag).as_slice())
            .unwrap();
        assert_eq!(
            confirmed(&vector.interim_transcript_hash_before, input),
            **after
        );
        assert_eq!(interim(after, &tag), *vector.interim_transcript_hash_after);
    }
}
