//! What went wrong with TLS, in words that say what to do.

pub(crate) mod certificate;

use std::error::Error;
use std::io;

use tokio_rustls::rustls::{self, AlertDescription};

/// The cause in a chain of errors, if it has to do with TLS.
pub(crate) fn in_words(error: &(dyn Error + 'static)) -> Option<String> {
    let mut link = Some(error);
    while let Some(error) = link {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return Some(words(error));
        }
        // The source of such an error is the source of what it wraps, not what it wraps.
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if let Some(error) = wrapped
            && let Some(words) = in_words(error)
        {
            return Some(words);
        }
        link = error.source();
    }
    None
}

/// An error of input or output, in words if it has to do with TLS.
pub(crate) fn of_io(error: &io::Error) -> String {
    in_words(error).unwrap_or_else(|| error.to_string())
}

fn words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(error) => {
            format!("the other side's certificate {}", certificate::words(error))
        }
        rustls::Error::NoCertificatesPresented => {
            "the other side shows no certificate: it needs --certificate and --key".to_owned()
        }
        rustls::Error::AlertReceived(alert) => alert_words(*alert),
        rustls::Error::InvalidMessage(_) => "the other side does not speak TLS".to_owned(),
        rustls::Error::PeerIncompatible(reason) => {
            format!("the other side does not speak TLS 1.3: {reason:?}")
        }
        other => other.to_string(),
    }
}

fn alert_words(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateExpired => {
            "the other side refuses the certificate given here: it has expired".to_owned()
        }
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => {
            "the other side asks for a certificate: give --certificate and --key".to_owned()
        }
        AlertDescription::UnknownCA => {
            "the other side refuses the certificate given here: no authority in its --ca has signed it"
                .to_owned()
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::DecryptError => {
            format!("the other side refuses the certificate given here ({alert:?})")
        }
        other => format!("the other side ended the TLS handshake: {other:?}"),
    }
}
