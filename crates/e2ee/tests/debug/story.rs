//! A story in which a value of every public type comes up.

use std::time::{SystemTime, UNIX_EPOCH};

use e2ee::{
    AccountKey, ArchiveKeys, Client, DeviceKeys, DeviceList, Keyring, Kind, NewRoom, Pin,
    PublicRoom, RecoveryKey, Vault, archive,
    archive::Place,
    file, framing, key_package,
    link::{AwaitingAnswer, AwaitingReveal, Handover, ScannedCode, ShownCode},
    safety::{self, Side},
    welcome,
};
use uuid::Uuid;

use crate::{Printed, marker::Marked};

const ANA: Uuid = Uuid::from_u128(1);
const HER_DEVICE: Uuid = Uuid::from_u128(2);
const BO: Uuid = Uuid::from_u128(3);
const HIS_DEVICE: Uuid = Uuid::from_u128(4);
const ROOM: Uuid = Uuid::from_u128(5);
const LINK: Uuid = Uuid::from_u128(6);
const PLAINTEXT: &[u8] = b"meet me at nine";

/// What was printed, and the secrets that bear no mark: those that were derived or said.
pub struct Story {
    pub printed: Printed,
    pub secrets: Vec<Vec<u8>>,
}

pub fn tell() -> Story {
    let mut story = Story {
        printed: Printed::default(),
        secrets: vec![PLAINTEXT.to_vec()],
    };
    let rng = &mut Marked::default();
    let account = AccountKey::generate(rng);
    story.keys(&account, rng);
    story.kept(rng);
    story.link_by_scan(rng);
    story.link_by_digits(rng);
    story.room(&account, rng);
    story
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap().as_secs()
}

fn keyring(rng: &mut Marked) -> Keyring {
    let mut archive_keys = ArchiveKeys::default();
    archive_keys.renew(rng);
    Keyring {
        account_key: AccountKey::generate(rng),
        list_version: 7,
        archive_keys,
    }
}

fn handover(rng: &mut Marked) -> Handover {
    Handover {
        bundle_key: Some(RecoveryKey::generate(rng).bundle_key(ANA)),
        keyring: keyring(rng),
        vault_version: 9,
    }
}

impl Story {
    fn keys(&mut self, account: &AccountKey, rng: &mut Marked) {
        let Self { printed, secrets } = self;
        printed.see(account);
        printed.see(&account.public());
        let device = DeviceKeys::generate(ANA, HER_DEVICE, account, 1, rng);
        printed.see(&device);
        printed.see(device.credential());
        printed.see_error(&DeviceKeys::from_bytes(&device.to_bytes()[1..]).unwrap_err());
        let list = DeviceList {
            user: ANA,
            version: 1,
            devices: vec![HER_DEVICE],
            revoked: vec![HIS_DEVICE],
        };
        printed.see(&list);

        let recovery = RecoveryKey::generate(rng);
        let text = recovery.to_text();
        printed.see(&recovery);
        printed.see_error(&RecoveryKey::parse(&text[1..]).unwrap_err());
        secrets.push(text.as_bytes().to_vec());
        secrets.push(text.replace('-', "").into_bytes());
        let bundle_key = recovery.bundle_key(ANA);
        printed.see(&bundle_key);
        secrets.push(bundle_key.to_bytes().to_vec());
        let sealed = bundle_key.seal(&keyring(rng), 1, rng).unwrap();
        printed.see_error(&bundle_key.open(&sealed, 2).unwrap_err());
        printed.see(&bundle_key.open(&sealed, 1).unwrap());
    }

    /// Vault, archive, files and safety numbers.
    fn kept(&mut self, rng: &mut Marked) {
        let printed = &mut self.printed;
        let keyring = keyring(rng);
        printed.see(&keyring.archive_keys);
        printed.see(keyring.archive_keys.current().unwrap());
        printed.see(&keyring);
        let contact = AccountKey::generate(rng).public();
        let pin = Pin {
            account_key: contact,
            verified_at: Some(1),
            revision: 1,
        };
        printed.see(&pin);
        let mut vault = Vault {
            archive_keys: keyring.archive_keys.clone(),
            ..Vault::default()
        };
        vault.pins.insert(BO, pin);
        printed.see(&vault);

        let place = Place {
            user: ANA,
            room: ROOM,
            seq: 1,
        };
        printed.see(&place);
        let key = keyring.archive_keys.current().unwrap();
        let entry = archive::seal(key, &place, PLAINTEXT, rng).unwrap();
        printed.see_error(&archive::open(key, &Place { seq: 2, ..place }, &entry).unwrap_err());

        let sealed = file::seal(PLAINTEXT, rng).unwrap();
        let opened = file::open(&sealed.ciphertext, &[0; 32], &sealed.sha256);
        printed.see_error(&opened.unwrap_err());

        let (me, them) = (
            Side {
                user: ANA,
                account_key: keyring.account_key.public(),
            },
            Side {
                user: BO,
                account_key: contact,
            },
        );
        printed.see(&me);
        printed.see(&safety::compare(&safety::code(&them, &me), &me, &them));
    }

    fn link_by_scan(&mut self, rng: &mut Marked) {
        let Self { printed, secrets } = self;
        let shown = ShownCode::new(ANA, LINK, 1, rng);
        printed.see(&shown);
        let text = shown.text();
        let scanned = ScannedCode::read(&text, ANA, 1).unwrap();
        printed.see(&scanned);
        printed.see_error(&ScannedCode::read(&text[1..], ANA, 1).unwrap_err());
        // Its end is secret: the label, the version and the ids in front are not.
        secrets.push(text[text.len() - 30..].as_bytes().to_vec());
        let handover = handover(rng);
        printed.see(&handover);
        let message = scanned.seal(&handover, 1, rng).unwrap();
        printed.see(&shown.open(&message, 1).unwrap());
    }

    fn link_by_digits(&mut self, rng: &mut Marked) {
        let Self { printed, secrets } = self;
        let (new, commitment) = AwaitingAnswer::new(ANA, LINK, 1, rng);
        printed.see(&new);
        let (old, answer) = AwaitingReveal::answer(ANA, LINK, &commitment, 1, rng).unwrap();
        printed.see(&old);
        let (new, reveal) = new.answered(&answer, 1).unwrap();
        printed.see(&new);
        let old = old.revealed(&reveal, 1).unwrap();
        printed.see(&old);
        let digits = new.digits();
        secrets.push(digits.as_bytes().to_vec());
        let message = old.typed(&digits, &handover(rng), 1, rng).unwrap();
        printed.see(&new.open(&message, 1).unwrap());
    }

    fn room(&mut self, account: &AccountKey, rng: &mut Marked) {
        let mut device = |user, device, account: &AccountKey| {
            Client::new(DeviceKeys::generate(user, device, account, now(), rng), [])
        };
        let mut ana = device(ANA, HER_DEVICE, account);
        let his_account = AccountKey::from_bytes(b"leak0 of the account of a friend");
        let mut bo = device(BO, HIS_DEVICE, &his_account);
        let printed = &mut self.printed;
        let package = bo.key_package(e2ee::Suite::Classic, now(), rng).unwrap();
        bo.take_changes();
        let package = key_package::inspect(&package, now()).unwrap();
        printed.see(&package);
        printed.see(&package.suite());
        let room = ana
            .create_room(
                ROOM,
                e2ee::Suite::Classic,
                Kind::Direct,
                &[ANA, BO],
                &[package],
                rng,
            )
            .unwrap();
        ana.merge_own(ROOM).unwrap();
        printed.see(&room);
        printed.see(&room.commit);
        self.join(&mut bo, &room, rng);

        let printed = &mut self.printed;
        printed.see(&ana.policy(ROOM).unwrap());
        printed.see(&ana.policy(ROOM).unwrap().kind);
        printed.see(&ana.members(ROOM).unwrap()[0]);
        printed.see(&ana);
        self.secrets.push(ana.epoch_authenticator(ROOM).unwrap());

        let message = ana.seal(ROOM, PLAINTEXT, rng).unwrap();
        let framing = framing::inspect(&message).unwrap();
        printed.see(&framing);
        printed.see(&framing.kind);
        printed.see(&bo.open(ROOM, ANA, HER_DEVICE, &message, rng).unwrap());
        bo.take_changes();
        printed.see_error(&bo.open(ROOM, ANA, HER_DEVICE, &message, rng).unwrap_err());
        bo.rollback();
        let message = ana.seal(ROOM, PLAINTEXT, rng).unwrap();
        printed.see_error(&bo.open(ROOM, BO, HIS_DEVICE, &message, rng).unwrap_err());
        bo.rollback();

        let plan = e2ee::Plan::default();
        printed.see(&plan);
        let renewed = ana.change(ROOM, plan, rng).unwrap();
        printed.see(&bo.compare(ROOM, &renewed.group_info).unwrap());
        let opened = bo
            .open(ROOM, ANA, HER_DEVICE, &renewed.commit, rng)
            .unwrap();
        printed.see(&opened);
        let e2ee::Opened::Commit(change) = opened else {
            panic!("{opened:?}");
        };
        printed.see(&change);
    }

    fn join(&mut self, bo: &mut Client, room: &NewRoom, rng: &mut Marked) {
        let NewRoom { commit: made, tree } = room;
        let printed = &mut self.printed;
        let parts = welcome::split(made.welcome.as_deref().unwrap()).unwrap();
        printed.see(&parts[0]);
        let refused = bo.join(LINK, &parts[0].welcome, tree, rng);
        printed.see_error(&refused.unwrap_err());
        bo.rollback();
        bo.join(ROOM, &parts[0].welcome, tree, rng).unwrap();
        bo.take_changes();

        let create = |kind, tree: &[u8]| {
            PublicRoom::create(ROOM, kind, (ANA, HER_DEVICE), &made.group_info, tree)
        };
        for refused in [create(Kind::Direct, &[]), create(Kind::Group, tree)] {
            let refusal = refused.err().unwrap();
            printed.see_error(&refusal);
            if let e2ee::Refusal::Policy(rule) = refusal {
                printed.see(&rule);
            }
        }
    }
}
