//! Feeds over real TLS: certificates of a private authority, good and bad, as OpenSSL makes them.

use super::{Need, needing};
use libtest_mimic::Trial;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const FEED: &str = "<rss version=\"2.0\"><channel><title>Border wire</title><item><title>Crossing at Torkham reopens</title>\
                    <link>https://wire.example/1</link></item></channel></rss>";
const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
const LONG_AGO: [&str; 4] = ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"];
const SOME_DAY: [&str; 4] = ["-startdate", "20900101000000Z", "-enddate", "20910101000000Z"];
const NOW: [&str; 2] = ["-days", "30"];

pub fn tests() -> Vec<Trial> {
    vec![needing(
        "https::only_a_certificate_of_a_trusted_authority_for_this_host_and_this_day_is_accepted",
        &[Need::Program("openssl")],
        certificates,
    )]
}

fn certificates() {
    let authority = Authority::make();
    let ca = "ca.pem";
    let here = "IP:127.0.0.1";
    let cases = [
        (authority.sign("good", here, &NOW), ca, None),
        (
            authority.sign("other", "DNS:other.example,IP:192.0.2.1", &NOW),
            ca,
            Some("certificate is not valid for 127.0.0.1"),
        ),
        (authority.sign("old", here, &LONG_AGO), ca, Some("certificate of 127.0.0.1 has expired")),
        (authority.sign("early", here, &SOME_DAY), ca, Some("certificate of 127.0.0.1 is not valid yet")),
        (authority.alone("self", here), ca, Some("from an issuer this machine does not trust")),
        // The good one, where nobody trusts its authority.
        (authority.sign("stranger", here, &NOW), "alone.pem", Some("from an issuer this machine does not trust")),
    ];
    for (server, trusted, refused) in cases {
        let (code, said) = authority.feeds_test(server.address, trusted);
        match refused {
            None => {
                assert_eq!((code, server.asked()), (Some(0), 1), "{said}");
                assert!(said.contains("Crossing at Torkham reopens"), "{said}");
            }
            Some(reason) => {
                assert!(code != Some(0) && said.contains(reason), "{reason}: {said}");
                assert_eq!(server.asked(), 0, "no request is sent over such a connection");
            }
        }
    }
}

/// A private authority in a folder of its own.
struct Authority(tempfile::TempDir);

impl Authority {
    fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Self(folder);
        authority.openssl(
            &[&["req", "-x509"], &KEY[..], &["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Desk CA"]].concat(),
        );
        authority.alone("alone", "DNS:nobody.example");
        let rules = "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=any\n\
                     copy_extensions=copy\nunique_subject=no\n[any]\ncommonName=supplied\n";
        let config = "[fetch]\nallow_private = [\"127.0.0.1\"]\n[mail]\nfrom = \"khyber@desk.test\"\n[[digest]]\nid = \"daily\"\n\
                      title = \"Daily\"\nschedule = \"0 6 * * *\"\ntimezone = \"UTC\"\n\
                      [[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n";
        for (name, text) in [("ca.conf", rules), ("index", ""), ("serial", "01\n"), ("khyber.toml", config)] {
            std::fs::write(authority.path().join(name), text).unwrap();
        }
        authority
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl").args(arguments).current_dir(self.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A server with a certificate of this authority for `names`.
    fn sign(&self, name: &str, names: &str, validity: &[&str]) -> Server {
        let (key, request, certificate) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let names = format!("subjectAltName={names}");
        let rest = ["-keyout", &key, "-out", &request, "-subj", "/CN=feed", "-addext", &names];
        self.openssl(&[&["req", "-new"], &KEY[..], &rest, &["-addext", "basicConstraints=CA:FALSE"]].concat());
        let files = ["-in", &request, "-out", &certificate, "-cert", "ca.pem", "-keyfile", "ca.key"];
        self.openssl(&[&["ca", "-batch", "-notext", "-config", "ca.conf"], &files[..], validity].concat());
        self.serve(&key, &certificate)
    }

    /// A server whose certificate nobody but itself stands for.
    fn alone(&self, name: &str, names: &str) -> Server {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
        let names = format!("subjectAltName={names}");
        let rest = ["-keyout", &key, "-out", &certificate, "-subj", "/CN=feed", "-addext", &names];
        // Not an authority: that would be refused for another reason.
        self.openssl(
            &[&["req", "-x509"], &KEY[..], &rest, &["-addext", "basicConstraints=critical,CA:FALSE"]].concat(),
        );
        self.serve(&key, &certificate)
    }

    fn serve(&self, key: &str, certificate: &str) -> Server {
        let certificate = CertificateDer::from_pem_file(self.path().join(certificate)).unwrap();
        Server::start(certificate, PrivateKeyDer::from_pem_file(self.path().join(key)).unwrap())
    }

    /// What `khyber feeds test` says of a feed there, on a machine that trusts one file of certificates.
    fn feeds_test(&self, server: SocketAddr, trusted: &str) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
        command.current_dir(self.path()).env_remove("KHYBER_CONFIG").env_remove("SSL_CERT_DIR");
        command.env("SSL_CERT_FILE", self.path().join(trusted));
        let output = command
            .args(["-c", "khyber.toml", "feeds", "test"])
            .arg(format!("https://{server}/feed"))
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    }
}

/// A feed behind TLS; its thread ends with the process.
struct Server {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Server {
    fn start(certificate: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::<AtomicUsize>::default());
        let (config, count) = (Arc::new(config), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up over the certificate is what most cases are about.
                let _ = answer(stream, config.clone(), &count);
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn answer(stream: TcpStream, config: Arc<rustls::ServerConfig>, asked: &AtomicUsize) -> std::io::Result<()> {
    let connection = rustls::ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = rustls::StreamOwned::new(connection, stream);
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    asked.fetch_add(1, Ordering::SeqCst);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{FEED}", FEED.len());
    stream.write_all(head.as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()
}
