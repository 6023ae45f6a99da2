//! What a person does with devices of their own: linking, revoking, the recovery key.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use engine::{
    Body, Command, ConversationId, Document, LinkHow, LinkState, Notice, Recipient,
    RecoveryFailure, own_file_key,
};
use protocol::{ClientId, Code, DeviceId};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_json::Value;

use super::{Device, host::now};
use crate::{Person, RawClient, until};

impl Device {
    /// A new device that this one lets in, as a person in front of both does it. Nobody's second
    /// factor may be fresh: this device is asked for it, and gives it.
    pub async fn link_by(&self, session: &Person, how: LinkHow) -> Self {
        let new = Self::blank(session);
        new.command(Command::StartLink {
            user_id: session.user_id,
            device_name: "New".to_owned(),
            how,
        });
        match how {
            LinkHow::Scan => {
                let text = new.link("a code", |link| match link {
                    LinkState::ShowCode { text, .. } => Some(text),
                    _ => None,
                });
                let text = text.await;
                self.command(Command::ScanLink { text });
            }
            LinkHow::Typed => {
                let asked = |link| matches!(link, LinkState::Asked { .. }).then_some(());
                self.link("the question", asked).await;
                self.command(Command::AnswerLink);
                let digits = new.link("digits", |link| match link {
                    LinkState::ShowDigits { digits, .. } => Some(digits),
                    _ => None,
                });
                let digits = digits.await;
                let entering = |link| matches!(link, LinkState::EnterDigits { .. }).then_some(());
                self.link("the field for them", entering).await;
                self.command(Command::TypeLinkDigits { digits });
            }
        }
        let asked = |link| matches!(link, LinkState::NeedsFactor { .. }).then_some(());
        self.link("the question for a factor", asked).await;
        self.person.give_factor().await;
        self.command(Command::ContinueLink);
        let done = |link: LinkState| (link == LinkState::Done).then_some(());
        self.link("the end", done).await;
        if how == LinkHow::Typed {
            let confirm = |link| matches!(link, LinkState::Confirm { .. }).then_some(());
            new.link("the question whether it was taken", confirm).await;
            new.command(Command::ConfirmLink);
        }
        new.link("the end on the new device", done).await;
        new.live().await;
        new
    }

    /// Waits for a state of the link that this device takes part in.
    async fn link<T>(&self, what: &str, find: impl Fn(LinkState) -> Option<T>) -> T {
        let what = format!("{what} at {}", self.person.username);
        until(&what, || async {
            let notices = self.notices.lock().unwrap();
            let newest = notices.iter().rev().find_map(|notice| match notice {
                Notice::Link { link } => Some(link.clone()),
                _ => None,
            });
            newest.and_then(&find)
        })
        .await
    }

    /// Which device this is.
    pub fn device_id(&self) -> DeviceId {
        RawClient::of(self).device_id()
    }

    /// What opens or signs, and that no server may know: what it is and its bytes.
    pub fn secrets(&self) -> Vec<(String, Vec<u8>)> {
        let records = self.records();
        // A device record is the seed, then the credential.
        let mut secrets: Vec<(String, Vec<u8>)> = ["account", "device"]
            .map(|key| {
                let record = &records[&format!("state/keys/{key}")];
                (format!("{key} key"), record[..32].to_vec())
            })
            .into();
        let ring: Value = serde_json::from_slice(&records["state/ring"]).unwrap();
        let field = |name: &str| Some(STANDARD.decode(ring[name].as_str()?).unwrap());
        // A count, then id, generation and key of each.
        let archive_keys = field("archive_keys").unwrap_or_default();
        for key in archive_keys[2.min(archive_keys.len())..].chunks_exact(52) {
            secrets.push(("archive key".to_owned(), key[20..].to_vec()));
        }
        secrets
            .extend(field("bundle_key").map(|key| ("key of the recovery bundle".to_owned(), key)));
        secrets
    }

    /// Gives a command that needs a fresh factor: is refused without, gives it, repeats.
    async fn command_with_factor(&self, command: Command) {
        let refusals = || {
            let notices = self.notices.lock().unwrap();
            let refusal = |notice: &&Notice| {
                let Notice::Refused { failure, .. } = notice else {
                    return false;
                };
                failure.code == Code::StepUpRequired
            };
            notices.iter().filter(refusal).count()
        };
        let before = refusals();
        self.command(command.clone());
        let what = "the question for a factor";
        until(what, || async { (refusals() > before).then_some(()) }).await;
        self.person.give_factor().await;
        self.command(command);
    }

    /// Shuts another device of the person out. Nobody's second factor may be fresh.
    pub async fn revoke(&self, device_id: DeviceId) {
        self.command_with_factor(Command::RevokeDevice { device_id })
            .await;
    }

    /// A new recovery key, as it is shown. Nobody's second factor may be fresh.
    pub async fn make_recovery_key(&self) -> String {
        let shown = || -> Vec<String> {
            let notices = self.notices.lock().unwrap();
            let keys = notices.iter().filter_map(|notice| match notice {
                Notice::RecoveryKey { text } => Some(text.0.clone()),
                _ => None,
            });
            keys.collect()
        };
        let before = shown().len();
        self.command_with_factor(Command::MakeRecoveryKey).await;
        until("the recovery key", || async {
            shown().get(before).cloned()
        })
        .await
    }

    /// Types a recovery key.
    pub fn recover(&self, key: &str) {
        self.command(Command::Recover {
            user_id: self.person.user_id,
            device_name: "Found".to_owned(),
            key: key.into(),
        });
    }

    /// Types a recovery key that does not help; why.
    pub async fn recover_in_vain(&self, key: &str) -> RecoveryFailure {
        let told = || -> Vec<RecoveryFailure> {
            let notices = self.notices.lock().unwrap();
            let failures = notices.iter().filter_map(|notice| match notice {
                Notice::RecoveryFailed { reason } => Some(*reason),
                _ => None,
            });
            failures.collect()
        };
        let before = told().len();
        self.recover(key);
        until("why it does not help", || async {
            told().get(before).copied()
        })
        .await
    }

    /// Waits until whatever is worth keeping is in the archive.
    pub async fn keeps_everything(&self) {
        until("the archive", || async {
            let mut records = self.records().into_keys();
            (!records.any(|key| key.starts_with("state/kept/"))).then_some(())
        })
        .await;
    }

    /// How many pages of what was before have come to a conversation, and whether there is more.
    pub fn pages(&self, of: ConversationId) -> (usize, bool) {
        let notices = self.notices.lock().unwrap();
        let pages = notices.iter().filter_map(|notice| match notice {
            Notice::History {
                conversation, more, ..
            } if *conversation == of => Some(*more),
            _ => None,
        });
        pages.fold((0, true), |(count, _), more| (count + 1, more))
    }

    /// Fetches a page of what was before; whether there is more.
    pub async fn load_older(&self, conversation: ConversationId) -> bool {
        let (before, _) = self.pages(conversation);
        self.command(Command::LoadOlder { conversation });
        until("a page", || async {
            let (pages, more) = self.pages(conversation);
            (pages > before).then_some(more)
        })
        .await
    }

    /// Sends a file to a person or into a group.
    pub fn send_file(&self, to: Recipient, name: &str, caption: &str, file: &[u8]) -> ClientId {
        let mut rng = ChaCha20Rng::from_seed(rand::random());
        let sealed = e2ee::file::seal(file, &mut rng).unwrap();
        let id = ClientId::from_parts(now() as u64, rand::random());
        self.records
            .lock()
            .unwrap()
            .insert(own_file_key(id), sealed.ciphertext);
        self.command(Command::SendFile {
            to,
            id,
            file: Document {
                key: sealed.key.to_vec().into(),
                sha256: sealed.sha256.to_vec().into(),
                size: u32::try_from(file.len()).unwrap(),
                name: name.into(),
                media_type: "application/pdf".to_owned(),
                caption: caption.into(),
            },
            reply_to: None,
        });
        id
    }

    /// Waits for an entry of a conversation, the newest that fits.
    pub async fn entry<T>(
        &self,
        what: &str,
        conversation: ConversationId,
        find: impl Fn(&engine::Entry) -> Option<T>,
    ) -> T {
        let what = format!("{what} at {}", self.person.username);
        until(&what, || async {
            self.entries(conversation).iter().rev().find_map(&find)
        })
        .await
    }

    /// Waits until a conversation says this somewhere.
    pub async fn hears(&self, conversation: ConversationId, words: &str) -> engine::Entry {
        self.entry(words, conversation, |entry| match &entry.body {
            Body::Text { text } if text.0 == words && entry.seq.is_some() => Some(entry.clone()),
            _ => None,
        })
        .await
    }
}
