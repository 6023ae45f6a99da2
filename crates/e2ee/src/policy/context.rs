//! What a room's group context says, in extension `0xF0C1`, and how it may change.

use std::collections::{BTreeMap, BTreeSet};

use openmls::prelude::{Extension, ExtensionType, Extensions, GroupContext, UnknownExtension};
use uuid::Uuid;

use super::Rule;
use crate::{
    identity::{AccountPublicKey, Member},
    suite::{POLICY_EXTENSION, required_capabilities},
};

/// What kind of room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Two people, any number of devices each.
    Direct,
    /// Any number of people.
    Group,
}

/// What the group context says of a room, in extension `0xF0C1`:
/// `version 1 | kind 1 | count 2 | admins 16 each`, and in version 2, which is written where
/// somebody is absent, `count 2 | absent 48 each: user 16, account key 32`, by rising user. Never a
/// name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomPolicy {
    /// What kind.
    pub kind: Kind,
    /// Who may add other people, remove them (the server also lets others remove who has left) and
    /// say who else may.
    pub admins: Vec<Uuid>,
    /// People of a group whose last device was shut out, with the account key that it had. They
    /// may come back by external commit, or be added by anybody. Who has a leaf again is not absent,
    /// whether named or not: an external commit cannot change the context.
    pub absent: BTreeMap<Uuid, AccountPublicKey>,
}

/// The users of a room, each with their one account key.
pub(super) type People = BTreeMap<Uuid, AccountPublicKey>;

/// Which version says who is absent: the second, where somebody is.
fn version(absent: &People) -> u8 {
    if absent.is_empty() { 1 } else { 2 }
}

impl RoomPolicy {
    /// The context extensions of a room.
    pub(crate) fn to_context(&self) -> Option<Extensions<GroupContext>> {
        let bytes = UnknownExtension(self.to_bytes()?);
        Extensions::from_vec(vec![
            Extension::RequiredCapabilities(required_capabilities()),
            Extension::Unknown(POLICY_EXTENSION, bytes),
        ])
        .ok()
    }

    /// The encoding; `None` for more than 65,535 admins or absent people.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = vec![
            version(&self.absent),
            matches!(self.kind, Kind::Group).into(),
        ];
        bytes.extend_from_slice(&u16::try_from(self.admins.len()).ok()?.to_be_bytes());
        for admin in &self.admins {
            bytes.extend_from_slice(admin.as_bytes());
        }
        if !self.absent.is_empty() {
            bytes.extend_from_slice(&u16::try_from(self.absent.len()).ok()?.to_be_bytes());
        }
        for (user, account_key) in &self.absent {
            bytes.extend_from_slice(user.as_bytes());
            bytes.extend_from_slice(account_key.as_bytes());
        }
        Some(bytes)
    }

    /// Reads a room's policy. The context must hold it and our required capabilities, and nothing
    /// else.
    pub(crate) fn of_context(context: &GroupContext) -> Result<Self, Rule> {
        let extensions = context.extensions();
        let expected = [
            ExtensionType::RequiredCapabilities,
            ExtensionType::Unknown(POLICY_EXTENSION),
        ];
        let only_ours = extensions.iter().count() == expected.len()
            && expected.iter().all(|kind| extensions.contains(*kind))
            && extensions.required_capabilities() == Some(&required_capabilities());
        let policy = extensions.unknown(POLICY_EXTENSION).filter(|_| only_ours);
        policy
            .and_then(|policy| Self::parse(&policy.0))
            .ok_or(Rule::BadContext)
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (&[number, kind], bytes) = bytes.split_first_chunk()?;
        let kind = match kind {
            0 => Kind::Direct,
            1 => Kind::Group,
            _ => return None,
        };
        let (admins, bytes) = counted::<16>(bytes)?;
        let (absent, rest) = match number {
            1 => (BTreeMap::new(), bytes),
            2 if kind == Kind::Group => {
                let (absent, rest) = counted::<48>(bytes)?;
                (parse_absent(absent)?, rest)
            }
            _ => return None,
        };
        // One encoding for each policy.
        (rest.is_empty() && number == version(&absent)).then(|| Self {
            kind,
            admins: admins.iter().map(|id| Uuid::from_bytes(*id)).collect(),
            absent,
        })
    }

    /// What must hold of everybody in a room at any time; gives the people.
    pub(super) fn check_members(&self, members: &[Member]) -> Result<People, Rule> {
        let devices: BTreeSet<_> = members.iter().map(|member| member.device).collect();
        if devices.len() != members.len() {
            return Err(Rule::DuplicateDevice);
        }
        let mut people = People::new();
        for member in members {
            let key = people.entry(member.user).or_insert(member.account_key);
            if *key != member.account_key {
                return Err(Rule::TwoAccountKeys);
            }
        }
        if self.kind == Kind::Direct && people.len() > 2 {
            return Err(Rule::ThirdUser);
        }
        Ok(people)
    }

    /// Whether a person who has no leaf may come in by an external commit.
    pub(super) fn awaits(&self, user: Uuid, account_key: &AccountPublicKey) -> bool {
        self.absent.get(&user) == Some(account_key)
    }

    /// The two changes of the context that are allowed, in a group: an admin names other admins, who
    /// all belong to it; and whoever removes somebody's last leaf names them as absent. An entry goes
    /// when the person has a leaf, and when an admin wants it.
    pub(super) fn check_change(
        &self,
        next: &Self,
        committer: Uuid,
        before: &People,
        after: &People,
    ) -> Result<(), Rule> {
        let is_admin = self.admins.contains(&committer);
        if next != self && (next.kind != self.kind || self.kind != Kind::Group) {
            return Err(Rule::ContextChanged);
        }
        if next.admins != self.admins {
            if !is_admin {
                return Err(Rule::NotAdmin);
            }
            let belongs = |it: &Uuid| after.contains_key(it) || next.absent.contains_key(it);
            if next.admins.is_empty() || !next.admins.iter().all(belongs) {
                return Err(Rule::ContextChanged);
            }
        }
        for (user, account_key) in &next.absent {
            let known = match before.get(user) {
                // Their last leaf goes: what stood there before counts for nothing.
                Some(key) if !after.contains_key(user) => key == account_key,
                _ => self.awaits(*user, account_key),
            };
            if !known {
                return Err(Rule::ContextChanged);
            }
        }
        let dismissed = |user: &&Uuid| {
            let is_in = before.contains_key(*user) || after.contains_key(*user);
            !is_in && !next.absent.contains_key(*user)
        };
        match self.absent.keys().find(dismissed) {
            Some(_) if !is_admin => Err(Rule::NotAdmin),
            _ => Ok(()),
        }
    }

    /// The same policy after a change of the group: who has a leaf is absent no more, and of those
    /// whose last leaf goes, the ones who `stay` are.
    pub(crate) fn after(&self, before: &People, after: &People, stay: &[Uuid]) -> Self {
        let left = |user: &Uuid| !after.contains_key(user);
        let waiting = self.absent.iter();
        let waiting = waiting.filter(|(user, _)| left(user) && !before.contains_key(*user));
        let new = before
            .iter()
            .filter(|(user, _)| left(user) && stay.contains(user));
        let is_group = |_: &(_, _)| self.kind == Kind::Group;
        Self {
            kind: self.kind,
            admins: self.admins.clone(),
            absent: waiting
                .chain(new)
                .map(|(user, key)| (*user, *key))
                .filter(is_group)
                .collect(),
        }
    }
}

/// A count of two bytes and as many parts of `N`; gives what follows too.
fn counted<const N: usize>(bytes: &[u8]) -> Option<(&[[u8; N]], &[u8])> {
    let (count, bytes) = bytes.split_first_chunk()?;
    let count = usize::from(u16::from_be_bytes(*count));
    let (parts, rest) = bytes.split_at_checked(count * N)?;
    Some((parts.as_chunks::<N>().0, rest))
}

/// People and keys, by rising user.
fn parse_absent(parts: &[[u8; 48]]) -> Option<People> {
    let mut people = People::new();
    for part in parts {
        let (user, key) = part.split_first_chunk::<16>()?;
        let user = Uuid::from_bytes(*user);
        if people
            .last_key_value()
            .is_some_and(|(last, _)| *last >= user)
        {
            return None;
        }
        people.insert(user, AccountPublicKey::parse(key).ok()?);
    }
    Some(people)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccountKey;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    proptest! {
        #[test]
        fn policies_read_back(
            group in any::<bool>(),
            ids in proptest::collection::vec(any::<u128>(), 0..40),
            absent in proptest::collection::btree_map(any::<u128>(), any::<[u8; 32]>(), 0..5),
        ) {
            let key = |seed| AccountKey::generate(&mut ChaCha20Rng::from_seed(seed)).public();
            let absent = absent.into_iter().filter(|_| group);
            let policy = RoomPolicy {
                kind: if group { Kind::Group } else { Kind::Direct },
                admins: ids.into_iter().map(Uuid::from_u128).collect(),
                absent: absent.map(|(id, seed)| (Uuid::from_u128(id), key(seed))).collect(),
            };
            let context = policy.to_context().unwrap();
            let bytes = &context.unknown(POLICY_EXTENSION).unwrap().0;
            prop_assert_eq!(RoomPolicy::parse(bytes), Some(policy));
            for length in 0..bytes.len() {
                prop_assert_eq!(RoomPolicy::parse(&bytes[..length]), None);
            }
            prop_assert_eq!(RoomPolicy::parse(&[&bytes[..], &[0]].concat()), None);
        }
    }

    #[test]
    fn a_policy_has_one_encoding() {
        let key = |seed| AccountKey::from_bytes(&[seed; 32]).public();
        let policy = RoomPolicy {
            kind: Kind::Group,
            admins: vec![Uuid::from_u128(1)],
            absent: [(Uuid::from_u128(2), key(2)), (Uuid::from_u128(3), key(3))].into(),
        };
        let bytes = policy.to_bytes().unwrap();
        assert_eq!(bytes.len(), 4 + 16 + 2 + 2 * 48);
        assert_eq!(RoomPolicy::parse(&bytes), Some(policy));
        let (head, people) = bytes.split_at(22);
        let (two, three) = people.split_at(48);
        let parse = |parts: &[&[u8]]| RoomPolicy::parse(&parts.concat());
        assert_eq!(parse(&[head, three, two]), None);
        assert_eq!(parse(&[head, two, two]), None);
        // No point at all, and one of small order.
        let mut no_point = [0; 32];
        no_point[0] = 2;
        for key in [no_point, [0; 32]] {
            assert_eq!(parse(&[head, &two[..16], &key, three]), None);
        }
        // Nobody is absent: that is version 1.
        assert_eq!(parse(&[&bytes[..20], &[0, 0]]), None);
        // In a direct room nobody can be.
        assert_eq!(parse(&[&[2, 0], &bytes[2..]]), None);
        assert_eq!(parse(&[&[3], &bytes[1..]]), None);
    }

    /// Ana is the admin; Bo is in the group and Cy was absent before.
    #[test]
    fn absent_people_are_named_by_who_takes_their_last_leaf_and_by_nobody_else() {
        let id = Uuid::from_u128;
        let key = |seed| AccountKey::from_bytes(&[seed; 32]).public();
        let (ana, bo, cy) = ((id(1), key(1)), (id(2), key(2)), (id(3), key(3)));
        let policy = |absent: &[(Uuid, AccountPublicKey)]| RoomPolicy {
            kind: Kind::Group,
            admins: vec![ana.0],
            absent: absent.iter().copied().collect(),
        };
        let check = |committer: Uuid, people: [&[_]; 2], absent: &[_]| {
            let [before, after] = people.map(|them| them.iter().copied().collect());
            policy(&[cy]).check_change(&policy(absent), committer, &before, &after)
        };
        let both = &[ana, bo][..];
        let changed = Err(Rule::ContextChanged);
        for committer in [ana.0, bo.0] {
            // As it was, somebody's last leaf goes, with and without a name, and one comes back.
            assert_eq!(check(committer, [both, both], &[cy]), Ok(()));
            assert_eq!(check(committer, [both, &[ana]], &[bo, cy]), Ok(()));
            assert_eq!(check(committer, [both, &[ana]], &[cy]), Ok(()));
            assert_eq!(check(committer, [both, &[ana, bo, cy]], &[]), Ok(()));
            assert_eq!(check(committer, [both, &[ana, bo, cy]], &[cy]), Ok(()));
            // Who is there, who never was, and under another key.
            assert_eq!(check(committer, [both, both], &[bo, cy]), changed);
            assert_eq!(
                check(committer, [both, both], &[cy, (id(4), key(4))]),
                changed
            );
            assert_eq!(check(committer, [both, both], &[(cy.0, key(4))]), changed);
            assert_eq!(
                check(committer, [both, &[ana]], &[(bo.0, key(4)), cy]),
                changed
            );
            // Who came back under another key is not absent under the first one for that.
            let again = &[ana, bo, (cy.0, key(4))][..];
            assert_eq!(check(committer, [again, both], &[cy]), changed);
            assert_eq!(check(committer, [again, both], &[(cy.0, key(4))]), Ok(()));
            assert_eq!(check(committer, [again, both], &[]), Ok(()));
        }
        assert_eq!(check(ana.0, [both, both], &[]), Ok(()));
        assert_eq!(check(bo.0, [both, both], &[]), Err(Rule::NotAdmin));
        let direct = RoomPolicy {
            kind: Kind::Direct,
            ..policy(&[])
        };
        let named = RoomPolicy {
            kind: Kind::Direct,
            ..policy(&[bo])
        };
        let (before, after) = ([ana, bo].into(), [ana].into());
        assert_eq!(direct.check_change(&named, ana.0, &before, &after), changed);
        assert_eq!(direct.after(&before, &after, &[bo.0]), direct);
    }
}
