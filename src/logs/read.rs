//! Reading and deleting stored entries.

use serde_json::Value as Json;

use crate::base::error::{Error, Result};
use crate::base::json;
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::engine::{self, Engine, Reader, Row};
use crate::query::{Page, Restricted};
use crate::settings;
use crate::sql::Sql;

/// What a filter or sort may name, besides paths into `data`.
const COLUMNS: [&str; 4] = ["id", "created", "level", "message"];
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Which entries, in which order.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    pub filter: &'a str,
    pub sort: &'a str,
    pub page: Page,
}

/// A page of entries as JSON, one behind the other with commas.
pub fn list(reader: &Reader, ctx: &Ctx, list: &List<'_>) -> Result<Vec<u8>> {
    let allowed = restricted();
    let mut sql = select();
    sql.append(allowed.filter(ctx, list.filter).map_err(|_| refused())?);
    let order = allowed.sort(ctx, list.sort).map_err(|_| refused())?;
    if order.is_empty() {
        sql.text(" ORDER BY r.rowid");
    } else {
        sql.append(order);
    }
    sql.text(" LIMIT ")
        .integer(list.page.limit)
        .text(" OFFSET ")
        .integer(list.page.offset);
    let mut out = Vec::with_capacity(4096);
    reader.query::<Error>(sql.as_str(), sql.binds(), |row| {
        if !out.is_empty() {
            out.push(b',');
        }
        write(&mut out, row);
        Ok(())
    })?;
    Ok(out)
}

/// Number of entries that satisfy a filter.
pub fn count(reader: &Reader, ctx: &Ctx, filter: &str) -> Result<u64> {
    let mut sql = Sql::from_text("SELECT COUNT(*) FROM _logs r WHERE ");
    sql.append(restricted().filter(ctx, filter).map_err(|_| refused())?);
    let count = reader.first(&sql, |row| row.int(0))?.unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

/// One entry as JSON.
pub fn one(reader: &Reader, id: &str) -> Result<Option<Vec<u8>>> {
    let mut sql = select();
    sql.text("r.id = ").bind(id);
    Ok(reader.first(&sql, |row| {
        let mut out = Vec::with_capacity(512);
        write(&mut out, row);
        out
    })?)
}

/// Number of entries per hour, as JSON.
pub fn stats(reader: &Reader, ctx: &Ctx, filter: &str) -> Result<Vec<u8>> {
    let condition = restricted()
        .filter(ctx, filter)
        .map_err(|_| Error::bad_request("Invalid filter format."))?;
    let mut sql = Sql::from_text(
        "SELECT strftime('%Y-%m-%d %H:00:00', r.created) AS hour, COUNT(*) FROM _logs r WHERE ",
    );
    sql.append(condition).text(" GROUP BY hour ORDER BY hour");
    let mut out = vec![b'['];
    reader.query::<Error>(sql.as_str(), sql.binds(), |row| {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"date\":");
        json::write_string(&mut out, &format!("{}.000Z", row.text(0)));
        out.extend_from_slice(format!(",\"total\":{}}}", row.int(1)).as_bytes());
        Ok(())
    })?;
    out.push(b']');
    Ok(out)
}

/// Deletes everything and gives the space back.
pub async fn delete_all(engine: &Engine) -> Result<(), engine::Error> {
    engine
        .write(|tx| tx.execute(&Sql::from_text("DELETE FROM _logs")).map(drop))
        .await?;
    engine.vacuum().await
}

/// Deletes what the settings do not want to keep.
pub async fn trim(engine: &Engine, settings: &settings::Logs) -> Result<(), engine::Error> {
    if settings.max_days <= 0 {
        return delete_all(engine).await;
    }
    let age_ms = settings.max_days.saturating_mul(DAY_MS);
    let oldest = Timestamp::from_unix_ms(Timestamp::now().unix_ms().saturating_sub(age_ms));
    let mut sql: Sql = Sql::from_text("DELETE FROM _logs WHERE created <= ");
    sql.bind(oldest.to_string())
        .text(" OR level < ")
        .bind(settings.min_level);
    engine.write(move |tx| tx.execute(&sql).map(drop)).await
}

/// Deletes all but so many of the newest entries.
pub(super) async fn keep_newest(engine: &Engine, n: i64) -> Result<(), engine::Error> {
    let mut sql: Sql =
        Sql::from_text("DELETE FROM _logs WHERE rowid <= (SELECT max(rowid) FROM _logs) - ");
    sql.integer(n);
    engine.write(move |tx| tx.execute(&sql).map(drop)).await
}

fn restricted() -> Restricted {
    Restricted::new(&COLUMNS, &["data"])
}

fn refused() -> Error {
    Error::BadRequest(None)
}

fn select() -> Sql {
    Sql::from_text("SELECT r.id, r.created, r.data, r.message, r.level FROM _logs r WHERE ")
}

fn write(out: &mut Vec<u8>, row: &Row<'_>) {
    out.extend_from_slice(b"{\"id\":");
    json::write_string(out, row.text(0));
    out.extend_from_slice(b",\"created\":");
    json::write_string(out, row.text(1));
    out.extend_from_slice(b",\"data\":");
    // Other programs may have written something that is no JSON.
    json::write_value(out, &json::parse_whole(row.text(2)).unwrap_or(Json::Null));
    out.extend_from_slice(b",\"message\":");
    json::write_string(out, row.text(3));
    out.extend_from_slice(format!(",\"level\":{}}}", row.int(4)).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::keep_newest;
    use crate::engine::{self, Engine, Options};
    use crate::sql::Sql;

    #[tokio::test]
    async fn the_newest_entries_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("auxiliary.db");
        let engine = Engine::open(&path, Options::default()).unwrap();
        let made = engine.write::<_, engine::Error>(|tx| {
            tx.execute(&Sql::from_text("CREATE TABLE _logs (message TEXT)"))?;
            tx.execute(&Sql::from_text(
                "INSERT INTO _logs VALUES ('1'), ('2'), ('3'), ('4'), ('5')",
            ))
        });
        assert_eq!(made.await.unwrap(), 5);
        for (n, expect) in [(9, "1,2,3,4,5"), (5, "1,2,3,4,5"), (2, "4,5"), (0, "")] {
            keep_newest(&engine, n).await.unwrap();
            let sql: Sql = Sql::from_text("SELECT message FROM _logs ORDER BY rowid");
            let left = engine.read(|reader| reader.all(&sql, |row| row.text(0).to_owned()));
            assert_eq!(left.unwrap().join(","), expect, "{n}");
        }
        engine.close().await;
    }
}
