//! Who somebody is: account keys, device credentials, device lists and proofs.

mod account;
mod credential;
mod device;
mod device_list;

pub use account::{AccountKey, AccountPublicKey};
pub use credential::{Credential, Member};
pub use device::{DeviceKeys, verify_proof};
pub use device_list::DeviceList;
