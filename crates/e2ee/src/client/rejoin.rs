//! Coming back into a room without a welcome: by external commit (RFC 9420, section 12.4.3.2).

use std::cmp::Ordering;

use openmls::prelude::{
    LeafNodeParameters, MlsGroup, OpenMlsProvider as _, RatchetTreeIn, tls_codec::Deserialize as _,
};
use rand_core::CryptoRng;
use uuid::Uuid;

use super::{
    Client, Commit,
    commits::{bytes, undecryptable},
    group_id, state,
};
use crate::{
    error::Error,
    policy,
    public::parse_group_info,
    suite::{capabilities, check_spoken, join_config},
};

/// MLSMessage of version mls10 and wire format mls_group_info; then the group context's version.
const GROUP_INFO: [u8; 6] = [0, 1, 0, 4, 0, 1];

/// How the state of a room that a group info tells of is to the one that was merged here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The same.
    Same,
    /// Of this later epoch.
    Ahead(u64),
    /// Of an epoch that was left here.
    Behind,
    /// Of the same epoch, and reached by other commits.
    Other,
}

impl Client {
    /// Compares a room with a group info of it, whose signature is not looked at.
    ///
    /// # Errors
    /// [`Error::UnknownRoom`] without state for it, [`Error::Malformed`] when it is no group info
    /// of this room.
    pub fn compare(&mut self, room: Uuid, group_info: &[u8]) -> Result<Standing, Error> {
        let info = parse_group_info(group_info).map_err(|_| Error::Malformed)?;
        if info.group_id() != &group_id(room) {
            return Err(Error::Malformed);
        }
        let here = self.group(room)?.public_group().group_context();
        let there = info.group_context();
        let epoch = there.epoch().as_u64();
        Ok(match epoch.cmp(&here.epoch().as_u64()) {
            Ordering::Greater => Standing::Ahead(epoch),
            Ordering::Less => Standing::Behind,
            Ordering::Equal if there == here => Standing::Same,
            Ordering::Equal => Standing::Other,
        })
    }

    /// Joins a room that this person is in by an external commit, from the group info and the
    /// ratchet tree of its current epoch; an older leaf with this device's key goes with it. What
    /// this device knew of the room is replaced.
    ///
    /// Unlike other commits it is merged here at once, before the server has answered: when the
    /// server refuses it, [`Client::rollback`] undoes it, so keep nothing before.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownSuite`], [`Error::Undecryptable`] or
    /// [`Error::Policy`].
    pub fn rejoin(
        &mut self,
        room: Uuid,
        group_info: &[u8],
        tree: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Commit, Error> {
        self.provider.crypto.seed(rng);
        check_spoken(group_info, &GROUP_INFO)?;
        let info = parse_group_info(group_info).map_err(|_| Error::Malformed)?;
        if info.group_id() != &group_id(room) {
            return Err(Error::Malformed);
        }
        let tree = RatchetTreeIn::tls_deserialize_exact(tree).map_err(|_| Error::Malformed)?;
        self.provider
            .crypto
            .verify_ahead(&tree, info.ciphersuite(), info.group_id());
        self.forget(room)?;
        let (group, made) = MlsGroup::external_commit_builder()
            .with_config(join_config())
            .with_ratchet_tree(tree)
            .skip_lifetime_validation()
            .build_group(&self.provider, info, self.keys.credential_with_key())
            .map_err(undecryptable)?
            .leaf_node_parameters(
                LeafNodeParameters::builder()
                    .with_capabilities(capabilities())
                    .build(),
            )
            .load_psks(self.provider.storage())
            .map_err(state)?
            .create_group_info(true)
            .use_ratchet_tree_extension(false)
            .build(
                self.provider.rand(),
                self.provider.crypto(),
                &self.keys,
                |_| true,
            )
            .map_err(state)?
            .finalize(&self.provider)
            .map_err(state)?;
        policy::check_group(group.public_group()).map_err(Error::Policy)?;
        let (commit, _, group_info) = made.into_messages();
        let rejoined = Commit {
            commit: bytes(&commit)?,
            welcome: None,
            added: Vec::new(),
            group_info: bytes(&group_info.ok_or_else(|| state("no group info"))?)?,
            epoch: group.epoch().as_u64(),
        };
        self.groups.insert(room, group);
        Ok(rejoined)
    }
}
