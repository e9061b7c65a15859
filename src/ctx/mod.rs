//! Who asks, when, from where and with what: the first parameter of every operation. Plain data.
//!
//! Invariant: authority travels only in [`Ctx`]; nothing else says what a caller may do.

mod headers;

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use crate::base::time::Timestamp;

pub use headers::HeaderLines;

/// Everything about the caller and the request that rules and operations may depend on.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// On whose behalf the operation runs.
    pub principal: Principal,
    /// The request as rules see it through `@request.*`; copies share it until one is changed.
    pub request: Arc<RequestInfo>,
    /// The moment the request arrived; all time macros of the request agree on it.
    pub now: Timestamp,
}

/// The only carrier of authority.
#[derive(Clone, Debug)]
pub enum Principal {
    /// Nobody is signed in.
    Guest,
    /// A record of an auth collection other than `_superusers`.
    User(AuthRecord),
    /// A record of `_superusers`; rules do not apply.
    Superuser(AuthRecord),
    /// The server itself (command line, jobs); rules do not apply.
    System,
}

impl Principal {
    /// Who is signed in.
    pub const fn auth(&self) -> Option<&AuthRecord> {
        match self {
            Self::User(record) | Self::Superuser(record) => Some(record),
            Self::Guest | Self::System => None,
        }
    }
}

/// The parts of an auth record that requests and rules need without another look into the database.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthRecord {
    pub id: String,
    pub collection_id: String,
    pub collection_name: String,
    pub email: String,
    pub email_visibility: bool,
    pub verified: bool,
}

/// What part of the API a rule is evaluated for, `@request.context`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RequestContext {
    #[default]
    Default,
    Expand,
    Realtime,
    ProtectedFile,
    Batch,
    OAuth2,
    Otp,
    Password,
}

impl RequestContext {
    /// The value of `@request.context`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Expand => "expand",
            Self::Realtime => "realtime",
            Self::ProtectedFile => "protectedFile",
            Self::Batch => "batch",
            Self::OAuth2 => "oauth2",
            Self::Otp => "otp",
            Self::Password => "password",
        }
    }
}

/// The request as rules see it, and where it came from.
#[derive(Clone, Debug, Default)]
pub struct RequestInfo {
    /// The client's address, as the proxies trusted by the settings tell it. Rules do not see it.
    pub ip: Option<IpAddr>,
    /// Address of the other end of the connection. Rules do not see it.
    pub peer: Option<IpAddr>,
    /// Path and query as sent, if scripts may ask. Rules do not see them.
    pub url: String,
    /// What handlers leave at the request, if there may be any.
    pub notes: Option<Notes>,
    /// `@request.context`.
    pub context: RequestContext,
    /// `@request.method`.
    pub method: Cow<'static, str>,
    /// Query parameters in order, decoded; `@request.query.x` is the first of its name.
    pub query: Vec<(String, String)>,
    /// Header lines; `@request.headers.x_name` is the first whose snake case matches.
    pub headers: HeaderLines,
    /// `@request.body.*`: the submitted data after modifiers are resolved.
    pub body: Map<String, Value>,
    /// Whether the body is what the fields of a record make of it, as it is where the rule of a save is asked.
    pub is_body_of_record: bool,
}

/// What handlers leave at a request: headers for its answer, and values for handlers that come later. Copies share it.
#[derive(Clone, Default)]
pub struct Notes(Arc<Mutex<Left>>);

#[derive(Default)]
struct Left {
    headers: Vec<(String, String)>,
    values: Option<Box<dyn Any + Send>>,
}

impl fmt::Debug for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notes").finish_non_exhaustive()
    }
}

impl Notes {
    fn lock(&self) -> MutexGuard<'_, Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a header line to the answer, whatever it will be.
    pub fn push_header(&self, name: &str, value: &str) {
        let line = (name.to_owned(), value.to_owned());
        self.lock().headers.push(line);
    }

    /// The header lines so far.
    pub fn take_headers(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.lock().headers)
    }

    /// Looks at the values; their type is the handlers' own.
    pub fn with_values<T: Default + Send + 'static, R>(&self, look: impl FnOnce(&mut T) -> R) -> R {
        let mut left = self.lock();
        let values = left
            .values
            .get_or_insert_with(|| Box::new(T::default()))
            .downcast_mut();
        match values {
            Some(values) => look(values),
            None => look(&mut T::default()),
        }
    }
}

impl RequestInfo {
    /// First value of a query parameter.
    pub fn query_param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Value of a header given in lower snake case.
    pub fn header(&self, snake_name: &str) -> Option<&str> {
        self.headers.first(snake_name)
    }

    /// The same as rules and filters see it. Compat: the host that a request is for is no header to them.
    pub fn rule_header(&self, snake_name: &str) -> Option<&str> {
        (snake_name != "host")
            .then(|| self.header(snake_name))
            .flatten()
    }
}

impl Ctx {
    /// A context for work of the server itself.
    pub fn system() -> Self {
        Self {
            principal: Principal::System,
            request: Arc::default(),
            now: Timestamp::now(),
        }
    }

    /// Says whether rules are skipped and hidden fields are shown.
    pub const fn is_superuser(&self) -> bool {
        matches!(self.principal, Principal::Superuser(_) | Principal::System)
    }

    /// The signed-in record, superuser or not.
    pub const fn auth(&self) -> Option<&AuthRecord> {
        self.principal.auth()
    }

    /// The request, to change what this copy says of it.
    pub fn request_mut(&mut self) -> &mut RequestInfo {
        Arc::make_mut(&mut self.request)
    }

    /// The same request as if it had been made with another method.
    #[must_use]
    pub fn with_method(&self, method: &'static str) -> Self {
        let mut ctx = self.clone();
        ctx.request_mut().method = Cow::Borrowed(method);
        ctx
    }

    /// The same caller asking in another context.
    #[must_use]
    pub fn within(&self, context: RequestContext) -> Self {
        let mut ctx = self.clone();
        ctx.request_mut().context = context;
        ctx
    }
}
