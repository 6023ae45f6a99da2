//! passive-client-welcome and passive-client-handling-commit: a device that joins and follows,
//! through OpenMLS with our provider and our store (RFC 9420, sections 7, 8 and 12).

use openmls::{
    group::{MlsGroup, MlsGroupJoinConfig, ProcessMessageError, ValidationError},
    prelude::{
        KeyPackageVerifyError, PURE_PLAINTEXT_WIRE_FORMAT_POLICY, ProcessedMessageContent,
        RatchetTreeIn, StagedWelcome, tls_codec::Deserialize as _,
    },
    schedule::PreSharedKeyId,
    treesync::errors::LifetimeError,
};
use serde::Deserialize;

use super::{Hex, provider, read, stored::add_key_package, welcome};
use crate::{framing::protocol_message, provider::Provider, store::StoreError};

#[derive(Deserialize)]
struct Vector {
    external_psks: Vec<Psk>,
    key_package: Hex,
    encryption_priv: Hex,
    init_priv: Hex,
    welcome: Hex,
    ratchet_tree: Option<Hex>,
    initial_epoch_authenticator: Hex,
    epochs: Vec<Epoch>,
}

#[derive(Deserialize)]
struct Psk {
    psk_id: Hex,
    psk: Hex,
}

#[derive(Deserialize)]
struct Epoch {
    proposals: Vec<Hex>,
    commit: Hex,
    epoch_authenticator: Hex,
}

/// How far a device follows.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// Through all epochs.
    Reached,
    /// To a key package whose time has run out since 2023. OpenMLS checks that of every proposal,
    /// and by the system's clock alone.
    Lapsed,
}

#[test]
fn a_device_joins_by_welcome() {
    let vectors = read::<Vector>("mls/passive-client-welcome.json");
    assert_eq!(vectors.len(), 8);
    for vector in vectors {
        assert_eq!(vector.run(), End::Reached);
    }
}

#[test]
fn a_device_follows_commits() {
    let vectors = read::<Vector>("mls/passive-client-handling-commit.json");
    let ends: Vec<End> = vectors.iter().map(Vector::run).collect();
    let reached = ends.iter().filter(|end| **end == End::Reached).count();
    // Four of the thirteen add somebody.
    assert_eq!((reached, ends.len()), (9, 13));
}

impl Vector {
    fn run(&self) -> End {
        let provider = provider();
        for Psk { psk_id, psk } in &self.external_psks {
            let id = PreSharedKeyId::external(psk_id.to_vec(), Vec::new());
            id.store(&provider, psk).unwrap();
        }
        add_key_package(
            &provider,
            &self.key_package,
            &self.init_priv,
            &self.encryption_priv,
        );
        let mut group = self.join(&provider);
        let authenticator = &self.initial_epoch_authenticator;
        assert_eq!(*group.epoch_authenticator().as_slice(), **authenticator);
        for epoch in &self.epochs {
            group = restarted(&provider, &group);
            for message in epoch.proposals.iter().chain([&epoch.commit]) {
                if process(&provider, &mut group, message) == End::Lapsed {
                    return End::Lapsed;
                }
            }
            let authenticator = &epoch.epoch_authenticator;
            assert_eq!(*group.epoch_authenticator().as_slice(), **authenticator);
        }
        End::Reached
    }

    fn join(&self, provider: &Provider) -> MlsGroup {
        // As our rooms, but for what they have no use for: PSKs of older epochs.
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
            .number_of_resumption_psks(16)
            .build();
        let welcome = welcome::parse(&self.welcome);
        let mut joining = StagedWelcome::build_from_welcome(provider, &config, welcome)
            .unwrap()
            .skip_lifetime_validation();
        if let Some(tree) = &self.ratchet_tree {
            let tree = RatchetTreeIn::tls_deserialize_exact(&**tree).unwrap();
            joining = joining.with_ratchet_tree(tree);
        }
        joining.build().unwrap().into_group(provider).unwrap()
    }
}

/// The group as it comes back from the store.
fn restarted(provider: &Provider, group: &MlsGroup) -> MlsGroup {
    provider.store.take_changes();
    MlsGroup::load(&provider.store, group.group_id())
        .unwrap()
        .unwrap()
}

fn process(provider: &Provider, group: &mut MlsGroup, message: &[u8]) -> End {
    let message = protocol_message(message).unwrap();
    let processed = match group.process_message(provider, message) {
        Ok(processed) => processed,
        Err(error) => {
            assert!(is_lapsed(&error), "{error}");
            return End::Lapsed;
        }
    };
    match processed.into_content() {
        ProcessedMessageContent::ProposalMessage(proposal) => {
            group
                .store_pending_proposal(&provider.store, *proposal)
                .unwrap();
        }
        ProcessedMessageContent::StagedCommitMessage(staged) => {
            group.merge_staged_commit(provider, *staged).unwrap();
        }
        other => panic!("{other:?}"),
    }
    End::Reached
}

fn is_lapsed(error: &ProcessMessageError<StoreError>) -> bool {
    matches!(
        error,
        ProcessMessageError::ValidationError(ValidationError::KeyPackageVerifyError(
            KeyPackageVerifyError::LifetimeError(LifetimeError::Expired { .. })
        ))
    )
}
