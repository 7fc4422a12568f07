//! Authorities, certificates, tokens, and the flags that name them.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

/// Signs certificates.
pub(crate) struct Authority {
    folder: PathBuf,
    name: String,
    issuer: Issuer<'static, KeyPair>,
}

/// Files for one side of connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Papers {
    pub(crate) ca: Option<PathBuf>,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) token: Option<PathBuf>,
    pub(crate) nats_token: Option<PathBuf>,
}

impl Authority {
    /// A new one, with its certificate below `folder`.
    pub(crate) fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let authority = Self {
            folder: folder.to_path_buf(),
            name: name.to_owned(),
            issuer: Issuer::new(params, key),
        };
        std::fs::write(authority.ca(), certificate.pem()).unwrap();
        authority
    }

    /// The file with its certificate.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.join(format!("{}.ca.pem", self.name))
    }

    /// A certificate for `who` under `names`, valid until the beginning of `year`.
    pub(crate) fn issue(&self, who: &str, names: &[&str], year: i32) -> Papers {
        let papers = Papers {
            ca: Some(self.ca()),
            certificate: Some(self.folder.join(format!("{who}.pem"))),
            key: Some(self.folder.join(format!("{who}.key"))),
            ..Papers::default()
        };
        self.renew(&papers, names, year);
        papers
    }

    /// Puts another certificate, with another key, in the place of what is there.
    pub(crate) fn renew(&self, papers: &Papers, names: &[&str], year: i32) {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(papers.certificate.as_ref().unwrap(), certificate.pem()).unwrap();
        private(papers.key.as_ref().unwrap(), &key.serialize_pem());
    }
}

/// Writes a file that only its owner may read.
pub(crate) fn private(path: &Path, text: &str) -> PathBuf {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.to_path_buf()
}

impl Papers {
    /// The same with a token for the coordinator.
    pub(crate) fn with_token(mut self, token: &Path) -> Self {
        self.token = Some(token.to_path_buf());
        self
    }

    /// The flags that name them.
    pub(crate) fn flags(&self) -> Vec<String> {
        let files = [
            ("--ca", &self.ca),
            ("--certificate", &self.certificate),
            ("--key", &self.key),
            ("--token-file", &self.token),
            ("--nats-token-file", &self.nats_token),
        ];
        let given = files
            .iter()
            .filter_map(|(flag, file)| Some((flag, file.as_ref()?)));
        given
            .flat_map(|(flag, file)| [(*flag).to_owned(), file.display().to_string()])
            .collect()
    }
}
