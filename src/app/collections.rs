use crate::app::App;
use crate::base::error::Error;
fn absent() -> Error {
    Error::internal("absent")
}
use crate::base::error::Result;
use crate::ctx::Ctx;
use serde_json::{Map, Value as Json};

pub async fn list(_app: &App, _ctx: &Ctx) -> Result<Vec<u8>> {
    std::future::ready(Err(absent())).await
}
pub async fn view(_app: &App, _ctx: &Ctx, _collection: &str) -> Result<Vec<u8>> {
    std::future::ready(Err(absent())).await
}
pub async fn create(_app: &App, _ctx: &Ctx, _form: Map<String, Json>) -> Result<Vec<u8>> {
    std::future::ready(Err(absent())).await
}
pub async fn update(
    _app: &App,
    _ctx: &Ctx,
    _collection: &str,
    _form: Map<String, Json>,
) -> Result<Vec<u8>> {
    std::future::ready(Err(absent())).await
}
pub async fn delete(_app: &App, _ctx: &Ctx, _collection: &str) -> Result<()> {
    std::future::ready(Err(absent())).await
}
pub async fn truncate(_app: &App, _ctx: &Ctx, _collection: &str) -> Result<()> {
    std::future::ready(Err(absent())).await
}
pub async fn import(_app: &App, _ctx: &Ctx, _form: Map<String, Json>) -> Result<()> {
    std::future::ready(Err(absent())).await
}
pub async fn scaffolds(_app: &App, _ctx: &Ctx) -> Result<Vec<u8>> {
    std::future::ready(Err(absent())).await
}
pub async fn oauth2_providers(_app: &App, _ctx: &Ctx) -> Result<Vec<u8>> {
    std::future::ready(Err(absent())).await
}
pub async fn dry_run_view(_app: &App, _ctx: &Ctx, _form: Map<String, Json>) -> Result<Vec<u8>> {
    std::future::ready(Err(absent())).await
}
