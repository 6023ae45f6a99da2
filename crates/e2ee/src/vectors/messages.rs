//! messages: OpenMLS reads every kind of message and writes it as it was (RFC 9420, sections 6, 10
//! and 12).

use openmls::prelude::{
    AddProposalIn, ExternalInitProposal, MlsMessageIn, PreSharedKeyProposal, RatchetTreeIn,
    RemoveProposal, UpdateProposalIn, tls_codec,
};
use serde::Deserialize;

use super::{Hex, read};
use crate::welcome::split;

#[derive(Deserialize)]
struct Vector {
    mls_welcome: Hex,
    mls_group_info: Hex,
    mls_key_package: Hex,
    ratchet_tree: Hex,
    add_proposal: Hex,
    update_proposal: Hex,
    remove_proposal: Hex,
    pre_shared_key_proposal: Hex,
    external_init_proposal: Hex,
    public_message_application: Hex,
    public_message_proposal: Hex,
    public_message_commit: Hex,
    private_message: Hex,
}

#[test]
fn messages_are_written_as_they_are_read() {
    for vector in read::<Vector>("mls/messages.json") {
        for message in [
            &vector.mls_welcome,
            &vector.mls_group_info,
            &vector.mls_key_package,
            &vector.public_message_application,
            &vector.public_message_proposal,
            &vector.public_message_commit,
            &vector.private_message,
        ] {
            check::<MlsMessageIn>(message);
        }
        check::<RatchetTreeIn>(&vector.ratchet_tree);
        check::<AddProposalIn>(&vector.add_proposal);
        check::<UpdateProposalIn>(&vector.update_proposal);
        check::<RemoveProposal>(&vector.remove_proposal);
        check::<PreSharedKeyProposal>(&vector.pre_shared_key_proposal);
        check::<ExternalInitProposal>(&vector.external_init_proposal);
    }
}

#[test]
fn a_welcome_for_one_is_cut_into_itself() {
    for vector in read::<Vector>("mls/messages.json") {
        let parts = split(&vector.mls_welcome).unwrap();
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].welcome, *vector.mls_welcome);
    }
}

fn check<T: tls_codec::Deserialize + tls_codec::Serialize>(bytes: &[u8]) {
    let read = T::tls_deserialize_exact(bytes).unwrap();
    assert_eq!(read.tls_serialize_detached().unwrap(), bytes);
    assert!(T::tls_deserialize_exact(&bytes[..bytes.len() - 1]).is_err());
}
