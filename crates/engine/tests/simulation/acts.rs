//! What devices are given to do.

use e2ee::file::Sealer;
use engine::{Command, ConversationId, Document, NewPicture, Recipient, own_file_key};
use protocol::{ClientId, UserId};
use rand_core::Rng;

use crate::world::World;

impl World {
    /// A text from a device to a person.
    pub(crate) fn text(&mut self, to: UserId, text: &str) -> Command {
        self.text_to(Recipient::Direct { user_id: to }, text)
    }

    /// A text from a device to a person or a group.
    pub(crate) fn text_to(&mut self, to: Recipient, text: &str) -> Command {
        let mut random = [0; 10];
        self.rng.fill_bytes(&mut random);
        Command::SendText {
            to,
            id: ClientId::from_parts(self.now as u64, random),
            text: text.into(),
            reply_to: None,
        }
    }

    /// A picture from a device to a person or a group, with words.
    pub(crate) fn picture_to(&mut self, to: Recipient, caption: &str) -> Command {
        let Command::SendText { id, text, .. } = self.text_to(to, caption) else {
            unreachable!()
        };
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        file.resize(20 + self.rng.next_u32() as usize % 3_000, 0);
        self.rng.fill_bytes(&mut file[8..]);
        let picture = NewPicture {
            file: file.into(),
            width: 640,
            height: 480,
            preview: vec![3; 300].into(),
            caption: text,
        };
        Command::SendPicture {
            to,
            id,
            picture,
            reply_to: None,
        }
    }

    /// A file from a device to a person or a group, with words: sealed in pieces and stored by the
    /// host, as the engine asks for it.
    pub(crate) fn file_to(&mut self, node: usize, to: Recipient, caption: &str) -> Command {
        let Command::SendText { id, text, .. } = self.text_to(to, caption) else {
            unreachable!()
        };
        let mut file = vec![0; self.rng.next_u32() as usize % 3_000];
        self.rng.fill_bytes(&mut file);
        let mut sealer = Sealer::new(file.len(), &mut self.rng);
        let mut ciphertext = Vec::new();
        for piece in file.chunks(700) {
            ciphertext.extend(sealer.push(piece).unwrap());
        }
        let sealed = sealer.finish().unwrap();
        ciphertext.extend(sealed.ciphertext);
        let document = Document {
            key: sealed.key.to_vec().into(),
            sha256: sealed.sha256.to_vec().into(),
            size: file.len() as u32,
            name: "minutes.pdf".into(),
            media_type: "application/pdf".to_owned(),
            caption: text,
        };
        let records = &mut self.nodes[node].records;
        records.insert(own_file_key(id), ciphertext.into());
        Command::SendFile {
            to,
            id,
            file: document,
            reply_to: None,
        }
    }

    /// Lets a device say what its engine would not: it finds it in its outbox when it starts again,
    /// as if another program had written it there. `change` is an `OutgoingBody` as it is stored.
    pub(crate) fn forge(
        &mut self,
        node: usize,
        conversation: ConversationId,
        changes: Vec<serde_json::Value>,
    ) {
        let life = self.nodes[node].life;
        self.kill(node);
        for (number, change) in changes.into_iter().enumerate() {
            let mut random = [0; 10];
            self.rng.fill_bytes(&mut random);
            let outgoing = serde_json::json!({
                "conversation": conversation,
                "id": ClientId::from_parts(self.now as u64, random),
                "written_at": self.now,
                "body": { "Change": change },
                "position": "~",
                "sealed": null,
                "failure": null,
            });
            let key = format!("state/outbox/{}", 1_000 + number);
            let value = serde_json::to_vec(&outgoing).unwrap();
            self.nodes[node].records.insert(key, value.into());
        }
        while self.nodes[node].life == life {
            self.run_for(1_000);
        }
    }
}
