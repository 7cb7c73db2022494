//! `khyber dkim`: the DNS records that belong to the configured keys.

use super::check_online::finding::Record;
use super::{Exit, Global, setup};

#[derive(Debug, clap::Args)]
pub struct DkimArgs {}

pub fn run(_: &DkimArgs, global: &Global) -> anyhow::Result<Exit> {
    let config = setup::load(global)?;
    let records: Vec<Record> =
        config.mail.dkim.iter().map(|key| Record { name: key.record_name(), text: key.key.record() }).collect();
    if global.json {
        println!("{}", serde_json::to_string_pretty(&records)?);
        return Ok(Exit::Fine);
    }
    if records.is_empty() {
        println!("no [[dkim]] is configured. To sign, make a key and name it in {}:", config.file.display());
        println!(
            "\n  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out dkim.pem && chmod 600 dkim.pem"
        );
        println!("\n  [[dkim]]\n  selector = \"khyber1\"\n  key_file = \"dkim.pem\"");
    }
    for record in &records {
        println!("{}", record.zone_line());
    }
    Ok(Exit::Fine)
}
