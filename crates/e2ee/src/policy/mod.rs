//! The rules of a room: one function that clients and server run on every join and commit.
//!
//! OpenMLS checks signatures, trees and framing; it does not know who may be whom or do what.

mod context;

use openmls::prelude::{
    Credential as MlsCredential, LeafNode, LeafNodeIndex, Proposal, ProposalOrRefType, PublicGroup,
    Sender, StagedCommit,
};
use uuid::Uuid;

pub use self::context::{Kind, RoomPolicy};

use crate::{
    client::Change,
    error::KeyFault,
    identity::{Credential, Member},
    key_package::check_leaf,
    suite::Suite,
};

/// A rule that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A leaf's credential or key is bad.
    BadLeaf(KeyFault),
    /// A device would have two leaves.
    DuplicateDevice,
    /// A user would have two account keys in the room.
    TwoAccountKeys,
    /// A path leaf names another user or device than the leaf before.
    IdentityChanged,
    /// Somebody who is no admin adds another person.
    NotAdmin,
    /// A third person in a direct room.
    ThirdUser,
    /// An external join by a person who neither has a leaf nor is absent with that account key.
    ForeignJoin,
    /// An external join that removes another person's leaf.
    ForeignRemoval,
    /// The group context changes in a way that nobody may.
    ContextChanged,
    /// The room's policy is missing or malformed, or its required capabilities are.
    BadContext,
    /// A proposal of a kind, or by reference, that our rooms do not use.
    UnknownProposal,
    /// The committer is not who sends.
    WrongSender,
}

impl Rule {
    /// The kebab-case name, as `rule` of a `policy` problem.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadLeaf(_) => "bad-leaf",
            Self::DuplicateDevice => "duplicate-device",
            Self::TwoAccountKeys => "two-account-keys",
            Self::IdentityChanged => "identity-changed",
            Self::NotAdmin => "not-admin",
            Self::ThirdUser => "third-user",
            Self::ForeignJoin => "foreign-join",
            Self::ForeignRemoval => "foreign-removal",
            Self::ContextChanged => "context-changed",
            Self::BadContext => "bad-context",
            Self::UnknownProposal => "unknown-proposal",
            Self::WrongSender => "wrong-sender",
        }
    }
}

/// Everybody in a group, each leaf checked: what a joiner and the server do with a new room.
pub(crate) fn check_group(group: &PublicGroup) -> Result<(RoomPolicy, Vec<Member>), Rule> {
    let policy = RoomPolicy::of_context(group.group_context())?;
    let suite = suite_of(group)?;
    let leaves: Vec<_> = group
        .members()
        .map(|member| leaf_at(group, member.index))
        .collect::<Result<_, _>>()?;
    let members = checked(suite, &leaves)?;
    policy.check_members(&members)?;
    Ok((policy, members))
}

/// Everybody in a group whose leaves were checked as they came in, by [`check_group`] or [`check`].
pub(crate) fn members_of(group: &PublicGroup) -> Result<Vec<Member>, Rule> {
    group
        .members()
        .map(|member| known(&member.credential, &member.signature_key))
        .collect()
}

/// Checks a staged commit against the group that it changes; says what it changes.
///
/// `claimed` is who the envelope names as the sender: (user, device).
pub(crate) fn check(
    group: &PublicGroup,
    sender: &Sender,
    staged: &StagedCommit,
    claimed: (Uuid, Uuid),
) -> Result<Change, Rule> {
    let policy = RoomPolicy::of_context(group.group_context())?;
    let changed = staged.group_context().extensions() != group.group_context().extensions();
    let external = match sender {
        Sender::Member(_) => false,
        Sender::NewMemberCommit => true,
        Sender::External(_) | Sender::NewMemberProposal => return Err(Rule::UnknownProposal),
    };
    let suite = suite_of(group)?;
    let member_of = |leaf| member_of(suite, leaf);
    let path = staged.update_path_leaf_node().map(member_of).transpose()?;
    let committer = match sender {
        Sender::Member(index) => known_at(group, *index)?,
        _ => path.clone().ok_or(Rule::UnknownProposal)?,
    };
    if (committer.user, committer.device) != claimed {
        return Err(Rule::WrongSender);
    }

    let (mut added, mut removed) = (Vec::new(), Vec::new());
    for queued in staged.queued_proposals() {
        if queued.proposal_or_ref_type() != ProposalOrRefType::Proposal {
            return Err(Rule::UnknownProposal);
        }
        match queued.proposal() {
            Proposal::Add(add) => added.push(member_of(add.key_package().leaf_node())?),
            Proposal::Remove(remove) => {
                removed.push(known_at(group, remove.removed())?);
            }
            Proposal::ExternalInit(_) if external => {}
            Proposal::GroupContextExtensions(_) if changed && !external => {}
            _ => return Err(Rule::UnknownProposal),
        }
    }

    let before = members_of(group)?;
    let people_before = policy.check_members(&before)?;
    if external {
        if !people_before.contains_key(&committer.user)
            && !policy.awaits(committer.user, &committer.account_key)
        {
            return Err(Rule::ForeignJoin);
        }
        if removed.iter().any(|member| member.user != committer.user) {
            return Err(Rule::ForeignRemoval);
        }
        added.push(committer.clone());
    } else if let Some(path) = &path
        && *path != committer
    {
        return Err(Rule::IdentityChanged);
    }
    let may_add = |user: Uuid| {
        let absent = policy.absent.contains_key(&user) && !people_before.contains_key(&user);
        user == committer.user || absent
    };
    if !added.iter().all(|member| may_add(member.user)) && !policy.admins.contains(&committer.user)
    {
        return Err(Rule::NotAdmin);
    }

    let after: Vec<_> = before
        .into_iter()
        .filter(|member| !removed.contains(member))
        .chain(added.iter().cloned())
        .collect();
    let people = policy.check_members(&after)?;
    let next = RoomPolicy::of_context(staged.group_context())?;
    if !external {
        policy.check_change(&next, committer.user, &people_before, &people)?;
    }
    let absent = next.absent.keys();
    let absent = absent.filter(|user| !people.contains_key(*user)).copied();
    Ok(Change {
        added,
        removed,
        absent: absent.collect(),
        admins: (next.admins != policy.admins).then_some(next.admins),
        committer,
        removed_me: staged.self_removed(),
        epoch: staged.epoch().as_u64(),
    })
}

/// A signature for each: on a machine with threads they share the work.
#[cfg(not(target_arch = "wasm32"))]
fn checked(suite: Suite, leaves: &[&LeafNode]) -> Result<Vec<Member>, Rule> {
    use rayon::prelude::*;
    leaves
        .par_iter()
        .with_min_len(16)
        .map(|leaf| member_of(suite, leaf))
        .collect::<Vec<_>>() // so that the first fault is the one that is told
        .into_iter()
        .collect()
}

#[cfg(target_arch = "wasm32")]
fn checked(suite: Suite, leaves: &[&LeafNode]) -> Result<Vec<Member>, Rule> {
    leaves.iter().map(|leaf| member_of(suite, leaf)).collect()
}

/// The member at a leaf that was checked as it came in.
fn known_at(group: &PublicGroup, index: LeafNodeIndex) -> Result<Member, Rule> {
    let leaf = leaf_at(group, index)?;
    known(leaf.credential(), leaf.signature_key().as_slice())
}

fn known(credential: &MlsCredential, signature_key: &[u8]) -> Result<Member, Rule> {
    Credential::of_known_leaf(credential, signature_key)
        .map(|credential| Member::from(&credential))
        .map_err(Rule::BadLeaf)
}

fn leaf_at(group: &PublicGroup, index: LeafNodeIndex) -> Result<&LeafNode, Rule> {
    group.leaf(index).ok_or(Rule::BadLeaf(KeyFault::Malformed))
}

fn suite_of(group: &PublicGroup) -> Result<Suite, Rule> {
    Suite::of(group.ciphersuite()).ok_or(Rule::BadContext)
}

fn member_of(suite: Suite, leaf: &LeafNode) -> Result<Member, Rule> {
    check_leaf(suite, leaf).map_err(Rule::BadLeaf)?;
    Credential::of_leaf(leaf.credential(), leaf.signature_key().as_slice())
        .map(|credential| Member::from(&credential))
        .map_err(Rule::BadLeaf)
}

#[cfg(test)]
#[path = "../../tests/forge/mod.rs"]
mod forge;

#[cfg(test)]
mod tests {
    use super::{forge::forge, *};
    use crate::{AccountKey, Client, DeviceKeys, provider::Crypto};
    use openmls::prelude::{
        KeyPackageIn, MlsMessageBodyIn, MlsMessageIn, ProtocolVersion, tls_codec::Deserialize as _,
    };
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    /// Of every leaf, wherever it comes from: a tree, a path, an Add.
    #[test]
    fn a_leaf_that_nothing_secret_can_be_sealed_to_is_refused() {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = since.unwrap().as_secs();
        let rng = &mut ChaCha20Rng::from_seed([1; 32]);
        let account = AccountKey::generate(rng);
        let keys = DeviceKeys::generate(Uuid::from_u128(1), Uuid::from_u128(2), &account, now, rng);
        let key = ed25519_dalek::SigningKey::from_bytes(keys.to_bytes()[..32].try_into().unwrap());
        for suite in Suite::ALL.iter().copied() {
            let keys = DeviceKeys::from_bytes(&keys.to_bytes()).unwrap();
            let good = Client::new(keys, []).key_package(suite, now, rng).unwrap();
            let member = |encryption: Option<&[u8]>| {
                let forged = forge(&good, &key, None, encryption);
                let message = MlsMessageIn::tls_deserialize_exact(forged).unwrap();
                let MlsMessageBodyIn::KeyPackage(package) = message.extract() else {
                    panic!("no key package");
                };
                let package: KeyPackageIn = package;
                let crypto = Crypto::without_randomness();
                let package = package.validate(&crypto, ProtocolVersion::Mls10).unwrap();
                member_of(suite, package.leaf_node()).map(|member| member.device)
            };
            assert_eq!(member(None), Ok(Uuid::from_u128(2)));
            let length = if suite == Suite::Classic { 32 } else { 1216 };
            let refused = Err(Rule::BadLeaf(KeyFault::LowOrder));
            assert_eq!(member(Some(&vec![0; length])), refused);
            let refused = Err(Rule::BadLeaf(KeyFault::Malformed));
            assert_eq!(member(Some(&vec![9; length + 1])), refused);
        }
    }
}
