//! `khyber send --test`: one mail over the configured channel, now.

use super::{Exit, Global, preview, setup};
use crate::daemon::clock;
use crate::deliver::Channel;
use crate::deliver::message::{MessageKey, compose};
use crate::model::{DigestId, EmailAddress, Lang, MailFormat, RenderedDigest, Selection, SendOutcome, Subscriber};

#[derive(Debug, clap::Args)]
pub struct SendArgs {
    /// Send a short test mail to this address
    #[arg(long, value_name = "ADDRESS", required = true)]
    test: EmailAddress,
}

pub async fn run(args: &SendArgs, global: &Global) -> anyhow::Result<Exit> {
    let config = setup::load(global)?;
    let subscriber = preview::find_subscriber(&config, &args.test).cloned().unwrap_or_else(|_| stranger(&args.test));
    let text = "This is a test mail from Khyber. If you can read it, mail from this server reaches you.\n";
    let mail = RenderedDigest { subject: "Khyber: test mail".to_owned(), text: text.to_owned(), html: None };
    let digest: DigestId = "test".parse()?;
    let now = clock::now();
    let key = MessageKey { digest: &digest, title: "Khyber", slot: now, salt: "test", leave: None, discreet: false };
    let message = compose(&mail, &config.mail, &subscriber, &key, now)?;
    match Channel::from_config(&config.mail.channel)?.send(&message).await {
        SendOutcome::Accepted { reply } => {
            println!("accepted: {reply}");
            Ok(Exit::Fine)
        }
        outcome => {
            eprintln!("khyber: not accepted: {outcome:?}");
            Ok(Exit::Failed)
        }
    }
}

fn stranger(address: &EmailAddress) -> Subscriber {
    Subscriber {
        email: address.clone(),
        name: None,
        digests: Vec::new(),
        select: Selection::default(),
        timezone: None,
        schedule: None,
        lang: Lang::En,
        format: MailFormat::Text,
        discreet: false,
        enabled: true,
    }
}
