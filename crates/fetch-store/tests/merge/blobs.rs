//! The blob store, in a folder of its own for each test.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use fetch_store::{Blobs, Error};

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path))
        } else {
            files.push(path)
        }
    }
    files
}

fn open() -> (tempfile::TempDir, Blobs) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path().join("blobs").to_str().unwrap()).unwrap();
    (folder, blobs)
}

#[tokio::test]
async fn same_bytes_are_one_file() {
    let (folder, blobs) = open();
    let bytes = Bytes::from_static(b"%PDF-1.4 nothing");
    let first = blobs.put(bytes.clone(), "application/pdf").await.unwrap();
    let puts: Vec<_> = (0..8)
        .map(|index| {
            let (blobs, bytes) = (blobs.clone(), bytes.clone());
            let media_type = if index % 2 == 0 {
                "application/pdf"
            } else {
                "text/html"
            };
            tokio::spawn(async move { blobs.put(bytes, media_type).await })
        })
        .collect();
    for put in puts {
        assert_eq!(put.await.unwrap().unwrap(), first);
    }
    let files = files_below(folder.path());
    assert_eq!(files.len(), 1, "{files:?}");
    let name = &first.sha256;
    assert!(files[0].ends_with(format!("sha256/{}/{}/{name}", &name[..2], &name[2..4])));
    assert_eq!(
        (first.byte_count, blobs.get(name).await.unwrap()),
        (16, bytes)
    );
}

#[tokio::test]
async fn text_is_compressed_and_comes_back_as_it_was() {
    let (folder, blobs) = open();
    let page = Bytes::from("<tr><td>MOTION</td></tr>".repeat(5000));
    for media_type in [
        "text/html; charset=utf-8",
        "application/xhtml+xml",
        "application/json",
    ] {
        let page = Bytes::from(format!("{media_type}{}", String::from_utf8_lossy(&page)));
        let blob = blobs.put(page.clone(), media_type).await.unwrap();
        assert_eq!(blobs.get(&blob.sha256).await.unwrap(), page);
        let copy = blobs.local_copy(&blob.sha256).await.unwrap();
        assert_eq!(std::fs::read(copy.path()).unwrap(), page);
        let path = copy.path().to_owned();
        drop(copy);
        assert!(!path.exists());
    }
    for file in files_below(folder.path()) {
        assert!(std::fs::metadata(&file).unwrap().len() < 5000, "{file:?}");
    }
}

#[tokio::test]
async fn document_is_read_where_it_lies() {
    let (folder, blobs) = open();
    let blob = blobs
        .put(Bytes::from_static(b"%PDF"), "application/pdf")
        .await
        .unwrap();
    let copy = blobs.local_copy(&blob.sha256).await.unwrap();
    let path = copy.path().to_owned();
    assert!(
        path.canonicalize()
            .unwrap()
            .starts_with(folder.path().canonicalize().unwrap())
    );
    drop(copy);
    assert_eq!(std::fs::read(path).unwrap(), b"%PDF");
}

#[tokio::test]
async fn torn_write_never_shows() {
    let (folder, blobs) = open();
    let bytes = Bytes::from(vec![7; 100_000]);
    let blob = blobs.put(bytes.clone(), "application/pdf").await.unwrap();
    let whole = files_below(folder.path()).remove(0);
    // What a writer that was killed half-way leaves behind: its staged file, never the name.
    let staged = PathBuf::from(format!("{}#1", whole.display()));
    std::fs::rename(&whole, &staged).unwrap();
    std::fs::write(&staged, &bytes[..5000]).unwrap();
    assert!(blobs.get(&blob.sha256).await.is_err());
    assert!(blobs.local_copy(&blob.sha256).await.is_err());
    assert_eq!(
        blobs.put(bytes.clone(), "application/pdf").await.unwrap(),
        blob
    );
    assert_eq!(blobs.get(&blob.sha256).await.unwrap(), bytes);
}

#[tokio::test]
async fn changed_bytes_are_an_error() {
    let (folder, blobs) = open();
    for media_type in ["application/pdf", "text/html"] {
        let blob = blobs
            .put(Bytes::from(format!("bytes of {media_type}")), media_type)
            .await
            .unwrap();
        let file = files_below(folder.path())
            .into_iter()
            .find(|file| file.display().to_string().contains(&blob.sha256))
            .unwrap();
        let compressed = file.extension().is_some();
        let other = if compressed {
            zstd::encode_all(&b"other"[..], 3).unwrap()
        } else {
            b"other".to_vec()
        };
        std::fs::write(&file, other).unwrap();
        let error = blobs.get(&blob.sha256).await.unwrap_err();
        assert!(
            matches!(error, Error::Malformed { what: "blob", .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn names_that_are_no_digests_are_refused() {
    let (_folder, blobs) = open();
    for name in [
        "",
        "../../etc/passwd",
        &"A".repeat(64),
        &"é".repeat(32),
        &"a".repeat(64),
    ] {
        assert!(
            matches!(blobs.get(name).await, Err(Error::Malformed { .. })),
            "{name}"
        );
        assert!(
            matches!(blobs.local_copy(name).await, Err(Error::Malformed { .. })),
            "{name}"
        );
    }
}

#[test]
fn setting_is_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("a/b");
    Blobs::open(url::Url::from_file_path(&inside).unwrap().as_str()).unwrap();
    assert!(inside.is_dir());
    for wrong in ["", "s3://bucket/prefix", "file://elsewhere/folder"] {
        let error = Blobs::open(wrong).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Setting {
                    name: "blob_url",
                    ..
                }
            ),
            "{error:?}"
        );
    }
}
