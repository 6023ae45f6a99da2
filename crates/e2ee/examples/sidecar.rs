//! End-to-end encryption for a client in any language: one JSON object a line in, one out.
//!
//! Bytes are base64. Keys and groups live in memory and end with the program: this is to write a
//! client against, not to keep conversations with. `examples/socketio-python/mls.py` is its other
//! half.
//!
//! | `call` | takes | gives |
//! |---|---|---|
//! | `device` | `user_id` | `device_id`, `keys`: the body of `POST /api/keys` |
//! | `prove` | `nonce` | `signature`, for the event `device` |
//! | `create_room` | `room_id`, `members`, `key_packages` | the other fields of the event `create_room` |
//! | `merge` | `room_id` | `epoch`: the server took our commit |
//! | `join` | `room_id`, `welcome`, `tree` | `epoch` |
//! | `seal` | `room_id`, `text` | `message` |
//! | `open` | `room_id`, `sender_user`, `sender_device`, `message` | `text`, or `null` for a commit |

use std::{
    io::{BufRead, Write, stdin, stdout},
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use e2ee::{AccountKey, Client, DeviceKeys, DeviceList, Kind, Opened, key_package};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_json::{Value, json};
use uuid::Uuid;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Key packages that are made with the device.
const PACKAGES: usize = 10;

fn main() -> Result<()> {
    let mut device = None;
    for line in stdin().lock().lines() {
        let answer = serde_json::from_str(&line?)
            .map_err(Into::into)
            .and_then(|call| answer(&mut device, &call))
            .unwrap_or_else(|error| json!({"error": error.to_string()}));
        let mut out = stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

/// A device and where its randomness comes from.
struct Device {
    user: Uuid,
    client: Client,
    rng: ChaCha20Rng,
}

fn answer(device: &mut Option<Device>, call: &Value) -> Result<Value> {
    let name = text(call, "call")?;
    if name == "device" {
        let (made, keys) = make(id(call, "user_id")?)?;
        let device_id = made.client.keys().credential().device;
        *device = Some(made);
        return Ok(json!({"device_id": device_id, "keys": keys}));
    }
    let device = device.as_mut().ok_or("call device first")?;
    let answer = device.answer(name, call);
    match &answer {
        Ok(_) => drop(device.client.take_changes()),
        Err(_) => device.client.rollback(),
    }
    answer
}

/// A device under a new account key, and what registers it.
fn make(user: Uuid) -> Result<(Device, Value)> {
    let mut rng = ChaCha20Rng::from_seed(rand::random());
    let (account, id) = (AccountKey::generate(&mut rng), Uuid::now_v7());
    let keys = DeviceKeys::generate(user, id, &account, now(), &mut rng);
    let credential = keys.credential().to_bytes();
    let list = DeviceList {
        user,
        version: 1,
        devices: vec![id],
        revoked: Vec::new(),
    };
    let mut client = Client::new(keys, []);
    let packages = (0..PACKAGES)
        .map(|_| Ok(STANDARD.encode(client.key_package(e2ee::Suite::Classic, now(), &mut rng)?)))
        .collect::<Result<Vec<String>>>()?;
    let last = client.last_resort(e2ee::Suite::Classic, now(), &mut rng)?;
    client.take_changes();
    let body = json!({
        "account_key": STANDARD.encode(account.public().as_bytes()),
        "device_list": STANDARD.encode(list.sign(&account)),
        "device": {"name": "Example", "credential": STANDARD.encode(credential)},
        "key_packages": packages,
        "last_resort": STANDARD.encode(last),
    });
    Ok((Device { user, client, rng }, body))
}

impl Device {
    fn answer(&mut self, name: &str, call: &Value) -> Result<Value> {
        if name == "prove" {
            let signature = self.client.keys().prove(&bytes(call, "nonce")?);
            return Ok(json!({"signature": STANDARD.encode(signature)}));
        }
        let room = id(call, "room_id")?;
        match name {
            "create_room" => self.create_room(room, call),
            "merge" => Ok(json!({"epoch": self.client.merge_own(room)?})),
            "join" => {
                let (welcome, tree) = (bytes(call, "welcome")?, bytes(call, "tree")?);
                self.client.join(room, &welcome, &tree, &mut self.rng)?;
                Ok(json!({"epoch": self.client.epoch(room)}))
            }
            "seal" => {
                let plain = text(call, "text")?.as_bytes();
                let sealed = self.client.seal(room, plain, &mut self.rng)?;
                Ok(json!({"message": STANDARD.encode(sealed)}))
            }
            "open" => {
                let sender = (id(call, "sender_user")?, id(call, "sender_device")?);
                let message = bytes(call, "message")?;
                let (client, rng) = (&mut self.client, &mut self.rng);
                match client.open(room, sender.0, sender.1, &message, rng)? {
                    Opened::Application(plain) => Ok(json!({"text": std::str::from_utf8(&plain)?})),
                    Opened::Commit(_) | Opened::OwnCommit => Ok(json!({"text": null})),
                }
            }
            _ => Err("there is no such call".into()),
        }
    }

    /// A direct room when `members` is one person, else a group whose admin is oneself.
    fn create_room(&mut self, room: Uuid, call: &Value) -> Result<Value> {
        let list = |name: &str| call[name].as_array().ok_or(format!("{name} is no list"));
        let packages = list("key_packages")?
            .iter()
            .map(|one| {
                let package = STANDARD.decode(one.as_str().ok_or("a key package is no text")?)?;
                Ok(key_package::inspect(&package, now())?)
            })
            .collect::<Result<Vec<_>>>()?;
        let mut people = vec![self.user];
        for member in list("members")? {
            people.push(member.as_str().ok_or("a member is no id")?.parse()?);
        }
        let kind = match people.len() {
            2 => Kind::Direct,
            _ => Kind::Group,
        };
        if kind == Kind::Group {
            people.truncate(1);
        }
        let e2ee::NewRoom { commit: made, tree } = self.client.create_room(
            room,
            e2ee::Suite::Classic,
            kind,
            &people,
            &packages,
            &mut self.rng,
        )?;
        let added = made.added.iter().map(|(device, reference)| {
            json!({"device_id": device, "key_package_ref": STANDARD.encode(reference)})
        });
        Ok(json!({
            "kind": if kind == Kind::Direct { "direct" } else { "group" },
            "commit": STANDARD.encode(made.commit),
            "welcome": made.welcome.map(|welcome| STANDARD.encode(welcome)),
            "devices": added.collect::<Vec<_>>(),
            "group_info": STANDARD.encode(made.group_info),
            "tree": STANDARD.encode(tree),
        }))
    }
}

fn text<'a>(call: &'a Value, name: &str) -> Result<&'a str> {
    Ok(call[name].as_str().ok_or(format!("{name} is missing"))?)
}

fn id(call: &Value, name: &str) -> Result<Uuid> {
    Ok(text(call, name)?.parse()?)
}

fn bytes(call: &Value, name: &str) -> Result<Vec<u8>> {
    Ok(STANDARD.decode(text(call, name)?)?)
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
