//! The HTML page around the body of every mail.

const HEAD: &str = include_str!("layout_head.html");
const FOOT: &str = include_str!("layout_foot.html");

/// Puts a body into the page that gives all mails one look.
pub fn wrap(body: &str) -> String {
    let mut page = String::with_capacity(HEAD.len() + body.len() + FOOT.len());
    page.push_str(HEAD);
    page.push_str(body.trim());
    page.push_str(FOOT);
    page
}
