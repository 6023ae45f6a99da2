//! OpenMLS's storage trait over the records: one line a method, or a row of a table.

use openmls_traits::storage::{CURRENT_VERSION, StorageProvider, traits};

use super::{Store, StoreError, decode, encode};

/// What a group has one of: `method: Type = "label"`.
macro_rules! write_of_group {
    ($($method:ident: $Entity:ident = $label:literal;)*) => {$(
        fn $method<
            GroupId: traits::GroupId<CURRENT_VERSION>,
            $Entity: traits::$Entity<CURRENT_VERSION>,
        >(
            &self,
            group_id: &GroupId,
            entity: &$Entity,
        ) -> Result<(), Self::Error> {
            self.write($label, group_id, entity)
        }
    )*};
}

/// The same, read.
macro_rules! read_of_group {
    ($($method:ident: $Entity:ident = $label:literal;)*) => {$(
        fn $method<
            GroupId: traits::GroupId<CURRENT_VERSION>,
            $Entity: traits::$Entity<CURRENT_VERSION>,
        >(
            &self,
            group_id: &GroupId,
        ) -> Result<Option<$Entity>, Self::Error> {
            self.read($label, group_id)
        }
    )*};
}

/// The same, dropped: `method = "label"`.
macro_rules! delete_of_group {
    ($($method:ident = $label:literal;)*) => {$(
        fn $method<GroupId: traits::GroupId<CURRENT_VERSION>>(
            &self,
            group_id: &GroupId,
        ) -> Result<(), Self::Error> {
            self.delete($label, group_id)
        }
    )*};
}

impl StorageProvider<CURRENT_VERSION> for Store {
    type Error = StoreError;

    write_of_group! {
        write_tree: TreeSync = "tree";
        write_interim_transcript_hash: InterimTranscriptHash = "interim-transcript-hash";
        write_context: GroupContext = "context";
        write_confirmation_tag: ConfirmationTag = "confirmation-tag";
        write_message_secrets: MessageSecrets = "message-secrets";
        write_resumption_psk_store: ResumptionPskStore = "resumption-psks";
        write_own_leaf_index: LeafNodeIndex = "own-leaf-index";
        write_group_epoch_secrets: GroupEpochSecrets = "epoch-secrets";
    }
    fn write_mls_join_config<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        MlsGroupJoinConfig: traits::MlsGroupJoinConfig<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        config: &MlsGroupJoinConfig,
    ) -> Result<(), Self::Error> {
        self.write_json("config", group_id, config)
    }
    fn append_own_leaf_node<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        LeafNode: traits::LeafNode<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        leaf_node: &LeafNode,
    ) -> Result<(), Self::Error> {
        let mut l: Vec<Vec<u8>> = self.read("own-leaf-nodes", group_id)?.unwrap_or_default();
        l.push(encode(leaf_node)?);
        self.write("own-leaf-nodes", group_id, &l)
    }
    fn queue_proposal<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
        QueuedProposal: traits::QueuedProposal<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        proposal_ref: &ProposalRef,
        proposal: &QueuedProposal,
    ) -> Result<(), Self::Error> {
        let mut l: Vec<(Vec<u8>, Vec<u8>)> = self.read("proposals", group_id)?.unwrap_or_default();
        l.push((encode(proposal_ref)?, encode(proposal)?));
        self.write("proposals", group_id, &l)
    }
    fn write_group_state<
        GroupState: traits::GroupState<CURRENT_VERSION>,
        GroupId: traits::GroupId<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        group_state: &GroupState,
    ) -> Result<(), Self::Error> {
        self.write("group-state", group_id, group_state)
    }
    fn write_signature_key_pair<
        SignaturePublicKey: traits::SignaturePublicKey<CURRENT_VERSION>,
        SignatureKeyPair: traits::SignatureKeyPair<CURRENT_VERSION>,
    >(
        &self,
        public_key: &SignaturePublicKey,
        signature_key_pair: &SignatureKeyPair,
    ) -> Result<(), Self::Error> {
        self.write("signature-key", public_key, signature_key_pair)
    }
    fn write_encryption_key_pair<
        EncryptionKey: traits::EncryptionKey<CURRENT_VERSION>,
        HpkeKeyPair: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(
        &self,
        public_key: &EncryptionKey,
        key_pair: &HpkeKeyPair,
    ) -> Result<(), Self::Error> {
        self.write("encryption-key", public_key, key_pair)
    }
    fn write_encryption_epoch_key_pairs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        EpochKey: traits::EpochKey<CURRENT_VERSION>,
        HpkeKeyPair: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
        key_pairs: &[HpkeKeyPair],
    ) -> Result<(), Self::Error> {
        self.write(
            "epoch-encryption-keys",
            &(group_id, epoch, leaf_index),
            &key_pairs,
        )
    }
    fn write_key_package<
        HashReference: traits::HashReference<CURRENT_VERSION>,
        KeyPackage: traits::KeyPackage<CURRENT_VERSION>,
    >(
        &self,
        hash_ref: &HashReference,
        key_package: &KeyPackage,
    ) -> Result<(), Self::Error> {
        self.write("key-package", hash_ref, key_package)
    }
    fn write_psk<
        PskId: traits::PskId<CURRENT_VERSION>,
        PskBundle: traits::PskBundle<CURRENT_VERSION>,
    >(
        &self,
        psk_id: &PskId,
        psk: &PskBundle,
    ) -> Result<(), Self::Error> {
        self.write("psk", psk_id, psk)
    }
    read_of_group! {
        tree: TreeSync = "tree";
        group_context: GroupContext = "context";
        interim_transcript_hash: InterimTranscriptHash = "interim-transcript-hash";
        confirmation_tag: ConfirmationTag = "confirmation-tag";
        message_secrets: MessageSecrets = "message-secrets";
        resumption_psk_store: ResumptionPskStore = "resumption-psks";
        own_leaf_index: LeafNodeIndex = "own-leaf-index";
        group_epoch_secrets: GroupEpochSecrets = "epoch-secrets";
    }
    fn mls_group_join_config<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        MlsGroupJoinConfig: traits::MlsGroupJoinConfig<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Option<MlsGroupJoinConfig>, Self::Error> {
        self.read_json("config", group_id)
    }
    fn own_leaf_nodes<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        LeafNode: traits::LeafNode<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<LeafNode>, Self::Error> {
        let l: Vec<Vec<u8>> = self.read("own-leaf-nodes", group_id)?.unwrap_or_default();
        l.iter().map(|x| decode(x)).collect()
    }
    fn queued_proposal_refs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<ProposalRef>, Self::Error> {
        let l: Vec<(Vec<u8>, Vec<u8>)> = self.read("proposals", group_id)?.unwrap_or_default();
        l.iter().map(|x| decode(&x.0)).collect()
    }
    fn queued_proposals<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
        QueuedProposal: traits::QueuedProposal<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<(ProposalRef, QueuedProposal)>, Self::Error> {
        let l: Vec<(Vec<u8>, Vec<u8>)> = self.read("proposals", group_id)?.unwrap_or_default();
        l.iter()
            .map(|x| Ok((decode(&x.0)?, decode(&x.1)?)))
            .collect()
    }
    fn group_state<
        GroupState: traits::GroupState<CURRENT_VERSION>,
        GroupId: traits::GroupId<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Option<GroupState>, Self::Error> {
        self.read("group-state", group_id)
    }
    fn signature_key_pair<
        SignaturePublicKey: traits::SignaturePublicKey<CURRENT_VERSION>,
        SignatureKeyPair: traits::SignatureKeyPair<CURRENT_VERSION>,
    >(
        &self,
        public_key: &SignaturePublicKey,
    ) -> Result<Option<SignatureKeyPair>, Self::Error> {
        self.read("signature-key", public_key)
    }
    fn encryption_key_pair<
        HpkeKeyPair: traits::HpkeKeyPair<CURRENT_VERSION>,
        EncryptionKey: traits::EncryptionKey<CURRENT_VERSION>,
    >(
        &self,
        public_key: &EncryptionKey,
    ) -> Result<Option<HpkeKeyPair>, Self::Error> {
        self.read("encryption-key", public_key)
    }
    fn encryption_epoch_key_pairs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        EpochKey: traits::EpochKey<CURRENT_VERSION>,
        HpkeKeyPair: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
    ) -> Result<Vec<HpkeKeyPair>, Self::Error> {
        Ok(self
            .read("epoch-encryption-keys", &(group_id, epoch, leaf_index))?
            .unwrap_or_default())
    }
    fn key_package<
        KeyPackageRef: traits::HashReference<CURRENT_VERSION>,
        KeyPackage: traits::KeyPackage<CURRENT_VERSION>,
    >(
        &self,
        hash_ref: &KeyPackageRef,
    ) -> Result<Option<KeyPackage>, Self::Error> {
        self.read("key-package", hash_ref)
    }
    fn psk<PskBundle: traits::PskBundle<CURRENT_VERSION>, PskId: traits::PskId<CURRENT_VERSION>>(
        &self,
        psk_id: &PskId,
    ) -> Result<Option<PskBundle>, Self::Error> {
        self.read("psk", psk_id)
    }
    fn remove_proposal<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        proposal_ref: &ProposalRef,
    ) -> Result<(), Self::Error> {
        let mut l: Vec<(Vec<u8>, Vec<u8>)> = self.read("proposals", group_id)?.unwrap_or_default();
        let k = encode(proposal_ref)?;
        l.retain(|x| x.0 != k);
        self.write("proposals", group_id, &l)
    }
    delete_of_group! {
        delete_own_leaf_nodes = "own-leaf-nodes";
        delete_group_config = "config";
        delete_tree = "tree";
        delete_confirmation_tag = "confirmation-tag";
        delete_group_state = "group-state";
        delete_context = "context";
        delete_interim_transcript_hash = "interim-transcript-hash";
        delete_message_secrets = "message-secrets";
        delete_all_resumption_psk_secrets = "resumption-psks";
        delete_own_leaf_index = "own-leaf-index";
        delete_group_epoch_secrets = "epoch-secrets";
    }
    fn clear_proposal_queue<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<(), Self::Error> {
        self.delete("proposals", group_id)
    }
    fn delete_signature_key_pair<
        SignaturePublicKey: traits::SignaturePublicKey<CURRENT_VERSION>,
    >(
        &self,
        public_key: &SignaturePublicKey,
    ) -> Result<(), Self::Error> {
        self.delete("signature-key", public_key)
    }
    fn delete_encryption_key_pair<EncryptionKey: traits::EncryptionKey<CURRENT_VERSION>>(
        &self,
        public_key: &EncryptionKey,
    ) -> Result<(), Self::Error> {
        self.delete("encryption-key", public_key)
    }
    fn delete_encryption_epoch_key_pairs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        EpochKey: traits::EpochKey<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
    ) -> Result<(), Self::Error> {
        self.delete("epoch-encryption-keys", &(group_id, epoch, leaf_index))
    }
    fn delete_key_package<KeyPackageRef: traits::HashReference<CURRENT_VERSION>>(
        &self,
        hash_ref: &KeyPackageRef,
    ) -> Result<(), Self::Error> {
        self.delete("key-package", hash_ref)
    }
    fn delete_psk<PskKey: traits::PskId<CURRENT_VERSION>>(
        &self,
        psk_id: &PskKey,
    ) -> Result<(), Self::Error> {
        self.delete("psk", psk_id)
    }
}
