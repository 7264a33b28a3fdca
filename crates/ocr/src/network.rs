//! Tesseract with our network in the place of its own, see `tesseract.c`.
#![allow(
    unsafe_code,
    reason = "Tesseract calls back through C, with pointers to what it wants read"
)]

#[cfg(not(all(target_arch = "x86_64", feature = "line-network")))]
pub use nowhere::OwnNetwork;
#[cfg(all(target_arch = "x86_64", feature = "line-network"))]
pub use x86_64::OwnNetwork;

/// Why Tesseract reads lines with its own network: the same words, at about half the speed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unused {
    /// The program was built without ours (the feature `line-network`), or for a processor that
    /// there is none for.
    #[error("this program was built without its own network")]
    NotBuilt,
    /// This version of Tesseract lacks a function, by the name that linkers know, whose place is
    /// taken or which is called.
    #[error("the installed Tesseract has no function {0}")]
    Function(String),
    /// The model is of another kind, the processor too old, or the file cannot be read.
    #[error("the built-in network cannot run the model: {0}")]
    Model(String),
}

#[cfg(all(target_arch = "x86_64", feature = "line-network"))]
mod x86_64 {
    use std::ffi::{CStr, c_char, c_int, c_ulong, c_void};
    use std::path::Path;
    use std::ptr;

    use super::Unused;

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
        fn line_network_missing(names: *const *const c_char) -> *const c_char;

        fn line_network_use(read: Option<Reader>, network: *mut c_void, rows: c_int) -> c_ulong;

        /// Whether the network that this thread has takes such a picture.
        #[cfg(test)]
        fn line_network_takes(width: c_int, height: c_int) -> bool;
    }

    impl OwnNetwork {
        /// The network of that file.
        ///
        /// # Errors
        /// When we cannot run it here, or this Tesseract would not let it read.
        pub fn of(traineddata: &Path) -> Result<Box<Self>, Unused> {
            if let Some(name) = missing(ptr::null()) {
                return Err(Unused::Function(name));
            }
            let file = std::fs::read(traineddata).map_err(|why| Unused::Model(why.to_string()))?;
            let network = Network::from_traineddata(&file);
            let network = network.map_err(|why| Unused::Model(why.to_string()))?;
            Ok(Box::new(Self {
                network,
                pixels: Vec::new(),
                said: None,
            }))
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

    /// The first of these functions that no library has; of those that are needed if there are none.
    fn missing(names: *const *const c_char) -> Option<String> {
        // SAFETY: it reads the list up to its null, or one of its own. What it gives is one of the names.
        let found = unsafe { line_network_missing(names) };
        // SAFETY: as above; names end in a zero.
        (!found.is_null()).then(|| {
            unsafe { CStr::from_ptr(found) }
                .to_string_lossy()
                .into_owned()
        })
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
        fn a_function_that_tesseract_lacks_is_named() {
            let names = [
                c"malloc".as_ptr(),
                c"_ZN9tesseract6Series7ForwardEv".as_ptr(),
                ptr::null(),
            ];
            let missing = |from: usize| missing(names[from..].as_ptr());
            assert_eq!(
                missing(0).as_deref(),
                Some("_ZN9tesseract6Series7ForwardEv")
            );
            assert_eq!(missing(2), None, "nothing is needed");
            assert_eq!(
                super::missing(ptr::null()),
                None,
                "all that is needed is there"
            );
        }

        #[test]
        fn a_file_without_a_model_is_named() {
            let file = tempfile::NamedTempFile::new().unwrap();
            let unused = OwnNetwork::of(file.path()).err();
            assert!(matches!(unused, Some(Unused::Model(_))), "{unused:?}");
        }

        #[test]
        fn nothing_is_read_of_a_picture_of_another_height() {
            let data = tesseract::find_data(None).unwrap();
            let Ok(mut network) = OwnNetwork::of(&data.join("eng.traineddata")) else {
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

/// Builds and processors for which we have no network.
#[cfg(not(all(target_arch = "x86_64", feature = "line-network")))]
mod nowhere {
    use std::path::Path;

    use super::Unused;

    /// There is none.
    #[derive(Debug)]
    pub enum OwnNetwork {}

    impl OwnNetwork {
        /// None.
        ///
        /// # Errors
        /// Always [`Unused::NotBuilt`].
        pub fn of(_traineddata: &Path) -> Result<Box<Self>, Unused> {
            Err(Unused::NotBuilt)
        }

        /// Never called.
        pub fn used_in<T>(&mut self, _work: impl FnOnce() -> T) -> (T, u64) {
            match *self {}
        }
    }
}
