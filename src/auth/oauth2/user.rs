//! Who a token belongs to, in the service's own words.

use hyper::Method;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::{Map, Value as Json, json};
use url::Url;

use crate::auth::oauth2::profile::{Dispensable, Email, Listing, Source, at};
use crate::auth::oauth2::table::{Asks, Header};
use crate::auth::oauth2::{Provider, RemoteUser, Token, Unusable, exchange, id_token};
use crate::base::json;
use crate::base::time::Timestamp;
use crate::fetch::{self, Client};
use crate::schema::fields::email::is_email;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl Provider<'_> {
    /// Asks the service whose token this is.
    pub async fn user(
        &self,
        client: &Client,
        token: &Token,
        now: Timestamp,
    ) -> Result<RemoteUser, Unusable> {
        let raw = match self.spec.asks {
            Asks::IdToken { keys, issuer } => {
                self.checked_claims(client, token, keys, &[issuer], now)
                    .await?
            }
            Asks::GetOrIdToken if self.user_url().is_empty() => {
                self.checked_claims(client, token, "", &[], now).await?
            }
            Asks::Get | Asks::GetOrIdToken => {
                let answer = self.ask(client, token, self.user_url(), None).await?;
                object(answer.accepted()?)?
            }
            Asks::Query(query) => {
                let body = json!({ "query": query }).to_string();
                let answer = self.ask(client, token, self.user_url(), Some(body)).await?;
                object(answer.accepted()?)?
            }
        };
        let claims = if self.spec.email_claim && !self.extra("idTokenEmailClaim").is_empty() {
            id_token::claims(token.identity.expose(), &self.config.client_id, now)?
        } else {
            Map::new()
        };
        let answer = Json::Object(raw);
        let profile = &self.spec.profile;
        let source = Source {
            user: at(&answer, profile.root)?.unwrap_or(&Json::Null),
            token: &token.members,
            claims: &claims,
            email_claim: self.extra("idTokenEmailClaim"),
        };
        let mut user = profile.read(&source)?;
        if let Email::Listed(listing) = profile.email {
            user.email = self.listed_email(client, token, &source, listing).await?;
        }
        if let Json::Object(raw) = answer {
            user.raw = raw;
        }
        Ok(user)
    }

    /// Claims of the `id_token`, with its signature checked where the service's keys are known.
    async fn checked_claims(
        &self,
        client: &Client,
        token: &Token,
        keys: &'static str,
        issuers: &[&str],
        now: Timestamp,
    ) -> Result<Map<String, Json>, Unusable> {
        let text = token.identity.expose();
        let claims = id_token::claims(text, &self.config.client_id, now)?;
        match self.config.extra.get("issuers").and_then(Json::as_array) {
            Some(configured) if !configured.is_empty() => {
                let configured: Vec<&str> = configured.iter().filter_map(Json::as_str).collect();
                id_token::check_issuer(&claims, &configured)?;
            }
            _ => {
                let configured = self.extra("issuers");
                if !configured.is_empty() {
                    id_token::check_issuer(&claims, &[configured])?;
                } else if !issuers.is_empty() {
                    id_token::check_issuer(&claims, issuers)?;
                }
            }
        }
        let configured = self.extra("jwksURL");
        let keys = if configured.is_empty() {
            keys
        } else {
            configured
        };
        if !keys.is_empty() {
            let request = fetch::request(Method::GET, keys, "")?;
            let answer = client.fetch(request, &exchange::limits()).await?;
            if answer.status.as_u16() >= 400 {
                return Err(refused("the key set", answer.status.as_u16()));
            }
            id_token::check_signature(text, &answer.body)?;
        }
        Ok(claims)
    }

    async fn ask(
        &self,
        client: &Client,
        token: &Token,
        url: &str,
        body: Option<String>,
    ) -> Result<Reply, Unusable> {
        let method = if body.is_some() {
            Method::POST
        } else {
            Method::GET
        };
        let is_post = body.is_some();
        let mut request = fetch::request(method, url, body.unwrap_or_default())?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, JSON);
        headers.insert(AUTHORIZATION, token.authorization()?);
        if is_post {
            headers.insert(CONTENT_TYPE, JSON);
        }
        for (name, value) in self.spec.headers {
            let value = match value {
                Header::Fixed(text) => HeaderValue::from_static(text),
                Header::ClientId => exchange::sensitive(&self.config.client_id)?,
            };
            headers.insert(HeaderName::from_static(name), value);
        }
        let answer = client.fetch(request, &exchange::limits()).await?;
        Ok(Reply {
            status: answer.status.as_u16(),
            body: String::from_utf8(answer.body.into())
                .map_err(|_| Unusable::new("the answer is no UTF-8"))?,
        })
    }

    /// The proven address of a list that the service keeps apart.
    async fn listed_email(
        &self,
        client: &Client,
        token: &Token,
        source: &Source<'_>,
        listing: &Listing,
    ) -> Result<String, Unusable> {
        if let Some(path) = listing.before {
            let email = source.text(path)?;
            if is_email(&email) {
                return Ok(email);
            }
        }
        let url = beside(self.user_url(), listing.path)?;
        let reply = self.ask(client, token, &url, None).await?;
        let is_dispensable = match listing.dispensable {
            Dispensable::NotAllowed => matches!(reply.status, 401 | 403 | 404),
            Dispensable::Any => reply.status >= 400,
        };
        if is_dispensable {
            return Ok(String::new());
        }
        let answer = value(reply.accepted()?)?;
        let items = match at(&answer, listing.root)? {
            None => return Ok(String::new()),
            Some(items) => items
                .as_array()
                .ok_or_else(|| Unusable::new("the list of addresses is none"))?,
        };
        for item in items {
            let item = Source {
                user: item,
                ..*source
            };
            let mut chosen = true;
            for check in listing.chosen {
                // A list in a list may be empty; that is no fault of the whole.
                chosen = chosen && item.holds(*check).unwrap_or(false);
            }
            if chosen {
                return item.text("email");
            }
        }
        Ok(String::new())
    }
}

/// An answer about a user.
struct Reply {
    status: u16,
    body: String,
}

impl Reply {
    fn accepted(&self) -> Result<&str, Unusable> {
        if self.status >= 400 {
            return Err(refused("the user's address", self.status));
        }
        Ok(&self.body)
    }
}

fn refused(what: &str, status: u16) -> Unusable {
    Unusable::new(format!("{what} answered {status}"))
}

fn value(text: &str) -> Result<Json, Unusable> {
    json::parse_whole(text).map_err(|error| Unusable::new(error.to_string()))
}

fn object(text: &str) -> Result<Map<String, Json>, Unusable> {
    match value(text)? {
        Json::Object(members) => Ok(members),
        Json::Null => Ok(Map::new()),
        _ => Err(Unusable::new("the answer about the user is no object")),
    }
}

/// The address of what a service keeps beside its user.
fn beside(url: &str, path: &str) -> Result<String, Unusable> {
    let invalid = |_| Unusable::new("the user's address is invalid");
    let mut url = Url::parse(url).map_err(invalid)?;
    if let Some(below) = path.strip_prefix('/') {
        let longer = format!("{}/{below}", url.path().trim_end_matches('/'));
        url.set_path(&longer);
        return Ok(url.into());
    }
    Ok(url.join(path).map_err(invalid)?.into())
}
