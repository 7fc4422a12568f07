//! Reading certificates, keys and secrets.

use std::fmt;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Fewer characters can be guessed.
const SECRET_CHARACTERS_MIN: usize = 16;
const SECRET_CHARACTERS_MAX: usize = 4096;

/// Something that is never shown.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    /// To be sent, and for nothing else.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Compares without telling by the time it takes how much of it was right.
    pub(crate) fn is(&self, other: &[u8]) -> bool {
        // Hashes are compared in constant time.
        blake3::hash(self.0.as_bytes()) == blake3::hash(other)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// All certificates in a file.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = read(path)?;
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match parsed {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(format!(
            "{} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)",
            path.display()
        )),
    }
}

/// The private key in a file.
pub(crate) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let bytes = read(path)?;
    private(path)?;
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| {
        format!(
            "{} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)",
            path.display()
        )
    })
}

/// The secret in a file: its text without blanks around it.
pub(crate) fn secret(path: &Path) -> Result<Secret, String> {
    let bytes = read(path)?;
    private(path)?;
    let shown = path.display();
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("the token file {shown} is empty"));
    }
    if !(SECRET_CHARACTERS_MIN..=SECRET_CHARACTERS_MAX).contains(&text.len()) {
        return Err(format!(
            "the token in {shown} must have {SECRET_CHARACTERS_MIN} to {SECRET_CHARACTERS_MAX} characters, for \
             instance those of `openssl rand -hex 32`"
        ));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!(
            "the token in {shown} must be of ASCII letters, digits and signs, without blanks"
        ));
    }
    Ok(Secret(text.to_owned()))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// A secret that everybody on the machine can read is none.
fn private(path: &Path) -> Result<(), String> {
    let mode = std::fs::metadata(path).map_or(0, |found| found.permissions().mode());
    if mode & 0o007 == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(format!(
        "{shown} can be read by every user of this machine: `chmod o= {shown}`"
    ))
}

/// Writes a new random secret to a file for the own user alone; gives it for the use in a configuration.
pub(crate) fn new_secret_file(path: &Path) -> std::io::Result<Secret> {
    let mut bytes = [0; 32];
    let filled = ring::default_provider().secure_random.fill(&mut bytes);
    filled.map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
    let secret = Secret(blake3::Hash::from(bytes).to_string());
    write_private(path, secret.reveal())?;
    Ok(secret)
}

/// Writes a file that only the own user can read, from its first moment on.
pub(crate) fn write_private(path: &Path, text: &str) -> std::io::Result<PathBuf> {
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file?.write_all(text.as_bytes())?;
    Ok(path.to_path_buf())
}

/// A date, from seconds since 1970, as `2026-11-22 13:05 UTC`.
pub(crate) fn date(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Years begin in March here, so that the leap day comes last; eras are 400 years.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let (day, month) = (
        day_of_year - (153 * month + 2) / 5 + 1,
        (month + 2) % 12 + 1,
    );
    let year = year + 400 * era + u64::from(month <= 2);
    let (hour, minute) = (second / 3600, second % 3600 / 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}
