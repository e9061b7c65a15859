//! Auth records with the secrets that prove them. Who may sign in is decided in `sign_in`.

use std::sync::Arc;

use crate::app::App;
use crate::auth::tokens::{self, Claims};
use crate::base::error::{Error, Result};
use crate::base::ids;
use crate::base::secret::{Secret, constant_time_eq};
use crate::base::time::Timestamp;
use crate::ctx::{AuthRecord, Principal};
use crate::engine::Reader;
use crate::query::Snapshot;
use crate::schema::{AuthOptions, CollectionKind, Entry, TokenConfig};
use crate::sql::{Ident, Sql};

/// An auth record with what is needed to check and sign its tokens.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) entry: Arc<Entry>,
    pub(super) record: AuthRecord,
    pub(super) password_hash: Secret<String>,
    token_key: Secret<String>,
}

/// What a new token lets its holder do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Grant<'a> {
    /// Signing requests for as long as the collection says; a refresh gives a new token.
    Session,
    /// Signing requests for so many seconds, 0 = as long as the collection says; there is no refresh.
    Impersonation { seconds: i64 },
    /// Opening protected files.
    Files,
    /// Proving that mail to the account's address arrives.
    Verification,
    /// Choosing a new password.
    PasswordReset,
    /// Giving the account another address.
    EmailChange { new_email: &'a str },
}

impl Account {
    /// The account with this id.
    pub(super) fn by_id(reader: &Reader, entry: &Arc<Entry>, id: &str) -> Result<Option<Self>> {
        let mut condition = Sql::from_text("id = ");
        condition.bind(id);
        Self::first(reader, entry, condition)
    }

    /// The account of which an identity field has this value, in any case if its index ignores case.
    pub(super) fn by_identity(
        reader: &Reader,
        entry: &Arc<Entry>,
        field: &str,
        identity: &str,
    ) -> Result<Option<Self>> {
        let mut condition = Sql::new();
        condition
            .ident(&Ident::new(field))
            .text(" = ")
            .bind(identity);
        if entry.is_unique_ignoring_case(field) {
            condition.text(" COLLATE NOCASE");
        }
        Self::first(reader, entry, condition)
    }

    fn first(reader: &Reader, entry: &Arc<Entry>, condition: Sql) -> Result<Option<Self>> {
        let mut sql =
            Sql::from_text("SELECT id, email, emailVisibility, verified, tokenKey, password FROM ");
        sql.ident(&Ident::new(&entry.name))
            .text(" WHERE ")
            .append(condition)
            .text(" LIMIT 1");
        Ok(reader.first(&sql, |row| Self {
            entry: Arc::clone(entry),
            record: AuthRecord {
                id: row.text(0).to_owned(),
                collection_id: entry.id.clone(),
                collection_name: entry.name.clone(),
                email: row.text_or_bytes(1).into_owned(),
                email_visibility: row.int(2) != 0,
                verified: row.int(3) != 0,
            },
            token_key: Secret::new(row.text_or_bytes(4).into_owned()),
            password_hash: Secret::new(row.text_or_bytes(5).into_owned()),
        })?)
    }

    /// The account that a token of this kind was signed for, with the token's claims.
    pub(super) fn of_token(
        app: &App,
        token: &str,
        kind: &str,
        now: Timestamp,
    ) -> Result<Option<(Self, Claims)>> {
        let claims = tokens::read(token);
        let Some(claims) = claims.filter(|claims| claims.kind == kind) else {
            return Ok(None);
        };
        let Some((account, key)) = Self::of_claims(app, &claims, now)? else {
            return Ok(None);
        };
        Ok(tokens::is_signed_with(token, &key).then_some((account, claims)))
    }

    /// The same for a token that may come with every request.
    pub(super) fn of_frequent_token(
        app: &App,
        token: &str,
        kind: &str,
        now: Timestamp,
    ) -> Result<Option<Self>> {
        let checked = app.checked_tokens();
        if let Some(known) = checked.find(token)
            && known.claims.kind == kind
            && let Some((account, key)) = Self::of_claims(app, &known.claims, now)?
            && known.is_signed_with(&key)
        {
            return Ok(Some(account));
        }
        let Some((account, claims)) = Self::of_token(app, token, kind, now)? else {
            return Ok(None);
        };
        checked.remember(token, claims, account.key(account.config(kind)?));
        Ok(Some(account))
    }

    /// The account that a token with these claims would be for as things are now, and the key that signs for it.
    fn of_claims(
        app: &App,
        claims: &Claims,
        now: Timestamp,
    ) -> Result<Option<(Self, Secret<String>)>> {
        if !claims.is_in_force(now) {
            return Ok(None);
        }
        let account =
            app.read(
                |reader, snapshot| match snapshot.collection(&claims.collection_id) {
                    Some(entry) if entry.is_auth() => Self::by_id(reader, entry, &claims.id),
                    _ => Ok(None),
                },
            )?;
        let Some(account) = account else {
            return Ok(None);
        };
        let key = account.key(account.config(&claims.kind)?);
        Ok(Some((account, key)))
    }

    /// An account that exists nowhere, for trying out mails.
    pub(super) fn for_test(entry: &Arc<Entry>, email: &str) -> Self {
        Self {
            entry: Arc::clone(entry),
            record: AuthRecord {
                id: "__pb_test_id__".to_owned(),
                collection_id: entry.id.clone(),
                collection_name: entry.name.clone(),
                email: email.to_owned(),
                email_visibility: false,
                verified: false,
            },
            token_key: Secret::new(ids::random_string(50, ids::ALNUM)),
            password_hash: Secret::default(),
        }
    }

    /// Says whether this is still the account it was: no password, address or token key has changed since.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        constant_time_eq(self.token_key.expose(), other.token_key.expose())
            && self.record.email == other.record.email
            && self.password_hash == other.password_hash
    }

    /// On whose behalf the holder of this account acts.
    pub(super) fn principal(&self) -> Principal {
        if self.entry.is_superusers() {
            Principal::Superuser(self.record.clone())
        } else {
            Principal::User(self.record.clone())
        }
    }

    /// Makes a token.
    pub(super) fn sign(&self, grant: Grant<'_>, now: Timestamp) -> Result<String> {
        let (kind, refreshable, seconds) = match grant {
            Grant::Session => (tokens::AUTH, Some(true), 0),
            Grant::Impersonation { seconds } => (tokens::AUTH, Some(false), seconds),
            Grant::Files => (tokens::FILE, None, 0),
            Grant::Verification => (tokens::VERIFICATION, None, 0),
            Grant::PasswordReset => (tokens::PASSWORD_RESET, None, 0),
            Grant::EmailChange { .. } => (tokens::EMAIL_CHANGE, None, 0),
        };
        let (email, new_email) = match grant {
            Grant::Session | Grant::Impersonation { .. } | Grant::Files => ("", ""),
            Grant::Verification | Grant::PasswordReset => (self.record.email.as_str(), ""),
            Grant::EmailChange { new_email } => (self.record.email.as_str(), new_email),
        };
        let config = self.config(kind)?;
        let duration = if seconds > 0 {
            seconds
        } else {
            config.duration
        };
        let claims = Claims {
            collection_id: self.entry.id.clone(),
            email: email.to_owned(),
            exp: now.unix_seconds().saturating_add(duration),
            id: self.record.id.clone(),
            new_email: new_email.to_owned(),
            refreshable,
            kind: kind.to_owned(),
            starts: 0,
        };
        tokens::sign(&claims, &self.key(config))
    }

    fn config(&self, kind: &str) -> Result<&TokenConfig> {
        let options = options_of(&self.entry)?;
        match kind {
            tokens::AUTH => Ok(&options.auth_token),
            tokens::FILE => Ok(&options.file_token),
            tokens::VERIFICATION => Ok(&options.verification_token),
            tokens::PASSWORD_RESET => Ok(&options.password_reset_token),
            tokens::EMAIL_CHANGE => Ok(&options.email_change_token),
            _ => Err(Error::internal("a token of an unknown kind")),
        }
    }

    fn key(&self, config: &TokenConfig) -> Secret<String> {
        Secret::new(format!(
            "{}{}",
            self.token_key.expose(),
            config.secret.expose()
        ))
    }
}

/// Who a record is and what its tokens depend on, if it exists.
pub(crate) fn token_key(
    reader: &Reader,
    snapshot: &Snapshot,
    collection_id: &str,
    id: &str,
) -> Result<Option<(Principal, Secret<String>)>> {
    let entry = snapshot.collection_by_id(collection_id);
    let Some(entry) = entry.filter(|entry| entry.is_auth()) else {
        return Ok(None);
    };
    let account = Account::by_id(reader, entry, id)?;
    Ok(account.map(|account| (account.principal(), account.token_key)))
}

/// The auth collection a path names.
pub(super) fn auth_collection(app: &App, collection: &str) -> Result<Arc<Entry>> {
    let snapshot = app.snapshot();
    let entry = snapshot
        .collection(collection)
        .ok_or_else(|| Error::not_found("Missing or invalid collection context."))?;
    if entry.kind() != CollectionKind::Auth {
        return Err(Error::not_found(
            "Missing or invalid auth collection context.",
        ));
    }
    Ok(Arc::clone(entry))
}

/// The options every auth collection has.
pub(super) fn options_of(entry: &Entry) -> Result<&AuthOptions> {
    entry
        .auth_options()
        .ok_or_else(|| Error::not_found("Missing or invalid auth collection context."))
}
