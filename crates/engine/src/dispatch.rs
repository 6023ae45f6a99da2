//! Which input goes where: commands, events, replies.

use crate::{
    Command, Outcome, ServerEvent,
    engine::{Step, ack, bytes, json, records},
    jobs::Job,
    large::committed,
};

impl Step<'_> {
    pub(crate) fn command(&mut self, command: Command) {
        match command {
            Command::SetUp {
                user_id,
                device_name,
                account_key,
            } => self.set_up(
                user_id,
                device_name,
                account_key.as_ref().map(AsRef::as_ref),
            ),
            Command::ResetKeys {
                user_id,
                device_name,
            } => self.reset_keys(user_id, device_name),
            Command::SendText {
                to,
                id,
                text,
                reply_to,
            } => self.send_text(to, id, text, reply_to),
            Command::SendPicture {
                to,
                id,
                picture,
                reply_to,
            } => self.send_picture(to, id, picture, reply_to),
            Command::SendFile {
                to,
                id,
                file,
                reply_to,
            } => self.send_file(to, id, file, reply_to),
            Command::React {
                conversation,
                message,
                emoji,
                on,
            } => self.react(conversation, message, emoji, on),
            Command::Edit {
                conversation,
                id,
                text,
            } => self.edit_text(conversation, id, text),
            Command::Delete {
                conversation,
                message,
                for_everyone,
            } => self.delete_message(conversation, message, for_everyone),
            Command::SetTimer {
                conversation,
                seconds,
            } => self.set_timer(conversation, seconds),
            Command::SetRoomPicture { room_id, picture } => {
                self.set_room_picture(room_id, picture);
            }
            Command::Retry { conversation, id } => self.retry(conversation, id),
            Command::Discard { conversation, id } => self.discard(conversation, id),
            Command::MarkRead {
                conversation,
                room_id,
                seq,
            } => self.mark_read(conversation, room_id, seq),
            Command::Typing {
                conversation,
                active,
            } => self.typing(conversation, active),
            Command::CreateGroup {
                room_id,
                name,
                members,
            } => self.create_group(room_id, name, &members),
            Command::Invite { room_id, members } => self.invite(room_id, &members),
            Command::RemoveMember { room_id, user_id } => self.remove_member(room_id, user_id),
            Command::SetAdmin {
                room_id,
                user_id,
                admin,
            } => self.set_admin(room_id, user_id, admin),
            Command::RenameRoom { room_id, name } => self.rename_room(room_id, name),
            Command::LeaveRoom { room_id } => self.start_leaving(room_id),
            Command::AcceptKeys {
                user_id,
                account_key,
            } => self.accept_keys(user_id, &account_key),
            Command::DeclineKeys {
                user_id,
                account_key,
            } => self.decline_keys(user_id, &account_key),
            Command::ShowSafety { user_id } => self.show_safety(user_id),
            Command::CompareCode { user_id, text } => self.compare_code(user_id, &text),
            Command::SetVerified {
                user_id,
                account_key,
                verified,
            } => self.set_verified(user_id, &account_key, verified),
            Command::RejoinRoom { room_id } => self.rejoin_room(room_id),
            Command::GiveUpRoom { room_id } => self.give_up_room(room_id),
            Command::RefreshOwn
            | Command::RenameDevice { .. }
            | Command::RevokeDevice { .. }
            | Command::StartLink { .. }
            | Command::ScanLink { .. }
            | Command::AnswerLink
            | Command::TypeLinkDigits { .. }
            | Command::ContinueLink
            | Command::ConfirmLink
            | Command::CancelLink
            | Command::MakeRecoveryKey
            | Command::Recover { .. }
            | Command::SetArchive { .. }
            | Command::DropArchive
            | Command::LoadOlder { .. } => {
                self.refuse(None, &protocol::Problem::new(protocol::Code::Unknown));
            }
        }
    }

    pub(crate) fn event(&mut self, event: ServerEvent) {
        match event {
            ServerEvent::NewMessage(envelope) | ServerEvent::Message(envelope) => {
                self.envelope_event(envelope);
            }
            ServerEvent::Welcome(welcome) => self.welcome_event(welcome),
            ServerEvent::CommitWanted(wanted) => self.commit_wanted(&wanted),
            ServerEvent::ContactsUpdated(update) => self.contacts_updated(&update),
            ServerEvent::Read(receipt) => self.read_event(receipt),
            ServerEvent::Delivered(receipt) => self.delivered_event(receipt),
            ServerEvent::Typing(typing) => self.typing_event(typing),
            ServerEvent::DeviceAdded(_) | ServerEvent::DeviceRevoked(_) => {
                self.own_devices_changed();
            }
            ServerEvent::LinkUpdated(_) | ServerEvent::VaultChanged(_) => {}
            ServerEvent::KeyPackagesLow(low) => self.replenish(low.left),
            ServerEvent::Displaced(_) => self.end_session(crate::Phase::Displaced),
            ServerEvent::SessionEnded(_) => self.end_session(crate::Phase::SignedOut),
        }
    }

    pub(crate) fn reply(&mut self, id: u64, outcome: Outcome) {
        let Some(job) = self.session.jobs.finish(id) else {
            return;
        };
        match job {
            Job::Keys => self.keys_reply(json(outcome)),
            Job::KeyPackages => self.key_packages_reply(json(outcome)),
            Job::Rooms => self.rooms_reply(json(outcome)),
            Job::Devices(user) => self.devices_reply(user, json(outcome)),
            Job::ClaimForRoom(conversation) => self.room_claim_reply(conversation, json(outcome)),
            Job::ClaimForGroup(room) => self.group_claim_reply(room, json(outcome)),
            Job::GroupInfo(room) => self.group_info_reply(room, bytes(outcome)),
            Job::RejoinTree(room) => self.rejoin_tree_reply(room, bytes(outcome)),
            Job::Upload(id, room) => self.upload_reply(id, room, json(outcome)),
            Job::Leave(room) => self.leave_reply(room, json(outcome)),
            Job::Close(room) => self.close_reply(room, json(outcome)),
            Job::ClaimForCommit(room) => self.commit_claim_reply(room, json(outcome)),
            Job::Entry(conversation, message) => {
                self.entry_reply(conversation, message, records(outcome));
            }
            Job::Newest(conversation) => self.newest_reply(conversation, records(outcome)),
            Job::Tree(room) => self.tree_reply(room, bytes(outcome)),
            Job::Fetch(room) => self.fetch_reply(room, bytes(outcome)),
            Job::Device => self.device_reply(ack(outcome)),
            Job::Sync => self.sync_reply(ack(outcome)),
            Job::Ack => self.ack_reply(ack(outcome)),
            Job::CreateRoom(room) => self.create_reply(room, committed(outcome)),
            Job::Commit(room) => self.commit_reply(room, committed(outcome)),
            Job::Message(conversation) => self.message_reply(conversation, ack(outcome)),
            Job::WelcomeDone(room) => self.welcome_done_reply(room, ack(outcome)),
            Job::Read(room) => self.read_reply(room, ack(outcome)),
            Job::Typing(_) => {}
        }
    }
}
