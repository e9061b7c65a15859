//! The OAuth2 providers that collections may be configured with, as the admin UI lists them.
//!
//! How to talk to them is the business of `auth`.

use serde_json::{Value as Json, json};

/// Name and display name of every provider, in the contract's order.
const PROVIDERS: [(&str, &str); 32] = [
    ("apple", "Apple"),
    ("google", "Google"),
    ("microsoft", "Microsoft"),
    ("yandex", "Yandex"),
    ("facebook", "Facebook"),
    ("instagram2", "Instagram"),
    ("github", "GitHub"),
    ("gitlab", "GitLab"),
    ("bitbucket", "Bitbucket"),
    ("gitee", "Gitee"),
    ("gitea", "Gitea/Forgejo"),
    ("discord", "Discord"),
    ("twitter", "X/Twitter"),
    ("kakao", "Kakao"),
    ("vk", "ВКонтакте"),
    ("linear", "Linear"),
    ("notion", "Notion"),
    ("monday", "monday.com"),
    ("lark", "Lark"),
    ("box", "Box"),
    ("spotify", "Spotify"),
    ("trakt", "Trakt"),
    ("twitch", "Twitch"),
    ("patreon", "Patreon"),
    ("strava", "Strava"),
    ("wakatime", "WakaTime"),
    ("livechat", "LiveChat"),
    ("mailcow", "mailcow"),
    ("planningcenter", "Planning Center"),
    ("oidc", "OIDC"),
    ("oidc2", "OIDC"),
    ("oidc3", "OIDC"),
];

/// Says whether there is a provider of this name.
pub fn is_known(name: &str) -> bool {
    PROVIDERS.iter().any(|(known, _)| *known == name)
}

/// What people read instead of the name; empty for unknown providers.
pub fn display_name(name: &str) -> &'static str {
    PROVIDERS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or("", |(_, display)| display)
}

/// The logo of a provider.
pub fn logo_of(name: &str) -> String {
    logo(display_name(name))
}

/// All providers with a logo each: a plain disc with the initial, nobody's trademark.
pub fn to_json() -> Json {
    let items = PROVIDERS.iter().map(
        |(name, display)| json!({ "name": name, "displayName": display, "logo": logo(display) }),
    );
    Json::Array(items.collect())
}

fn logo(display: &str) -> String {
    let initial: String = display
        .chars()
        .take(1)
        .flat_map(char::to_uppercase)
        .collect();
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="11" fill="#6b7687"/><text x="12" y="16.5" font-family="sans-serif" font-size="13" fill="#fff" text-anchor="middle">{initial}</text></svg>"##
    )
}
