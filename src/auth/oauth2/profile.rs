//! Reading a service's answer about a user: where each value is, and when an address counts as the user's own.
//!
//! Reading is strict, as in the contract: a missing value is empty, one of another type makes the answer useless.

use serde_json::{Map, Value as Json};

use crate::auth::oauth2::{RemoteUser, Unusable};

type Result<T> = std::result::Result<T, Unusable>;

/// Where a service keeps what it says about a user. Paths are dotted and start at `root`.
#[derive(Debug)]
pub(super) struct Profile {
    /// Start of the other paths. A position in a list must exist.
    pub(super) root: &'static str,
    /// Who may not sign in although the service knows them.
    pub(super) active: Option<Check>,
    pub(super) id: Id,
    pub(super) name: Text,
    pub(super) username: Text,
    pub(super) email: Email,
    pub(super) avatar: Text,
}

/// The value that never changes for a user.
#[derive(Clone, Copy, Debug)]
pub(super) enum Id {
    Text(&'static str),
    Number(&'static str),
}

/// A text of the profile.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text {
    None,
    At(&'static str),
    /// Two texts with a space between.
    Both(&'static str, &'static str),
    Made(fn(&Source<'_>) -> Result<String>),
}

/// An address, and why it is believed to be the user's.
#[derive(Clone, Copy, Debug)]
pub(super) enum Email {
    None,
    /// The service only shows proven ones.
    At(&'static str),
    /// Only if all of this holds.
    If(&'static str, &'static [Check]),
    /// Stands in the answer with the token.
    OfToken(&'static str),
    /// Comes with another request, see `user`.
    Listed(&'static Listing),
    Made(fn(&Source<'_>) -> Result<String>),
}

/// A condition on the profile.
#[derive(Clone, Copy, Debug)]
pub(super) enum Check {
    /// A flag that is set.
    True(&'static str),
    /// Anything that is commonly read as "yes".
    Truthy(&'static str),
    /// A text that is not empty.
    Present(&'static str),
    Equals(&'static str, &'static str),
    /// The number one.
    One(&'static str),
}

/// A list of a user's addresses that has an address of its own.
#[derive(Debug)]
pub(super) struct Listing {
    /// Last part of its address: `/emails` is appended to the user's, `emails` replaces its last part.
    pub(super) path: &'static str,
    /// Member of the profile that is taken first if it is an address.
    pub(super) before: Option<&'static str>,
    /// Member that holds the list; empty when the answer is the list.
    pub(super) root: &'static str,
    pub(super) chosen: &'static [Check],
    /// Refusals that mean that there is no address rather than that the sign-in fails.
    pub(super) dispensable: Dispensable,
}

/// Which refusals of a listing are no reason to give up.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dispensable {
    /// The token does not open the list, or there is none.
    NotAllowed,
    Any,
}

/// What a profile is read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    /// The answer below the profile's root.
    pub(super) user: &'a Json,
    /// Members of the answer with the token.
    pub(super) token: &'a Map<String, Json>,
    /// Claims of the `id_token`, where they are asked for.
    pub(super) claims: &'a Map<String, Json>,
    /// Which claim the operator trusts to hold the address.
    pub(super) email_claim: &'a str,
}

impl Profile {
    /// Reads a user from an answer. An address behind another request is left empty, and so is the answer itself.
    pub(super) fn read(&self, source: &Source<'_>) -> Result<RemoteUser> {
        if let Some(check) = self.active
            && !source.holds(check)?
        {
            return Err(Unusable::new("the user is not active"));
        }
        Ok(RemoteUser {
            id: source.id(self.id)?,
            name: source.made(self.name)?,
            username: source.made(self.username)?,
            email: source.email(self.email)?,
            avatar_url: source.made(self.avatar)?,
            raw: Map::new(),
        })
    }
}

impl<'a> Source<'a> {
    /// The value at a path; `None` for missing ones and null.
    fn get(&self, path: &str) -> Result<Option<&'a Json>> {
        at(self.user, path)
    }

    /// A text; empty when there is none.
    pub(super) fn text(&self, path: &str) -> Result<String> {
        match self.get(path)? {
            None => Ok(String::new()),
            Some(Json::String(text)) => Ok(text.clone()),
            Some(_) => Err(wrong_type(path)),
        }
    }

    fn id(&self, id: Id) -> Result<String> {
        match id {
            Id::Text(path) => self.text(path),
            Id::Number(path) => match self.get(path)? {
                None => Ok(String::new()),
                Some(value) => match value.as_i64().ok_or_else(|| wrong_type(path))? {
                    // Nobody's number: the service did not say who it is.
                    0 => Ok(String::new()),
                    number => Ok(number.to_string()),
                },
            },
        }
    }

    fn made(&self, text: Text) -> Result<String> {
        match text {
            Text::None => Ok(String::new()),
            Text::At(path) => self.text(path),
            Text::Both(first, second) => {
                let joined = format!("{} {}", self.text(first)?, self.text(second)?);
                Ok(joined.trim().to_owned())
            }
            Text::Made(make) => make(self),
        }
    }

    fn email(&self, email: Email) -> Result<String> {
        match email {
            Email::None | Email::Listed(_) => Ok(String::new()),
            Email::At(path) => self.text(path),
            Email::If(path, checks) => {
                let text = self.text(path)?;
                for check in checks {
                    if !self.holds(*check)? {
                        return Ok(String::new());
                    }
                }
                Ok(text)
            }
            Email::OfToken(name) => Ok(text_of(self.token, name)),
            Email::Made(make) => make(self),
        }
    }

    pub(super) fn holds(&self, check: Check) -> Result<bool> {
        Ok(match check {
            Check::True(path) => match self.get(path)? {
                None => false,
                Some(value) => value.as_bool().ok_or_else(|| wrong_type(path))?,
            },
            Check::Truthy(path) => self.get(path)?.is_some_and(is_truthy),
            Check::Present(path) => !self.text(path)?.is_empty(),
            Check::Equals(path, wanted) => self.text(path)? == wanted,
            Check::One(path) => match self.get(path)? {
                None => false,
                Some(value) => value.as_i64().ok_or_else(|| wrong_type(path))? == 1,
            },
        })
    }
}

/// The value at a dotted path. Lists must have the position, values on the way must be objects or missing.
pub(super) fn at<'a>(value: &'a Json, path: &str) -> Result<Option<&'a Json>> {
    let mut value = value;
    for name in path.split('.').filter(|name| !name.is_empty()) {
        value = match (value, name.parse::<usize>()) {
            (Json::Null, Err(_)) => return Ok(None),
            (Json::Array(items), Ok(position)) => {
                items.get(position).ok_or_else(|| wrong_type(path))?
            }
            (Json::Object(members), Err(_)) => members.get(name).unwrap_or(&Json::Null),
            _ => return Err(wrong_type(path)),
        };
    }
    Ok(Some(value).filter(|value| !value.is_null()))
}

/// A text among members; anything else is empty.
pub(super) fn text_of(members: &Map<String, Json>, name: &str) -> String {
    members
        .get(name)
        .and_then(Json::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Whether a value is commonly read as "yes".
pub(super) fn is_truthy(value: &Json) -> bool {
    match value {
        Json::Bool(flag) => *flag,
        Json::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Json::String(text) => matches!(text.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"),
        _ => false,
    }
}

fn wrong_type(path: &str) -> Unusable {
    Unusable::new(format!("`{path}` is missing or of another type"))
}
