//! A room as the server sees it: the public group, without any secret.

use openmls::messages::group_info::{GroupInfo, VerifiableGroupInfo};
use openmls::prelude::{
    GroupId, MlsMessageBodyIn, MlsMessageIn, OpenMlsSignaturePublicKey, ProcessedMessageContent,
    ProposalStore, PublicGroup, PublicProcessMessageError, RatchetTreeIn, SignatureScheme,
    StagedCommit, ValidationError, Verifiable as _,
    tls_codec::{Deserialize as _, Serialize as _},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    client::Change,
    error::Refusal,
    framing::{self, MessageKind},
    identity::Member,
    policy::{self, Kind, RoomPolicy, Rule},
    provider::Crypto,
    store::Store,
    suite::Suite,
};

/// A room's public group with its policy and the newest group info.
pub struct PublicRoom {
    group: PublicGroup,
    policy: RoomPolicy,
    group_info: Vec<u8>,
    store: Store,
}

/// What is stored: one value a room.
#[derive(Serialize, Deserialize)]
struct State {
    version: u8,
    room: [u8; 16],
    group_info: Vec<u8>,
    records: Vec<(Vec<u8>, Vec<u8>)>,
}

const STATE_VERSION: u8 = 1;

impl PublicRoom {
    /// A new room from its creator's group info and ratchet tree of epoch 1: signatures, tree
    /// hashes, every leaf and the policy are checked.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] or [`Refusal::Policy`].
    pub fn create(
        room: Uuid,
        kind: Kind,
        creator: (Uuid, Uuid),
        group_info: &[u8],
        tree: &[u8],
    ) -> Result<Self, Refusal> {
        let crypto = Crypto::without_randomness();
        let store = Store::new([]);
        let verifiable = parse_group_info(group_info)?;
        if verifiable.group_id().as_slice() != room.as_bytes()
            || verifiable.epoch().as_u64() != 1
            || Suite::of(verifiable.ciphersuite()).is_none()
        {
            return Err(malformed("group info of another room, epoch or suite"));
        }
        let tree = RatchetTreeIn::tls_deserialize_exact(tree).map_err(|_| malformed("tree"))?;
        crypto.verify_ahead(&tree, verifiable.ciphersuite(), verifiable.group_id());
        let (group, _) = PublicGroup::from_external(
            &crypto,
            &store,
            tree,
            verifiable.clone(),
            ProposalStore::new(),
        )
        .map_err(|error| malformed(&error.to_string()))?;
        let (policy, members) = policy::check_group(&group).map_err(Refusal::Policy)?;
        let creator = members
            .iter()
            .find(|member| (member.user, member.device) == creator)
            .filter(|member| policy.admins.contains(&member.user))
            .ok_or(Refusal::Policy(Rule::WrongSender))?;
        verify_signer(verifiable, creator)?;
        if policy.kind != kind {
            return Err(Refusal::Policy(Rule::BadContext));
        }
        store.take_changes();
        Ok(Self {
            group,
            policy,
            group_info: group_info.to_vec(),
            store,
        })
    }

    /// A room from what [`PublicRoom::to_state`] gave.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when the value does not read.
    pub fn load(state: &[u8]) -> Result<Self, Refusal> {
        let state: State = postcard::from_bytes(state).map_err(|_| malformed("stored room"))?;
        if state.version != STATE_VERSION {
            return Err(malformed("stored room of another version"));
        }
        let store = Store::new(state.records);
        let group = PublicGroup::load(&store, &GroupId::from_slice(&state.room))
            .ok()
            .flatten()
            .ok_or_else(|| malformed("stored room"))?;
        let policy = RoomPolicy::of_context(group.group_context()).map_err(Refusal::Policy)?;
        Ok(Self {
            group,
            policy,
            group_info: state.group_info,
            store,
        })
    }

    /// The room as one value, to be stored.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when it cannot be encoded, which no input brings about.
    pub fn to_state(&self) -> Result<Vec<u8>, Refusal> {
        let room = self.room().into_bytes();
        postcard::to_allocvec(&State {
            version: STATE_VERSION,
            room,
            group_info: self.group_info.clone(),
            records: self.store.records(),
        })
        .map_err(|_| malformed("room cannot be encoded"))
    }

    /// Takes a commit: checks it against the policy and its group info against it, and merges it.
    /// Confirmation tags and path secrets cannot be checked without keys; clients do.
    ///
    /// # Errors
    /// Every [`Refusal`]; the room is unchanged then.
    pub fn accept(
        &mut self,
        sender: (Uuid, Uuid),
        commit: &[u8],
        group_info: &[u8],
    ) -> Result<Change, Refusal> {
        let crypto = Crypto::without_randomness();
        let framing = framing::inspect(commit).map_err(|_| malformed("commit"))?;
        if framing.room != self.room() || framing.kind != MessageKind::Commit {
            return Err(malformed("no commit of this room"));
        }
        if framing.epoch != self.epoch() {
            return Err(Refusal::StaleEpoch {
                epoch: self.epoch(),
            });
        }
        let message = framing::protocol_message(commit).map_err(|_| malformed("commit"))?;
        let processed =
            self.group
                .process_message(&crypto, message)
                .map_err(|error| match error {
                    PublicProcessMessageError::ValidationError(ValidationError::WrongEpoch) => {
                        Refusal::StaleEpoch {
                            epoch: self.epoch(),
                        }
                    }
                    other => malformed(&other.to_string()),
                })?;
        let committer = processed.sender().clone();
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            return Err(malformed("no commit"));
        };
        let change =
            policy::check(&self.group, &committer, &staged, sender).map_err(Refusal::Policy)?;
        self.check_group_info(group_info, &staged, &change)?;
        self.group
            .merge_commit(&self.store, *staged)
            .map_err(|error| malformed(&error.to_string()))?;
        self.store.take_changes();
        self.policy =
            RoomPolicy::of_context(self.group.group_context()).map_err(Refusal::Policy)?;
        self.group_info = group_info.to_vec();
        Ok(change)
    }

    /// Everybody in the room.
    ///
    /// # Errors
    /// [`Refusal::Policy`] when a stored leaf does not check, which no accepted commit brings
    /// about.
    pub fn members(&self) -> Result<Vec<Member>, Refusal> {
        policy::members_of(&self.group).map_err(Refusal::Policy)
    }

    /// The room's id.
    pub fn room(&self) -> Uuid {
        Uuid::from_slice(self.group.group_id().as_slice()).unwrap_or_default()
    }

    /// The room's epoch.
    pub fn epoch(&self) -> u64 {
        self.group.group_context().epoch().as_u64()
    }

    /// The suite that the room was made with: key packages for it are of that one.
    pub fn suite(&self) -> Suite {
        // A group of another one is neither made nor loaded.
        Suite::of(self.group.ciphersuite()).unwrap_or_default()
    }

    /// The room's policy.
    pub const fn policy(&self) -> &RoomPolicy {
        &self.policy
    }

    /// The ratchet tree, for those who join.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when it cannot be encoded, which no input brings about.
    pub fn tree(&self) -> Result<Vec<u8>, Refusal> {
        self.group
            .export_ratchet_tree()
            .tls_serialize_detached()
            .map_err(|_| malformed("tree cannot be encoded"))
    }

    /// The newest group info, for those who join by external commit.
    pub fn group_info(&self) -> &[u8] {
        &self.group_info
    }

    /// The group info must be signed by the committer and describe the epoch that the commit
    /// leads to: otherwise nobody could rejoin.
    fn check_group_info(
        &self,
        group_info: &[u8],
        staged: &StagedCommit,
        change: &Change,
    ) -> Result<(), Refusal> {
        let verifiable = parse_group_info(group_info)?;
        if verifiable.group_context() != staged.group_context() {
            return Err(malformed("group info of another epoch"));
        }
        verify_signer(verifiable, &change.committer)
    }
}

/// Device keys are unique in a room, so that the key names the leaf.
fn verify_signer(info: VerifiableGroupInfo, signer: &Member) -> Result<(), Refusal> {
    let key = OpenMlsSignaturePublicKey::from_signature_key(
        signer.device_key.to_vec().into(),
        SignatureScheme::ED25519,
    );
    info.verify(&Crypto::without_randomness(), &key)
        .map(|_: GroupInfo| ())
        .map_err(|_| malformed("group info signed by another device"))
}

pub(crate) fn parse_group_info(bytes: &[u8]) -> Result<VerifiableGroupInfo, Refusal> {
    let message =
        MlsMessageIn::tls_deserialize_exact(bytes).map_err(|_| malformed("group info"))?;
    match message.extract() {
        MlsMessageBodyIn::GroupInfo(info) => Ok(info),
        _ => Err(malformed("group info")),
    }
}

fn malformed(what: &str) -> Refusal {
    Refusal::Malformed(what.to_owned())
}
