//! Which tokens were signed with which key, so that a token that signs many requests is taken apart once.
//!
//! It says nothing about whose token it is now and whether that key still is the account's: the account is read for
//! every request, and a token whose key is another by then is checked like an unknown one. So whatever ends a token
//! ends it here too, in the same moment.

use std::fmt;
use std::sync::Arc;

use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};

use crate::auth::tokens::Claims;
use crate::base::secret::{Secret, constant_time_eq};

/// Tokens kept; one takes about half a kilobyte.
const CAPACITY: usize = 4096;

/// Tokens stand here for themselves only as their hash.
type Fingerprint = [u8; 32];

/// A bounded memory of signatures that were right.
pub struct Checked(Cache<Fingerprint, Arc<Known>>);

/// A token whose signature was right.
#[derive(Debug)]
pub struct Known {
    pub claims: Claims,
    key: Secret<String>,
}

impl Default for Checked {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checked")
            .field("tokens", &self.0.len())
            .finish()
    }
}

impl Checked {
    /// What is known of a token.
    pub fn find(&self, token: &str) -> Option<Arc<Known>> {
        self.0.get(&fingerprint(token))
    }

    /// Remembers that a token with these claims is signed with this key.
    pub fn remember(&self, token: &str, claims: Claims, key: Secret<String>) {
        let known = Arc::new(Known { claims, key });
        self.0.insert(fingerprint(token), known);
    }
}

impl Known {
    /// Says whether this is the key it was signed with; false says nothing.
    pub fn is_signed_with(&self, key: &Secret<String>) -> bool {
        constant_time_eq(self.key.expose(), key.expose())
    }
}

fn fingerprint(token: &str) -> Fingerprint {
    Sha256::digest(token.as_bytes()).into()
}
