//! A gateway on its way, and what came to it.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::program::command;
use crate::running::Running;

/// A gateway that ends with the test, and by itself after two minutes.
pub(crate) struct Served {
    gateway: Running,
    /// Address and port.
    pub(crate) address: String,
    log: PathBuf,
}

impl Served {
    /// Serves the run `town` in a folder.
    #[track_caller]
    pub(crate) fn start(folder: &Path, more: &[&str]) -> Self {
        let said = folder.join("gateway.txt");
        let gateway = [
            "gateway",
            "town",
            "--listen",
            "127.0.0.1:0",
            "--seconds",
            "120",
        ];
        let log = ["--access-log", "access.jsonl"];
        let mut command = command(folder, [&gateway[..], &log[..], more].concat());
        command
            .stdout(File::create(&said).unwrap())
            .stderr(Stdio::piped());
        let mut gateway = Running(command.spawn().unwrap());
        let text = || fs::read_to_string(&said).unwrap();
        gateway.wait_until(|| text().ends_with("Ctrl-C ends it.\n"));
        let text = text();
        let address = text.split("http://").nth(1).unwrap();
        let address = address.split('/').next().unwrap().to_owned();
        Self {
            gateway,
            address,
            log: folder.join("access.jsonl"),
        }
    }

    /// What a client gets that sends exactly this: the head and the body.
    pub(crate) fn ask(&self, request: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!("{request}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let body = answer.split_off(end + 4);
        (String::from_utf8(answer).unwrap(), body)
    }

    /// What is asked of a host by its name.
    pub(crate) fn get(&self, host: &str, path: &str, more: &str) -> (String, Vec<u8>) {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: {host}.localhost{more}"
        ))
    }

    /// Every visit so far.
    pub(crate) fn visits(&self) -> Vec<Value> {
        let lines = fs::read_to_string(&self.log).unwrap();
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.gateway.0.kill());
        drop(self.gateway.0.wait());
    }
}
