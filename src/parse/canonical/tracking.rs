//! Query parameters that say where a click came from.
//!
//! Names from the ClearURLs rules (`globalRules`), Firefox's query-stripping list and the URLs seen in the feeds of
//! the publishers Khyber reads (BBC `at_*`, Al Jazeera `traffic_source`, Deutsche Welle `maca`, VOA/RFE `withmediaplayer`).

use url::Url;

const PREFIXES: [&str; 7] = ["utm_", "at_", "ns_", "hsa_", "pk_", "mtm_", "__twitter"];
const NAMES: [&str; 63] = [
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "__hsfp",
    "__hssc",
    "__hstc",
    "__s",
    "action_object_map",
    "action_ref_map",
    "action_type_map",
    "amp",
    "campaign_id",
    "cmp",
    "cmpid",
    "dclid",
    "dicbo",
    "emc",
    "fb_action_ids",
    "fb_action_types",
    "fb_ref",
    "fb_source",
    "fbclid",
    "feedname",
    "feedtype",
    "ftag",
    "gbraid",
    "gclid",
    "gclsrc",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "hmb_campaign",
    "igsh",
    "igshid",
    "intcid",
    "ito",
    "maca",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "ml_subscriber",
    "ml_subscriber_hash",
    "msclkid",
    "ncid",
    "ocid",
    "oly_anon_id",
    "oly_enc_id",
    "outputtype",
    "rb_clickid",
    "s_cid",
    "smid",
    "spm",
    "srnd",
    "taid",
    "traffic_source",
    "twclid",
    "vero_id",
    "wbraid",
    "wickedid",
    "xtor",
    "yclid",
];
/// Parameters that mean something elsewhere, and nothing when they name the feed.
const SOURCES: [&str; 6] = ["source", "src", "ref", "from", "partner", "feature"];

pub(super) fn strip(url: &mut Url) {
    let Some(query) = url.query() else { return };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !tracks(pair)).collect();
    let kept = kept.join("&");
    if kept.is_empty() {
        url.set_query(None);
    } else if kept != query {
        url.set_query(Some(&kept));
    }
}

fn tracks(pair: &str) -> bool {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let name = name.to_ascii_lowercase();
    let by_source = SOURCES.contains(&name.as_str())
        && matches!(value.to_ascii_lowercase().as_str(), "rss" | "feed" | "atom" | "feedburner");
    by_source || PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name.as_str())
}
