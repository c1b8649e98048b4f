//! Files that are read and replaced where anybody may have put something else.

use std::fs;

use keyward::parts::disk::{read_inside, replace};

#[test]
fn a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    for content in [&b"one"[..], b"", b"a longer one"] {
        replace(&file, content).unwrap();
        assert_eq!(fs::read(&file).unwrap(), content);
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    replace(&dir.path().join("missing/file"), b"").unwrap_err();
    fs::create_dir(dir.path().join("directory")).unwrap();
    replace(&dir.path().join("directory"), b"").unwrap_err();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_a_new_file_has_those_of_the_umask() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    replace(&file, b"one").unwrap();
    fs::write(dir.path().join("other"), "").unwrap();
    let other = fs::metadata(dir.path().join("other")).unwrap();
    assert_eq!(mode(), other.permissions().mode() & 0o777);
    for wanted in [0o600, 0o640, 0o755, 0o444] {
        fs::set_permissions(&file, fs::Permissions::from_mode(wanted)).unwrap();
        replace(&file, b"two").unwrap();
        assert_eq!(mode(), wanted);
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_read_or_written_through_a_link() {
    use std::os::unix::fs::symlink;

    let dir = tempfile::tempdir().unwrap();
    let (outside, top) = (dir.path().join("outside"), dir.path().join("top"));
    fs::create_dir(&top).unwrap();
    fs::write(&outside, "precious").unwrap();
    symlink(&outside, top.join("link")).unwrap();
    symlink(dir.path(), top.join("up")).unwrap();
    for path in ["link", "up/outside"] {
        let error = read_inside(&top, path, 100).unwrap_err();
        assert!(error.to_string().contains("symbolic link"), "{error}");
    }
    replace(&top.join("link"), b"mine").unwrap();
    assert!(top.join("link").symlink_metadata().unwrap().is_file());
    assert_eq!(fs::read_to_string(&outside).unwrap(), "precious");
    assert_eq!(read_inside(&top, "link", 100).unwrap().unwrap(), b"mine");
    read_inside(&top, "link", 3).unwrap_err();
    assert_eq!(read_inside(&top, "link/below", 100).unwrap(), None);
}
