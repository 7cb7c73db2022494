//! `khyber feeds add`: finds the feed behind a URL and writes it into the feeds file.

use super::feeds_file::{self, FeedsFile};
use super::feeds_find::{Finder, Guess, Read};
use super::opml::{free_id, same, slug};
use super::{Exit, Global, feeds, table};
use crate::config::Config;
use crate::daemon::clock;
use crate::model::{Feed, FeedId, FeedKind, Lang, Owner, Side};
use anyhow::{Context, bail, ensure};
use std::path::PathBuf;
use url::Url;

#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// A feed, or a page of the site whose feed is wanted
    url: String,
    /// If the page names no feed, try usual addresses such as /feed and /rss.xml
    #[arg(long)]
    guess: bool,
    /// Identifier [default: made from the publisher]
    #[arg(long)]
    id: Option<FeedId>,
    /// The news organisation, as readers should see it [default: that of the site's other feeds, else the feed's title]
    #[arg(long)]
    publisher: Option<String>,
    /// Whose press: pakistan, afghanistan-state, afghanistan-exile, regional, international or un-ngo
    /// [default: that of the site's other feeds, else unknown]
    #[arg(long, value_parser = feeds::word::<Side>)]
    side: Option<Side>,
    /// Who owns the publisher: `state`, or a name [default: that of the site's other feeds, else unknown]
    #[arg(long, value_parser = owner)]
    owner: Option<Owner>,
    /// The publisher's seat: two letters of ISO 3166-1, or INT
    /// [default: that of the site's other feeds, else INT]
    #[arg(long, value_parser = country)]
    country: Option<String>,
    /// en, ur, ps or fa [default: what the entries say and look like]
    #[arg(long, value_parser = feeds::word::<Lang>)]
    lang: Option<Lang>,
    /// news, opinion, analysis, official or aggregator
    #[arg(long, value_parser = feeds::word::<FeedKind>, default_value = "news")]
    kind: FeedKind,
    /// Read the pages of new entries too: for a feed that gives only headlines
    #[arg(long)]
    full_text: bool,
    /// Write into this file [default: where the configuration has its feeds]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Print the table and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub async fn run(args: &AddArgs, global: &Global) -> anyhow::Result<Exit> {
    let url = parse_url(&args.url)?;
    let config = feeds::config_if_any(global)?;
    let known = config.as_ref().map(|config| config.feeds.as_slice()).unwrap_or_default();
    not_known(&url, known)?;
    if let Some(id) = args.id.as_ref().filter(|id| known.iter().any(|feed| feed.id == **id)) {
        bail!("the id `{id}` is taken; give another one with --id");
    }
    let guess = if args.guess { Guess::CommonPaths } else { Guess::No };
    let finder = Finder::new(&feeds::fetch_of(config.as_ref()), clock::now())?;
    let search = finder.find(&url, guess).await?;
    eprint!("{search}");
    let Some(read) = &search.chosen else { bail!("no feed was found: {}", search.advice(&url, guess)) };
    if search.named.len() > 1 {
        eprintln!("The one marked * is taken: the first on the page that can be read, readers' comments last.");
        eprintln!("To take another one: khyber feeds add with its address");
    }
    not_known(&read.url, known)?;
    let feed = feed(args, read, known)?;
    let entries = table::count(read.feed.entries.len(), "entry", "entries");
    eprintln!("{} is {} with {entries}", read.url, read.feed.format);
    write(args, &feed, config.as_ref())
}

fn write(args: &AddArgs, feed: &Feed, config: Option<&Config>) -> anyhow::Result<Exit> {
    let toml = feeds_file::to_toml(std::slice::from_ref(feed));
    let to = match (&args.to, config) {
        (Some(to), _) => Some(to.clone()),
        (None, Some(config)) => Some(feeds_file::home(&config.file)?),
        (None, None) => None,
    };
    let Some(to) = to.filter(|_| !args.dry_run) else {
        print!("{toml}");
        if !args.dry_run {
            eprintln!("There is no configuration yet, so nothing was written: `khyber init` makes one.");
        }
        return Ok(Exit::Fine);
    };
    let mut file = FeedsFile::open(&to)?;
    file.add(std::slice::from_ref(feed))?;
    file.save()?;
    println!("feed `{}` of {} is in {}", feed.id, feed.publisher, to.display());
    let included = config.is_none_or(|config| feeds::includes(config, &to));
    if !included {
        println!("{} is not included by the configuration: add it to `include`", to.display());
    }
    println!("`khyber poll {}` reads it now; a running daemon takes it up after SIGHUP", feed.id);
    Ok(Exit::Fine)
}

fn feed(args: &AddArgs, read: &Read, known: &[Feed]) -> anyhow::Result<Feed> {
    let host = read.url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
    // Another feed of a site that is there already is most likely the same publisher's.
    let site = |feed: &&Feed| feed.url.host_str().is_some_and(|known| known.trim_start_matches("www.") == host);
    let sibling = known.iter().find(site).filter(|_| args.publisher.is_none());
    let title = || read.feed.title.as_deref().and_then(|title| publisher_of(title, &host));
    let publisher = args.publisher.clone().or_else(|| sibling.map(|feed| feed.publisher.clone())).or_else(title);
    let publisher = publisher.unwrap_or_else(|| host.clone());
    let taken = |id: &str| known.iter().any(|feed| feed.id.as_str() == id);
    let made = || {
        let base = [slug(&publisher), slug(&host)].into_iter().find(|slug| !slug.is_empty())?;
        free_id(&base, taken)
    };
    let id =
        args.id.clone().or_else(made).context("no identifier could be made from the publisher; give one with --id")?;
    Ok(Feed {
        id,
        url: read.url.clone(),
        publisher,
        side: args.side.or(sibling.map(|feed| feed.side)).unwrap_or_default(),
        owner: args.owner.clone().or_else(|| sibling.map(|feed| feed.owner.clone())).unwrap_or_default(),
        country: args
            .country
            .clone()
            .or_else(|| sibling.map(|feed| feed.country.clone()))
            .unwrap_or_else(|| "INT".to_owned()),
        lang: args.lang,
        kind: args.kind,
        interval: None,
        enabled: true,
        full_text: args.full_text,
    })
}

/// Titles hold more than the name: `Home | River Times`, `River Times – Breaking news from the valley`. The part that sounds
/// like the host is the name, else the first one.
fn publisher_of(title: &str, host: &str) -> Option<String> {
    let marks = [" – ", " — ", " - ", " | ", " » ", " « ", " :: ", ": "];
    let mut parts = vec![title.trim()];
    for mark in marks {
        parts = parts.into_iter().flat_map(|part| part.split(mark)).map(str::trim).collect();
    }
    parts.retain(|part| !part.is_empty());
    let sounds = |part: &&&str| {
        let letters: String = slug(part).replace('-', "");
        let label = host.split('.').max_by_key(|label| label.len()).unwrap_or(host).replace('-', "");
        letters.len() > 2 && (label.contains(&letters) || letters.starts_with(&label))
    };
    parts.iter().find(sounds).or(parts.first()).map(|part| (*part).to_owned())
}

/// As people copy it: without a scheme it is https.
pub fn parse_url(text: &str) -> anyhow::Result<Url> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&whole).with_context(|| format!("`{text}` is not a URL"))?;
    ensure!(matches!(url.scheme(), "http" | "https"), "only http and https can be polled, not `{}`", url.scheme());
    ensure!(
        url.username().is_empty() && url.password().is_none(),
        "the URL holds a user name or password, which a configuration can't: remove what stands before the `@`"
    );
    Ok(url)
}

fn not_known(url: &Url, known: &[Feed]) -> anyhow::Result<()> {
    match known.iter().find(|feed| same(&feed.url) == same(url)) {
        Some(feed) => bail!("{url} is there already, as feed `{}`", feed.id),
        None => Ok(()),
    }
}

fn owner(text: &str) -> Result<Owner, String> {
    let is_name = !text.trim().is_empty() && !text.contains(char::is_control);
    if is_name { Ok(Owner::of(text)) } else { Err("wants `state` or a name".to_owned()) }
}

fn country(text: &str) -> Result<String, String> {
    let upper = text.to_ascii_uppercase();
    let is_code = upper.bytes().all(|byte| byte.is_ascii_uppercase()) && (upper.len() == 2 || upper == "INT");
    if is_code { Ok(upper) } else { Err("wants two letters of ISO 3166-1 such as PK, or INT".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_taken_out_of_the_title() {
        for (title, host, name) in [
            ("Al Hill – Breaking News, World News and Video from Al Hill", "alhill.example", "Al Hill"),
            ("Home | River Times", "rivertimes.example", "River Times"),
            ("Pakistan News - Hill Post", "hillpost.com.pk", "Hill Post"),
            ("سیند", "sind.example", "سیند"),
            ("Tor", "news.example", "Tor"),
        ] {
            assert_eq!(publisher_of(title, host).as_deref(), Some(name), "{title}");
        }
        assert_eq!(publisher_of(" - ", "a.example"), Some("-".to_owned()));
        assert_eq!(publisher_of("", "a.example"), None);
    }
}
