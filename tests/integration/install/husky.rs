//! husky: keyward goes into the team's own file.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::symlink;

use keyward::parts::hook::{self, Uninstalled, tell_installed};

use super::{KIND, Repo, husky, set_mode, snapshot, stderr};

#[test]
fn husky_runs_the_teams_hook_and_then_keyward() {
    let teams = [
        "echo team >> \"$HOME/ran\"\n",
        "echo team >> \"$HOME/ran\"",
        "#!/usr/bin/env sh\necho team >> \"$HOME/ran\"\nexit 0\n",
        "trap 'true' EXIT\nexec sh -c 'echo team >> \"$HOME/ran\"'\n",
        "echo team >> \"$HOME/ran\" #\r\n",
        "",
    ];
    for (team, mode) in teams
        .into_iter()
        .zip([0o644, 0o755, 0o600].into_iter().cycle())
    {
        let repo = Repo::new();
        let file = husky(&repo);
        fs::write(&file, team).unwrap();
        set_mode(&file, mode);
        let before = snapshot(&repo.top.join(".husky"));

        let installed = repo.install();
        assert!(installed.in_worktree && !installed.awaits_husky);
        assert_eq!(installed.path, file);
        assert!(repo.install().already);
        let output = repo.commit();
        assert!(output.status.success(), "{}", stderr(&output));
        let ran = repo.ran().replace('\r', "");
        let expected = if team.is_empty() { "" } else { "team\n" };
        assert_eq!(
            ran,
            format!("{expected}keyward hook pre-commit\n"),
            "{team}"
        );
        repo.verdict(1);
        assert_eq!(repo.commit().status.code(), Some(1));

        assert_eq!(repo.uninstall(), Uninstalled::Restored(file));
        assert_eq!(snapshot(&repo.top.join(".husky")), before, "{team}");
    }
}

#[test]
fn husky_a_team_hook_that_fails_still_refuses() {
    let repo = Repo::new();
    let file = husky(&repo);
    fs::write(&file, "false\necho unreached >> \"$HOME/ran\"\n").unwrap();
    repo.install();
    assert_eq!(repo.commit().status.code(), Some(1));
    assert_eq!(repo.ran(), "");
}

#[test]
fn husky_without_a_team_hook() {
    let repo = Repo::new();
    let file = husky(&repo);
    let before = snapshot(&repo.top.join(".husky"));
    repo.install();
    repo.assert_guarded(&repo.top);
    assert_eq!(repo.uninstall(), Uninstalled::Removed(file.clone()));
    assert_eq!(snapshot(&repo.top.join(".husky")), before);

    repo.install();
    let text = fs::read_to_string(&file).unwrap() + "npm test\n";
    fs::write(&file, text).unwrap();
    repo.install();
    repo.uninstall();
    assert_eq!(fs::read_to_string(&file).unwrap(), "npm test\n");
}

#[test]
fn husky_that_is_not_set_up_in_this_worktree_is_told() {
    let repo = Repo::new();
    husky(&repo);
    fs::remove_dir_all(repo.top.join(".husky")).unwrap();
    let installed = repo.install();
    assert!(installed.awaits_husky);
    assert!(tell_installed(std::slice::from_ref(&installed)).contains("npm install"));
    let file = husky(&repo);
    assert_eq!(installed.path, file);
    repo.assert_guarded(&repo.top);
}

#[cfg(unix)]
#[test]
fn husky_a_hook_that_is_a_link_is_left_alone() {
    let repo = Repo::new();
    let file = husky(&repo);
    symlink("../package.json", &file).unwrap();
    let err = hook::install(&repo.place(), KIND, &repo.program()).unwrap_err();
    assert!(err.to_string().contains("is not a plain file"));
    assert!(file.is_symlink());
}

#[test]
fn husky_program_gone() {
    let repo = Repo::new();
    husky(&repo);
    repo.install();
    fs::remove_file(repo.program()).unwrap();
    let output = repo.commit();
    assert!(!output.status.success());
    assert!(stderr(&output).contains("keyward: its program is neither on PATH nor"));
    assert!(stderr(&output).contains("keyward install"));
}
