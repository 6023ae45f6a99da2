//! What a person keeps for themselves: links, vault, recovery bundle, archive.

use std::collections::BTreeMap;

use engine::ServerEvent;
use protocol::{
    Code, DeviceId, LinkId, Problem, RoomId, Timestamp, UserId,
    limits::{ARCHIVE_UPLOAD, LINK_LIFE, LINKS, VAULT},
    rest::{
        archive::{
            ArchivePage, ArchiveRoom, ArchiveStored, ArchiveUpload, Recovery, RecoveryStands,
            RecoveryUpdate, Vault, VaultUpdate,
        },
        links::{Link, LinkStep, LinkWrite, WrittenStep},
        rooms::RoomKind,
    },
    socket::{ArchiveEntry, LinkEvent, VaultEvent},
};

use super::{Answer, Server, answer, refused};

/// Entries in a page of the archive unless said otherwise: few, so that there are several pages.
const PAGE: u64 = 3;

type Archive = BTreeMap<(RoomId, u64), Vec<u8>>;

#[derive(Clone)]
pub(crate) struct Own {
    pub(crate) links: BTreeMap<LinkId, Link>,
    pub(crate) vault: Option<(u64, Vec<u8>)>,
    pub(crate) recovery: Option<(u64, Vec<u8>)>,
    /// It is of before the person started over.
    pub(crate) recovery_ended: bool,
    pub(crate) archive: Archive,
    pub(crate) archives: bool,
    pub(crate) names: BTreeMap<DeviceId, String>,
    /// A fresh factor was given.
    pub(crate) fresh: bool,
    /// A step of links that the server changes.
    pub(crate) tampers: Option<LinkStep>,
    /// Most entries in a page of the archive.
    pub(crate) page: u64,
    /// Nothing is taken for the archive for now.
    pub(crate) busy: bool,
    /// Most bytes of the archive.
    pub(crate) quota: usize,
    /// The last place that the server knows of rooms: it was set back.
    pub(crate) last: u64,
    /// How many entries were uploaded, and how many pages read.
    pub(crate) uploaded: usize,
    pub(crate) pages: usize,
}

impl Default for Own {
    fn default() -> Self {
        Self {
            links: BTreeMap::new(),
            vault: None,
            recovery: None,
            recovery_ended: false,
            archive: BTreeMap::new(),
            archives: true,
            names: BTreeMap::new(),
            fresh: true,
            tampers: None,
            page: PAGE,
            busy: false,
            quota: usize::MAX,
            last: u64::MAX,
            uploaded: 0,
            pages: 0,
        }
    }
}

impl Server {
    pub(crate) fn own(&mut self, user: UserId) -> &mut Own {
        self.own.entry(user).or_default()
    }

    pub(super) fn fresh(&mut self, user: UserId) -> Result<(), Box<Problem>> {
        match self.own(user).fresh {
            true => Ok(()),
            false => Err(Box::new(Problem::new(Code::StepUpRequired))),
        }
    }

    pub(super) fn own_request(
        &mut self,
        user: UserId,
        method: &str,
        path: &[&str],
        query: &str,
        body: serde_json::Value,
    ) -> Answer {
        match (method, path) {
            ("GET", ["me"]) => {
                let stored_at = self.time();
                let own = self.own(user);
                let recovery = own.recovery.as_ref().filter(|_| !own.recovery_ended);
                let recovery = recovery.map(|(version, _)| RecoveryStands {
                    version: *version,
                    stored_at,
                });
                answer(&serde_json::json!({"archives": own.archives, "recovery": recovery}))
            }
            ("PATCH", ["me"]) => {
                self.own(user).archives = body["archives"].as_bool().unwrap();
                answer(&body)
            }
            ("PATCH", ["devices", id]) => {
                let name = body["name"].as_str().unwrap().to_owned();
                self.own(user).names.insert(id.parse().unwrap(), name);
                answer(&())
            }
            ("PUT", ["devices", "list"]) => self.replace_list(user, body),
            ("POST", ["links"]) => self.make_link(user),
            ("GET", ["links"]) => {
                let now = self.time();
                let links = self.own(user).links.values();
                let open: Vec<_> = links.filter(|link| link.expires_at > now).collect();
                answer(&open)
            }
            ("PUT", ["links", id, step]) => self.write_link(user, id, step, body),
            ("DELETE", ["links", id]) => {
                let link_id = id.parse().unwrap();
                self.end_link(user, link_id);
                answer(&())
            }
            ("GET", ["vault"]) => match self.own(user).vault.clone() {
                Some((version, blob)) => answer(&Vault {
                    version,
                    blob: blob.into(),
                    stored_at: self.time(),
                }),
                None => refused(Code::NotFound),
            },
            ("PUT", ["vault"]) => {
                let update: VaultUpdate = serde_json::from_value(body).unwrap();
                if update.blob.as_ref().len() > VAULT {
                    return refused(Code::BodyTooLarge);
                }
                let stands = self.vault_version(user);
                if update.version <= stands {
                    return stale(stands);
                }
                self.own(user).vault = Some((update.version, update.blob.as_ref().to_vec()));
                let version = update.version;
                self.send_to_user(user, &ServerEvent::VaultChanged(VaultEvent { version }));
                answer(&())
            }
            ("GET", ["recovery"]) => {
                self.fresh(user)?;
                match self.own(user).recovery.clone() {
                    Some((version, bundle)) => answer(&Recovery {
                        version,
                        bundle: bundle.into(),
                        stored_at: self.time(),
                    }),
                    None => refused(Code::NotFound),
                }
            }
            ("PUT", ["recovery"]) => {
                self.fresh(user)?;
                let update: RecoveryUpdate = serde_json::from_value(body).unwrap();
                let stands = self.own(user).recovery.as_ref().map_or(0, |it| it.0);
                if update.version != stands + 1 {
                    return stale(stands);
                }
                self.own(user).recovery = Some((update.version, update.bundle.as_ref().to_vec()));
                self.own(user).recovery_ended = false;
                answer(&())
            }
            ("POST", ["archive"]) => self.store_archive(user, body),
            ("GET", ["archive"]) => self.archive_page(user, query),
            ("GET", ["archive", "rooms"]) => self.archive_rooms(user),
            ("DELETE", ["archive"]) => {
                self.fresh(user)?;
                self.own(user).archive.clear();
                answer(&())
            }
            _ => refused(Code::NotFound),
        }
    }

    pub(super) fn vault_version(&mut self, user: UserId) -> u64 {
        self.own(user).vault.as_ref().map_or(0, |vault| vault.0)
    }

    fn make_link(&mut self, user: UserId) -> Answer {
        let now = self.time();
        let links = self.own(user).links.values();
        if links.filter(|link| link.expires_at > now).count() >= LINKS {
            return refused(Code::TooManyLinks);
        }
        let random = self.random(10).try_into().unwrap();
        let link = Link {
            link_id: LinkId::from_parts(self.now as u64, random),
            created_at: now,
            expires_at: Timestamp::from_unix_millis(self.now + i64::from(LINK_LIFE) * 1000),
            steps: Vec::new(),
        };
        self.own(user).links.insert(link.link_id, link.clone());
        answer(&link)
    }

    fn write_link(
        &mut self,
        user: UserId,
        id: &str,
        step: &str,
        body: serde_json::Value,
    ) -> Answer {
        let link_id: LinkId = id.parse().unwrap();
        let step: LinkStep = serde_json::from_value(step.into()).unwrap();
        let write: LinkWrite = serde_json::from_value(body).unwrap();
        let now = self.time();
        if !self.own(user).links.contains_key(&link_id) {
            return refused(Code::LinkOver);
        }
        if step == LinkStep::Approval {
            self.fresh(user)?;
        }
        let tampers = self.own(user).tampers;
        let link = self.own(user).links.get_mut(&link_id).unwrap();
        if link.expires_at <= now {
            return refused(Code::LinkOver);
        }
        if let Some(written) = link.steps.iter().find(|it| it.step == step)
            && written.blob == write.blob
        {
            return answer(&());
        }
        if link.steps.last().is_some_and(|last| last.step >= step) {
            self.end_link(user, link_id);
            return refused(Code::LinkOver);
        }
        let mut blob = write.blob.as_ref().to_vec();
        if tampers == Some(step) {
            *blob.last_mut().unwrap() ^= 1;
        }
        let blob = blob.into();
        link.steps.push(WrittenStep { step, blob });
        let step = Some(step);
        self.send_to_user(user, &ServerEvent::LinkUpdated(LinkEvent { link_id, step }));
        answer(&())
    }

    fn end_link(&mut self, user: UserId, link_id: LinkId) {
        if self.own(user).links.remove(&link_id).is_some() {
            let step = None;
            self.send_to_user(user, &ServerEvent::LinkUpdated(LinkEvent { link_id, step }));
        }
    }

    fn store_archive(&mut self, user: UserId, body: serde_json::Value) -> Answer {
        let upload: ArchiveUpload = serde_json::from_value(body).unwrap();
        let mut stored = 0;
        assert!(upload.entries.len() <= ARCHIVE_UPLOAD);
        if self.own(user).busy {
            return refused(Code::Unavailable);
        }
        if self.own(user).archives {
            self.own(user).uploaded += upload.entries.len();
        }
        let Some(room) = self.rooms.get(&upload.room_id) else {
            return refused(Code::NotAMember);
        };
        let mine = room.members.values().filter(|member| member.user == user);
        let last = mine.map(|it| it.left.unwrap_or(room.head)).max();
        let (Some(first), Some(last)) = (room.first.get(&user), last) else {
            return refused(Code::NotAMember);
        };
        let readable = first + 1..=last.min(self.own[&user].last);
        if !upload.entries.iter().all(|it| readable.contains(&it.seq)) {
            return refused(Code::NotAMember);
        }
        let own = self.own(user);
        if !own.archives {
            return refused(Code::ArchiveOff);
        }
        let before = own.archive.clone();
        for entry in upload.entries {
            let place = (upload.room_id, entry.seq);
            let blob = entry.blob.as_ref().to_vec();
            if upload.replace || !before.contains_key(&place) {
                own.archive.insert(place, blob);
                stored += 1;
            }
        }
        let bytes = |archive: &Archive| archive.values().map(Vec::len).sum::<usize>();
        let holds = bytes(&own.archive);
        if holds > own.quota && holds > bytes(&before) {
            own.archive = before;
            return refused(Code::ArchiveFull);
        }
        answer(&ArchiveStored { stored })
    }

    fn archive_page(&mut self, user: UserId, query: &str) -> Answer {
        let query: BTreeMap<_, _> = query
            .split('&')
            .filter_map(|it| it.split_once('='))
            .collect();
        let room_id: RoomId = query["room_id"].parse().unwrap();
        let before: u64 = query["before_seq"].parse().unwrap();
        let range = (room_id, 0)..(room_id, before);
        let entries: Vec<_> = self
            .own(user)
            .archive
            .range(range)
            .map(|((_, seq), blob)| ArchiveEntry {
                seq: *seq,
                blob: blob.clone().into(),
            })
            .collect();
        let asked: u64 = query["limit"].parse().unwrap();
        self.own(user).pages += 1;
        let page = self.own(user).page.min(asked) as usize;
        let cut = entries.len().saturating_sub(page);
        answer(&ArchivePage {
            room_id,
            entries: entries[cut..].to_vec(),
            has_more: cut > 0,
        })
    }

    fn archive_rooms(&mut self, user: UserId) -> Answer {
        let mut rooms: BTreeMap<RoomId, ArchiveRoom> = BTreeMap::new();
        let places: Vec<_> = self.own(user).archive.keys().copied().collect();
        for (room_id, seq) in places {
            let room = &self.rooms[&room_id];
            let mut people = room.public.policy().admins.iter().map(|it| UserId(*it));
            let peer = match room.kind {
                RoomKind::Direct => people.find(|other| *other != user),
                RoomKind::Group => None,
            };
            let row = rooms.entry(room_id).or_insert(ArchiveRoom {
                room_id,
                kind: Some(room.kind),
                peer,
                entries: 0,
                last_seq: 0,
            });
            row.entries += 1;
            row.last_seq = seq;
        }
        answer(&rooms.into_values().collect::<Vec<_>>())
    }
}

fn stale(version: u64) -> Answer {
    let problem = Problem::new(Code::StaleVersion);
    Err(Box::new(problem.with("version", version)))
}
