//! Whole conversations between simulated devices over a bad world, seed by seed.
//!
//! A seed that fails is printed; `SNUG_SEED=<seed> cargo test -p engine --test simulation replay`
//! runs it again, with `SNUG_TRACE=1` step by step. `SNUG_SEED=1000..9000` runs more of them, and
//! `SNUG_WORLD=newcomers` those of `random_newcomers.rs`.

#![expect(
    clippy::unwrap_used,
    reason = "a world that does not hold together is a failed test"
)]

mod absent;
mod acquaintances;
mod acts;
mod adversary;
mod archive_switch;
mod broken;
mod chaos;
mod clock;
mod comebacks;
mod content;
mod crash;
mod crowd;
mod crowded;
mod damage;
mod fading;
mod files;
mod first_words;
#[path = "../../../e2ee/tests/forge/mod.rs"]
mod forge;
mod garbage;
mod group_worlds;
mod groups;
mod keys;
mod known_recovery;
mod links;
mod newer;
mod newer_vault;
mod node;
mod outside;
mod own;
mod own_archive;
mod own_evils;
mod own_full;
mod packages;
mod pictures;
mod printed;
mod random;
mod random_newcomers;
mod random_rest;
mod random_same;
mod random_set_back;
mod renewals;
mod revocations;
mod same_file;
mod seeds;
mod server;
mod set_back;
mod sign_off;
mod stored;
mod story;
mod suite_worlds;
mod suites;
mod talk;
mod transcript;
mod trust;
mod unopened;
mod verified;
mod welcomes;
mod wire;
mod world;
