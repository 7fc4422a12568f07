//! What is wrong with a certificate.

use tokio_rustls::rustls::CertificateError;

use crate::security::files::date;

/// What it is or does, as the rest of a sentence.
pub(crate) fn words(error: &CertificateError) -> String {
    if let Some(outdated) = outdated(error) {
        return outdated;
    }
    match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "is not signed by an authority in --ca".to_owned()
        }
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => {
            let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
            format!(
                "is for {}, not for {}",
                if names.is_empty() {
                    "no name at all".to_owned()
                } else {
                    names.join(", ")
                },
                expected.to_str()
            )
        }
        CertificateError::NotValidForName => "is for another name".to_owned(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "is not for this side of a connection (extended key usage)".to_owned()
        }
        other => format!("cannot be used: {other}"),
    }
}

/// The same, if it is about the time alone.
pub(crate) fn outdated(error: &CertificateError) -> Option<String> {
    match error {
        CertificateError::ExpiredContext { not_after, .. } => {
            Some(format!("expired on {}", date(not_after.as_secs())))
        }
        CertificateError::Expired => Some("has expired".to_owned()),
        CertificateError::NotValidYetContext { not_before, .. } => Some(format!(
            "is not valid before {}: is the clock right?",
            date(not_before.as_secs())
        )),
        CertificateError::NotValidYet => Some("is not valid yet: is the clock right?".to_owned()),
        _ => None,
    }
}

/// `DnsName("a")` without what is around the name.
fn bare(name: &str) -> &str {
    let inside = name.split_once('(').map_or(name, |(_, rest)| rest);
    inside.trim_end_matches(')').trim_matches('"')
}
