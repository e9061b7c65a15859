//! Fresh data files, and files that cannot be used.

use super::Data;
use crate::catalog::{DataFile, inspect, load};
use crate::sql::Sql;

#[test]
fn a_fresh_file_has_the_collections_of_the_contract() {
    let data = Data::fresh();
    assert_eq!(
        data.rows("SELECT id, type, name, system FROM _collections ORDER BY rowid"),
        [
            "pbc_2279338944|base|_mfas|1",
            "pbc_1638494021|base|_otps|1",
            "pbc_2281828961|base|_externalAuths|1",
            "pbc_4275539003|base|_authOrigins|1",
            "pbc_3142635823|auth|_superusers|1",
            "_pb_users_auth_|auth|users|0",
        ]
    );
    assert_eq!(
        data.rows("SELECT sql FROM sqlite_master WHERE name = 'users'"),
        [
            "CREATE TABLE `users` (`avatar` TEXT DEFAULT '' NOT NULL, `created` TEXT DEFAULT '' NOT NULL, `email` TEXT DEFAULT '' NOT NULL, `emailVisibility` BOOLEAN DEFAULT FALSE NOT NULL, `id` TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL, `name` TEXT DEFAULT '' NOT NULL, `password` TEXT DEFAULT '' NOT NULL, `tokenKey` TEXT DEFAULT '' NOT NULL, `updated` TEXT DEFAULT '' NOT NULL, `verified` BOOLEAN DEFAULT FALSE NOT NULL)"
        ]
    );
    assert_eq!(
        data.rows("SELECT typeof(value), value FROM _params"),
        ["blob|{}"]
    );
    let schema = data.engine.read(load).unwrap();
    assert_eq!(schema.collections().count(), 6);
    assert_eq!(data.engine.read(inspect).unwrap(), DataFile::Current);
}

#[test]
fn files_of_other_versions_are_refused_with_a_reason() {
    let check = |ddl: &'static str, expect: &str| {
        let data = Data::empty();
        data.tx(move |tx| Ok(tx.batch(&Sql::from_text(ddl))?))
            .unwrap();
        let error = data.engine.read(inspect).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    };
    check(
        "CREATE TABLE _collections (id TEXT, name TEXT, schema JSON)",
        "before version 0.23",
    );
    check(
        "CREATE TABLE _collections (id TEXT, name TEXT, fields JSON, tomorrow TEXT)",
        "newer version",
    );
    check("CREATE TABLE _params (id TEXT)", "no collections");
    assert_eq!(Data::empty().engine.read(inspect).unwrap(), DataFile::Fresh);
}
