//! Failures in plain words.

use super::guard::Refused;
use super::names::LookupFailed;
use reqwest::StatusCode;
use rustls::CertificateError;
use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

/// `503 Service Unavailable`, or the bare number where there is no name for it.
pub fn status(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(name) => format!("answered {} {name}", status.as_u16()),
        None => format!("answered {}", status.as_u16()),
    }
}

/// `60 s`, or `250 ms` for the short ones.
pub fn span(length: Duration) -> String {
    if length.subsec_millis() == 0 { format!("{} s", length.as_secs()) } else { format!("{} ms", length.as_millis()) }
}

/// Why the exchange with `host` failed. The URL stays out: it may hold a key.
pub fn transport(error: &reqwest::Error, host: &str, connect_timeout: Duration) -> String {
    let causes = causes(error);
    if let Some(words) = causes.iter().find_map(|cause| known(*cause, host)) {
        return words;
    }
    if error.is_timeout() {
        return format!("no connection to {host} within {}", span(connect_timeout));
    }
    let last = causes.last().map_or_else(|| "unknown error".to_owned(), ToString::to_string);
    match error {
        error if error.is_connect() => format!("no connection to {host}: {last}"),
        error if error.is_body() || error.is_decode() => format!("the answer breaks off: {last}"),
        _ => format!("{host} does not speak proper HTTP: {last}"),
    }
}

fn known(cause: &(dyn Error + 'static), host: &str) -> Option<String> {
    if let Some(refused) = cause.downcast_ref::<Refused>() {
        return Some(refused.to_string());
    }
    if let Some(lookup) = cause.downcast_ref::<LookupFailed>() {
        return Some(format!("{host}: {lookup}"));
    }
    if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
        return Some(certificate(tls, host));
    }
    let words = match cause.downcast_ref::<std::io::Error>()?.kind() {
        ErrorKind::ConnectionRefused => "refuses connections",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => "reset the connection",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "can't be reached",
        ErrorKind::TimedOut => "does not answer",
        _ => return None,
    };
    Some(format!("{host} {words}"))
}

fn certificate(error: &rustls::Error, host: &str) -> String {
    use CertificateError as Bad;
    let rustls::Error::InvalidCertificate(bad) = error else {
        return format!("no TLS connection to {host}: {error}");
    };
    match bad {
        Bad::NotValidForName | Bad::NotValidForNameContext { .. } => format!("certificate is not valid for {host}"),
        Bad::Expired | Bad::ExpiredContext { .. } => format!("certificate of {host} has expired"),
        Bad::NotValidYet | Bad::NotValidYetContext { .. } => format!("certificate of {host} is not valid yet"),
        Bad::UnknownIssuer => format!("certificate of {host} is from an issuer this machine does not trust"),
        Bad::Revoked => format!("certificate of {host} is revoked"),
        other => format!("certificate of {host} is not accepted: {other}"),
    }
}

/// The chain of sources, looking into `io::Error` too, whose own `source` skips what it wraps.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut found: Vec<&'a (dyn Error + 'static)> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next.filter(|_| found.len() < 16) {
        found.push(cause);
        let wrapped = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => cause.source(),
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_and_statuses_in_plain_words() {
        let words = |bad| certificate(&rustls::Error::InvalidCertificate(bad), "a.example");
        assert_eq!(words(CertificateError::NotValidForName), "certificate is not valid for a.example");
        assert_eq!(words(CertificateError::Expired), "certificate of a.example has expired");
        assert!(words(CertificateError::UnknownIssuer).contains("issuer this machine does not trust"));
        assert_eq!(status(StatusCode::SERVICE_UNAVAILABLE), "answered 503 Service Unavailable");
        assert_eq!(span(Duration::from_secs(60)), "60 s");
        assert_eq!(span(Duration::from_millis(250)), "250 ms");
    }

    #[test]
    fn a_reason_wrapped_in_io_errors_is_found() {
        let inner = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let wrapped = std::io::Error::other(std::io::Error::other(inner));
        let found = causes(&wrapped).iter().find_map(|cause| known(*cause, "a.example"));
        assert_eq!(found.as_deref(), Some("certificate of a.example has expired"));
    }
}
