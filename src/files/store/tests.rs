//! Uploads and the storage, on a real directory.

use std::fs;
use std::path::Path;

use serde_json::Value;

use futures_util::TryStreamExt as _;

use crate::files::{Child, ChildKind, Error, FileKey, MEMORY_LIMIT, Store, StoredFile, Upload};

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let temp = dir.path().join(".pb_temp_to_delete");
    let store = Store::local(dir.path().join("storage"), temp);
    (dir, store)
}

async fn content(file: StoredFile) -> Vec<u8> {
    let chunks: Vec<_> = file
        .content
        .stream(0, file.size)
        .try_collect()
        .await
        .unwrap();
    chunks.concat()
}

fn entries(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .map(|entries| {
            entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

#[tokio::test]
async fn uploads_are_stored_with_a_sidecar_and_read_back() {
    let (dir, store) = store();
    let upload = Upload::from_bytes("doc", "My Notes.txt", b"hello".to_vec());
    let name = upload.stored_name.clone();
    let key = FileKey::new("c1", "r1", &name).unwrap();
    store.put(&key, upload).await.unwrap();

    let record_dir = dir.path().join("storage/c1/r1");
    assert_eq!(
        entries(&record_dir),
        [name.clone(), format!("{name}.attrs")]
    );
    assert_eq!(entries(&dir.path().join(".pb_temp_to_delete")), [""; 0]);
    let sidecar = fs::read(record_dir.join(format!("{name}.attrs"))).unwrap();
    let sidecar: Value = serde_json::from_slice(&sidecar).unwrap();
    assert_eq!(sidecar["md5"], "XUFAKrxLKna5cZ2REBfFkg==");
    assert_eq!(
        sidecar["user.metadata"]["original-filename"],
        "My Notes.txt"
    );

    let stored = store.open(&key).await.unwrap();
    assert_eq!(
        (stored.size, stored.content_type.as_str()),
        (5, "text/plain; charset=utf-8")
    );
    assert_eq!(content(stored).await, b"hello");
}

#[tokio::test]
async fn a_storage_that_was_removed_from_outside_is_made_again() {
    let (dir, store) = store();
    for removed in ["storage", "storage/c1", "storage/c1/r1"] {
        for name in ["a.txt", "b.txt"] {
            let upload = Upload::from_bytes("doc", name, b"hello".to_vec());
            let key = FileKey::new("c1", "r1", &upload.stored_name).unwrap();
            store.put(&key, upload).await.unwrap();
            let stored = store.open(&key).await.unwrap();
            assert_eq!(content(stored).await, b"hello");
            fs::remove_dir_all(dir.path().join(removed)).unwrap();
        }
    }
}

#[tokio::test]
async fn large_uploads_go_through_a_temporary_file() {
    let (dir, store) = store();
    let temp = dir.path().join(".pb_temp_to_delete");
    let piece = vec![b'x'; 300_000];
    let mut spool = store.spool();
    let mut content = Vec::new();
    while content.len() <= MEMORY_LIMIT {
        assert_eq!(entries(&temp), [""; 0]);
        spool.push(&piece).await.unwrap();
        content.extend_from_slice(&piece);
    }
    assert_eq!(entries(&temp).len(), 1);
    let upload = spool.finish("doc", "big.bin").await.unwrap();
    assert_eq!(upload.size, u64::try_from(content.len()).unwrap());
    assert_eq!(upload.content_type.mime, "text/plain; charset=utf-8");
    let twin = Upload::from_bytes("doc", "big.bin", content.clone());
    assert_eq!(upload.md5, twin.md5);

    let key = FileKey::new("c1", "r1", &upload.stored_name).unwrap();
    store.put(&key, upload).await.unwrap();
    assert_eq!(entries(&temp), [""; 0]);
    let stored = store.open(&key).await.unwrap();
    assert!(self::content(stored).await == content, "other content");
}

#[tokio::test]
async fn a_single_large_piece_is_sniffed_too() {
    let (_dir, store) = store();
    let mut piece = b"%PDF-1.7\n".to_vec();
    piece.resize(MEMORY_LIMIT + 1, 0);
    let mut spool = store.spool();
    spool.push(&piece).await.unwrap();
    let upload = spool.finish("doc", "x").await.unwrap();
    assert_eq!(upload.content_type.mime, "application/pdf");
    assert_eq!(upload.content_type.extension, ".pdf");
}

#[tokio::test]
async fn dropped_uploads_leave_nothing_behind() {
    let (dir, store) = store();
    let temp = dir.path().join(".pb_temp_to_delete");
    let mut spool = store.spool();
    spool.push(&vec![0; MEMORY_LIMIT + 1]).await.unwrap();
    let upload = spool.finish("doc", "big.bin").await.unwrap();
    assert_eq!(entries(&temp).len(), 1);
    drop(upload);
    assert_eq!(entries(&temp), [""; 0]);
}

#[tokio::test]
async fn deletion_takes_sidecars_and_thumbs_along_and_may_be_repeated() {
    let (dir, store) = store();
    let storage = dir.path().join("storage");
    for (record, name) in [("r1", "a.png"), ("r1", "b.png"), ("r2", "c.png")] {
        let key = FileKey::new("c1", record, name).unwrap();
        let upload = Upload::from_bytes("f", name, b"x".to_vec());
        store.put(&key, upload).await.unwrap();
    }
    fs::create_dir(storage.join("c1/r1/thumbs_a.png")).unwrap();
    fs::write(storage.join("c1/r1/thumbs_a.png/10x10_a.png"), "x").unwrap();
    let key = FileKey::new("c1", "r1", "a.png").unwrap();
    for _ in 0..2 {
        store.delete(vec![key.clone()]).await.unwrap();
        assert_eq!(entries(&storage.join("c1/r1")), ["b.png", "b.png.attrs"]);
    }
    for _ in 0..2 {
        let folder = FileKey::of(&["c1", "r1"]).unwrap();
        store.delete_folder(folder).await.unwrap();
        assert_eq!(entries(&storage.join("c1")), ["r2"]);
    }
    for _ in 0..2 {
        let folder = FileKey::of(&["c1"]).unwrap();
        store.delete_folder(folder).await.unwrap();
        assert_eq!(entries(&storage), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_file_takes_its_folder_along_while_others_come() {
    let (dir, store) = store();
    let work = (0..8).map(|worker| {
        let store = store.clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                let name = format!("{worker}.txt");
                let key = FileKey::new("c1", "r1", &name).unwrap();
                let upload = Upload::from_bytes("f", &name, b"x".to_vec());
                store.put(&key, upload).await.unwrap();
                assert_eq!(content(store.open(&key).await.unwrap()).await, b"x");
                store.delete(vec![key]).await.unwrap();
            }
        })
    });
    for worker in work.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    assert_eq!(entries(&dir.path().join("storage/c1")), [""; 0]);
}

#[tokio::test]
async fn names_cannot_leave_the_storage() {
    for bad in [
        "",
        ".",
        "..",
        "a/b",
        "../a",
        "a\\b",
        "a\0b",
        "c:x",
        &"x".repeat(256),
    ] {
        assert!(
            matches!(FileKey::new("c", "r", bad), Err(Error::InvalidName)),
            "{bad}"
        );
        assert!(FileKey::new("c", bad, "f").is_err() && FileKey::new(bad, "r", "f").is_err());
    }
    for bad in [&["..", "x"][..], &["c", "../.."], &[""], &[]] {
        assert!(FileKey::of(bad).is_err(), "{bad:?}");
    }
}

#[tokio::test]
async fn folders_list_what_is_in_them() {
    let (dir, store) = store();
    assert_eq!(store.children(None, None).await.unwrap(), (vec![], None));
    for (record, name) in [("r1", "a.png"), ("r1", "b.png"), ("r2", "c.png")] {
        let key = FileKey::new("c1", record, name).unwrap();
        let upload = Upload::from_bytes("f", name, b"xyz".to_vec());
        store.put(&key, upload).await.unwrap();
    }
    fs::create_dir(dir.path().join("storage/c1/r1/thumbs_a.png")).unwrap();
    fs::remove_file(dir.path().join("storage/c1/r2/c.png")).unwrap();
    let list = async |parts: &[&str]| {
        let folder = FileKey::of(parts).ok();
        let (children, next) = store.children(folder.as_ref(), None).await.unwrap();
        assert_eq!(next, None);
        let describe = |child: &Child| match child.kind {
            ChildKind::Folder => format!("{}/", child.name),
            ChildKind::File { size, .. } => format!("{} {size}", child.name),
            ChildKind::Note { .. } => format!("{} ?", child.name),
        };
        children.iter().map(describe).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(list(&[]).await, "c1/");
    assert_eq!(list(&["c1"]).await, "r1/, r2/");
    assert_eq!(list(&["c1", "r1"]).await, "a.png 3, b.png 3, thumbs_a.png/");
    assert_eq!(list(&["c1", "r1", "a.png"]).await, "");
    assert_eq!(list(&["c1", "r2"]).await, "c.png ?");
    assert_eq!(list(&["missing"]).await, "");
}

#[tokio::test]
async fn only_regular_files_are_opened() {
    let (dir, store) = store();
    fs::create_dir_all(dir.path().join("storage/c/r/thumbs_x")).unwrap();
    for (record, name) in [("r", "thumbs_x"), ("r", "missing"), ("missing", "x")] {
        let key = FileKey::new("c", record, name).unwrap();
        assert!(matches!(store.open(&key).await, Err(Error::NotFound)));
    }
}
