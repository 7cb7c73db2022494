//! One POST to an address that the operator configured. The address is a secret: no error repeats it.

use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

/// Posts JSON; anything but a 2xx is an error. No redirect is followed: the body is for this address only.
pub async fn json(url: &str, body: String) -> Result<(), String> {
    let tls = super::client::tls().map_err(|_| "TLS can't be set up".to_owned())?;
    let client = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .tls_backend_preconfigured(tls)
        .timeout(LIMIT)
        .build()
        .map_err(plain)?;
    let answer = client.post(url).header(CONTENT_TYPE, "application/json").body(body).send().await.map_err(plain)?;
    let status = answer.status();
    if status.is_success() { Ok(()) } else { Err(format!("answered {status}")) }
}

fn plain(error: reqwest::Error) -> String {
    let what = if error.is_connect() {
        "could not be reached"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the request failed"
    };
    what.to_owned()
}
