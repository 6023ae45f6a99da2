//! A room to be measured in a browser: for `cargo xtask bench browser`, never in the app's module.

#[expect(dead_code, reason = "the native benchmarks use the rest")]
#[expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#[path = "../../e2ee/benches/support/mod.rs"]
mod support;

use wasm_bindgen::prelude::*;

/// A room of so many people, on the devices of two of them.
#[wasm_bindgen]
pub struct BenchRoom(support::Room);

#[wasm_bindgen]
impl BenchRoom {
    /// At least two members.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(members: u32) -> Self {
        Self(support::Room::of(members))
    }

    /// Sealed on one device and opened on another, the changed records taken on both.
    pub fn message(&mut self) {
        self.0.message();
    }
}
