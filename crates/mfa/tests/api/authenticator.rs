//! An authenticator in software (WebAuthn level 3, ES256, no attestation), right or wrong at will.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const SYNCED: u8 = 1 << 3 | 1 << 4;
const WITH_CREDENTIAL: u8 = 1 << 6;

/// One credential and the browser around it.
#[derive(Clone)]
pub struct Authenticator {
    key: SigningKey,
    pub id: [u8; 32],
    pub user: Vec<u8>,
    pub counter: u32,
    pub origin: String,
    pub rp_id: String,
    pub verifies: bool,
    pub synced: bool,
}

impl Authenticator {
    pub fn new() -> Self {
        let key = loop {
            let seed: [u8; 32] = rand::random();
            if let Ok(key) = SigningKey::from_slice(&seed) {
                break key;
            }
        };
        Self {
            key,
            id: rand::random(),
            user: Vec::new(),
            counter: 0,
            origin: "https://chat.example.org".to_owned(),
            rp_id: "example.org".to_owned(),
            verifies: true,
            synced: false,
        }
    }

    /// What `navigator.credentials.create()` returns.
    pub fn create(&mut self, options: &Value) -> Value {
        let options = &options["publicKey"];
        self.user = decode(&options["user"]["id"]);
        let client = self.client_data("webauthn.create", &options["challenge"]);
        let mut data = self.data(WITH_CREDENTIAL);
        data.extend([0; 16]);
        data.extend((self.id.len() as u16).to_be_bytes());
        data.extend(self.id);
        let point = self.key.verifying_key().to_sec1_point(false);
        // A COSE key (RFC 9053, section 7.1): EC2, ES256, P-256, x and y.
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(point.x().unwrap());
        data.extend([0x22, 0x58, 32]);
        data.extend(point.y().unwrap());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(data.len() as u8);
        object.extend(data);
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "response": {"attestationObject": encode(&object), "clientDataJSON": encode(&client)},
            "clientExtensionResults": {},
        })
    }

    /// What `navigator.credentials.get()` returns.
    pub fn get(&mut self, options: &Value) -> Value {
        let client = self.client_data("webauthn.get", &options["publicKey"]["challenge"]);
        let data = self.data(0);
        let signed = [&data[..], &Sha256::digest(&client)].concat();
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "response": {
                "authenticatorData": encode(&data),
                "clientDataJSON": encode(&client),
                "signature": encode(signature.to_der().as_bytes()),
                "userHandle": encode(&self.user),
            },
            "clientExtensionResults": {},
        })
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    /// Authenticator data without extensions; each one counts on.
    fn data(&mut self, flags: u8) -> Vec<u8> {
        self.counter += 1;
        let verified = if self.verifies { VERIFIED } else { 0 };
        let synced = if self.synced { SYNCED } else { 0 };
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(flags | PRESENT | verified | synced);
        data.extend(self.counter.to_be_bytes());
        data
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}
