//! The blob store on a real folder.

mod blobs;
