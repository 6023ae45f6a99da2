//! The rules of a room: one function that clients and server run on every join and commit.
//!
//! OpenMLS checks signatures, trees and framing; it does not know who may be whom or do what.

use std::collections::BTreeSet;

use openmls::prelude::{
    Credential as MlsCredential, Extension, ExtensionType, Extensions, GroupContext, LeafNode,
    LeafNodeIndex, Proposal, ProposalOrRefType, PublicGroup, Sender, StagedCommit,
    UnknownExtension,
};
use uuid::Uuid;

use crate::{
    client::Change,
    error::KeyFault,
    identity::{Credential, Member},
    key_package::check_leaf,
    suite::{POLICY_EXTENSION, Suite, required_capabilities},
};

/// What kind of room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Two people, any number of devices each.
    Direct,
    /// Any number of people.
    Group,
}

/// What the group context says of a room, in extension `0xF0C1`:
/// `version 1 | kind 1 | count 2 | admins 16 each`. Never a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomPolicy {
    /// What kind.
    pub kind: Kind,
    /// Who may add other people, remove them (the server also lets others remove who has left) and
    /// say who else may.
    pub admins: Vec<Uuid>,
}

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
    /// An external join by a person who has no leaf.
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

const VERSION: u8 = 1;

impl RoomPolicy {
    /// The context extensions of a new room.
    pub(crate) fn to_context(&self) -> Option<Extensions<GroupContext>> {
        let bytes = UnknownExtension(self.to_bytes()?);
        Extensions::from_vec(vec![
            Extension::RequiredCapabilities(required_capabilities()),
            Extension::Unknown(POLICY_EXTENSION, bytes),
        ])
        .ok()
    }

    /// The encoding; `None` for more than 65,535 admins.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let count = u16::try_from(self.admins.len()).ok()?;
        let mut bytes = vec![VERSION, matches!(self.kind, Kind::Group).into()];
        bytes.extend_from_slice(&count.to_be_bytes());
        for admin in &self.admins {
            bytes.extend_from_slice(admin.as_bytes());
        }
        Some(bytes)
    }

    /// Reads a room's policy. The context must hold it and our required capabilities, and nothing
    /// else.
    pub(crate) fn of_context(context: &GroupContext) -> Result<Self, Rule> {
        let extensions = context.extensions();
        let expected = [
            ExtensionType::RequiredCapabilities,
            ExtensionType::Unknown(POLICY_EXTENSION),
        ];
        let only_ours = extensions.iter().count() == expected.len()
            && expected.iter().all(|kind| extensions.contains(*kind))
            && extensions.required_capabilities() == Some(&required_capabilities());
        let policy = extensions.unknown(POLICY_EXTENSION).filter(|_| only_ours);
        policy
            .and_then(|policy| Self::parse(&policy.0))
            .ok_or(Rule::BadContext)
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (&[version, kind, high, low], ids) = bytes.split_first_chunk()?;
        let kind = match kind {
            0 => Kind::Direct,
            1 => Kind::Group,
            _ => return None,
        };
        let (ids, rest) = ids.as_chunks::<16>();
        let count = usize::from(u16::from_be_bytes([high, low]));
        (version == VERSION && rest.is_empty() && ids.len() == count).then(|| Self {
            kind,
            admins: ids.iter().map(|id| Uuid::from_bytes(*id)).collect(),
        })
    }

    /// What must hold of everybody in a room at any time.
    fn check_members(&self, members: &[Member]) -> Result<(), Rule> {
        let devices: BTreeSet<_> = members.iter().map(|member| member.device).collect();
        if devices.len() != members.len() {
            return Err(Rule::DuplicateDevice);
        }
        let users: BTreeSet<_> = members.iter().map(|member| member.user).collect();
        let accounts: BTreeSet<_> = members
            .iter()
            .map(|member| (member.user, member.account_key))
            .collect();
        if accounts.len() != users.len() {
            return Err(Rule::TwoAccountKeys);
        }
        if self.kind == Kind::Direct && users.len() > 2 {
            return Err(Rule::ThirdUser);
        }
        Ok(())
    }

    /// The one change of the context that is allowed: an admin of a group names other admins, who
    /// are all in the room.
    fn check_new_admins(
        &self,
        context: &GroupContext,
        committer: Uuid,
        after: &[Member],
    ) -> Result<Vec<Uuid>, Rule> {
        let Self { kind, admins } = Self::of_context(context)?;
        if kind != self.kind || kind != Kind::Group {
            return Err(Rule::ContextChanged);
        }
        if !self.admins.contains(&committer) {
            return Err(Rule::NotAdmin);
        }
        let present = |admin: &Uuid| after.iter().any(|member| member.user == *admin);
        if admins.is_empty() || !admins.iter().all(present) {
            return Err(Rule::ContextChanged);
        }
        Ok(admins)
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
    if external {
        if !before.iter().any(|member| member.user == committer.user) {
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
    if added.iter().any(|member| member.user != committer.user)
        && !policy.admins.contains(&committer.user)
    {
        return Err(Rule::NotAdmin);
    }

    let after: Vec<_> = before
        .into_iter()
        .filter(|member| !removed.contains(member))
        .chain(added.iter().cloned())
        .collect();
    policy.check_members(&after)?;
    let admins = if changed {
        Some(policy.check_new_admins(staged.group_context(), committer.user, &after)?)
    } else {
        None
    };
    Ok(Change {
        added,
        removed,
        admins,
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
#[path = "../tests/forge/mod.rs"]
mod forge;

#[cfg(test)]
mod tests {
    use super::{forge::forge, *};
    use crate::{AccountKey, Client, DeviceKeys, provider::Crypto};
    use openmls::prelude::{
        KeyPackageIn, MlsMessageBodyIn, MlsMessageIn, ProtocolVersion, tls_codec::Deserialize as _,
    };
    use proptest::prelude::*;
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

    proptest! {
        #[test]
        fn policies_read_back(group in any::<bool>(), ids in proptest::collection::vec(any::<u128>(), 0..40)) {
            let policy = RoomPolicy {
                kind: if group { Kind::Group } else { Kind::Direct },
                admins: ids.into_iter().map(Uuid::from_u128).collect(),
            };
            let context = policy.to_context().unwrap();
            let bytes = &context.unknown(POLICY_EXTENSION).unwrap().0;
            prop_assert_eq!(RoomPolicy::parse(bytes), Some(policy));
            prop_assert_eq!(RoomPolicy::parse(&bytes[..bytes.len() - 1]), None);
        }
    }
}
