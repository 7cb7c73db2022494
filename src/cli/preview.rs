//! `khyber preview`: a digest as it would be; no network, no state change.

use super::at::At;
use super::publish::find_digest;
use super::{Exit, Global, setup};
use crate::config::Config;
use crate::model::{DigestId, DigestSpec, EmailAddress, MailFormat, Selection, Subscriber};
use crate::render::{Audience, Links, Reader, render};
use anyhow::Context;
use std::io::Write;

#[derive(Debug, clap::Args)]
pub struct PreviewArgs {
    /// Which digest [default: the first]
    #[arg(long, value_name = "ID")]
    digest: Option<DigestId>,
    /// As this subscriber would get it
    #[arg(long = "for", value_name = "ADDRESS")]
    reader: Option<EmailAddress>,
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Html,
    Text,
    Eml,
}

pub async fn run(args: &PreviewArgs, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let spec = find_digest(&khyber.config, args.digest.as_ref())?;
    let subscriber = match &args.reader {
        Some(address) => find_subscriber(&khyber.config, address)?.clone(),
        None => anyone(&khyber.config, spec),
    };
    let digest = khyber.preview(spec, args.at.now()).await?;
    let timezone = subscriber.timezone.unwrap_or(spec.timezone);
    let mut out = std::io::stdout().lock();
    if args.format == Form::Eml {
        out.write_all(&khyber.message(&digest, &subscriber, timezone, None)?.bytes)?;
        return Ok(Exit::Fine);
    }
    let format = if args.format == Form::Html { MailFormat::Html } else { MailFormat::Text };
    let reader = Reader {
        lang: subscriber.lang,
        select: &subscriber.select,
        timezone,
        format,
        links: Links::default(),
        audience: Audience::Subscriber,
        theme: &khyber.config.theme,
    };
    let rendered = render(&digest, &reader)?;
    writeln!(out, "{}", rendered.html.unwrap_or(rendered.text))?;
    Ok(Exit::Fine)
}

pub fn find_subscriber<'a>(config: &'a Config, address: &EmailAddress) -> anyhow::Result<&'a Subscriber> {
    let found = config.subscribers.iter().find(|subscriber| subscriber.email == *address);
    found.with_context(|| format!("{} has no subscriber {}", config.file.display(), address.as_str()))
}

/// A reader of the digest's own language and hour.
fn anyone(config: &Config, spec: &DigestSpec) -> Subscriber {
    Subscriber {
        email: config.mail.from.clone(),
        name: None,
        digests: vec![spec.id.clone()],
        select: Selection::default(),
        timezone: None,
        schedule: None,
        lang: spec.lang,
        format: MailFormat::Both,
        discreet: false,
        enabled: true,
    }
}
