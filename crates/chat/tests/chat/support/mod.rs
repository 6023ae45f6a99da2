//! A server, people with devices, and sockets.

mod documented;
mod events;
mod group;
mod mfa;
mod mfa_assertions;
mod mfa_changes;
mod mfa_factors;
mod person;
mod server;
mod socket;

pub use group::{Member, befriend, group_of, payload};
pub use mfa::{EMAIL_CODE, STUFFED, TOTP_CODE};
pub use mfa_factors::{CANCEL_TOKEN, PASSKEY};
pub use person::{Device, Person, devices, friends, room_between};
pub use server::{Server, refused};
pub use socket::{Socket, bytes};
