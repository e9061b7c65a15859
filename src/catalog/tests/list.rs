//! Finding collections.

use super::{Data, codes};
use crate::base::error::Error;
use crate::catalog;
use crate::ctx::Ctx;
use crate::query::Page;

/// Ids of the collections that a filter and a sort give.
#[track_caller]
fn check(data: &Data, filter: &str, sort: &str, expect: &str) {
    let ctx = Ctx::system();
    let page = Page {
        limit: 3,
        offset: 0,
    };
    let found = data.engine.read(|reader| {
        let ids = catalog::ids(reader, &ctx, filter, sort, page)?;
        let total = catalog::count(reader, &ctx, filter)?;
        Ok::<_, Error>(format!("{} of {total}", ids.join(" ")))
    });
    let shown = match found {
        Ok(shown) => shown,
        Err(Error::BadRequest(None)) => "refused".to_owned(),
        other => codes(other),
    };
    assert_eq!(shown, expect, "{filter:?} {sort:?}");
}

#[test]
fn only_plain_columns_can_be_named() {
    let data = Data::fresh();
    check(
        &data,
        "",
        "",
        "pbc_2279338944 pbc_1638494021 pbc_2281828961 of 6",
    );
    check(&data, "name = 'users'", "", "_pb_users_auth_ of 1");
    check(
        &data,
        "system = true && (type = 'auth' || name ~ 'otps')",
        "-name",
        "pbc_3142635823 pbc_1638494021 of 2",
    );
    for filter in [
        "listRule = null",
        "fields ~ 'a'",
        "name:lower = 'users'",
        "(",
        "@collection.users.id != ''",
    ] {
        check(&data, filter, "", "refused");
    }
    check(&data, "", "fields", "refused");
}
