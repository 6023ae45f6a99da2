//! The chat server over its real doors: HTTP and sockets, a database of each test's own, and a
//! small stand-in for the MFA service.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod absent;
mod accounts;
mod admin;
mod archive;
mod archive_rooms;
mod asyncapi;
mod attachments;
mod browsers;
mod cursors;
mod devices;
mod factors;
mod groups;
mod invitations;
mod keys;
mod largest_room;
mod links;
mod log;
mod messages;
mod nodes;
mod openapi;
mod outage;
mod people;
mod polling;
mod privacy;
mod push;
mod rooms;
mod sessions;
mod set_back;
mod sign_up;
mod sockets;
mod support;
