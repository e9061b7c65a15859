//! A collection's definition.

use crate::schema::auth_options::AuthOptions;
use crate::schema::fields::{Field, FieldKind};

/// Name of the collection whose records are superusers.
pub const SUPERUSERS: &str = "_superusers";
/// Name of the collection of started multi-factor sign-ins.
pub const MFAS: &str = "_mfas";
/// Name of the collection of one-time passwords.
pub const OTPS: &str = "_otps";
/// Name of the collection of links to accounts elsewhere.
pub const EXTERNAL_AUTHS: &str = "_externalAuths";
/// Name of the collection of places that have been signed in from.
pub const AUTH_ORIGINS: &str = "_authOrigins";

/// The collections whose records belong to one auth record each, by `collectionRef` and `recordRef`.
pub const AUTH_REFERENCES: [&str; 4] = [MFAS, OTPS, EXTERNAL_AUTHS, AUTH_ORIGINS];

/// A collection as it is stored and shown to superusers.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    /// Stable identity, `pbc_` and a checksum unless given.
    pub id: String,
    /// Name of the table or view and of the path segment; unique ignoring case.
    pub name: String,
    /// Belongs to the product; cannot be renamed or deleted.
    pub system: bool,
    /// Ordered as the admin ordered them.
    pub fields: Vec<Field>,
    /// `CREATE INDEX` statements.
    pub indexes: Vec<String>,
    pub rules: Rules,
    pub options: CollectionOptions,
    /// Canonical dates.
    pub created: String,
    pub updated: String,
}

/// Who may do what: `None` = superusers only, `Some("")` = everyone, else a filter that must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    pub list: Option<String>,
    pub view: Option<String>,
    pub create: Option<String>,
    pub update: Option<String>,
    pub delete: Option<String>,
}

/// A collection's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CollectionKind {
    Base,
    Auth,
    View,
}

impl CollectionKind {
    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Auth => "auth",
            Self::View => "view",
        }
    }

    /// Reads the wire name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Base, Self::Auth, Self::View]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// What only some types of collections have.
#[derive(Clone, Debug, PartialEq)]
pub enum CollectionOptions {
    Base,
    Auth(Box<AuthOptions>),
    View {
        /// The `SELECT` the view is made from.
        query: String,
    },
}

impl Collection {
    /// The type.
    pub const fn kind(&self) -> CollectionKind {
        match self.options {
            CollectionOptions::Base => CollectionKind::Base,
            CollectionOptions::Auth(_) => CollectionKind::Auth,
            CollectionOptions::View { .. } => CollectionKind::View,
        }
    }

    /// Says whether records of it can sign in.
    pub const fn is_auth(&self) -> bool {
        matches!(self.options, CollectionOptions::Auth(_))
    }

    /// Says whether a record of it can have files.
    pub fn has_files(&self) -> bool {
        self.fields
            .iter()
            .any(|field| matches!(field.kind, FieldKind::File(_)))
    }

    /// Says whether it is a read-only view.
    pub const fn is_view(&self) -> bool {
        matches!(self.options, CollectionOptions::View { .. })
    }

    /// Says whether its records are superusers.
    pub fn is_superusers(&self) -> bool {
        self.is_auth() && self.name == SUPERUSERS
    }

    /// Auth options, if it is an auth collection.
    pub fn auth_options(&self) -> Option<&AuthOptions> {
        match &self.options {
            CollectionOptions::Auth(options) => Some(options),
            CollectionOptions::Base | CollectionOptions::View { .. } => None,
        }
    }

    /// Auth options to change, if it is an auth collection.
    pub fn auth_options_mut(&mut self) -> Option<&mut AuthOptions> {
        match &mut self.options {
            CollectionOptions::Auth(options) => Some(options),
            CollectionOptions::Base | CollectionOptions::View { .. } => None,
        }
    }

    /// A field by exact name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
