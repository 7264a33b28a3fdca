//! Links the command at a fixed address.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // `pacer-fetch text` starts two processes for a file. Moving the program to a random address
    // means to write to each of its 600 pages of constants that hold addresses, at every start:
    // a quarter of the time that a short file takes. Stack, heap and libraries keep theirs.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
