//! Bodies of the REST endpoints under `/api`, a module for each area.

pub mod account;
pub mod admin;
pub mod archive;
pub mod factors;
pub mod keys;
pub mod links;
pub mod me;
pub mod password;
pub mod people;
pub mod push;
pub mod rooms;
pub mod server;
