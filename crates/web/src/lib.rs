//! The engine for browsers: values in and out as plain JavaScript, bytes as `Uint8Array`, no logic.

#[cfg(all(feature = "bench", target_arch = "wasm32"))]
mod bench;
mod files;
mod passphrase;

use engine::{Engine, Input, Picture, Record};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

/// What carries out nothing itself: see `engine.gen.ts` for the types.
#[wasm_bindgen]
pub struct WebEngine(Engine);

#[wasm_bindgen]
impl WebEngine {
    /// An engine from the records under `state/`.
    ///
    /// # Errors
    /// Throws when the records are none.
    #[wasm_bindgen(constructor)]
    pub fn new(records: JsValue) -> Result<WebEngine, JsError> {
        let records: Vec<Record> = serde_wasm_bindgen::from_value(records)?;
        Ok(Self(Engine::load(records)))
    }

    /// Takes one input; the effects, in order. `now` is in milliseconds since 1970. An event of the
    /// server whose payload does not fit has no effects: what it stood for is found by `sync`.
    ///
    /// # Errors
    /// Throws when another input does not fit, or the browser has no randomness to give.
    pub fn step(&mut self, input: JsValue, now: f64) -> Result<Vec<JsValue>, JsError> {
        let input: Input = match serde_wasm_bindgen::from_value(input.clone()) {
            Ok(input) => input,
            Err(_) if is_event(&input) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        // A fresh seed each time: a page that was frozen and copied draws nothing twice.
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        let mut rng = ChaCha12Rng::from_seed(seed);
        let effects = self.0.step(input, now as i64, &mut rng);
        let plain = Serializer::new()
            .serialize_maps_as_objects(true)
            .serialize_missing_as_null(true);
        effects
            .iter()
            .map(|effect| effect.serialize(&plain).map_err(Into::into))
            .collect()
    }
}

/// Opens the ciphertext of a picture that a message tells of: the file.
///
/// # Errors
/// Throws when it is not the one that was sent, or not what the message says.
#[wasm_bindgen(js_name = openPicture)]
pub fn open_picture(ciphertext: &[u8], picture: JsValue) -> Result<Vec<u8>, JsError> {
    let picture: Picture = serde_wasm_bindgen::from_value(picture)?;
    Ok(engine::open_picture(ciphertext, &picture)?)
}

#[derive(Deserialize)]
struct Tag {
    r#type: String,
}

fn is_event(input: &JsValue) -> bool {
    serde_wasm_bindgen::from_value(input.clone()).is_ok_and(|tag: Tag| tag.r#type == "event")
}
