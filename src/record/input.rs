//! What a client submitted for one record, after everything slow has been done to it.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use crate::base::secret::Secret;
use crate::schema::FieldValue;
use crate::schema::fields::NewFile;

/// One create or update, ready to run inside a write transaction.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The submitted members; plain passwords are still in here, files are not.
    pub data: Map<String, Json>,
    /// Files already in storage under their final names.
    pub uploads: Vec<NewUpload>,
    /// Hashes of the submitted passwords by field name; `None` for one that cannot be hashed.
    pub password_hashes: HashMap<String, Option<Secret<String>>>,
    /// What comparing the submitted `oldPassword` gave.
    pub old_password: OldPassword,
    /// Id to give a new record that comes without one; files are already stored under it. Empty when the collection
    /// generates none.
    pub reserved_id: String,
    /// What handlers decided; rules and checks of the caller's rights look at what was submitted alone.
    pub overrides: Vec<Override>,
    /// A script's own save: there is no form whose old and repeated passwords could be checked.
    pub is_scripts: bool,
    /// Stores the values as they are; for scripts that ask for it.
    pub skips_validation: bool,
}

/// A value that a handler put in the place of the submitted one.
#[derive(Clone, Debug)]
pub struct Override {
    pub field: String,
    pub value: FieldValue,
}

impl Input {
    /// Says whether a submitted password is longer than can be hashed.
    pub(crate) fn has_unhashable_password(&self) -> bool {
        self.password_hashes.values().any(Option::is_none)
    }
}

/// An uploaded file and the body key it came under (`photo`, `photo+`, `+photo`).
#[derive(Clone, Debug)]
pub struct NewUpload {
    pub key: String,
    pub file: NewFile,
}

impl NewUpload {
    /// A file that a handler put into a field itself: it is validated, but no field takes it by its key.
    pub fn of_handler(file: NewFile, field: &str) -> Self {
        Self {
            key: format!("++{field}"),
            file,
        }
    }
}

/// Result of comparing the submitted old password outside of the transaction.
#[derive(Clone, Debug, Default)]
pub enum OldPassword {
    #[default]
    NotCompared,
    Wrong,
    /// It matched this stored hash; the transaction makes sure that it is still the stored one.
    Matches(Secret<String>),
}
