//! Making, changing and joining rooms.

use std::collections::BTreeMap;

use openmls::prelude::{
    Extensions, GroupContext, LeafNodeIndex, MlsGroup, MlsMessageBodyIn, MlsMessageIn,
    MlsMessageOut, OpenMlsProvider as _, RatchetTreeIn, StagedWelcome, Welcome,
    tls_codec::{Deserialize as _, Serialize as _},
};
use rand_core::CryptoRng;
use uuid::Uuid;

use super::{Client, Commit, NewRoom, Plan, group_id, state};
use crate::{
    error::Error,
    identity::{Credential, DeviceKeys, Member},
    key_package::CheckedKeyPackage,
    policy::{self, Kind, RoomPolicy},
    provider::Provider,
    suite::{Suite, check_spoken, create_config, join_config},
};

impl Client {
    /// Makes a room with the devices behind the key packages, which are of the room's suite. It is
    /// pending until [`Client::merge_own`]; [`Client::forget`] drops it when the server refuses it.
    ///
    /// # Errors
    /// [`Error::State`], also when the room exists here or a key package is of another suite.
    pub fn create_room(
        &mut self,
        room: Uuid,
        suite: Suite,
        kind: Kind,
        admins: &[Uuid],
        packages: &[CheckedKeyPackage],
        rng: &mut impl CryptoRng,
    ) -> Result<NewRoom, Error> {
        self.provider.crypto.seed(rng);
        let policy = RoomPolicy {
            kind,
            admins: admins.to_vec(),
            absent: BTreeMap::new(),
        };
        let context = policy.to_context().ok_or_else(too_many)?;
        let mut group = MlsGroup::new_with_group_id(
            &self.provider,
            &self.keys,
            &create_config(suite, context),
            group_id(room),
            self.keys.credential_with_key(),
        )
        .map_err(state)?;
        let commit = commit(&mut group, &self.provider, &self.keys, packages, &[], None)?;
        let tree = pending_tree(&group, &self.provider)?;
        self.groups.insert(room, group);
        Ok(NewRoom { commit, tree })
    }

    /// Makes a commit that adds and removes devices; without any it renews this device's keys. It
    /// is pending until [`Client::merge_own`] or [`Client::discard_own`]; a commit of another
    /// device that is opened first replaces it.
    ///
    /// # Errors
    /// [`Error::CommitPending`], [`Error::UnknownRoom`], [`Error::Removed`] or [`Error::State`],
    /// also when a device to remove is not in the room.
    pub fn commit(
        &mut self,
        room: Uuid,
        add: &[CheckedKeyPackage],
        remove: &[Uuid],
        rng: &mut impl CryptoRng,
    ) -> Result<Commit, Error> {
        let plan = Plan {
            add,
            remove,
            ..Plan::default()
        };
        self.change(room, plan, rng)
    }

    /// Makes a commit that names the admins of a group from now on, and adds or removes nobody. It
    /// is pending like any other.
    ///
    /// # Errors
    /// As [`Client::commit`].
    pub fn change_admins(
        &mut self,
        room: Uuid,
        admins: &[Uuid],
        rng: &mut impl CryptoRng,
    ) -> Result<Commit, Error> {
        let plan = Plan {
            admins: Some(admins),
            ..Plan::default()
        };
        self.change(room, plan, rng)
    }

    /// Makes a commit of any changes together. It is pending like any other. Who has a leaf after it
    /// is named as absent no more.
    ///
    /// # Errors
    /// As [`Client::commit`].
    pub fn change(
        &mut self,
        room: Uuid,
        plan: Plan<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Commit, Error> {
        self.provider.crypto.seed(rng);
        let (group, provider, keys) = self.parts(room)?;
        if group.pending_commit().is_some() {
            return Err(Error::CommitPending);
        }
        let removed = plan.remove.iter();
        let removed = removed
            .map(|device| leaf_of(group, *device))
            .collect::<Result<Vec<_>, _>>()?;
        let context = next_context(group, &plan)?;
        commit(group, provider, keys, plan.add, &removed, context)
    }

    /// Merges the pending commit after the server took it; says the room's epoch. Without a
    /// pending commit nothing changes, so that a repeat is harmless.
    ///
    /// # Errors
    /// [`Error::UnknownRoom`], [`Error::Removed`] or [`Error::State`].
    pub fn merge_own(&mut self, room: Uuid) -> Result<u64, Error> {
        let (group, provider, _) = self.parts(room)?;
        if group.pending_commit().is_some() {
            group.merge_pending_commit(provider).map_err(state)?;
        }
        Ok(group.epoch().as_u64())
    }

    /// Drops the pending commit after the server refused it.
    ///
    /// # Errors
    /// [`Error::UnknownRoom`], [`Error::Removed`] or [`Error::State`].
    pub fn discard_own(&mut self, room: Uuid) -> Result<(), Error> {
        let (group, provider, _) = self.parts(room)?;
        group
            .clear_pending_commit(provider.storage())
            .map_err(state)
    }

    /// Joins a room by a welcome and the ratchet tree of its epoch; says who is in it. The policy
    /// is checked; whether the account keys are the pinned ones is for the caller to check, who
    /// undoes the join with [`Client::rollback`].
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownSuite`], [`Error::Undecryptable`] (also when the key
    /// package is not this device's or was used before) or [`Error::Policy`].
    pub fn join(
        &mut self,
        room: Uuid,
        welcome: &[u8],
        tree: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Member>, Error> {
        self.provider.crypto.seed(rng);
        check_spoken(welcome, &crate::welcome::HEAD)?;
        let tree = RatchetTreeIn::tls_deserialize_exact(tree).map_err(|_| Error::Malformed)?;
        let welcome = parse(welcome)?;
        let suite = welcome.ciphersuite();
        self.provider
            .crypto
            .verify_ahead(&tree, suite, &group_id(room));
        let staged = StagedWelcome::build_from_welcome(&self.provider, &join_config(), welcome)
            .map_err(undecryptable)?
            .with_ratchet_tree(tree)
            .skip_lifetime_validation()
            .build()
            .map_err(undecryptable)?;
        if staged.group_context().group_id() != &group_id(room) {
            return Err(Error::Malformed);
        }
        let group = staged.into_group(&self.provider).map_err(undecryptable)?;
        let (_, members) = policy::check_group(group.public_group()).map_err(Error::Policy)?;
        self.groups.insert(room, group);
        Ok(members)
    }
}

/// The context after a commit, where that is another.
fn next_context(
    group: &MlsGroup,
    plan: &Plan<'_>,
) -> Result<Option<Extensions<GroupContext>>, Error> {
    let public = group.public_group();
    let policy = RoomPolicy::of_context(public.group_context()).map_err(Error::Policy)?;
    if policy.absent.is_empty() && plan.absent.is_empty() && plan.admins.is_none() {
        // Who is in it does not matter then.
        return Ok(None);
    }
    let members = policy::members_of(public).map_err(Error::Policy)?;
    let key = |member: &Member| (member.user, member.account_key);
    let stays = |member: &&Member| !plan.remove.contains(&member.device);
    let before = members.iter().map(key).collect();
    let added = plan.add.iter().map(|it| {
        let credential = it.credential();
        (credential.user, credential.account_key)
    });
    let after = members.iter().filter(stays).map(key).chain(added).collect();
    let mut next = policy.after(&before, &after, plan.absent);
    next.absent.retain(|user, _| !plan.dismiss.contains(user));
    if let Some(admins) = plan.admins {
        next.admins = admins.to_vec();
    }
    if next == policy {
        return Ok(None);
    }
    next.to_context().ok_or_else(too_many).map(Some)
}

fn too_many() -> Error {
    Error::State("too many admins or absent people".to_owned())
}

fn commit(
    group: &mut MlsGroup,
    provider: &Provider,
    keys: &DeviceKeys,
    add: &[CheckedKeyPackage],
    remove: &[LeafNodeIndex],
    context: Option<Extensions<GroupContext>>,
) -> Result<Commit, Error> {
    let mut builder = group.commit_builder();
    if let Some(context) = context {
        builder = builder
            .propose_group_context_extensions(context)
            .map_err(state)?;
    }
    let (commit, welcome, group_info) = builder
        .propose_adds(add.iter().map(|package| package.package().clone()))
        .propose_removals(remove.iter().copied())
        // A path in every commit: whoever commits heals.
        .force_self_update(true)
        .load_psks(provider.storage())
        .map_err(state)?
        .create_group_info(true)
        .use_ratchet_tree_extension(false)
        .build(provider.rand(), provider.crypto(), keys, |_| true)
        .map_err(state)?
        .stage_commit(provider)
        .map_err(state)?
        .into_messages();
    let pending = group
        .pending_commit()
        .ok_or_else(|| state("no pending commit"))?;
    Ok(Commit {
        commit: bytes(&commit)?,
        welcome: welcome
            .as_ref()
            .filter(|_| !add.is_empty())
            .map(bytes)
            .transpose()?,
        added: add
            .iter()
            .map(|package| (package.credential().device, package.reference().to_vec()))
            .collect(),
        group_info: bytes(&group_info.ok_or_else(|| state("no group info"))?)?,
        epoch: pending.epoch().as_u64(),
    })
}

/// The ratchet tree of the epoch that the pending commit leads to.
fn pending_tree(group: &MlsGroup, provider: &Provider) -> Result<Vec<u8>, Error> {
    group
        .pending_commit()
        .ok_or_else(|| state("no pending commit"))?
        .export_ratchet_tree(provider.crypto(), group.export_ratchet_tree())
        .map_err(state)?
        .ok_or_else(|| state("no tree"))?
        .tls_serialize_detached()
        .map_err(state)
}

fn leaf_of(group: &MlsGroup, device: Uuid) -> Result<LeafNodeIndex, Error> {
    group
        .members()
        .find(|member| {
            Credential::of_known_leaf(&member.credential, &member.signature_key)
                .is_ok_and(|credential| credential.device == device)
        })
        .map(|member| member.index)
        .ok_or_else(|| state("no such device in the room"))
}

fn parse(welcome: &[u8]) -> Result<Welcome, Error> {
    match MlsMessageIn::tls_deserialize_exact(welcome)
        .map_err(|_| Error::Malformed)?
        .extract()
    {
        MlsMessageBodyIn::Welcome(welcome) => Ok(welcome),
        _ => Err(Error::Malformed),
    }
}

pub(super) fn bytes(message: &MlsMessageOut) -> Result<Vec<u8>, Error> {
    message.to_bytes().map_err(state)
}

pub(super) fn undecryptable(error: impl std::fmt::Display) -> Error {
    Error::Undecryptable(error.to_string())
}
