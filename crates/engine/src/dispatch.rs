//! Which input goes where: commands, events, replies.

use zeroize::Zeroizing;

use crate::{
    Command, Outcome, ServerEvent,
    engine::{Step, ack, bytes, done, json, records},
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
            Command::RefreshOwn => self.refresh_own(),
            Command::RenameDevice { device_id, name } => self.rename_device(device_id, name),
            Command::RevokeDevice { device_id } => self.revoke_device(device_id),
            Command::SignOff => self.sign_off(),
            Command::ReplaceDevices { device_ids } => self.replace_devices(device_ids),
            Command::StartLink {
                user_id,
                device_name,
                how,
            } => self.start_link(user_id, device_name, how),
            Command::ScanLink { text } => self.scan_link(&text),
            Command::AnswerLink => self.answer_link(),
            Command::RefuseLink => self.refuse_link(),
            Command::TypeLinkDigits { digits } => self.type_link_digits(digits),
            Command::ContinueLink => self.continue_link(),
            Command::ConfirmLink => self.confirm_link(),
            Command::CancelLink => self.cancel_link(),
            Command::MakeRecoveryKey => self.make_recovery_key(),
            Command::Recover {
                user_id,
                device_name,
                key,
            } => {
                // As a string it would stay behind in memory.
                let key = Zeroizing::new(key.0);
                self.recover(user_id, device_name, &key);
            }
            Command::SetPostQuantum { on } => self.set_post_quantum(on),
            Command::SetArchive { on } => self.set_archive(on),
            Command::DropArchive => self.drop_archive(),
            Command::LoadOlder { conversation } => self.load_older(conversation),
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
            ServerEvent::DeviceAdded(_) => self.own_devices_changed(),
            ServerEvent::DeviceRevoked(event) => self.device_revoked(event),
            ServerEvent::LinkUpdated(event) => self.link_updated(event),
            ServerEvent::VaultChanged(event) => self.vault_stands(event.version),
            ServerEvent::KeyPackagesLow(low) => self.key_packages_low(low),
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
            Job::ExperimentPackages => self.experiment_reply(json(outcome)),
            Job::ExperimentCount => self.experiment_count_reply(json(outcome)),
            Job::ClaimForRoom(conversation, suite) => {
                self.room_claim_reply(conversation, suite, json(outcome));
            }
            Job::ClaimForGroup(room, suite) => self.group_claim_reply(room, suite, json(outcome)),
            Job::GroupInfo(room) => self.group_info_reply(room, bytes(outcome)),
            Job::Standing(room) => self.standing_reply(room, bytes(outcome)),
            Job::RejoinTree(room) => self.rejoin_tree_reply(room, bytes(outcome)),
            Job::Upload(id, room) => self.upload_reply(id, room, json(outcome)),
            Job::Leave(room) => self.leave_reply(room, json(outcome)),
            Job::Close(room) => self.close_reply(room, json(outcome)),
            Job::ClaimForCommit(room) => self.commit_claim_reply(room, json(outcome)),
            Job::Entry(conversation, message) => {
                self.entry_reply(conversation, message, records(outcome));
            }
            Job::Fill => self.fill_reply(records(outcome)),
            Job::LostOutgoing => self.lost_outgoing_reply(records(outcome)),
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
            Job::Me => self.me_reply(job, json(outcome)),
            Job::ArchiveSwitch => self.me_reply(job, json(outcome)),
            Job::Rename => self.rename_reply(json(outcome)),
            Job::DeviceList => self.device_list_reply(done(outcome)),
            Job::LinkCreate => self.link_create_reply(json(outcome)),
            Job::Links => self.links_reply(json(outcome)),
            Job::LinkWrite => self.link_write_reply(done(outcome)),
            Job::LinkEnd => self.link_end_reply(done(outcome)),
            Job::LinkProbe => self.link_probe_reply(json(outcome)),
            Job::VaultLoad => self.vault_load_reply(json(outcome)),
            Job::VaultStore => self.vault_store_reply(done(outcome)),
            Job::RecoveryLoad => self.recovery_load_reply(json(outcome)),
            Job::RecoveryCheck => self.recovery_check_reply(json(outcome)),
            Job::RecoveryStore => self.recovery_store_reply(done(outcome)),
            Job::ArchiveStore => self.archive_store_reply(json(outcome)),
            Job::ArchiveRooms => self.archive_rooms_reply(json(outcome)),
            Job::ArchivePage(conversation) => {
                self.archive_page_reply(conversation, json(outcome));
            }
            Job::ArchiveLook(room) => self.archive_look_reply(room, json(outcome)),
            Job::ArchiveDrop => self.archive_drop_reply(done(outcome)),
            Job::Typing(_) | Job::LinkLife | Job::SayName | Job::LookAgain => {}
        }
    }
}
