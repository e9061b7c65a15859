//! What the document looks like, how changes are merged and refused, and how it is stored.

use serde_json::{Value as Json, json};

use crate::base::error::Error;
use crate::base::secret::Secret;
use crate::settings::{Settings, WriteOnly};

/// Merges into the defaults and compares the issues; none are `{}`.
#[track_caller]
fn check(change: &Json, expect: &Json) {
    let issues = match Settings::default().merge(change) {
        Ok(_) => json!({}),
        Err(Error::Invalid { message, issues }) => {
            assert_eq!(message, "An error occurred while saving the new settings.");
            issues.to_json()
        }
        Err(Error::BadRequest(message)) => json!(message),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(&issues, expect, "{change}");
}

fn ok() -> Json {
    json!({})
}

fn required() -> Json {
    json!({"code": "validation_required", "message": "Cannot be blank."})
}

fn issue(code: &str, message: &str) -> Json {
    json!({"code": code, "message": message})
}

fn at_least(threshold: i64) -> Json {
    let message = format!("Must be no less than {threshold}.");
    json!({"code": "validation_min_greater_equal_than_required", "message": message, "params": {"threshold": threshold}})
}

fn public(settings: &Settings) -> Json {
    serde_json::from_slice(&settings.to_public_json().unwrap()).unwrap()
}

#[test]
fn the_default_document_has_its_members_in_order() {
    let expect = concat!(
        r#"{"superuserIPs":[],"smtp":{"enabled":false,"port":587,"host":"smtp.example.com","username":"","#,
        r#""authMethod":"","tls":false,"localName":""},"backups":{"cron":"","cronMaxKeep":3,"s3":{"#,
        r#""enabled":false,"bucket":"","region":"","endpoint":"","accessKey":"","forcePathStyle":false}},"#,
        r#""s3":{"enabled":false,"bucket":"","region":"","endpoint":"","accessKey":"","forcePathStyle":false},"#,
        r##""meta":{"accentColor":"#1055c9","appName":"Acme","appURL":"http://localhost:8090","##,
        r#""senderName":"Support","senderAddress":"support@example.com","hideControls":false},"rateLimits":{"rules":["#,
        r#"{"label":"*:auth","audience":"","duration":3,"maxRequests":2},"#,
        r#"{"label":"*:create","audience":"","duration":5,"maxRequests":20},"#,
        r#"{"label":"/api/batch","audience":"","duration":1,"maxRequests":3},"#,
        r#"{"label":"/api/","audience":"","duration":10,"maxRequests":300}],"excludedIPs":[],"enabled":false},"#,
        r#""trustedProxy":{"headers":[],"useLeftmostIP":false},"#,
        r#""batch":{"enabled":false,"maxRequests":50,"timeout":3,"maxBodySize":0},"#,
        r#""logs":{"maxDataSize":0,"maxDays":5,"minLevel":0,"logIP":true,"logAuthId":false}}"#,
    );
    let document = Settings::default().to_public_json().unwrap();
    assert_eq!(String::from_utf8(document).unwrap(), expect);
    check(&json!({}), &ok());
}

#[test]
fn objects_are_merged_and_lists_replaced() {
    let settings = Settings::default()
        .merge(&json!({
            "META": {"appname": "Mine"},
            "rateLimits": {"rules": [{"label": "a", "maxRequests": 1, "duration": 1, "extra": 1}]},
            "superuserIPs": ["127.0.0.1", "10.0.0.0/8"],
            "unknown": 1,
        }))
        .unwrap();
    assert_eq!(
        (
            settings.meta.app_name.as_str(),
            settings.meta.sender_name.as_str()
        ),
        ("Mine", "Support")
    );
    assert_eq!(settings.rate_limits.rules.len(), 1);
    let settings = settings.merge(&json!({"superuserIPs": ["::1"]})).unwrap();
    assert_eq!(settings.superuser_ips, ["::1"]);
    let settings = settings
        .merge(&json!({"superuserIPs": null, "smtp": null}))
        .unwrap();
    assert!(settings.superuser_ips.is_empty());
    assert_eq!((settings.smtp.port, settings.smtp.host.as_str()), (0, ""));
}

#[test]
fn secrets_are_kept_replaced_and_cleared_but_never_shown() {
    let change = json!({"smtp": {"password": "pw"}, "s3": {"secret": "a"}, "backups": {"s3": {"secret": "b"}}});
    let settings = Settings::default().merge(&change).unwrap();
    let secrets = |settings: &Settings| {
        [
            &settings.smtp.password,
            &settings.s3.secret,
            &settings.backups.s3.secret,
        ]
        .map(|secret| secret.expose().to_owned())
    };
    assert_eq!(secrets(&settings), ["pw", "a", "b"]);
    assert_eq!(public(&settings), public(&Settings::default()));
    assert!(!format!("{settings:?}").contains("pw"));
    let kept = settings
        .merge(&json!({"smtp": {"username": "u"}, "s3": {}}))
        .unwrap();
    assert_eq!(secrets(&kept), ["pw", "a", "b"]);
    let cleared = kept
        .merge(&json!({"smtp": {"password": ""}, "s3": {"secret": null}}))
        .unwrap();
    assert_eq!(secrets(&cleared), ["", "", "b"]);
}

#[test]
fn wrong_types_are_not_loaded() {
    let message = json!("An error occurred while loading the submitted data.");
    for change in [
        json!([]),
        json!(1),
        json!({"smtp": []}),
        json!({"smtp": {"port": "587"}}),
        json!({"smtp": {"port": 5.5}}),
        json!({"smtp": {"enabled": "true"}}),
        json!({"superuserIPs": "x"}),
        json!({"superuserIPs": [1]}),
        json!({"rateLimits": {"rules": {}}}),
        json!({"rateLimits": {"rules": [{"maxRequests": "x"}]}}),
        json!({"rateLimits": {"rules": [1]}}),
        json!({"meta": {"accentColor": 1}}),
        json!({"trustedProxy": {"headers": "x"}}),
    ] {
        check(&change, &message);
    }
}

#[test]
fn addresses() {
    let wrong = issue(
        "validation_invlaid_ip_or_subnet",
        "Invalid IP or CIDR subnet.",
    );
    check(
        &json!({"superuserIPs": ["x", "", "1.2.3.4", "1.2.3.0/24", "::1", "1.2.3.4/33"]}),
        &json!({"superuserIPs": {"0": wrong, "1": required(), "5": wrong}}),
    );
    check(
        &json!({"rateLimits": {"excludedIPs": ["x", "1.2.3.4"]}}),
        &json!({"rateLimits": {"excludedIPs": {"0": wrong}}}),
    );
}

#[test]
fn smtp() {
    check(
        &json!({"smtp": {"enabled": true, "host": "", "port": 0}}),
        &json!({"smtp": {"host": required(), "port": required()}}),
    );
    check(
        &json!({"smtp": {"host": "", "port": 0, "authMethod": "LOGIN"}}),
        &ok(),
    );
    let host = issue(
        "validation_is_host",
        "Must be a valid IP address or DNS name.",
    );
    check(
        &json!({"smtp": {"host": "a b", "port": -1, "authMethod": "plain", "localName": "a b"}}),
        &json!({"smtp": {
            "host": host,
            "port": at_least(0),
            "authMethod": issue("validation_in_invalid", "Must be a valid value."),
            "localName": host,
        }}),
    );
}

#[test]
fn buckets() {
    let all = json!({
        "endpoint": required(), "bucket": required(), "region": required(), "accessKey": required(), "secret": required(),
    });
    check(&json!({"s3": {"enabled": true}}), &json!({ "s3": all }));
    check(
        &json!({"backups": {"s3": {"enabled": true}}}),
        &json!({"backups": {"s3": all}}),
    );
    let url = json!({"s3": {"endpoint": issue("validation_is_url", "Must be a valid URL.")}});
    check(&json!({"s3": {"endpoint": "not a url"}}), &url);
    for endpoint in ["example.com", "https://example.com", "localhost:9000"] {
        check(
            &json!({"s3": {"enabled": true, "endpoint": endpoint, "bucket": "b", "region": "r", "accessKey": "a", "secret": "s"}}),
            &ok(),
        );
    }
}

#[test]
fn backups() {
    let cron =
        |message: &str| json!({"backups": {"cron": issue("validation_invalid_cron", message)}});
    check(&json!({"backups": {"cron": "*/5 0 * * 6"}}), &ok());
    check(
        &json!({"backups": {"cron": "60 * * * *"}}),
        &cron("Invalid segment value - must be between the min and max of the segment."),
    );
    check(&json!({"backups": {"cronMaxKeep": 0}}), &ok());
    check(
        &json!({"backups": {"cron": "@daily", "cronMaxKeep": 0}}),
        &json!({"backups": {"cronMaxKeep": required()}}),
    );
    check(
        &json!({"backups": {"cronMaxKeep": -1}}),
        &json!({"backups": {"cronMaxKeep": at_least(1)}}),
    );
}

#[test]
fn meta() {
    check(
        &json!({"meta": {"accentColor": "", "appName": "", "appURL": "", "senderName": "", "senderAddress": ""}}),
        &json!({"meta": {
            "appName": required(), "appURL": required(), "senderName": required(), "senderAddress": required(),
        }}),
    );
    let length = json!({
        "code": "validation_length_out_of_range",
        "message": "The length must be between 1 and 255.",
        "params": {"min": 1, "max": 255},
    });
    check(
        &json!({"meta": {"appName": "é".repeat(128), "appURL": "x", "senderName": "é".repeat(127), "senderAddress": "a@b"}}),
        &json!({"meta": {
            "appName": length,
            "appURL": issue("validation_is_url", "Must be a valid URL."),
            "senderAddress": issue("validation_is_email", "Must be a valid email address."),
        }}),
    );
    check(
        &json!({"meta": {"accentColor": "#fff"}}),
        &json!({"meta": {"accentColor": {
            "code": "validation_length_invalid",
            "message": "The length must be exactly 7.",
            "params": {"min": 7, "max": 7},
        }}}),
    );
    check(
        &json!({"meta": {"accentColor": "#gggggg"}}),
        &json!({"meta": {"accentColor": issue("validation_is_hex_color", "Must be a valid hexadecimal color code.")}}),
    );
}

#[test]
fn batch_and_logs() {
    check(
        &json!({"batch": {"enabled": true, "maxRequests": 0, "timeout": 0, "maxBodySize": -1}}),
        &json!({"batch": {"maxRequests": required(), "timeout": required(), "maxBodySize": at_least(0)}}),
    );
    check(&json!({"batch": {"maxRequests": 0, "timeout": 0}}), &ok());
    check(
        &json!({"batch": {"maxRequests": -1, "timeout": -1}}),
        &json!({"batch": {"maxRequests": at_least(0), "timeout": at_least(0)}}),
    );
    check(
        &json!({"logs": {"maxDays": -1, "minLevel": -100, "maxDataSize": -1}}),
        &json!({"logs": {"maxDays": at_least(0), "maxDataSize": at_least(0)}}),
    );
}

#[test]
fn rate_limit_rules() {
    let rules =
        |enabled: bool, rules: Json| json!({"rateLimits": {"enabled": enabled, "rules": rules}});
    let issues = |issues: Json| json!({"rateLimits": {"rules": issues}});
    check(&rules(false, json!([])), &ok());
    check(&rules(true, json!([])), &issues(required()));
    let empty = json!({"label": required(), "duration": required(), "maxRequests": required()});
    check(&rules(false, json!([{}])), &issues(json!({ "0": empty })));
    check(
        &rules(
            false,
            json!([{"label": "a b", "duration": -1, "maxRequests": 1, "audience": "x"}]),
        ),
        &issues(json!({"0": {
            "label": issue("validation_match_invalid", "Must be in a valid format."),
            "duration": at_least(1),
            "audience": issue("validation_in_invalid", "Must be a valid value."),
        }})),
    );
    let conflict = json!({"label": {
        "code": "validation_conflicting_rate_limit_rule",
        "message": "Rate limit rule configuration with label a already exists or conflicts with another rule.",
        "params": {"label": "a"},
    }});
    for (audiences, at) in [
        (vec!["", ""], Some("1")),
        (vec!["", "@guest"], Some("1")),
        (vec!["@auth", ""], Some("1")),
        (vec!["@guest", "@guest"], Some("1")),
        (vec!["@guest", "@auth", "@auth", "@auth"], Some("2")),
        (vec!["@guest", "@auth"], None),
    ] {
        let list: Json = audiences
            .iter()
            .map(|audience| json!({"label": "a", "duration": 1, "maxRequests": 1, "audience": audience}))
            .collect();
        let expect = at.map_or_else(ok, |index| issues(json!({ index: conflict })));
        check(&rules(false, list), &expect);
    }
}

#[test]
fn stored_settings_read_back_with_their_secrets() {
    let mut settings = Settings::default();
    settings.smtp.password = WriteOnly::new("pw".to_owned());
    settings.meta.app_name = "Äpp".to_owned();
    let stored = settings.to_storage(None).unwrap();
    assert!(
        String::from_utf8(stored.clone())
            .unwrap()
            .contains(r#""username":"","password":"pw","#)
    );
    assert_eq!(Settings::from_storage(&stored, None).unwrap(), settings);
    // What older programs did not know has its default; what newer ones know is ignored.
    let older = Settings::from_storage(br#"{"meta":{"appName":"Old"},"future":1}"#, None).unwrap();
    assert_eq!(
        (older.meta.app_name.as_str(), older.logs.max_days),
        ("Old", 5)
    );
}

#[test]
fn encrypted_settings_need_their_key() {
    let key = Secret::new("abcdefghijklmnopqrstuvwxyz012345".to_owned());
    let other = Secret::new("0bcdefghijklmnopqrstuvwxyz012345".to_owned());
    let short = Secret::new("short".to_owned());
    let settings = Settings::default();
    let stored = settings.to_storage(Some(&key)).unwrap();
    assert!(stored.iter().all(u8::is_ascii) && !stored.starts_with(b"{"));
    assert_ne!(stored, settings.to_storage(Some(&key)).unwrap());
    assert_eq!(
        Settings::from_storage(&stored, Some(&key)).unwrap(),
        settings
    );
    for wrong in [None, Some(&other), Some(&short)] {
        assert!(Settings::from_storage(&stored, wrong).is_err());
    }
    assert!(settings.to_storage(Some(&short)).is_err());
    // Settings stored before there was a key are still read.
    let plain = settings.to_storage(None).unwrap();
    assert_eq!(
        Settings::from_storage(&plain, Some(&key)).unwrap(),
        settings
    );
    for damaged in [b"".as_slice(), b"AAAA", b"{", b"null", b"\xff"] {
        assert!(Settings::from_storage(damaged, Some(&key)).is_err());
    }
}

/// Settings that another program with the same data directory encrypted.
#[test]
fn encryption_is_the_one_of_the_contract() {
    let key = Secret::new("abcdefghijklmnopqrstuvwxyz012345".to_owned());
    let stored = include_str!("tests/encrypted.txt");
    let settings = Settings::from_storage(stored.as_bytes(), Some(&key)).unwrap();
    assert_eq!(settings, Settings::default());
}

#[test]
fn rate_limits_follow_renamed_collections() {
    let change = json!({"rateLimits": {"rules": [
        {"label": "posts:create", "duration": 1, "maxRequests": 1},
        {"label": "postsx:create", "duration": 1, "maxRequests": 1},
        {"label": "/api/posts", "duration": 1, "maxRequests": 1}]}});
    let mut settings = Settings::default().merge(&change).unwrap();
    assert!(settings.rate_limits.rename_collection("posts", "articles"));
    assert!(!settings.rate_limits.rename_collection("posts", "articles"));
    let rules = settings.rate_limits.rules.iter();
    let labels: Vec<&str> = rules.map(|rule| rule.label.as_str()).collect();
    assert_eq!(labels, ["articles:create", "postsx:create", "/api/posts"]);
}
