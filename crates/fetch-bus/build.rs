//! Makes Rust of `proto/`, without protoc.

use std::{env, fs, path::PathBuf};

use protox::prost::Message;

const PROTO: &str = "../../proto";
const FILES: [&str; 4] = [
    "pacer_fetch/v1/fetch.proto",
    "pacer_fetch/v1/jobs.proto",
    "pacer_fetch/v1/login.proto",
    "pacer_fetch/v1/webhooks.proto",
];

/// Messages that carry something secret: `wire.rs` says how they are shown.
const SECRET: [&str; 7] = [
    ".pacer_fetch.v1.SubmitRequest",
    ".pacer_fetch.v1.LogInRequest",
    ".pacer_fetch.v1.LoginBox",
    ".pacer_fetch.v1.Credentials",
    ".pacer_fetch.v1.SessionContent",
    ".pacer_fetch.v1.OpenLoginContent",
    ".pacer_fetch.v1.Webhook",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for file in FILES {
        println!("cargo::rerun-if-changed={PROTO}/{file}");
    }
    let descriptors = protox::compile(FILES, [PROTO])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("pacer_fetch.v1.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure()
        .skip_debug(SECRET)
        .compile_fds(descriptors)?;
    Ok(())
}
