//! The records that OpenMLS keeps, with an overlay: one step of a client is kept or undone whole.
//! Values hold the secrets of rooms: they are wiped here when they go.

mod openmls;

use std::{cell::RefCell, collections::BTreeMap};

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// A stored value does not read or write.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("cannot encode {0}")]
    Encode(String),
    #[error("cannot decode {0}")]
    Decode(String),
}

/// Changed records since the last [`Store::take_changes`]; `None` is a deletion.
pub(crate) type Changes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

type Value = Zeroizing<Vec<u8>>;

/// What is durable, and what has changed since.
#[derive(Default)]
pub(crate) struct Store {
    base: RefCell<BTreeMap<Vec<u8>, Value>>,
    overlay: RefCell<BTreeMap<Vec<u8>, Option<Value>>>,
}

impl Store {
    pub(crate) fn new(records: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Self {
        let records = records.into_iter();
        let base = records.map(|(key, value)| (key, Value::new(value)));
        Self {
            base: RefCell::new(base.collect()),
            overlay: RefCell::default(),
        }
    }

    /// Everything that is durable.
    pub(crate) fn records(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.base
            .borrow()
            .iter()
            .map(|(key, value)| (key.clone(), value.to_vec()))
            .collect()
    }

    /// Takes the changes of a step into the base and hands them out, to be made durable.
    pub(crate) fn take_changes(&self) -> Changes {
        let overlay = std::mem::take(&mut *self.overlay.borrow_mut());
        let mut base = self.base.borrow_mut();
        overlay
            .into_iter()
            .filter_map(|(key, value)| {
                let before = match &value {
                    Some(value) => base.insert(key.clone(), value.clone()),
                    None => base.remove(&key),
                };
                // Out of the wrapper without a copy.
                let changed = (before != value).then_some(value)?;
                Some((key, changed.map(|mut value| std::mem::take(&mut *value))))
            })
            .collect()
    }

    /// Forgets the changes of a step.
    pub(crate) fn rollback(&self) {
        self.overlay.borrow_mut().clear();
    }

    fn write<V: Serialize>(
        &self,
        entity: &str,
        key: &impl Serialize,
        value: &V,
    ) -> Result<(), StoreError> {
        self.put(entity, key, Some(encode(value)?))
    }

    /// The join configuration uses serde features that postcard does not have.
    fn write_json<V: Serialize>(
        &self,
        entity: &str,
        key: &impl Serialize,
        value: &V,
    ) -> Result<(), StoreError> {
        let value =
            serde_json::to_vec(value).map_err(|error| StoreError::Encode(error.to_string()))?;
        self.put(entity, key, Some(value))
    }

    fn read<V: DeserializeOwned>(
        &self,
        entity: &str,
        key: &impl Serialize,
    ) -> Result<Option<V>, StoreError> {
        self.find(entity, key, decode)
    }

    fn read_json<V: DeserializeOwned>(
        &self,
        entity: &str,
        key: &impl Serialize,
    ) -> Result<Option<V>, StoreError> {
        self.find(entity, key, |bytes| {
            serde_json::from_slice(bytes).map_err(|error| StoreError::Decode(error.to_string()))
        })
    }

    fn delete(&self, entity: &str, key: &impl Serialize) -> Result<(), StoreError> {
        self.put(entity, key, None)
    }

    fn put(
        &self,
        entity: &str,
        key: &impl Serialize,
        value: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        self.overlay
            .borrow_mut()
            .insert(record_key(entity, key)?, value.map(Value::new));
        Ok(())
    }

    fn find<V>(
        &self,
        entity: &str,
        key: &impl Serialize,
        read: impl FnOnce(&[u8]) -> Result<V, StoreError>,
    ) -> Result<Option<V>, StoreError> {
        let key = record_key(entity, key)?;
        let (overlay, base) = (self.overlay.borrow(), self.base.borrow());
        let value = match overlay.get(&key) {
            Some(changed) => changed.as_ref(),
            None => base.get(&key),
        };
        value.map(|value| read(value)).transpose()
    }
}

/// `entity/` and the key in postcard: unique, and readable where it matters.
fn record_key(entity: &str, key: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let mut bytes = entity.as_bytes().to_vec();
    bytes.push(b'/');
    bytes.extend(encode(key)?);
    Ok(bytes)
}

fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_allocvec(value).map_err(|error| StoreError::Encode(error.to_string()))
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    postcard::from_bytes(bytes).map_err(|error| StoreError::Decode(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_kept_or_undone_whole() {
        let store = Store::new([]);
        store.write("a", &1, &"one").unwrap();
        store.rollback();
        assert_eq!(store.read::<String>("a", &1).unwrap(), None);
        store.write("a", &1, &"one").unwrap();
        assert_eq!(store.take_changes().len(), 1);
        store.delete("a", &1).unwrap();
        assert_eq!(store.read::<String>("a", &1).unwrap(), None);
        store.rollback();
        assert_eq!(
            store.read::<String>("a", &1).unwrap().as_deref(),
            Some("one")
        );
    }

    #[test]
    fn writing_the_same_again_is_no_change() {
        let store = Store::new([]);
        store.write("a", &1, &"one").unwrap();
        store.take_changes();
        store.write("a", &1, &"one").unwrap();
        assert!(store.take_changes().is_empty());
    }
}
