//! Rows held in memory that know which of them have to be written.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
};

use serde::{Serialize, de::DeserializeOwned};

use crate::Record;

/// What one step writes: a value, or `None` for a removal. Later changes of a key replace
/// earlier ones.
#[derive(Default)]
pub(crate) struct Batch(BTreeMap<String, Option<Vec<u8>>>);

impl Batch {
    /// Writes bytes.
    pub(crate) fn put(&mut self, key: String, value: Vec<u8>) {
        self.0.insert(key, Some(value));
    }

    /// Writes a value as JSON. Everything that is stored has a JSON form: string keys only.
    pub(crate) fn put_json(&mut self, key: String, value: &impl Serialize) {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.put(key, bytes),
            Err(error) => debug_assert!(false, "{key}: {error}"),
        }
    }

    /// Removes.
    pub(crate) fn delete(&mut self, key: String) {
        self.0.insert(key, None);
    }

    /// What to write and what to remove; `None` when there is neither.
    pub(crate) fn split(self) -> Option<(Vec<Record>, Vec<String>)> {
        if self.0.is_empty() {
            return None;
        }
        let (mut puts, mut deletes) = (Vec::new(), Vec::new());
        for (key, value) in self.0 {
            match value {
                Some(value) => puts.push(Record {
                    key,
                    value: value.into(),
                }),
                None => deletes.push(key),
            }
        }
        Some((puts, deletes))
    }
}

/// Rows of one kind, stored under `<prefix><key>`.
pub(crate) struct Table<K, V> {
    prefix: &'static str,
    rows: BTreeMap<K, V>,
    dirty: BTreeSet<K>,
}

impl<K: Ord + Copy + Display, V: Serialize + DeserializeOwned> Table<K, V> {
    pub(crate) const fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            rows: BTreeMap::new(),
            dirty: BTreeSet::new(),
        }
    }

    /// Takes a loaded row.
    pub(crate) fn restore(&mut self, key: K, value: &[u8]) -> Result<(), serde_json::Error> {
        self.rows.insert(key, serde_json::from_slice(value)?);
        Ok(())
    }

    pub(crate) fn get(&self, key: K) -> Option<&V> {
        self.rows.get(&key)
    }

    /// The row for changing it: it will be written.
    pub(crate) fn edit(&mut self, key: K) -> Option<&mut V> {
        let row = self.rows.get_mut(&key)?;
        self.dirty.insert(key);
        Some(row)
    }

    /// The row for changing it, made when it is not there.
    pub(crate) fn edit_or(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.dirty.insert(key);
        self.rows.entry(key).or_insert_with(make)
    }

    pub(crate) fn insert(&mut self, key: K, row: V) {
        self.dirty.insert(key);
        self.rows.insert(key, row);
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        let row = self.rows.remove(&key)?;
        self.dirty.insert(key);
        Some(row)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (K, &V)> {
        self.rows.iter().map(|(key, row)| (*key, row))
    }

    pub(crate) fn keys(&self) -> Vec<K> {
        self.rows.keys().copied().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.dirty.extend(self.rows.keys());
        self.rows.clear();
    }

    /// Whether a row changed in this step.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Writes what changed.
    pub(crate) fn flush(&mut self, batch: &mut Batch) {
        for key in std::mem::take(&mut self.dirty) {
            let path = format!("{}{key}", self.prefix);
            match self.rows.get(&key) {
                Some(row) => batch.put_json(path, row),
                None => batch.delete(path),
            }
        }
    }
}

/// One value under one key.
pub(crate) struct Slot<V> {
    key: &'static str,
    value: Option<V>,
    dirty: bool,
}

impl<V: Serialize + DeserializeOwned> Slot<V> {
    pub(crate) const fn new(key: &'static str) -> Self {
        Self {
            key,
            value: None,
            dirty: false,
        }
    }

    pub(crate) fn restore(&mut self, value: &[u8]) -> Result<(), serde_json::Error> {
        self.value = Some(serde_json::from_slice(value)?);
        Ok(())
    }

    pub(crate) const fn get(&self) -> Option<&V> {
        self.value.as_ref()
    }

    pub(crate) fn edit(&mut self) -> Option<&mut V> {
        self.dirty |= self.value.is_some();
        self.value.as_mut()
    }

    /// The value for changing it, made when it is not there.
    pub(crate) fn edit_or(&mut self, make: impl FnOnce() -> V) -> &mut V {
        self.dirty = true;
        self.value.get_or_insert_with(make)
    }

    /// Whether it changed in this step.
    pub(crate) const fn is_dirty(&self) -> bool {
        self.dirty
    }

    pub(crate) fn set(&mut self, value: Option<V>) {
        self.dirty = true;
        self.value = value;
    }

    pub(crate) fn flush(&mut self, batch: &mut Batch) {
        if !std::mem::take(&mut self.dirty) {
            return;
        }
        match &self.value {
            Some(value) => batch.put_json(self.key.to_owned(), value),
            None => batch.delete(self.key.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_written_and_the_last_one_wins() {
        let mut table = Table::<u32, String>::new("state/x/");
        table.restore(1, b"\"one\"").unwrap();
        table.insert(2, "two".into());
        table.edit(2).unwrap().push('!');
        table.remove(1);
        let mut batch = Batch::default();
        table.flush(&mut batch);
        let (puts, deletes) = batch.split().unwrap();
        assert_eq!(puts.len(), 1);
        assert_eq!(puts[0].key, "state/x/2");
        assert_eq!(puts[0].value.as_ref(), b"\"two!\"");
        assert_eq!(deletes, ["state/x/1"]);

        let mut batch = Batch::default();
        table.flush(&mut batch);
        assert!(batch.split().is_none());
    }
}
