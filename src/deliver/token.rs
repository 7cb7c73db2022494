//! Unguessable tokens that stand for a reader in links and envelope senders, and tell nobody who it is.
//!
//! HMAC-SHA-256 (RFC 2104) under a key derived from this installation's salt for one purpose, cut to 160 bits (RFC 2104 §5 asks for
//! half the hash at least), as 32 characters of base32 in lower case: safe in a URL, in a local part, and against programs that
//! change the case of either. A token holds no address and no number; who is meant is looked up.

use ring::hmac;

/// What a token is good for. One purpose's token is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Leaving, pausing, choosing: names a reader and a digest.
    Leave,
    /// Envelope sender of one delivery: names a Message-ID.
    Bounce,
    /// A page of a private archive: names the page, and no reader.
    Archive,
    /// Confirming a subscription: names an address and when it was typed in.
    Confirm,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Leave => "khyber leave 1",
            Purpose::Bounce => "khyber bounce 1",
            Purpose::Archive => "khyber archive 1",
            Purpose::Confirm => "khyber confirm 1",
        }
    }
}

/// The key of one purpose.
#[derive(Clone)]
pub struct TokenKey(hmac::Key);

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

/// Characters of a token.
pub const LENGTH: usize = 32;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

impl TokenKey {
    pub fn new(salt: &str, purpose: Purpose) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, salt.as_bytes());
        let derived = hmac::sign(&root, purpose.name().as_bytes());
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// The token of these parts; each is counted in, so that moving a border between two makes another token.
    pub fn token(&self, parts: &[&str]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        base32(&context.sign().as_ref()[..LENGTH * 5 / 8])
    }

    /// Whether `token` is the one of these parts; takes as long for every wrong one.
    pub fn is_token(&self, token: &str, parts: &[&str]) -> bool {
        let (right, given) = (self.token(parts), token.to_ascii_lowercase());
        let differs = right.bytes().zip(given.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
        given.len() == right.len() && differs == 0
    }
}

/// What could be a token, in lower case: anything else need not be looked up.
pub fn normal(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    (lower.len() == LENGTH && lower.bytes().all(|b| ALPHABET.contains(&b))).then_some(lower)
}

/// RFC 4648 §6, whole groups of five octets.
fn base32(bytes: &[u8]) -> String {
    let group = |five: &[u8]| {
        let number = five.iter().fold(0_u64, |number, octet| number << 8 | u64::from(*octet));
        (0..8).rev().map(move |at| char::from(ALPHABET[(number >> (at * 5) & 31) as usize]))
    };
    bytes.chunks_exact(5).flat_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_as_in_rfc_4648() {
        // §10: BASE32("fooba") = "MZXW6YTB".
        assert_eq!(base32(b"fooba"), "mzxw6ytb");
        assert_eq!(base32(b"foobafooba"), "mzxw6ytbmzxw6ytb");
    }

    #[test]
    fn nothing_else_has_the_same_token() {
        let key = TokenKey::new("salt", Purpose::Leave);
        let token = key.token(&["a@x.test", "daily"]);
        assert_eq!(token.len(), LENGTH);
        assert_eq!(normal(&token.to_uppercase()), Some(token.clone()));
        let others = [
            key.token(&["a@x.tes", "tdaily"]),
            key.token(&["a@x.testdaily"]),
            key.token(&["b@x.test", "daily"]),
            TokenKey::new("salt", Purpose::Bounce).token(&["a@x.test", "daily"]),
            TokenKey::new("other", Purpose::Leave).token(&["a@x.test", "daily"]),
        ];
        for other in others {
            assert_ne!(other, token);
            assert!(!key.is_token(&other, &["a@x.test", "daily"]));
        }
        assert!(key.is_token(&token, &["a@x.test", "daily"]));
        assert!(key.is_token(&token.to_uppercase(), &["a@x.test", "daily"]));
        for wrong in ["", &token[..31], &format!("{token}a")] {
            assert!(!key.is_token(wrong, &["a@x.test", "daily"]));
            assert_eq!(normal(wrong), None);
        }
    }
}
