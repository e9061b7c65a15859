//! Collections and field types: definitions, their JSON form, normalisation and validation of values.
//!
//! Pure: nothing here touches the database. `catalog` loads, saves and synchronises definitions.

mod auth_options;
pub mod codes;
mod collection;
pub mod fields;
mod snapshot;
mod value;

pub use auth_options::{
    AuthAlert, AuthOptions, EmailTemplate, MappedFields, Mfa, OAuth2, OAuth2Provider, Otp,
    PasswordAuth, TokenConfig,
};
pub use collection::{Collection, CollectionKind, CollectionOptions, Rules, SUPERUSERS};
pub use fields::{Field, FieldKind};
pub use snapshot::{Back, Entry, Schema};
pub use value::{FieldValue, Password};
