//! What Tesseract loads, and when: see `data.c`.
#![allow(unsafe_code, reason = "Tesseract asks for it through C")]

use std::ffi::{CString, c_char, c_int, c_long};
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsRawFd, IntoRawFd};
use std::path::Path;

/// By which Tesseract finds which way up a page is.
const ORIENTATION: &str = "osd.traineddata";
/// Where a model says where its parts are, eight bytes for each; the network is the eighteenth.
const PARTS_PLACE: usize = 4;
const NETWORK_PLACE: usize = PARTS_PLACE + 17 * 8;
/// Of which the place of one that it does not have is made.
const NO_PART: u8 = 0xff;

unsafe extern "C" {
    fn data_keep(path: *const c_char, file: c_int, size: c_long) -> bool;

    fn data_of_network(is: bool);
}

/// Keeps what finds a page's orientation open until the process ends, to be loaded when a page needs
/// it: that takes a tenth of a second and as much memory as a page. False where it has to be loaded
/// now, if this process will not be able to open it later.
pub(crate) fn keep_orientation(directory: &Path) -> bool {
    let path = directory.join(ORIENTATION);
    let Some(name) = path.to_str().and_then(|path| CString::new(path).ok()) else {
        return false;
    };
    let Ok(file) = File::open(&path) else {
        return false;
    };
    let size = file.metadata().map_or(0, |about| about.len());
    let size = c_long::try_from(size).unwrap_or(0);
    // SAFETY: it copies the name, and the file stays open if it is kept.
    let is_kept = unsafe { data_keep(name.as_ptr(), file.as_raw_fd(), size) };
    if is_kept {
        let _ = file.into_raw_fd();
    }
    is_kept
}

/// Starts an engine with that model: where it is a network alone, without what only the recogniser
/// from before the network needs.
pub(crate) fn started<T>(model: &Path, start: impl FnOnce() -> T) -> T {
    /// Takes the mark back, also when the start panics.
    struct Marked;
    impl Drop for Marked {
        fn drop(&mut self) {
            // SAFETY: it is a mark of this thread.
            unsafe { data_of_network(false) }
        }
    }
    // SAFETY: as above.
    unsafe { data_of_network(is_network_alone(model)) };
    let _marked = Marked;
    start()
}

/// Whether a model has none of the parts that come before the network's.
fn is_network_alone(model: &Path) -> bool {
    let mut head = [0; NETWORK_PLACE];
    let read = File::open(model).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head[PARTS_PLACE..].iter().all(|byte| *byte == NO_PART)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_with_other_parts_is_no_network_alone() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let is_alone = |head: &[u8]| {
            std::fs::write(file.path(), head).unwrap();
            is_network_alone(file.path())
        };
        let head = [&[24, 0, 0, 0][..], &[NO_PART; 17 * 8], &[0; 8]].concat();
        assert!(is_alone(&head));
        let mut older = head.clone();
        older[PARTS_PLACE + 3 * 8..][..8].copy_from_slice(&196_u64.to_le_bytes());
        assert!(!is_alone(&older));
        assert!(!is_alone(&head[..100]));
        assert!(!is_network_alone(Path::new("/nowhere")));
    }
}
