//! Descriptors that a careless parent left open.
#![allow(
    unsafe_code,
    reason = "descriptors that nobody in this process knows of can only be closed by their number"
)]

/// Closes every descriptor but standard input, output and error. To be called before this process
/// opens anything.
#[cfg(target_os = "linux")]
pub(super) fn close_all_but_standard() {
    let first = libc::STDERR_FILENO.unsigned_abs() + 1;
    // SAFETY: nothing in this process has opened a descriptor yet, so nobody owns what is closed.
    // Where the call is missing nothing happens: Rust parents leave none open.
    unsafe {
        libc::syscall(libc::SYS_close_range, first, u32::MAX, 0);
    }
}

/// Parents of ours leave none open.
#[cfg(not(target_os = "linux"))]
pub(super) fn close_all_but_standard() {}
