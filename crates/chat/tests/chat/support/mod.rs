//! A server, people with devices, and sockets.

mod documented;
mod group;
mod mfa;
mod person;
mod server;
mod socket;

pub use group::{Member, befriend, group_of};
pub use mfa::{EMAIL_CODE, TOTP_CODE};
pub use person::{Device, Person, devices, friends, room_between};
pub use server::{Server, refused};
pub use socket::{Socket, bytes};
