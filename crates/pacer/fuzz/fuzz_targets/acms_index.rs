#![no_main]

use pacer::page::kind::Kind;

libfuzzer_sys::fuzz_target!(|page: &[u8]| pacer_fuzz::read(Kind::AcmsIndex, page));
