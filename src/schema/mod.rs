//! Collections and field types: definitions, their JSON form, normalisation and validation of values.
//!
//! Pure: nothing here touches the database. `catalog` loads, saves and synchronises definitions.

mod auth_json;
mod auth_options;
pub mod codes;
mod collection;
mod collection_json;
pub mod field_list;
pub mod fields;
pub mod index;
mod layout;
pub mod members;
pub mod names;
pub mod scaffold;
mod snapshot;
mod templates;
#[cfg(test)]
mod tests;
mod value;
pub mod view_query;

pub use auth_options::{
    AuthAlert, AuthOptions, MappedFields, Mfa, OAuth2, OAuth2Provider, Otp, PasswordAuth,
    TokenConfig,
};
pub use collection::{
    AUTH_ORIGINS, AUTH_REFERENCES, Collection, CollectionKind, CollectionOptions, EXTERNAL_AUTHS,
    MFAS, OTPS, Rules, SUPERUSERS,
};
pub use collection_json::{Draft, LoadError};
pub use fields::{Field, FieldKind};
pub use index::{Index, IndexColumn};
pub use layout::{Layout, Member, Source};
pub use snapshot::{Back, Entry, Schema};
pub use templates::{EmailTemplate, earlier_alert_digest, newest_alert_body};
pub use value::{FieldValue, Password};
