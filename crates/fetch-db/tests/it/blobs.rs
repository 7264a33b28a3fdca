//! The blob store, in a folder of its own for each test.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use fetch_db::{
    Blobs, Error,
    blobs::{Pieces, Staged},
};
use futures_util::TryStreamExt;

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
fn a_folder_that_has_to_be_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().join("blobs");
    let setting = there.to_str().unwrap();
    let said = Blobs::must_be_there(setting).unwrap_err().to_string();
    assert!(
        said.contains("PACER_FETCH_BLOB_URL") && said.contains(setting),
        "{said}"
    );
    assert!(!there.exists());
    std::fs::create_dir(&there).unwrap();
    Blobs::must_be_there(setting).unwrap();
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
                    name: "PACER_FETCH_BLOB_URL",
                    ..
                }
            ),
            "{error:?}"
        );
    }
}

/// All pieces of a stream in one, and how many there were.
async fn together(mut pieces: Pieces) -> Result<(Vec<u8>, usize), Error> {
    let (mut all, mut count) = (Vec::new(), 0);
    while let Some(piece) = pieces.try_next().await? {
        all.extend_from_slice(&piece);
        count += 1;
    }
    Ok((all, count))
}

#[tokio::test]
async fn a_blob_is_read_piece_by_piece_whole_or_in_part() {
    let (_folder, blobs) = open();
    let bytes: Vec<u8> = (0..1_000_000_u32).map(|at| (at % 251) as u8).collect();
    for media_type in ["application/pdf", "text/html"] {
        let bytes = [media_type.as_bytes(), &bytes].concat();
        let blob = blobs.put(bytes.clone().into(), media_type).await.unwrap();
        let found = blobs.look_up(&blob.sha256).await.unwrap();
        let (all, count) = together(found.whole().await.unwrap()).await.unwrap();
        assert!(all == bytes, "{media_type} comes back as it was");
        assert!(count > 10, "{count} pieces");
        let head = blobs.head(&blob.sha256, 10).await.unwrap();
        assert_eq!(head, bytes[..10]);
        let part = found.part(70_000..70_500).await;
        if media_type == "text/html" {
            assert!(part.is_err() && found.byte_count().is_none(), "no parts");
            continue;
        }
        assert_eq!(found.byte_count(), Some(bytes.len() as u64));
        let (part, _) = together(part.unwrap()).await.unwrap();
        assert_eq!(part, bytes[70_000..70_500]);
    }
}

#[tokio::test]
async fn a_blob_that_has_changed_never_comes_whole() {
    let (folder, blobs) = open();
    let bytes = vec![7; 300_000];
    let blob = blobs.put(bytes.into(), "application/pdf").await.unwrap();
    let file = files_below(folder.path()).remove(0);
    let mut changed = std::fs::read(&file).unwrap();
    changed[10] = 8;
    std::fs::write(&file, changed).unwrap();
    let mut pieces = blobs
        .look_up(&blob.sha256)
        .await
        .unwrap()
        .whole()
        .await
        .unwrap();
    let mut came = 0;
    let error = loop {
        match pieces.try_next().await {
            Ok(Some(piece)) => came += piece.len(),
            Ok(None) => panic!("it came whole"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
    assert!(came < 300_000, "the last piece is held back, {came} came");
}

async fn staged(blobs: &Blobs, bytes: &[u8]) -> Staged {
    let mut staging = blobs.stage().await.unwrap();
    for piece in bytes.chunks(100_000) {
        staging = staging.write(piece).await.unwrap();
    }
    staging.finish().await.unwrap()
}

#[tokio::test]
async fn a_staged_file_has_no_name_before_it_is_whole() {
    let (folder, blobs) = open();
    let bytes: Vec<u8> = (0..700_000_u32).map(|at| (at % 249) as u8).collect();
    let mut torn = blobs.stage().await.unwrap();
    torn = torn.write(&bytes).await.unwrap();
    assert_eq!(files_below(folder.path()).len(), 1, "it is being written");
    drop(torn);
    assert!(files_below(folder.path()).is_empty(), "and is gone");

    let whole = Arc::new(staged(&blobs, &bytes).await);
    let blob = whole.blob().clone();
    assert!(blobs.look_up(&blob.sha256).await.is_err(), "no name yet");
    for _ in 0..2 {
        assert_eq!(blobs.put_staged(whole.clone()).await.unwrap(), blob);
    }
    drop(whole);
    assert_eq!(
        files_below(folder.path()).len(),
        1,
        "one file, under its name"
    );
    assert_eq!(
        blob,
        blobs
            .put(bytes.clone().into(), "application/pdf")
            .await
            .unwrap()
    );
    assert!(blobs.get(&blob.sha256).await.unwrap() == bytes);
}

#[tokio::test]
async fn what_came_is_kept_when_the_folder_breaks_on_the_way() {
    let (folder, blobs) = open();
    let place = folder.path().join("blobs");
    let away = folder.path().join("away");
    let bytes: Vec<u8> = (0..700_000_u32).map(|at| (at % 249) as u8).collect();
    let before = staged(&blobs, &bytes[1..]).await;
    std::fs::rename(&place, &away).unwrap();
    std::fs::write(&place, "no folder").unwrap();
    // It could not be staged where it belongs.
    let during = staged(&blobs, &bytes).await;
    let (before, during) = (Arc::new(before), Arc::new(during));
    for file in [&before, &during] {
        assert!(blobs.put_staged(file.clone()).await.is_err());
    }
    std::fs::remove_file(&place).unwrap();
    std::fs::rename(&away, &place).unwrap();
    for (file, bytes) in [(before, &bytes[1..]), (during, &bytes[..])] {
        let blob = blobs.put_staged(file).await.unwrap();
        assert!(blobs.get(&blob.sha256).await.unwrap() == bytes);
    }
}

#[tokio::test]
async fn only_what_nobody_writes_is_swept() {
    let (folder, blobs) = open();
    let held = staged(&blobs, b"somebody writes this").await;
    let staging = folder.path().join("blobs/staging");
    let left = staging.join("left-behind");
    std::fs::write(&left, "by a process that was killed").unwrap();
    blobs
        .sweep_staging(Duration::from_secs(3600))
        .await
        .unwrap();
    assert!(left.exists(), "it is not old enough");
    blobs.sweep_staging(Duration::ZERO).await.unwrap();
    assert!(!left.exists());
    let held = blobs.put_staged(Arc::new(held)).await.unwrap();
    assert_eq!(
        blobs.get(&held.sha256).await.unwrap(),
        "somebody writes this"
    );
}

#[tokio::test]
async fn a_probe_leaves_nothing_and_tells_what_is_wrong() {
    let (folder, blobs) = open();
    blobs.probe_writing(0).await.unwrap();
    assert!(files_below(folder.path()).is_empty());
    let full = blobs.probe_writing(u64::MAX).await.unwrap_err();
    assert!(matches!(full, Error::Full { .. }), "{full:?}");
    let place = folder.path().join("blobs");
    std::fs::remove_dir_all(&place).unwrap();
    assert!(blobs.probe_writing(0).await.is_err(), "the folder has gone");
    assert!(blobs.probe_reading().await.is_err());
    assert!(!place.exists(), "and is not made anew");
}
