//! AMP and mobile variants, and the caches that serve them.

use url::Url;

/// The publisher's own address of an AMP or mobile one.
pub(super) fn publisher(url: &Url) -> Option<Url> {
    cached(url).or_else(|| own(url))
}

/// `www.google.com/amp/s/HOST/…` and `*.cdn.ampproject.org/c/s/HOST/…` (`s`: https).
fn cached(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let path = url.path();
    let inner = if host.ends_with(".cdn.ampproject.org") {
        path.strip_prefix("/c/").or_else(|| path.strip_prefix("/v/"))?
    } else if host.strip_prefix("www.").unwrap_or(host).starts_with("google.") {
        path.strip_prefix("/amp/")?
    } else {
        return None;
    };
    let (scheme, inner) = inner.strip_prefix("s/").map_or(("http", inner), |inner| ("https", inner));
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    Url::parse(&format!("{scheme}://{inner}{query}"))
        .ok()
        .filter(|url| url.host_str().is_some_and(|host| host.contains('.')))
}

/// `amp.` and `m.` hosts, and `/amp` at the end of the path.
fn own(url: &Url) -> Option<Url> {
    let mut changed = url.clone();
    let host = url.host_str()?;
    let bare = ["amp.", "m.", "mobile."].into_iter().find_map(|prefix| host.strip_prefix(prefix));
    if let Some(bare) = bare.filter(|bare| bare.trim_end_matches('.').contains('.')) {
        // The desktop host of nearly every publisher; one without `www` redirects.
        let _ = changed.set_host(Some(&format!("www.{bare}")));
    }
    if let Some(path) = url.path().strip_suffix("/amp").filter(|path| !path.is_empty()) {
        changed.set_path(path);
    } else if let Some(path) = url.path().strip_suffix("/amp/").filter(|path| !path.is_empty()) {
        changed.set_path(&format!("{path}/"));
    }
    (changed != *url).then_some(changed)
}
