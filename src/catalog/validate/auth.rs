//! Validation of the options of auth collections.

use crate::base::issues::{Issue, Issues};
use crate::catalog::validate::{Candidate, check_rule, check_rule_change, providers};
use crate::schema::{
    AuthOptions, EmailTemplate, Mfa, Otp, PasswordAuth, TokenConfig, codes, index,
};

const MIN_DURATION: i64 = 10;
/// About three years.
const MAX_TOKEN_DURATION: i64 = 94_670_856;
const MAX_STEP_DURATION: i64 = 86_400;
const MIN_OTP_LENGTH: i64 = 4;
const SECRET_LENGTHS: (i64, i64) = (30, 255);

/// Checks the options one by one; only when each is fine in itself, checks that they go together.
pub(super) fn validate(candidate: &Candidate<'_>, options: &AuthOptions) -> Issues {
    let issues = each(candidate, options);
    if issues.is_empty() {
        together(candidate, options)
    } else {
        issues
    }
}

fn each(candidate: &Candidate<'_>, options: &AuthOptions) -> Issues {
    let mut issues = Issues::new();
    let auth_rule = check_rule(candidate, options.auth_rule.as_deref()).and_then(|()| {
        check_rule_change(candidate, |collection| {
            collection.auth_options()?.auth_rule.as_deref()
        })
    });
    issues.check("authRule", auth_rule);
    issues.check("manageRule", check_manage_rule(candidate, options));
    issues.nest(
        "authAlert",
        nested_template(&options.auth_alert.email_template),
    );
    issues.nest("oauth2", providers::validate(&options.oauth2));
    issues.nest("passwordAuth", password_auth(&options.password_auth));
    issues.nest("mfa", mfa(&options.mfa));
    issues.nest("otp", otp(&options.otp));
    issues.nest("authToken", token(&options.auth_token));
    issues.nest("passwordResetToken", token(&options.password_reset_token));
    issues.nest("emailChangeToken", token(&options.email_change_token));
    issues.nest("verificationToken", token(&options.verification_token));
    issues.nest("fileToken", token(&options.file_token));
    issues.nest(
        "verificationTemplate",
        template(&options.verification_template),
    );
    issues.nest(
        "resetPasswordTemplate",
        template(&options.reset_password_template),
    );
    issues.nest(
        "confirmEmailChangeTemplate",
        template(&options.confirm_email_change_template),
    );
    issues
}

fn together(candidate: &Candidate<'_>, options: &AuthOptions) -> Issues {
    let mut issues = Issues::new();
    if options.mfa.enabled {
        let n_methods = [
            options.password_auth.enabled,
            options.oauth2.enabled,
            options.otp.enabled,
        ]
        .into_iter()
        .filter(|enabled| *enabled)
        .count();
        let mut mfa = Issues::new();
        if n_methods < 2 {
            mfa.add(
                "enabled",
                Issue::new(
                    "validation_mfa_not_enough_auths",
                    "MFA requires at least 2 auth methods to be enabled.",
                ),
            );
        } else {
            mfa.check("rule", check_rule(candidate, Some(&options.mfa.rule)));
        }
        issues.nest("mfa", mfa);
    }
    if options.password_auth.enabled {
        let mut password = Issues::new();
        password.check(
            "identityFields",
            check_identity_fields(candidate, &options.password_auth.identity_fields),
        );
        issues.nest("passwordAuth", password);
    }
    issues
}

fn check_manage_rule(candidate: &Candidate<'_>, options: &AuthOptions) -> Result<(), Issue> {
    let rule = options.manage_rule.as_deref();
    if rule == Some("") {
        return Err(Issue::new(
            "validation_nil_or_not_empty_required",
            "Cannot be blank.",
        ));
    }
    check_rule(candidate, rule)?;
    check_rule_change(candidate, |collection| {
        collection.auth_options()?.manage_rule.as_deref()
    })
}

fn check_identity_fields(candidate: &Candidate<'_>, fields: &[String]) -> Result<(), Issue> {
    for name in fields {
        if name.is_empty() {
            return Err(Issue::required());
        }
        if candidate.new.field(name).is_none() {
            return Err(Issue::new(
                "validation_missing_field",
                format!("Invalid or missing field {name}"),
            )
            .with("fieldName", name.as_str()));
        }
        if index::single_unique(&candidate.new.indexes, name).is_none() {
            return Err(Issue::new(
                "validation_missing_unique_constraint",
                format!("The field {name} doesn't have a UNIQUE constraint."),
            )
            .with("fieldName", name.as_str()));
        }
    }
    Ok(())
}

fn password_auth(options: &PasswordAuth) -> Issues {
    if options.enabled && options.identity_fields.is_empty() {
        Issues::one("identityFields", Issue::required())
    } else {
        Issues::new()
    }
}

fn mfa(options: &Mfa) -> Issues {
    let mut issues = Issues::new();
    if options.enabled {
        issues.check(
            "duration",
            check_number(options.duration, MIN_DURATION, MAX_STEP_DURATION),
        );
    }
    issues
}

fn otp(options: &Otp) -> Issues {
    let mut issues = nested_template(&options.email_template);
    if options.enabled {
        issues.check(
            "duration",
            check_number(options.duration, MIN_DURATION, MAX_STEP_DURATION),
        );
        issues.check(
            "length",
            check_number(options.length, MIN_OTP_LENGTH, i64::MAX),
        );
    }
    issues
}

fn token(config: &TokenConfig) -> Issues {
    let mut issues = Issues::new();
    let (min, max) = SECRET_LENGTHS;
    let length = i64::try_from(config.secret.expose().len()).unwrap_or(i64::MAX);
    if length == 0 {
        issues.add("secret", Issue::required());
    } else if !(min..=max).contains(&length) {
        issues.add("secret", codes::length_out_of_range(min, max));
    }
    issues.check(
        "duration",
        check_number(config.duration, MIN_DURATION, MAX_TOKEN_DURATION),
    );
    issues
}

fn nested_template(options: &EmailTemplate) -> Issues {
    let mut issues = Issues::new();
    issues.nest("emailTemplate", template(options));
    issues
}

fn template(options: &EmailTemplate) -> Issues {
    let mut issues = Issues::new();
    for (key, text) in [("subject", &options.subject), ("body", &options.body)] {
        if text.is_empty() {
            issues.add(key, Issue::required());
        }
    }
    issues
}

fn check_number(value: i64, min: i64, max: i64) -> Result<(), Issue> {
    if value == 0 {
        return Err(Issue::required());
    }
    codes::in_range(value, min, max)
}
