//! One conversation with the relay: opened to the point where mail may be sent, then one transaction a message.

use super::outcome::Failure;
use super::wire::{Reply, Trouble, Wire, dot_stuffed};
use crate::config::{SmtpConfig, SmtpTimeouts, TlsMode};
use crate::deliver::tls::Tls;
use crate::failpoint;
use crate::model::delivery::Stage;
use crate::model::{Go, OutgoingMessage};
use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Data, Ehlo, Mail, Quit, Rcpt, Rset, Starttls};
use lettre::transport::smtp::extension::{ClientId, MailBodyParameter, MailParameter};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// Ready for MAIL FROM.
pub(super) struct Session {
    wire: Wire<Box<dyn Duplex>>,
    offers: Offers,
    /// Messages handed over on this connection.
    pub sent: u32,
    pub idle_since: Instant,
}

/// What the relay's EHLO promised.
#[derive(Debug, Default, PartialEq, Eq)]
struct Offers {
    size: Option<usize>,
    utf8: bool,
    eight_bit: bool,
    pipelining: bool,
    starttls: bool,
    auth: Vec<Mechanism>,
}

/// For RSET and QUIT, which a healthy relay answers at once.
pub(super) fn brief(limits: &SmtpTimeouts) -> Duration {
    limits.command.min(Duration::from_secs(10))
}

fn at(stage: Stage) -> impl Fn(Trouble) -> Failure {
    move |trouble| Failure { stage, trouble }
}

fn wanted(reply: Reply, codes: &[u16]) -> Result<Reply, Trouble> {
    if codes.contains(&reply.code) { Ok(reply) } else { Err(Trouble::Answer(reply)) }
}

/// The replies that let a transaction go on.
fn right(stage: Stage) -> &'static [u16] {
    match stage {
        Stage::RcptTo => &[250, 251],
        Stage::Data => &[354],
        _ => &[250],
    }
}

/// Connects, and does all that comes before the first message.
pub(super) async fn open(config: &SmtpConfig, tls: Option<&Tls>) -> Result<Session, Failure> {
    let limits = &config.timeouts;
    let tcp =
        timeout(limits.connect, connect(config)).await.unwrap_or(Err(Trouble::Silence)).map_err(at(Stage::Connect))?;
    let (wire, offers) = match (config.tls, tls) {
        (TlsMode::Starttls, Some(tls)) => starttls(tcp, tls, config).await?,
        (TlsMode::Implicit, Some(tls)) => greeted(handshake(tcp, tls, limits).await?, config).await?,
        _ => greeted(boxed(tcp), config).await?,
    };
    let mut session = Session { wire, offers, sent: 0, idle_since: Instant::now() };
    session.log_in(config).await.map_err(at(Stage::Auth))?;
    Ok(session)
}

fn boxed(stream: impl Duplex + 'static) -> Wire<Box<dyn Duplex>> {
    Wire::new(Box::new(stream))
}

async fn connect(config: &SmtpConfig) -> Result<TcpStream, Trouble> {
    let mut last = Trouble::Refused("the relay's name has no address".to_owned());
    for address in lookup_host((config.host.as_str(), config.port)).await.map_err(Trouble::Io)? {
        // The configuration refuses this already; but a host name may come to mean another machine later.
        if config.tls == TlsMode::None && !address.ip().is_loopback() {
            last = Trouble::Refused("plain text is for loopback only, and this is another machine".to_owned());
            continue;
        }
        match TcpStream::connect(address).await {
            Ok(tcp) => {
                // 43 ms a message without it (Nagle against delayed acknowledgement).
                tcp.set_nodelay(true)?;
                failpoint::reached("smtp.connected");
                return Ok(tcp);
            }
            Err(error) => last = Trouble::Io(error),
        }
    }
    Err(last)
}

/// The greeting and our EHLO.
async fn greeted<S: Duplex>(mut wire: Wire<S>, config: &SmtpConfig) -> Result<(Wire<S>, Offers), Failure> {
    let greeting = wire.reply(config.timeouts.greeting).await.and_then(|reply| wanted(reply, &[220]));
    greeting.map_err(at(Stage::Greeting))?;
    let offers = hello(&mut wire, config).await?;
    Ok((wire, offers))
}

async fn hello<S: Duplex>(wire: &mut Wire<S>, config: &SmtpConfig) -> Result<Offers, Failure> {
    let ehlo = Ehlo::new(ClientId::Domain(config.hello.clone()));
    let reply = wire.command(ehlo, config.timeouts.command).await.and_then(|reply| wanted(reply, &[250]));
    reply.map(|reply| offers(&reply)).map_err(at(Stage::Ehlo))
}

/// Never goes on in clear text: what is not offered, or fails, ends the conversation.
async fn starttls(tcp: TcpStream, tls: &Tls, config: &SmtpConfig) -> Result<(Wire<Box<dyn Duplex>>, Offers), Failure> {
    let limits = &config.timeouts;
    let (mut clear, offers) = greeted(Wire::new(tcp), config).await?;
    if !offers.starttls {
        return Err(at(Stage::Tls)(Trouble::Refused("the relay does not offer STARTTLS".to_owned())));
    }
    let reply = clear.command(Starttls, limits.command).await.and_then(|reply| wanted(reply, &[220]));
    reply.map_err(at(Stage::Tls))?;
    let mut wire = handshake(clear.into_stream().map_err(at(Stage::Tls))?, tls, limits).await?;
    // What was offered in clear text is forgotten (RFC 3207 §4.2).
    let offers = hello(&mut wire, config).await?;
    Ok((wire, offers))
}

async fn handshake(tcp: TcpStream, tls: &Tls, limits: &SmtpTimeouts) -> Result<Wire<Box<dyn Duplex>>, Failure> {
    let shaken = timeout(limits.command, tls.connector.connect(tls.name.clone(), tcp)).await;
    match shaken {
        Ok(Ok(stream)) => Ok(boxed(stream)),
        Ok(Err(error)) => Err(at(Stage::Tls)(error.into())),
        Err(_) => Err(at(Stage::Tls)(Trouble::Silence)),
    }
}

fn offers(reply: &Reply) -> Offers {
    let mut offers = Offers::default();
    // The first line is the relay's name.
    for line in reply.response.message().skip(1) {
        let mut words = line.split([' ', '=']).map(str::to_ascii_uppercase);
        match words.next().as_deref() {
            // SIZE without a number, or with 0, sets no limit (RFC 1870 §4).
            Some("SIZE") => offers.size = Some(words.next().and_then(|size| size.parse().ok()).unwrap_or(0)),
            Some("SMTPUTF8") => offers.utf8 = true,
            Some("8BITMIME") => offers.eight_bit = true,
            Some("PIPELINING") => offers.pipelining = true,
            Some("STARTTLS") => offers.starttls = true,
            Some("AUTH") => offers.auth.extend(words.filter_map(|word| match word.as_str() {
                "PLAIN" => Some(Mechanism::Plain),
                "LOGIN" => Some(Mechanism::Login),
                _ => None,
            })),
            _ => {}
        }
    }
    offers
}

impl Session {
    async fn log_in(&mut self, config: &SmtpConfig) -> Result<(), Trouble> {
        let Some(own) = &config.credentials else { return Ok(()) };
        let mechanism = [Mechanism::Plain, Mechanism::Login].into_iter().find(|one| self.offers.auth.contains(one));
        let Some(mechanism) = mechanism else {
            return Err(Trouble::Refused("the relay offers neither AUTH PLAIN nor LOGIN".to_owned()));
        };
        let credentials = Credentials::new(own.user.clone(), own.password.expose().to_owned());
        let first = Auth::new(mechanism, credentials.clone(), None).map_err(|_| Trouble::Garbage)?;
        let mut reply = self.wire.command(first, config.timeouts.command).await?;
        // LOGIN asks twice, PLAIN not at all.
        for _ in 0..2 {
            if reply.code != 334 {
                break;
            }
            let next = Auth::new_from_response(mechanism, credentials.clone(), &reply.response);
            reply = self.wire.command(next.map_err(|_| Trouble::Garbage)?, config.timeouts.command).await?;
        }
        wanted(reply, &[235]).map(drop)
    }

    /// One message to one recipient; only a 250 after the final dot is `Ok`.
    pub async fn deliver(
        &mut self,
        message: &OutgoingMessage,
        limits: &SmtpTimeouts,
        gate: impl Future<Output = Go>,
    ) -> Result<Reply, Failure> {
        let (mail, rcpt) = self.envelope(message).map_err(at(Stage::MailFrom))?;
        match self.offers.pipelining {
            true => self.begin_at_once(mail, rcpt, limits).await?,
            false => self.begin(mail, rcpt, limits.command).await?,
        }
        // What came with the 354 can't be an answer to a body of which nothing was sent.
        self.wire.in_turn().map_err(at(Stage::Data))?;
        let stuffed = dot_stuffed(&message.bytes);
        self.wire.body(&stuffed, limits.data, limits.command).await.map_err(at(Stage::Data))?;
        if let Go::Back(reason) = gate.await {
            return Err(at(Stage::Data)(Trouble::Refused(reason)));
        }
        // Heard before the dot is written: the relay can't have taken the message over.
        self.wire.in_turn().map_err(at(Stage::Data))?;
        self.sent += 1;
        let reply = self.wire.command(".\r\n", limits.dot).await.and_then(|reply| wanted(reply, &[250]));
        reply.map_err(at(Stage::Dot))
    }

    async fn begin(&mut self, mail: Mail, rcpt: Rcpt, limit: Duration) -> Result<(), Failure> {
        let commands =
            [(mail.to_string(), Stage::MailFrom), (rcpt.to_string(), Stage::RcptTo), (Data.to_string(), Stage::Data)];
        for (command, stage) in commands {
            let reply = self.wire.command(command, limit).await.map_err(at(stage))?;
            if let Err(trouble) = wanted(reply, right(stage)) {
                return Err(self.believed(Failure { stage, trouble }, None, limit).await);
            }
        }
        Ok(())
    }

    /// MAIL, RCPT and DATA in one packet (RFC 2920 §3.1): a round trip instead of three. Nothing goes beyond DATA, so that the
    /// last question, whether this mail is still wanted, is asked before anything of it has left. On a connection that was kept,
    /// RSET goes ahead of them: unless its answer is right, nothing else that is said here counts.
    async fn begin_at_once(&mut self, mail: Mail, rcpt: Rcpt, limits: &SmtpTimeouts) -> Result<(), Failure> {
        if self.sent == 0 {
            self.wire.commands(format!("{mail}{rcpt}{Data}"), limits.command).await.map_err(at(Stage::MailFrom))?;
            return self.begun(limits.command).await;
        }
        let stale = |_| at(Stage::MailFrom)(Trouble::Stale);
        self.wire.commands(format!("{Rset}{mail}{rcpt}{Data}"), limits.command).await.map_err(stale)?;
        self.wire.reply(brief(limits)).await.and_then(|reply| wanted(reply, &[250])).map_err(stale)?;
        self.begun(limits.command).await.map_err(|failure| match failure.trouble {
            // A late answer to an earlier command: they are all one off.
            Trouble::OutOfTurn => stale(Trouble::OutOfTurn),
            _ => failure,
        })
    }

    /// The answers to MAIL, RCPT and DATA.
    async fn begun(&mut self, limit: Duration) -> Result<(), Failure> {
        let mut first_wrong = None;
        let mut last = 0;
        for stage in [Stage::MailFrom, Stage::RcptTo, Stage::Data] {
            let reply = match self.wire.reply(limit).await {
                Ok(reply) => reply,
                // A relay may hang up behind its refusal; what it said before counts.
                Err(trouble) => return Err(first_wrong.unwrap_or(Failure { stage, trouble })),
            };
            last = reply.code;
            if let Err(trouble) = wanted(reply, right(stage)) {
                first_wrong.get_or_insert(Failure { stage, trouble });
            }
        }
        match first_wrong {
            None => Ok(()),
            Some(failure) => Err(self.believed(failure, Some(last), limit).await),
        }
    }

    /// A 5xx ends a delivery for good, and one reply too many would count for the next command: a refusal is believed if the
    /// conversation is in step behind it. `to_data` is the answer to a DATA that was sent along; where it was accepted in spite of the
    /// refusal, RFC 2920 §3.1 proposes a lone dot, but hanging up, as after any failure, can't hand an empty message to anybody.
    async fn believed(&mut self, failure: Failure, to_data: Option<u16>, limit: Duration) -> Failure {
        let in_step = match (&failure.trouble, to_data) {
            (Trouble::Answer(reply), _) if reply.code < 500 => true,
            (_, Some(354)) => self.wire.in_turn().is_ok(),
            (_, Some(..400)) => false,
            _ => self.in_step(limit).await,
        };
        if in_step { failure } else { Failure { stage: failure.stage, trouble: Trouble::OutOfTurn } }
    }

    /// MAIL and RCPT with the parameters that the message needs and the relay offered.
    fn envelope(&self, message: &OutgoingMessage) -> Result<(Mail, Rcpt), Trouble> {
        let address = |text: &str| text.parse::<Address>().map_err(|_| local(553, "5.1.3 the address is not one"));
        let mut parameters = Vec::new();
        if let Some(limit) = self.offers.size {
            if limit > 0 && message.bytes.len() > limit {
                return Err(local(552, "5.3.4 larger than the relay takes"));
            }
            parameters.push(MailParameter::Size(message.bytes.len()));
        }
        if !message.to.as_str().is_ascii() || !message.envelope_from.as_str().is_ascii() {
            if !self.offers.utf8 {
                return Err(local(553, "5.6.7 the relay does not offer SMTPUTF8"));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !message.bytes.is_ascii() {
            if !self.offers.eight_bit {
                return Err(local(554, "5.6.3 the relay does not offer 8BITMIME"));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let mail = Mail::new(Some(address(message.envelope_from.as_str())?), parameters);
        Ok((mail, Rcpt::new(address(message.to.as_str())?, Vec::new())))
    }

    /// RSET goes along with the next message's commands.
    pub fn asks_at_once(&self) -> bool {
        self.offers.pipelining
    }

    /// Whether the conversation is in step: RSET is a barrier that a late reply to an earlier command can't pass.
    pub async fn in_step(&mut self, limit: Duration) -> bool {
        self.wire.command(Rset, limit).await.is_ok_and(|reply| reply.code == 250) && self.wire.is_quiet()
    }

    pub fn is_quiet(&self) -> bool {
        self.wire.is_quiet()
    }

    pub async fn quit(mut self, limit: Duration) {
        // Nothing depends on the answer.
        let _ = self.wire.command(Quit, limit).await;
    }
}

/// An answer that we give ourselves, because the relay's is known beforehand.
fn local(code: u16, text: &str) -> Trouble {
    match format!("{code} {text}\r\n").parse() {
        Ok(response) => Trouble::Answer(Reply { code, response }),
        Err(_) => Trouble::Garbage,
    }
}
