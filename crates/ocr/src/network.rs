//! Tesseract with our network in the place of its own, see `tesseract.c`.
#![allow(
    unsafe_code,
    reason = "Tesseract calls back through C, with pointers to what it wants read"
)]

#[cfg(not(target_arch = "x86_64"))]
pub use nowhere::OwnNetwork;
#[cfg(target_arch = "x86_64")]
pub use x86_64::OwnNetwork;

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use std::ffi::{c_int, c_ulong, c_void};
    use std::path::Path;
    use std::ptr;

    use line_network::{Line, Network, Steps};

    /// A network that reads lines for Tesseract.
    pub struct OwnNetwork {
        network: Network,
        /// The line that is being read, in whole numbers.
        pixels: Vec<i8>,
        /// What was said of the last line. Tesseract reads it from here.
        said: Option<Steps>,
    }

    type Reader = unsafe extern "C" fn(
        *mut OwnNetwork,
        *const f32,
        usize,
        usize,
        *mut c_int,
        *mut c_int,
    ) -> *const f32;

    unsafe extern "C" {
        fn line_network_use(read: Option<Reader>, network: *mut c_void, rows: c_int) -> c_ulong;

        /// Whether the network that this thread has takes such a picture.
        #[cfg(test)]
        fn line_network_takes(width: c_int, height: c_int) -> bool;
    }

    impl OwnNetwork {
        /// The network of that file, if it is one that we can run here.
        pub fn of(traineddata: &Path) -> Option<Box<Self>> {
            let file = std::fs::read(traineddata).ok()?;
            match Network::from_traineddata(&file) {
                Ok(network) => Some(Box::new(Self {
                    network,
                    pixels: Vec::new(),
                    said: None,
                })),
                Err(why) => {
                    tracing::info!(%why, "Tesseract reads with its own network");
                    None
                }
            }
        }

        /// Does the work while Tesseract, on this thread, has its lines read by this network. Also says
        /// how many lines were.
        pub fn used_in<T>(&mut self, work: impl FnOnce() -> T) -> (T, u64) {
            /// Takes the network away again, also when the work panics.
            struct Given;
            impl Given {
                fn take_back(&self) -> u64 {
                    // SAFETY: taking away needs nothing.
                    unsafe { line_network_use(None, ptr::null_mut(), 0) }
                }
            }
            impl Drop for Given {
                fn drop(&mut self) {
                    self.take_back();
                }
            }
            // None are ever so high; if one were, Tesseract would read its lines.
            let rows = c_int::try_from(self.network.rows()).unwrap_or(0);
            let this: *mut Self = self;
            // SAFETY: the network is taken away before this borrow ends.
            unsafe { line_network_use(Some(read), this.cast(), rows) };
            let given = Given;
            let made = work();
            let lines = given.take_back();
            (made, lines)
        }

        fn read(&mut self, pixels: &[f32], width: usize) -> Option<&Steps> {
            self.pixels.clear();
            let whole = |pixel: &f32| (pixel * 127.0).round() as i8;
            self.pixels.extend(pixels.iter().map(whole));
            self.said = self.network.read(Line {
                pixels: &self.pixels,
                width,
            });
            self.said.as_ref()
        }
    }

    /// Called by `tesseract.c` for every line.
    ///
    /// # Safety
    /// `network` is what was given to `line_network_use`, `pixels` are `count`, and the last two may be
    /// written.
    unsafe extern "C" fn read(
        network: *mut OwnNetwork,
        pixels: *const f32,
        count: usize,
        width: usize,
        steps: *mut c_int,
        classes: *mut c_int,
    ) -> *const f32 {
        // SAFETY: the caller says so.
        let (network, pixels) =
            unsafe { (&mut *network, std::slice::from_raw_parts(pixels, count)) };
        let Some(said) = network.read(pixels, width) else {
            return ptr::null();
        };
        let all = said.probabilities.len() / said.classes;
        let (Ok(all), Ok(each)) = (c_int::try_from(all), c_int::try_from(said.classes)) else {
            return ptr::null();
        };
        // SAFETY: the caller says so.
        unsafe {
            *steps = all;
            *classes = each;
        }
        said.probabilities.as_ptr()
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::tesseract;

        #[test]
        fn nothing_is_read_of_a_picture_of_another_height() {
            let data = tesseract::find_data(None).unwrap();
            let Some(mut network) = OwnNetwork::of(&data.join("eng.traineddata")) else {
                // No processor for it, as in `it_says_what_tesseracts_own_says`.
                assert!(!std::is_x86_feature_detected!("avx2"));
                return;
            };
            let rows = c_int::try_from(network.network.rows()).unwrap();
            // SAFETY: it reads two numbers and this thread's state.
            let takes = |width, height| unsafe { line_network_takes(width, height) };
            assert!(!takes(100, rows), "without a network");
            let (taken, _) = network.used_in(|| {
                [
                    (100, rows),
                    (1, rows),
                    (100, rows - 1),
                    (100, rows + 1),
                    (100, 4000),
                    (0, rows),
                    (-1, rows),
                ]
                .map(|(width, height)| takes(width, height))
            });
            assert_eq!(taken, [true, true, false, false, false, false, false]);
            assert!(!takes(100, rows), "after it was taken away");
        }
    }
}

/// Processors for which we have no network.
#[cfg(not(target_arch = "x86_64"))]
mod nowhere {
    use std::path::Path;

    /// There is none.
    pub enum OwnNetwork {}

    impl OwnNetwork {
        /// None.
        pub fn of(_traineddata: &Path) -> Option<Box<Self>> {
            None
        }

        /// Never called.
        pub fn used_in<T>(&mut self, _work: impl FnOnce() -> T) -> (T, u64) {
            match *self {}
        }
    }
}
