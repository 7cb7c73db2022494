//! Subscribing: a form, a mail with a link, a page with a button. The answer is the same whether an address is known or not.

use super::Site;
use super::answer::fields;
use super::frame::{Frame, lang, nothing, rendered};
use super::limits::{Peer, client};
use crate::config::Subscribing;
use crate::daemon::clock;
use crate::model::{DigestId, EmailAddress, Lang, TopicId};
use crate::render::{Text, Words};
use crate::store::{Asked, WebWish};
use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

/// The name of the field that no person sees, and that programs fill in.
const TRAP: &str = "website";

#[derive(Template)]
#[template(path = "web/subscribe.html")]
struct SubscribePage {
    frame: Frame,
    words: &'static Words,
    action: String,
    digests: Vec<(DigestId, Text)>,
    topics: Vec<(TopicId, Text)>,
    mistake: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "web/sent.html")]
struct SentPage {
    frame: Frame,
    words: &'static Words,
}

#[derive(Template)]
#[template(path = "web/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    words: &'static Words,
}

#[derive(Template)]
#[template(path = "web/confirmed.html")]
struct ConfirmedPage {
    frame: Frame,
    words: &'static Words,
    message: &'static str,
    /// Title and link of each digest's page of choices.
    choices: Vec<(Text, String)>,
}

pub(super) async fn ask(State(site): State<Site>, asked: Uri, headers: HeaderMap) -> Response {
    let lang = lang(&asked, &headers);
    if site.subscribing_is_open() { form(&site, lang, None) } else { nothing(lang) }
}

pub(super) fn form(site: &Site, lang: Lang, mistake: Option<(&'static str, StatusCode)>) -> Response {
    let words = Words::of(lang);
    let config = &site.khyber.config;
    let page = SubscribePage {
        frame: Frame { ways: site.ways(lang), ..Frame::personal(lang, words.say("subscribe-title")) },
        words,
        action: site.link_to("subscribe", lang),
        digests: config.digests.iter().map(|spec| (spec.id.clone(), Text::guessed(spec.title.clone()))).collect(),
        topics: config
            .coverage
            .topics
            .iter()
            .map(|topic| (topic.id.clone(), site.topic_title(&topic.id, lang)))
            .collect(),
        mistake: mistake.map(|(text, _)| text),
    };
    rendered(&page, mistake.map_or(StatusCode::OK, |(_, status)| status))
}

pub(super) async fn act(State(site): State<Site>, asked: Uri, request: Request) -> Response {
    let lang = lang(&asked, request.headers());
    if !site.subscribing_is_open() {
        return nothing(lang);
    }
    let words = Words::of(lang);
    let trusted = site.khyber.config.web.as_ref().and_then(|web| web.client_header.as_deref());
    let client = client(request.extensions().get::<Peer>().copied(), request.headers(), trusted);
    let now = clock::now();
    if !site.limits.allow(client, now) {
        return form(&site, lang, Some((words.say("subscribe-too-many"), StatusCode::TOO_MANY_REQUESTS)));
    }
    let wish = match fields(request, &site).await {
        Ok(fields) => read(&fields, &site),
        Err(status) => return form(&site, lang, Some((words.say("subscribe-wrong"), status))),
    };
    let Some(wish) = wish else {
        return form(&site, lang, Some((words.say("subscribe-wrong"), StatusCode::BAD_REQUEST)));
    };
    if let Read::Wish(wish) = wish {
        // Beside the answer, which must not tell by its time what became of the wish.
        let khyber = site.khyber.clone();
        tokio::spawn(async move {
            let address = &wish.address;
            match khyber.ask_to_confirm(&wish, now).await {
                Ok(Asked::Queued) => tracing::info!(%address, "asked to confirm a subscription"),
                Ok(Asked::Left) => {
                    tracing::info!(%address, "not asked to confirm: known, asked before, or wants no mail")
                }
                Err(error) => tracing::error!(%address, "a subscription could not be noted: {error:#}"),
            }
        });
    }
    rendered(&SentPage { frame: Frame::personal(lang, words.say("subscribe-sent-title")), words }, StatusCode::OK)
}

enum Read {
    Wish(WebWish),
    /// Filled in what no person sees.
    Program,
}

/// `None`: no address, or a digest or topic that there is not.
fn read(fields: &[(String, String)], site: &Site) -> Option<Read> {
    let value = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim());
    let all =
        |name: &'static str| fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str());
    let address: EmailAddress = value("email")?.to_lowercase().parse().ok()?;
    let config = &site.khyber.config;
    let named = |id: &str| config.digests.iter().find(|spec| spec.id.as_str() == id).map(|spec| spec.id.clone());
    let topic =
        |id: &str| config.coverage.topics.iter().find(|topic| topic.id.as_str() == id).map(|topic| topic.id.clone());
    let mut digests: Vec<DigestId> = all("digest").map(named).collect::<Option<_>>()?;
    let mut topics: Vec<TopicId> = all("topic").map(topic).collect::<Option<_>>()?;
    digests.sort();
    digests.dedup();
    topics.sort();
    topics.dedup();
    let lang = Lang::from_tag(value("language").unwrap_or(""));
    if digests.is_empty() || lang == Lang::Other {
        return None;
    }
    if value(TRAP).is_some_and(|filled| !filled.is_empty()) {
        return Some(Read::Program);
    }
    Some(Read::Wish(WebWish { address, digests, topics, lang }))
}

/// GET and HEAD: the button, the same for every token; nothing comes of opening it.
pub(super) async fn look(
    State(site): State<Site>,
    asked: Uri,
    headers: HeaderMap,
    Path(_token): Path<String>,
) -> Response {
    let lang = lang(&asked, &headers);
    if !site.subscribing_is_open() {
        return nothing(lang);
    }
    let words = Words::of(lang);
    rendered(&ConfirmPage { frame: Frame::personal(lang, words.say("subscribe-confirm-title")), words }, StatusCode::OK)
}

pub(super) async fn confirm(
    State(site): State<Site>,
    asked: Uri,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Response {
    let lang = lang(&asked, &headers);
    if !site.subscribing_is_open() {
        return nothing(lang);
    }
    let words = Words::of(lang);
    let confirmed = match site.khyber.confirm(&token, clock::now()).await {
        Ok(confirmed) => confirmed,
        Err(error) => {
            tracing::error!("a subscription could not be saved: {error}");
            let page = ConfirmedPage {
                frame: Frame::personal(lang, words.say("subscribe-confirm-title")),
                words,
                message: words.say("page-try-later"),
                choices: Vec::new(),
            };
            return rendered(&page, StatusCode::SERVICE_UNAVAILABLE);
        }
    };
    let message = if confirmed.is_some() { words.say("subscribe-confirmed") } else { words.say("subscribe-expired") };
    let choices = confirmed.map(|wish| {
        tracing::info!(address = %wish.address, "subscribed on the web");
        wish.digests.iter().map(|digest| choice(&site, &wish, digest, lang)).collect()
    });
    let page = ConfirmedPage {
        frame: Frame::personal(lang, words.say("subscribe-confirm-title")),
        words,
        message,
        choices: choices.unwrap_or_default(),
    };
    rendered(&page, StatusCode::OK)
}

/// The page where this reader chooses, pauses and leaves, which from now on knows them.
fn choice(site: &Site, wish: &WebWish, digest: &DigestId, lang: Lang) -> (Text, String) {
    let token = site.khyber.leave_token(&wish.address, digest);
    let link = site.link_to(&format!("leave/{token}"), lang);
    site.index.add(token, wish.address.clone(), digest.clone());
    let title = site.khyber.config.digest(digest).map(|spec| spec.title.clone());
    (Text::guessed(title.unwrap_or_else(|| digest.to_string())), link)
}

impl Site {
    pub(super) fn subscribing_is_open(&self) -> bool {
        self.khyber.config.web.as_ref().is_some_and(|web| web.subscribe == Subscribing::Open)
    }
}
