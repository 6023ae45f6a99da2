//! Sealing and opening messages.

use openmls::{
    framing::errors::{MessageDecryptionError, SecretTreeError},
    group::{ProcessMessageError, ValidationError},
    prelude::{MlsGroup, ProcessedMessageContent, Sender},
};
use rand_core::CryptoRng;
use uuid::Uuid;

use super::{Client, Opened, state};
use crate::{error::Error, framing, identity::Credential, policy};

impl Client {
    /// Seals a plaintext for everybody in the room, in its current epoch.
    ///
    /// # Errors
    /// [`Error::UnknownRoom`], [`Error::Removed`] or [`Error::State`].
    pub fn seal(
        &mut self,
        room: Uuid,
        plaintext: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, Error> {
        self.provider.crypto.seed(rng);
        let (group, provider, keys) = self.parts(room)?;
        group
            .create_message(provider, keys, plaintext)
            .map_err(state)?
            .to_bytes()
            .map_err(state)
    }

    /// Opens a message that the server says came from `(user, device)`. A commit is checked by the
    /// policy and merged.
    ///
    /// # Errors
    /// Every [`Error`] but the ones of keys and pending commits. After any of them the step must be
    /// undone with [`Client::rollback`].
    pub fn open(
        &mut self,
        room: Uuid,
        user: Uuid,
        device: Uuid,
        message: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Opened, Error> {
        self.provider.crypto.seed(rng);
        let framing = framing::inspect(message)?;
        if framing.room != room {
            return Err(Error::Malformed);
        }
        let (group, provider, _) = self.parts(room)?;
        let epoch = group.epoch().as_u64();
        if framing.epoch != epoch {
            return Err(Error::WrongEpoch {
                message: framing.epoch,
                room: epoch,
            });
        }
        let processed = group
            .process_message(provider, framing::protocol_message(message)?)
            .map_err(refused)?;
        let sender = processed.sender().clone();
        match processed.into_content() {
            ProcessedMessageContent::ApplicationMessage(content) => {
                let from = sender_of(group, &sender)?;
                if (from.user, from.device) != (user, device) {
                    return Err(Error::ForgedSender);
                }
                Ok(Opened::Application(content.into_bytes().into()))
            }
            ProcessedMessageContent::StagedCommitMessage(staged) => {
                let change = policy::check(group.public_group(), &sender, &staged, (user, device))
                    .map_err(Error::Policy)?;
                group
                    .merge_staged_commit(provider, *staged)
                    .map_err(state)?;
                Ok(Opened::Commit(change))
            }
            ProcessedMessageContent::OwnPendingCommit => Ok(Opened::OwnCommit),
            ProcessedMessageContent::OwnPrivateMessage => Err(Error::OwnMessage),
            _ => Err(Error::Malformed),
        }
    }
}

fn sender_of(group: &MlsGroup, sender: &Sender) -> Result<Credential, Error> {
    let Sender::Member(index) = sender else {
        return Err(Error::ForgedSender);
    };
    let leaf = group
        .public_group()
        .leaf(*index)
        .ok_or(Error::ForgedSender)?;
    Ok(Credential::of_known_leaf(
        leaf.credential(),
        leaf.signature_key().as_slice(),
    )?)
}

fn refused<E: std::fmt::Display>(error: ProcessMessageError<E>) -> Error {
    match &error {
        ProcessMessageError::ValidationError(ValidationError::UnableToDecrypt(
            MessageDecryptionError::SecretTreeError(
                SecretTreeError::SecretReuseError | SecretTreeError::TooDistantInThePast,
            ),
        )) => Error::KeyUsed,
        _ => Error::Undecryptable(error.to_string()),
    }
}
