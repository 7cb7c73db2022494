//! A private key for DKIM: from PEM, never printed, with the DNS record that belongs to it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

/// RFC 8301 and RFC 8463: rsa-sha256 with 2,048 bits or more, and ed25519-sha256.
pub enum DkimKey {
    Rsa(Box<RsaKey<Sha256>>),
    Ed25519(Box<Ed25519Key>),
}

impl std::fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DkimKey({}, …)", self.algorithm())
    }
}

/// Why a file is no key to sign with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    #[error("holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)")]
    NoKey,
    #[error("holds a public key; the private one is wanted")]
    Public,
    #[error("holds a certificate; a private key is wanted")]
    Certificate,
    #[error("is encrypted; the daemon has nobody to ask for the passphrase")]
    Encrypted,
    #[error("holds an RSA key of less than 2048 bits, which receivers may ignore (RFC 8301)")]
    TooShort,
    #[error("holds an RSA key of more than 4096 bits, which many receivers can't check")]
    TooLong,
    #[error("holds a key that is neither RSA nor Ed25519")]
    Kind,
    #[error("holds a damaged key ({0})")]
    Damaged(String),
}

impl DkimKey {
    pub fn from_pem(pem: &str) -> Result<Self, BadKey> {
        let der = match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
            Ok(der) => der,
            Err(_) if pem.contains("ENCRYPTED") => return Err(BadKey::Encrypted),
            Err(_) if pem.contains("BEGIN PUBLIC KEY") || pem.contains("BEGIN RSA PUBLIC KEY") => {
                return Err(BadKey::Public);
            }
            Err(_) if pem.contains("BEGIN CERTIFICATE") => return Err(BadKey::Certificate),
            Err(_) => return Err(BadKey::NoKey),
        };
        // openssl writes Ed25519 keys without the public half, which the checked reading asks for.
        if let PrivateKeyDer::Pkcs8(pkcs8) = &der
            && let Ok(key) = Ed25519Key::from_pkcs8_maybe_unchecked_der(pkcs8.secret_pkcs8_der())
        {
            return Ok(Self::Ed25519(Box::new(key)));
        }
        if matches!(der, PrivateKeyDer::Sec1(_)) {
            return Err(BadKey::Kind);
        }
        match RsaKey::from_key_der(der) {
            Ok(key) => Ok(Self::Rsa(Box::new(key))),
            Err(mail_auth::Error::CryptoError(why)) => Err(match why.as_str() {
                "TooSmall" => BadKey::TooShort,
                "TooLarge" => BadKey::TooLong,
                "WrongAlgorithm" => BadKey::Kind,
                _ => BadKey::Damaged(why),
            }),
            Err(why) => Err(BadKey::Damaged(why.to_string())),
        }
    }

    /// As `k=` names it.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa",
            Self::Ed25519(_) => "ed25519",
        }
    }

    /// As `p=` holds it, decoded: an RSA key as SubjectPublicKeyInfo (what everybody publishes), an Ed25519 key bare.
    pub fn public(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => subject_public_key(&key.public_key()),
            Self::Ed25519(key) => key.public_key(),
        }
    }

    /// A published `p=` stands for this key; RFC 6376 §3.6.1 also allows the bare RSAPublicKey.
    pub fn is_published_as(&self, p: &[u8]) -> bool {
        p == self.public() || matches!(self, Self::Rsa(key) if p == key.public_key())
    }

    /// The text of the TXT record.
    pub fn record(&self) -> String {
        format!("v=DKIM1; k={}; p={}", self.algorithm(), STANDARD.encode(self.public()))
    }
}

/// rsaEncryption (1.2.840.113549.1.1.1) with NULL parameters.
const RSA_ENCRYPTION: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

fn subject_public_key(rsa_public_key: &[u8]) -> Vec<u8> {
    let mut bits = vec![0];
    bits.extend_from_slice(rsa_public_key);
    let mut inside = RSA_ENCRYPTION.to_vec();
    inside.extend(tagged(0x03, &bits));
    tagged(0x30, &inside)
}

/// DER: tag, length, content.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let digits: Vec<u8> = length.iter().copied().skip_while(|&b| b == 0).collect();
    let mut der = vec![tag];
    match digits.as_slice() {
        [short] if *short < 0x80 => der.push(*short),
        // Never more than eight digits.
        long => {
            der.push(0x80 | u8::try_from(long.len()).unwrap_or(0));
            der.extend_from_slice(long);
        }
    }
    der.extend_from_slice(content);
    der
}

#[cfg(test)]
mod tests {
    use super::*;

    const RSA: &str = include_str!("../../tests/it/fixtures/dkim/rsa.pem");
    const ED25519: &str = include_str!("../../tests/it/fixtures/dkim/ed25519.pem");

    #[test]
    fn the_record_is_what_openssl_says_the_public_key_is() {
        // `openssl pkey -in KEY -pubout -outform DER | base64 -w0`, and its last 32 octets for Ed25519.
        let rsa = include_str!("../../tests/it/fixtures/dkim/rsa.public").trim();
        let ed25519 = include_str!("../../tests/it/fixtures/dkim/ed25519.public").trim();
        assert_eq!(DkimKey::from_pem(RSA).unwrap().record(), format!("v=DKIM1; k=rsa; p={rsa}"));
        let key = DkimKey::from_pem(ED25519).unwrap();
        assert_eq!(key.record(), format!("v=DKIM1; k=ed25519; p={ed25519}"));
        assert!(key.is_published_as(&STANDARD.decode(ed25519).unwrap()) && !key.is_published_as(b""));
    }

    #[test]
    fn what_is_no_key_says_what_it_is() {
        let of = |pem: &str| DkimKey::from_pem(pem).err();
        assert_eq!(of("hello"), Some(BadKey::NoKey));
        assert_eq!(of("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), Some(BadKey::Public));
        assert_eq!(of("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), Some(BadKey::Certificate));
        let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        assert_eq!(of(encrypted), Some(BadKey::Encrypted));
        assert_eq!(of(include_str!("../../tests/it/fixtures/dkim/rsa-1024.pem")), Some(BadKey::TooShort));
        assert_eq!(of(include_str!("../../tests/it/fixtures/dkim/ec.pem")), Some(BadKey::Kind));
        let cut = "-----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY-----\n";
        assert!(matches!(of(cut), Some(BadKey::Damaged(_))));
    }

    #[test]
    fn a_key_does_not_print_itself() {
        assert_eq!(format!("{:?}", DkimKey::from_pem(RSA).unwrap()), "DkimKey(rsa, …)");
        assert_eq!(format!("{:?}", DkimKey::from_pem(ED25519).unwrap()), "DkimKey(ed25519, …)");
    }
}
