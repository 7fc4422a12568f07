//! A run on nodes behind certificates and a token.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::authority::{Authority, Papers, private};
use crate::broker::free_port;
use crate::cases::{self, Case, result};
use crate::program::{Answer, command, echosphere};
use crate::running::Running;

/// The token of every run here.
pub(crate) const TOKEN: &str = "correct-horse-battery-staple";

/// A run that waits for its nodes, and whoever is to be told from them.
pub(crate) struct Fortress {
    pub(crate) folder: TempDir,
    pub(crate) authority: Authority,
    /// What a good node has.
    pub(crate) good: Papers,
    /// What the coordinator has.
    pub(crate) own: Papers,
    whole: cases::Result,
    address: String,
    coordinator: Running,
    nodes: Vec<Child>,
}

impl Fortress {
    /// Starts a coordinator that waits for two nodes.
    #[track_caller]
    pub(crate) fn new(case: &Case) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let whole = case.run(folder.path(), "whole", &[]);
        let authority = Authority::new(folder.path(), "home");
        let token = private(&folder.path().join("token"), TOKEN);
        let here = ["127.0.0.1", "localhost"];
        let own = authority
            .issue("coordinator", &here, 2100)
            .with_token(&token);
        let good = authority.issue("node", &["node"], 2100).with_token(&token);
        let address = format!("127.0.0.1:{}", free_port());
        let flags = own.flags();
        let mut more = vec!["--nodes", "2", "--listen", &address];
        more.extend(flags.iter().map(String::as_str));
        let coordinator = Running::start(folder.path(), case.arguments("cut", &more));
        let mut fortress = Self {
            folder,
            authority,
            good,
            own,
            whole,
            address,
            coordinator,
            nodes: Vec::new(),
        };
        fortress.wait_for_door();
        fortress
    }

    fn wait_for_door(&mut self) {
        let address = self.address.clone();
        let answers = || std::net::TcpStream::connect(&address).is_ok();
        self.coordinator.wait_until(answers);
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// What `status` says.
    pub(crate) fn status(&self, papers: &Papers) -> Answer {
        let flags = papers.flags();
        echosphere(
            self.path(),
            ["status".to_owned(), self.url()].into_iter().chain(flags),
        )
    }

    /// What a node says that calls `url` with these papers, and that is not to be let in.
    #[track_caller]
    pub(crate) fn stranger(&self, url: &str, papers: &Papers, more: &[&str]) -> Answer {
        let mut arguments = vec!["node".to_owned(), url.to_owned()];
        arguments.extend(["--wait", "0"].map(str::to_owned));
        arguments.extend(papers.flags());
        arguments.extend(more.iter().map(ToString::to_string));
        echosphere(self.path(), arguments)
    }

    /// Starts a node of this run.
    pub(crate) fn add_node(&mut self, papers: &Papers) {
        let mut arguments = vec!["node".to_owned(), self.url()];
        arguments.extend(["--threads", "1"].map(str::to_owned));
        arguments.extend(papers.flags());
        let mut node = command(self.path(), arguments);
        node.stdout(Stdio::null()).stderr(Stdio::null());
        self.nodes.push(node.spawn().unwrap());
    }

    /// Lets the run end with two good nodes, and compares; gives what the coordinator said.
    #[track_caller]
    pub(crate) fn finish(mut self) -> String {
        for _ in self.nodes.len()..2 {
            let good = self.good.clone();
            self.add_node(&good);
        }
        let none = Running(Command::new("true").spawn().unwrap());
        let answer = std::mem::replace(&mut self.coordinator, none).finish();
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        let found = result(&self.file("cut"));
        assert!(
            found == self.whole,
            "it gave something else: {}",
            answer.err
        );
        assert!(
            !answer.err.contains(TOKEN),
            "a secret was shown: {}",
            answer.err
        );
        answer.err
    }
}

impl Drop for Fortress {
    fn drop(&mut self) {
        drop(self.coordinator.0.kill());
        drop(self.coordinator.0.wait());
        for node in &mut self.nodes {
            drop(node.kill());
            drop(node.wait());
        }
    }
}
