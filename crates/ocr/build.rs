//! Builds and links what takes the place of functions of Tesseract and of its libraries, see
//! `openmp.c`, `data.c` and `tesseract.c`.

/// What Tesseract asks of OpenMP.
const NAMES: [&str; 6] = [
    "GOMP_parallel",
    "GOMP_parallel_sections",
    "GOMP_sections_next",
    "GOMP_sections_end_nowait",
    "omp_get_num_threads",
    "omp_get_thread_num",
];

/// What Tesseract asks of itself: to load its data.
const LOADS: [&str; 2] = [
    "_ZN9tesseract15TessdataManager4InitEPKc",
    "_ZN9tesseract13UnicharAmbigs13LoadUniversalERKNS_10UNICHARSETEPS1_",
];

/// And to read a line.
const FUNCTIONS: [&str; 2] = [
    "_ZN9tesseract5Input15PreparePixInputERKNS_11StaticShapeENS_5ImageEPNS_5TRandEPNS_9NetworkIOE",
    "_ZN9tesseract6Series7ForwardEbRKNS_9NetworkIOEPKNS_15TransposedArrayEPNS_14NetworkScratchEPS1_",
];

fn main() {
    replace("openmp.c", &NAMES);
    replace("data.c", &LOADS);
    let has_network = std::env::var_os("CARGO_FEATURE_LINE_NETWORK").is_some();
    if has_network && std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("x86_64") {
        replace("tesseract.c", &FUNCTIONS);
    }
}

/// Has the functions of a file take the place of those of a library.
fn replace(file: &str, names: &[&str]) {
    println!("cargo:rerun-if-changed={file}");
    let library = format!("instead_{}", file.trim_end_matches(".c"));
    cc::Build::new()
        .file(file)
        .cargo_metadata(false)
        .compile(&library);
    let built = std::env::var("OUT_DIR").expect("cargo says where to build");
    println!("cargo:rustc-link-search=native={built}");
    // Whole and by name, because nothing of ours asks for them: a library does.
    println!("cargo:rustc-link-lib=static:+whole-archive={library}");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        for name in names {
            println!("cargo:rustc-link-arg=-Wl,--export-dynamic-symbol={name}");
        }
    }
}
