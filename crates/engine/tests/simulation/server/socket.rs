//! Devices, cursors and receipts.

use std::collections::BTreeSet;

use engine::ServerEvent;
use protocol::{
    Code, DeviceId, UserId,
    limits::LOST_PLACES,
    socket::{Cursors, DeviceAck, DeviceProof, MarkRead, Receipt, SyncAck},
};

use super::{Answer, PAGE, Server, SocketId, answer, refused};

impl Server {
    pub(super) fn prove(&mut self, socket: SocketId, user: UserId, proof: &DeviceProof) -> Answer {
        let device = self.devices.get(&proof.device_id);
        let Some(device) = device.filter(|device| device.user == user && !device.revoked) else {
            return refused(Code::DeviceProofInvalid);
        };
        let credential = e2ee::Credential::open(&device.credential).unwrap();
        let nonce = self.sockets[&socket].nonce.clone();
        if !e2ee::verify_proof(&credential, &nonce, proof.signature.as_ref()) {
            return refused(Code::DeviceProofInvalid);
        }
        let key_packages_left = device.packages.len() as u32;
        for (id, other) in &self.sockets {
            if *id != socket && other.device == Some(proof.device_id) {
                self.closed.push(*id);
            }
        }
        self.sockets.get_mut(&socket).unwrap().device = Some(proof.device_id);
        let cursors = self
            .rooms
            .iter()
            .filter_map(|(id, room)| {
                let member = room.members.get(&proof.device_id)?;
                let owed = member.left.is_none_or(|left| member.acked < left);
                owed.then_some((*id, member.acked))
            })
            .collect();
        let open: Vec<_> = self
            .welcomes
            .range((proof.device_id, protocol::RoomId::from_bytes([0; 16]))..)
            .take_while(|((device, _), _)| *device == proof.device_id)
            .map(|(_, welcome)| ServerEvent::Welcome(welcome.clone()))
            .collect();
        self.out
            .extend(open.into_iter().map(|event| (socket, event)));
        self.ask_for_removals();
        answer(&DeviceAck {
            cursors,
            key_packages_left,
            vault_version: self.vault_version(user),
        })
    }

    /// Every room of the device, the ones that are not named from what was acknowledged last.
    pub(super) fn sync(&mut self, socket: SocketId, device: DeviceId, cursors: &Cursors) -> Answer {
        let mut page = SyncAck {
            envelopes: Vec::new(),
            next: Cursors::new(),
            more: false,
        };
        let mut rooms = Vec::new();
        for (room_id, room) in &mut self.rooms {
            let member = room.members.get(&device);
            // It was set back: what comes now gets no place that somebody may have seen.
            let seen = cursors.get(room_id).copied().unwrap_or(0);
            if member.is_some_and(|member| member.left.is_none())
                && (room.head + 1..=room.head + LOST_PLACES).contains(&seen)
            {
                room.head += LOST_PLACES;
            }
            let welcome = self.welcomes.contains_key(&(device, *room_id));
            let named = cursors.get(room_id).copied();
            let Some(member) = member.filter(|_| named.is_some() || !welcome) else {
                continue;
            };
            let mut reached = named.unwrap_or(member.acked).max(member.joined);
            for (seq, envelope) in room.log.range(reached + 1..) {
                if page.envelopes.len() == PAGE {
                    page.more |= member.entitled(*seq);
                } else if member.entitled(*seq) {
                    page.envelopes.push(envelope.clone());
                    reached = *seq;
                }
            }
            if !page.more {
                reached = member.left.unwrap_or(room.head).max(reached);
            }
            page.next.insert(*room_id, reached);
            rooms.push(*room_id);
        }
        if self.reorders {
            page.envelopes.reverse();
        }
        if !page.more
            && let Some(socket) = self.sockets.get_mut(&socket)
        {
            socket.live.extend(rooms);
        }
        answer(&page)
    }

    pub(super) fn ack(&mut self, user: UserId, device: DeviceId, cursors: &Cursors) -> Answer {
        let mut moved = Vec::new();
        for (room_id, seq) in cursors {
            let Some(room) = self.rooms.get_mut(room_id) else {
                return refused(Code::NotAMember);
            };
            if *seq > room.head {
                return refused(Code::CursorAhead);
            }
            let before = room.delivered(user);
            let Some(member) = room.members.get_mut(&device) else {
                return refused(Code::NotAMember);
            };
            member.acked = member.acked.max(*seq);
            let members = &room.members;
            let dropped = |seq: &u64| {
                !members
                    .values()
                    .any(|member| member.entitled(*seq) && member.acked < *seq)
            };
            // With a row goes what it knows of its sender's id.
            room.messages.retain(|_, ack| !dropped(&ack.seq));
            room.commits.retain(|_, ack| !dropped(&ack.seq));
            room.log.retain(|seq, _| !dropped(seq));
            let now = room.delivered(user);
            if now > before {
                let receipt = Receipt {
                    room_id: *room_id,
                    user_id: user,
                    seq: now,
                };
                moved.push((before, receipt));
            }
        }
        for (before, receipt) in moved {
            self.tell_senders(before, receipt, ServerEvent::Delivered(receipt));
        }
        answer(&serde_json::json!({}))
    }

    pub(super) fn read(&mut self, user: UserId, device: DeviceId, mark: MarkRead) -> Answer {
        let room = self.rooms.get_mut(&mark.room_id);
        let Some(room) = room.filter(|room| room.members.contains_key(&device)) else {
            return refused(Code::NotAMember);
        };
        let read = room.read.entry(user).or_default();
        let before = *read;
        *read = mark.seq.max(before);
        let receipt = Receipt {
            room_id: mark.room_id,
            user_id: user,
            seq: *read,
        };
        self.tell_senders(before, receipt, ServerEvent::Read(receipt));
        answer(&serde_json::json!({}))
    }

    /// Tells those who wrote what somebody came past.
    fn tell_senders(&mut self, before: u64, receipt: Receipt, event: ServerEvent) {
        let room = &self.rooms[&receipt.room_id];
        let passed = room.senders.range(before + 1..=receipt.seq.max(before + 1));
        let senders: BTreeSet<UserId> = passed
            .filter(|(seq, _)| **seq <= receipt.seq)
            .map(|(_, sender)| *sender)
            .collect();
        let devices: Vec<_> = room
            .members
            .iter()
            .filter(|(_, member)| member.user != receipt.user_id && member.left.is_none())
            .filter(|(_, member)| senders.contains(&member.user))
            .map(|(device, _)| *device)
            .collect();
        for device in devices {
            self.send_to_device(device, &event);
        }
    }
}
