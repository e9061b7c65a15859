//! The services: one entry each, in the contract's order.

use crate::auth::oauth2::profile::{Check, Dispensable, Email, Id, Listing, Profile, Text};
use crate::auth::oauth2::quirks::{
    discord_avatar, discord_name, mailcow_username, microsoft_email, wakatime_photo, yandex_avatar,
};

/// How a service is spoken to; everything a collection may configure otherwise is a default.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) auth_url: &'static str,
    pub(super) token_url: &'static str,
    pub(super) user_url: &'static str,
    pub(super) scopes: &'static [&'static str],
    pub(super) pkce: bool,
    /// Whether the service sends its user back with a POST.
    pub(super) form_post: bool,
    /// Whether the operator may choose a claim of the `id_token` as the address.
    pub(super) email_claim: bool,
    pub(super) asks: Asks,
    /// Further headers of requests about the user.
    pub(super) headers: &'static [(&'static str, Header)],
    pub(super) profile: Profile,
}

/// How to find out who a token belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asks {
    /// A GET of the user's address.
    Get,
    /// A GraphQL query.
    Query(&'static str),
    /// A GET of the user's address if there is one, else the `id_token`.
    GetOrIdToken,
    /// The `id_token`, checked against the service's own keys and issuer.
    IdToken {
        keys: &'static str,
        issuer: &'static str,
    },
}

/// Value of a header.
#[derive(Clone, Copy, Debug)]
pub(super) enum Header {
    Fixed(&'static str),
    ClientId,
}

const BASE: Spec = Spec {
    name: "",
    auth_url: "",
    token_url: "",
    user_url: "",
    scopes: &[],
    pkce: true,
    form_post: false,
    email_claim: false,
    asks: Asks::Get,
    headers: &[],
    profile: PLAIN,
};

const PLAIN: Profile = Profile {
    root: "",
    active: None,
    id: Id::Text("id"),
    name: Text::At("name"),
    username: Text::None,
    email: Email::None,
    avatar: Text::None,
};

const OIDC: Spec = Spec {
    scopes: &["openid", "email", "profile"],
    asks: Asks::GetOrIdToken,
    profile: Profile {
        id: Id::Text("sub"),
        username: Text::At("preferred_username"),
        email: Email::If("email", &[Check::Truthy("email_verified")]),
        avatar: Text::At("picture"),
        ..PLAIN
    },
    ..BASE
};

/// The entry of this name.
pub(super) fn find(name: &str) -> Option<&'static Spec> {
    SPECS.iter().find(|spec| spec.name == name)
}

pub(super) static SPECS: [Spec; 32] = [
    Spec {
        name: "apple",
        auth_url: "https://appleid.apple.com/auth/authorize",
        token_url: "https://appleid.apple.com/auth/token",
        scopes: &["name", "email"],
        form_post: true,
        asks: Asks::IdToken {
            keys: "https://appleid.apple.com/auth/keys",
            issuer: "https://appleid.apple.com",
        },
        profile: Profile {
            id: Id::Text("sub"),
            name: Text::None,
            email: Email::If("email", &[Check::Truthy("email_verified")]),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "google",
        auth_url: "https://accounts.google.com/o/oauth2/v2/auth",
        token_url: "https://oauth2.googleapis.com/token",
        user_url: "https://www.googleapis.com/oauth2/v3/userinfo",
        scopes: &[
            "https://www.googleapis.com/auth/userinfo.profile",
            "https://www.googleapis.com/auth/userinfo.email",
        ],
        profile: Profile {
            id: Id::Text("sub"),
            email: Email::If("email", &[Check::True("email_verified")]),
            avatar: Text::At("picture"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "microsoft",
        auth_url: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        token_url: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        user_url: "https://graph.microsoft.com/v1.0/me",
        scopes: &["User.Read"],
        email_claim: true,
        profile: Profile {
            name: Text::At("displayName"),
            email: Email::Made(microsoft_email),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "yandex",
        auth_url: "https://oauth.yandex.com/authorize",
        token_url: "https://oauth.yandex.com/token",
        user_url: "https://login.yandex.ru/info",
        scopes: &["login:email", "login:avatar", "login:info"],
        profile: Profile {
            name: Text::At("real_name"),
            username: Text::At("login"),
            email: Email::At("default_email"),
            avatar: Text::Made(yandex_avatar),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "facebook",
        auth_url: "https://www.facebook.com/v3.2/dialog/oauth",
        token_url: "https://graph.facebook.com/v3.2/oauth/access_token",
        user_url: "https://graph.facebook.com/me?fields=name,email,picture.type(large)",
        scopes: &["email"],
        profile: Profile {
            email: Email::At("email"),
            avatar: Text::At("picture.data.url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "instagram2",
        auth_url: "https://www.instagram.com/oauth/authorize",
        token_url: "https://api.instagram.com/oauth/access_token",
        user_url: "https://graph.instagram.com/me?fields=id,username,account_type,user_id,name,profile_picture_url,followers_count,follows_count,media_count",
        scopes: &["instagram_business_basic"],
        profile: Profile {
            id: Id::Text("user_id"),
            username: Text::At("username"),
            avatar: Text::At("profile_picture_url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "github",
        auth_url: "https://github.com/login/oauth/authorize",
        token_url: "https://github.com/login/oauth/access_token",
        user_url: "https://api.github.com/user",
        scopes: &["read:user", "user:email"],
        profile: Profile {
            id: Id::Number("id"),
            username: Text::At("login"),
            email: Email::Listed(&PRIMARY_VERIFIED),
            avatar: Text::At("avatar_url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "gitlab",
        auth_url: "https://gitlab.com/oauth/authorize",
        token_url: "https://gitlab.com/oauth/token",
        user_url: "https://gitlab.com/api/v4/user",
        scopes: &["read_user"],
        profile: Profile {
            id: Id::Number("id"),
            username: Text::At("username"),
            email: Email::If("email", &[Check::Present("confirmed_at")]),
            avatar: Text::At("avatar_url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "bitbucket",
        auth_url: "https://bitbucket.org/site/oauth2/authorize",
        token_url: "https://bitbucket.org/site/oauth2/access_token",
        user_url: "https://api.bitbucket.org/2.0/user",
        scopes: &["account"],
        pkce: false,
        profile: Profile {
            active: Some(Check::Equals("account_status", "active")),
            id: Id::Text("uuid"),
            name: Text::At("display_name"),
            username: Text::At("username"),
            email: Email::Listed(&Listing {
                path: "/emails",
                before: None,
                root: "values",
                chosen: &[Check::True("is_primary"), Check::True("is_confirmed")],
                dispensable: Dispensable::Any,
            }),
            avatar: Text::At("links.avatar.href"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "gitee",
        auth_url: "https://gitee.com/oauth/authorize",
        token_url: "https://gitee.com/oauth/token",
        user_url: "https://gitee.com/api/v5/user",
        scopes: &["user_info", "emails"],
        profile: Profile {
            id: Id::Number("id"),
            username: Text::At("login"),
            email: Email::Listed(&Listing {
                path: "emails",
                before: Some("email"),
                root: "",
                chosen: &[
                    Check::Equals("state", "confirmed"),
                    Check::Equals("scope.0", "primary"),
                ],
                dispensable: Dispensable::NotAllowed,
            }),
            avatar: Text::At("avatar_url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "gitea",
        auth_url: "https://gitea.com/login/oauth/authorize",
        token_url: "https://gitea.com/login/oauth/access_token",
        user_url: "https://gitea.com/api/v1/user",
        scopes: &["read:user", "user:email"],
        profile: Profile {
            active: Some(Check::True("active")),
            id: Id::Number("id"),
            name: Text::At("full_name"),
            username: Text::At("login"),
            email: Email::Listed(&PRIMARY_VERIFIED),
            avatar: Text::At("avatar_url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "discord",
        auth_url: "https://discord.com/api/oauth2/authorize",
        token_url: "https://discord.com/api/oauth2/token",
        user_url: "https://discord.com/api/users/@me",
        scopes: &["identify", "email"],
        profile: Profile {
            name: Text::Made(discord_name),
            username: Text::At("username"),
            email: Email::If("email", &[Check::True("verified")]),
            avatar: Text::Made(discord_avatar),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "twitter",
        auth_url: "https://x.com/i/oauth2/authorize",
        token_url: "https://api.x.com/2/oauth2/token",
        user_url: "https://api.x.com/2/users/me?user.fields=id,name,username,profile_image_url,confirmed_email",
        scopes: &["users.read", "users.email", "tweet.read"],
        profile: Profile {
            root: "data",
            username: Text::At("username"),
            email: Email::At("confirmed_email"),
            avatar: Text::At("profile_image_url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "kakao",
        auth_url: "https://kauth.kakao.com/oauth/authorize",
        token_url: "https://kauth.kakao.com/oauth/token",
        user_url: "https://kapi.kakao.com/v2/user/me",
        scopes: &["account_email", "profile_nickname", "profile_image"],
        profile: Profile {
            id: Id::Number("id"),
            name: Text::None,
            username: Text::At("properties.nickname"),
            email: Email::If(
                "kakao_account.email",
                &[
                    Check::True("kakao_account.is_email_valid"),
                    Check::True("kakao_account.is_email_verified"),
                ],
            ),
            avatar: Text::At("properties.profile_image"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "vk",
        auth_url: "https://oauth.vk.com/authorize",
        token_url: "https://oauth.vk.com/access_token",
        user_url: "https://api.vk.com/method/users.get?fields=photo_max,screen_name&v=5.131",
        scopes: &["email"],
        pkce: false,
        profile: Profile {
            root: "response.0",
            id: Id::Number("id"),
            name: Text::Both("first_name", "last_name"),
            username: Text::At("screen_name"),
            email: Email::OfToken("email"),
            avatar: Text::At("photo_max"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "linear",
        auth_url: "https://linear.app/oauth/authorize",
        token_url: "https://api.linear.app/oauth/token",
        user_url: "https://api.linear.app/graphql",
        scopes: &["read"],
        pkce: false,
        asks: Asks::Query("query { viewer { id name displayName email avatarUrl active } }"),
        profile: Profile {
            root: "data.viewer",
            active: Some(Check::True("active")),
            username: Text::At("displayName"),
            email: Email::At("email"),
            avatar: Text::At("avatarUrl"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "notion",
        auth_url: "https://api.notion.com/v1/oauth/authorize",
        token_url: "https://api.notion.com/v1/oauth/token",
        user_url: "https://api.notion.com/v1/users/me",
        headers: &[("notion-version", Header::Fixed("2022-06-28"))],
        profile: Profile {
            root: "bot.owner.user",
            email: Email::At("person.email"),
            avatar: Text::At("avatar_url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "monday",
        auth_url: "https://auth.monday.com/oauth2/authorize",
        token_url: "https://auth.monday.com/oauth2/token",
        user_url: "https://api.monday.com/v2",
        scopes: &["me:read"],
        asks: Asks::Query("query { me { id name email enabled is_verified photo_small } }"),
        profile: Profile {
            root: "data.me",
            active: Some(Check::True("enabled")),
            email: Email::If("email", &[Check::True("is_verified")]),
            avatar: Text::At("photo_small"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "lark",
        auth_url: "https://accounts.feishu.cn/open-apis/authen/v1/authorize",
        token_url: "https://open.feishu.cn/open-apis/authen/v2/oauth/token",
        user_url: "https://open.feishu.cn/open-apis/authen/v1/user_info",
        profile: Profile {
            root: "data",
            id: Id::Text("union_id"),
            avatar: Text::At("avatar_url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "box",
        auth_url: "https://account.box.com/api/oauth2/authorize",
        token_url: "https://api.box.com/oauth2/token",
        user_url: "https://api.box.com/2.0/users/me",
        scopes: &["root_readonly"],
        profile: Profile {
            active: Some(Check::Equals("status", "active")),
            email: Email::At("login"),
            avatar: Text::At("avatar_url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "spotify",
        auth_url: "https://accounts.spotify.com/authorize",
        token_url: "https://accounts.spotify.com/api/token",
        user_url: "https://api.spotify.com/v1/me",
        scopes: &["user-read-private"],
        profile: Profile {
            name: Text::At("display_name"),
            avatar: Text::Made(|user| Ok(user.text("images.0.url").unwrap_or_default())),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "trakt",
        auth_url: "https://trakt.tv/oauth/authorize",
        token_url: "https://api.trakt.tv/oauth/token",
        user_url: "https://api.trakt.tv/users/settings",
        headers: &[
            ("content-type", Header::Fixed("application/json")),
            ("trakt-api-key", Header::ClientId),
            ("trakt-api-version", Header::Fixed("2")),
        ],
        profile: Profile {
            root: "user",
            id: Id::Text("ids.uuid"),
            username: Text::At("username"),
            avatar: Text::At("images.avatar.full"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "twitch",
        auth_url: "https://id.twitch.tv/oauth2/authorize",
        token_url: "https://id.twitch.tv/oauth2/token",
        user_url: "https://api.twitch.tv/helix/users",
        scopes: &["user:read:email"],
        headers: &[("client-id", Header::ClientId)],
        profile: Profile {
            root: "data.0",
            name: Text::At("display_name"),
            username: Text::At("login"),
            email: Email::At("email"),
            avatar: Text::At("profile_image_url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "patreon",
        auth_url: "https://www.patreon.com/oauth2/authorize",
        token_url: "https://www.patreon.com/api/oauth2/token",
        user_url: "https://www.patreon.com/api/oauth2/v2/identity?fields%5Buser%5D=full_name,email,vanity,image_url,is_email_verified",
        scopes: &["identity", "identity[email]"],
        profile: Profile {
            root: "data",
            name: Text::At("attributes.full_name"),
            username: Text::At("attributes.vanity"),
            email: Email::If(
                "attributes.email",
                &[Check::True("attributes.is_email_verified")],
            ),
            avatar: Text::At("attributes.image_url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "strava",
        auth_url: "https://www.strava.com/oauth/authorize",
        token_url: "https://www.strava.com/api/v3/oauth/token",
        user_url: "https://www.strava.com/api/v3/athlete",
        scopes: &["profile:read_all"],
        profile: Profile {
            id: Id::Number("id"),
            name: Text::Both("firstname", "lastname"),
            username: Text::At("username"),
            avatar: Text::At("profile"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "wakatime",
        auth_url: "https://wakatime.com/oauth/authorize",
        token_url: "https://wakatime.com/oauth/token",
        user_url: "https://wakatime.com/api/v1/users/current",
        scopes: &["email"],
        profile: Profile {
            root: "data",
            name: Text::At("display_name"),
            username: Text::At("username"),
            email: Email::If("email", &[Check::True("is_email_confirmed")]),
            avatar: Text::Made(wakatime_photo),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "livechat",
        auth_url: "https://accounts.livechat.com/",
        token_url: "https://accounts.livechat.com/token",
        user_url: "https://accounts.livechat.com/v2/accounts/me",
        profile: Profile {
            id: Id::Text("account_id"),
            email: Email::If("email", &[Check::True("email_verified")]),
            avatar: Text::At("avatar_url"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "mailcow",
        scopes: &["profile"],
        profile: Profile {
            active: Some(Check::One("active")),
            name: Text::At("full_name"),
            username: Text::Made(mailcow_username),
            email: Email::At("email"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "planningcenter",
        auth_url: "https://api.planningcenteronline.com/oauth/authorize",
        token_url: "https://api.planningcenteronline.com/oauth/token",
        user_url: "https://api.planningcenteronline.com/people/v2/me",
        scopes: &["people"],
        profile: Profile {
            root: "data",
            active: Some(Check::Equals("attributes.status", "active")),
            name: Text::At("attributes.name"),
            avatar: Text::At("attributes.avatar"),
            ..PLAIN
        },
        ..BASE
    },
    Spec {
        name: "oidc",
        ..OIDC
    },
    Spec {
        name: "oidc2",
        ..OIDC
    },
    Spec {
        name: "oidc3",
        ..OIDC
    },
];

static PRIMARY_VERIFIED: Listing = Listing {
    path: "/emails",
    before: None,
    root: "",
    chosen: &[Check::True("primary"), Check::True("verified")],
    dispensable: Dispensable::NotAllowed,
};
