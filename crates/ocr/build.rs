//! Builds and links the OpenMP of one thread, see `openmp.c`.

/// What Tesseract asks of OpenMP.
const NAMES: [&str; 6] = [
    "GOMP_parallel",
    "GOMP_parallel_sections",
    "GOMP_sections_next",
    "GOMP_sections_end_nowait",
    "omp_get_num_threads",
    "omp_get_thread_num",
];

fn main() {
    println!("cargo:rerun-if-changed=openmp.c");
    cc::Build::new()
        .file("openmp.c")
        .cargo_metadata(false)
        .compile("openmp_of_one");
    let built = std::env::var("OUT_DIR").expect("cargo says where to build");
    println!("cargo:rustc-link-search=native={built}");
    // Whole and by name, because nothing of ours asks for them: a library does.
    println!("cargo:rustc-link-lib=static:+whole-archive=openmp_of_one");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        for name in NAMES {
            println!("cargo:rustc-link-arg-bins=-Wl,--export-dynamic-symbol={name}");
        }
    }
}
