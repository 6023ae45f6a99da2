//! Whole conversations between simulated devices over a bad world, seed by seed.
//!
//! A seed that fails is printed; `SNUG_SEED=<seed> cargo test -p engine --test simulation replay`
//! runs it again, with `SNUG_TRACE=1` step by step.

mod chaos;
mod node;
mod random;
mod server;
mod story;
mod world;
