//! People, rooms and the database that holds them.

use std::{
    rc::Rc,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use chat::seed;
use e2ee::{AccountKey, Client, DeviceKeys, Kind, NewRoom};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use service::testing::TestDatabase;
use uuid::Uuid;

use crate::load::{Identity, Room, Seat};

/// Bytes of every ciphertext: what a text of a line or two seals to.
pub const PAYLOAD: usize = 344;

/// A database of ours with people in rooms.
pub struct World {
    /// The database. It is dropped with this value.
    pub database: TestDatabase,
    people: Vec<Person>,
    rooms: Vec<(Rc<Room>, Vec<usize>)>,
    rng: ChaCha20Rng,
}

struct Person {
    user: Uuid,
    token: String,
    keys: Arc<DeviceKeys>,
}

impl World {
    /// Nobody yet.
    pub async fn new() -> Self {
        Self {
            database: TestDatabase::new(&chat::MIGRATOR).await,
            people: Vec::new(),
            rooms: Vec::new(),
            rng: ChaCha20Rng::seed_from_u64(1),
        }
    }

    /// Adds so many people with a session and a device each.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn people(&mut self, count: usize) -> anyhow::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let mut db = self.database.pool.begin().await?;
        for number in self.people.len()..self.people.len() + count {
            let user = Uuid::now_v7();
            let account = AccountKey::generate(&mut self.rng);
            let keys = DeviceKeys::generate(user, Uuid::now_v7(), &account, now, &mut self.rng);
            let person = seed::Person {
                user,
                username: &name(number),
                device: keys.credential().device,
                credential: &keys.credential().to_bytes(),
            };
            let token = seed::person(&mut db, &person).await?.expose().to_owned();
            self.people.push(Person {
                user,
                token,
                keys: Arc::new(keys),
            });
        }
        Ok(db.commit().await?)
    }

    /// Makes a room of these people, the first of whom is its creator.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn room(&mut self, people: &[usize]) -> anyhow::Result<()> {
        let member = |index: &usize| {
            let person = &self.people[*index];
            (person.user, person.keys.credential().device)
        };
        let creator = &self.people[*people.first().context("a room of nobody")?];
        let keys = DeviceKeys::from_bytes(&creator.keys.to_bytes())?;
        let mut client = Client::new(keys, []);
        let id = Uuid::now_v7();
        let NewRoom { commit: made, tree } = client.create_room(
            id,
            e2ee::Suite::Classic,
            Kind::Group,
            &[creator.user],
            &[],
            &mut self.rng,
        )?;
        client.merge_own(id)?;
        let members: Vec<_> = people.iter().skip(1).map(member).collect();
        let room = seed::Room {
            room: id,
            creator: member(&people[0]),
            commit: &made.commit,
            group_info: &made.group_info,
            tree: &tree,
            members: &members,
        };
        let mut db = self.database.pool.begin().await?;
        seed::room(&mut db, &room).await?;
        db.commit().await?;
        let room = Room {
            id: id.to_string(),
            payload: sealed(&mut client, id, &mut self.rng)?.into(),
            members: people.len(),
        };
        self.rooms.push((Rc::new(room), people.to_vec()));
        Ok(())
    }

    /// Rooms of so many, each of people of its own.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rooms(&mut self, count: usize, size: usize) -> anyhow::Result<()> {
        for _ in 0..count {
            let first = self.people.len();
            self.people(size).await?;
            let people: Vec<usize> = (first..first + size).collect();
            self.room(&people).await?;
        }
        Ok(())
    }

    /// Adds rooms of so many of the people there are, until there are `count`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn more_rooms(&mut self, count: usize, size: usize) -> anyhow::Result<()> {
        for room in self.rooms.len()..count {
            let people: Vec<usize> = (0..size)
                .map(|place| (room * 7 + place * 3) % self.people.len())
                .collect();
            self.room(&people).await?;
        }
        Ok(())
    }

    /// Rows in the log.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn stored(&self) -> anyhow::Result<usize> {
        let query = sqlx::query_scalar::<_, i64>("select count(*) from messages");
        let rows = query.fetch_one(&self.database.pool).await?;
        Ok(usize::try_from(rows)?)
    }

    /// Writes so many messages of its creator into each room, which everybody has had.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn messages(&self, count: usize) -> anyhow::Result<()> {
        for (room, people) in &self.rooms {
            let members: Vec<_> = people
                .iter()
                .map(|person| &self.people[*person])
                .map(|person| (person.user, person.keys.credential().device))
                .collect();
            seed::messages(&self.database.pool, room.id.parse()?, &members, count).await?;
        }
        Ok(())
    }

    /// How many people there are.
    pub fn count(&self) -> usize {
        self.people.len()
    }

    /// The rooms.
    pub fn room_ids(&self) -> impl Iterator<Item = &str> {
        self.rooms.iter().map(|(room, _)| &*room.id)
    }

    /// Everybody's place: `senders` of them send, spread over the rooms.
    pub fn seats(&self, senders: usize, snug: bool) -> Vec<Seat> {
        let mut seats: Vec<Seat> = self
            .people
            .iter()
            .enumerate()
            .map(|(number, person)| Seat {
                number: u16::try_from(number).unwrap_or(u16::MAX),
                identity: person.identity(snug),
                rooms: Vec::new(),
                sends_to: None,
                tells: true,
            })
            .collect();
        for (room, people) in &self.rooms {
            for person in people {
                seats[*person].rooms.push(room.clone());
            }
        }
        let most = self.rooms.iter().map(|(_, people)| people.len()).max();
        let turns = (0..most.unwrap_or(0)).flat_map(|turn| {
            let all = self.rooms.iter();
            all.filter_map(move |(room, people)| Some((*people.get(turn)?, room)))
        });
        for (person, room) in turns.take(senders) {
            seats[person].sends_to = Some(room.clone());
        }
        seats
    }
}

impl Person {
    fn identity(&self, snug: bool) -> Identity {
        if snug {
            Identity::Snug {
                token: self.token.clone(),
                keys: self.keys.clone(),
            }
        } else {
            Identity::Peer { user: self.user }
        }
    }
}

/// Names that do not look alike: letters only, for digits look like letters.
fn name(number: usize) -> String {
    let digits = format!("{number:06}");
    let letters = digits
        .bytes()
        .map(|digit| char::from(b'a' + (digit - b'0')));
    letters.collect::<String>() + "-bench"
}

/// A message of exactly [`PAYLOAD`] bytes.
fn sealed(client: &mut Client, room: Uuid, rng: &mut ChaCha20Rng) -> anyhow::Result<Vec<u8>> {
    for length in 0..PAYLOAD {
        let sealed = client.seal(room, &vec![b'x'; PAYLOAD - length], rng)?;
        if sealed.len() <= PAYLOAD {
            return Ok(sealed);
        }
    }
    anyhow::bail!("nothing seals to {PAYLOAD} bytes")
}
