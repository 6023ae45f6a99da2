//! Every limit of the contract, named. Sizes are bytes unless the name says otherwise.

/// Shortest username, in characters.
pub const USERNAME_MIN: usize = 3;
/// Longest username, in characters.
pub const USERNAME_MAX: usize = 32;
/// Longest display name, in characters.
pub const NAME_MAX: usize = 80;
/// Longest e-mail address, in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
pub const EMAIL_MAX: usize = 254;
/// Shortest password, in characters.
pub const PASSWORD_MIN: usize = 8;
/// Longest password, in characters.
pub const PASSWORD_MAX: usize = 128;
/// Largest JSON body of a request.
pub const JSON_BODY: usize = 64 * 1024;
/// Largest body of `/api/keys` and `/api/key-packages`.
pub const KEYS_BODY: usize = 256 * 1024;
/// Largest application message on the wire, MLS framing included.
pub const MESSAGE: usize = 66 * 1024;
/// Largest commit with everything that goes along, over REST.
pub const COMMIT: usize = 2 * 1024 * 1024;
/// Largest `commit` or `create_room` event; larger ones go over REST (`use-rest`).
pub const COMMIT_EVENT: usize = 96 * 1024;
/// Largest Socket.IO message in either direction.
pub const SOCKET_MESSAGE: usize = 128 * 1024;
/// Most binary attachments in one Socket.IO packet.
pub const SOCKET_ATTACHMENTS: usize = 8;
/// Most devices in a room.
pub const ROOM_DEVICES: usize = 1_000;
/// Most devices of a person.
pub const USER_DEVICES: usize = 20;
/// Most places of a room that a server may have lost, by being set back to an older copy of its
/// database, and still go on behind them.
pub const LOST_PLACES: u64 = 1 << 20;
/// Most envelopes in a page of `sync` or `load_conversation`.
pub const PAGE_ENVELOPES: usize = 50;
/// Most bytes of messages in a page of `sync` or `load_conversation`.
pub const PAGE_BYTES: usize = 512 * 1024;
/// Shortest text of a user search, in characters.
pub const SEARCH_MIN: usize = 2;
/// Most results of a user search.
pub const SEARCH_RESULTS: usize = 20;
/// Most people that somebody can have blocked.
pub const BLOCKED: usize = 1_000;
/// Most entries in one upload to the archive.
pub const ARCHIVE_UPLOAD: usize = 100;
/// Largest entry of an archive: a message, padded and sealed.
pub const ARCHIVE_BLOB: usize = 72 * 1024;
/// Largest body of an upload to the archive.
pub const ARCHIVE_BODY: usize = 4 * 1024 * 1024;
/// Most that a person's archive holds.
pub const ARCHIVE_QUOTA: usize = 1024 * 1024 * 1024;
/// Largest recovery bundle.
pub const RECOVERY: usize = 128 * 1024;
/// Largest vault.
pub const VAULT: usize = 512 * 1024;
/// Largest body of `/api/vault`: a vault in base64.
pub const VAULT_BODY: usize = 768 * 1024;
/// How long a link lives, in seconds.
pub const LINK_LIFE: u32 = 120;
/// Most links of a person at a time.
pub const LINKS: usize = 3;
/// Largest step of a link.
pub const LINK_STEP: usize = 16 * 1024;
/// Width and height of a profile picture, in pixels.
pub const AVATAR_SIDE: u32 = 512;
/// Largest profile picture.
pub const AVATAR: usize = 512 * 1024;
/// Most accounts or audit entries in one page for admins.
pub const ADMIN_PAGE: usize = 100;
/// Most people that one invitation lets in.
pub const INVITATION_USES: u32 = 1_000;
/// Longest life of an invitation, in days.
pub const INVITATION_DAYS: u32 = 365;
/// Longest note on an invitation, in characters.
pub const INVITATION_NOTE: usize = 80;
/// Largest picture, before it is padded and sealed: 5 MB.
pub const PICTURE: usize = 5_000_000;
/// Largest file, before it is padded and sealed: 5 MB.
pub const FILE: usize = 5_000_000;
/// Longest name of a file, in bytes of UTF-8.
pub const FILE_NAME: usize = 255;
/// Longest media type of a file.
pub const MEDIA_TYPE: usize = 127;
/// Largest picture of a group, inside the message that tells of it.
pub const ROOM_PICTURE: usize = 15_000;
/// Longest emoji of a reaction, in bytes of UTF-8.
pub const EMOJI: usize = 64;
/// Shortest time after which messages go away, in seconds.
pub const TIMER_MIN: u32 = 30;
/// Longest time after which messages go away, in seconds: 4 weeks.
pub const TIMER_MAX: u32 = 2_419_200;
/// Largest stand-in for a picture, inside the message.
pub const PICTURE_PREVIEW: usize = 2 * 1024;
/// Longest words that go along with a picture, in bytes of UTF-8.
pub const PICTURE_CAPTION: usize = 4 * 1024;
/// Largest encrypted file: a picture, padded and sealed.
pub const ATTACHMENT: usize = 5 * 1024 * 1024 + 32 * 1024;
/// Most that a person's encrypted files take on the server.
pub const ATTACHMENTS_QUOTA: usize = 2 * 1024 * 1024 * 1024;
/// What multipart framing, field names and a message add to a file.
pub const ATTACHMENT_FRAMING: usize = MESSAGE + 32 * 1024;
/// Most Web Push subscriptions of a person.
pub const PUSH_SUBSCRIPTIONS: usize = 20;
/// Longest endpoint of a Web Push subscription.
pub const PUSH_ENDPOINT: usize = 1024;
/// Most messages and commits of one socket that wait for their acknowledgement.
pub const IN_FLIGHT: usize = 256;
/// Key packages that a device keeps on the server.
pub const KEY_PACKAGES: usize = 50;
/// Fewer than this many key packages left: the device is told (`key_packages_low`).
pub const KEY_PACKAGES_LOW: usize = 10;
/// Most key packages in one upload.
pub const KEY_PACKAGES_UPLOAD: usize = 100;
/// Most entries on a page of the audit trail.
pub const AUDIT_PAGE: u32 = 200;
/// Longest description of a browser that an application gives, in characters.
pub const CLIENT_AGENT_MAX: usize = 512;
/// Longest message of an application's own to a person, in UTF-16 code units; Telegram takes 4,096.
pub const NOTIFICATION_TEXT_MAX: usize = 4_000;
/// Longest subject of such a message, in characters.
pub const NOTIFICATION_SUBJECT_MAX: usize = 120;
