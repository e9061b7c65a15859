//! What a client needs to send its user to a service.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::auth::oauth2::{Provider, encode};
use crate::base::ids::{self, ALNUM};

const STATE_LENGTH: usize = 30;
const VERIFIER_LENGTH: usize = 43;

/// The beginning of a sign-in. Without PKCE the verifier and what belongs to it are empty.
#[derive(Debug)]
pub struct Start {
    pub state: String,
    pub code_verifier: String,
    pub code_challenge: String,
    pub code_challenge_method: &'static str,
    /// Where to send the user; the client appends its redirect address.
    pub auth_url: String,
}

impl Provider<'_> {
    /// Begins a sign-in with fresh random values; nothing is kept of them here.
    pub fn start(&self) -> Start {
        let state = ids::random_string(STATE_LENGTH, ALNUM);
        let mut start = Start {
            state,
            code_verifier: String::new(),
            code_challenge: String::new(),
            code_challenge_method: "",
            auth_url: String::new(),
        };
        if self.uses_pkce() {
            start.code_verifier = ids::random_string(VERIFIER_LENGTH, ALNUM);
            start.code_challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&start.code_verifier));
            start.code_challenge_method = "S256";
        }
        start.auth_url = self.link(&start);
        start
    }

    fn link(&self, start: &Start) -> String {
        let scopes = self.scopes().join(" ");
        let mut pairs = vec![
            ("client_id", self.config.client_id.as_str()),
            ("response_type", "code"),
            ("state", start.state.as_str()),
        ];
        if !scopes.is_empty() {
            pairs.push(("scope", &scopes));
        }
        if !start.code_challenge.is_empty() {
            pairs.push(("code_challenge", &start.code_challenge));
            pairs.push(("code_challenge_method", start.code_challenge_method));
        }
        if self.spec.form_post {
            pairs.push(("response_mode", "form_post"));
        }
        pairs.sort_unstable();
        let url = self.auth_url();
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}{}&redirect_uri=", encode::form(&pairs))
    }

    fn scopes(&self) -> Vec<&'static str> {
        let mut scopes = self.spec.scopes.to_vec();
        if self.spec.email_claim && !self.extra("idTokenEmailClaim").is_empty() {
            scopes.push("openid");
        }
        scopes
    }
}
