//! The page that an audit writes for a browser.

use std::fs;

use crate::support::{Reading, Scratch, anthropic_key, assert_sealed, run};

/// A name that would be markup.
const HOSTILE: &str = "x<img src=x onerror=alert(1)>\"'&.py";

/// A repository with a key in HEAD, one in history alone, and names that mean something to a browser.
fn repository() -> (Scratch, Vec<String>) {
    let scratch = Scratch::new(Reading::Default);
    let keys: Vec<String> = (0..2).map(|_| anthropic_key()).collect();
    scratch.git(&["config", "user.name", "</script><script>alert(2)//"]);
    let commit = |scratch: &Scratch, message: &str| {
        scratch.git(&["add", "--all", "--force"]);
        scratch.git(&["commit", "-q", "--no-verify", "-m", message]);
    };
    scratch.write("old.py", format!("key = \"{}\"\n", keys[0]));
    commit(&scratch, "one");
    scratch.write("old.py", "key = None\n");
    commit(&scratch, "two");
    scratch.write(HOSTILE, format!("key = \"{}\"\n", keys[1]));
    commit(&scratch, "three");
    (scratch, keys)
}

#[test]
#[cfg_attr(windows, ignore = "no file has such a name there")]
fn a_page_is_text_alone_and_holds_no_secret() {
    let (scratch, keys) = repository();
    let ran = scratch.keyward(&["audit", "--html", "page.html"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("page.html"), "{}", ran.stderr);
    let page = fs::read_to_string(scratch.top().join("page.html")).expect("the page is there");
    for key in &keys {
        assert_sealed(page.as_bytes(), key);
    }
    // The one script is the page's own, and what came from the repository is text.
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script").count(), 1);
    assert!(!page.contains("<img"), "a name became markup");
    assert!(page.contains("x&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;.py"));
    // Nothing is fetched: what has an address is a link, which nobody follows unasked.
    for fetched in ["src=\"", "url(", "@import", "<link", "fetch("] {
        assert!(!page.contains(fetched), "{fetched}");
    }
    let entries = page.matches("<li id=\"s-").count();
    assert_eq!(entries, 2);
    assert_eq!(page.matches("<h3>What to do</h3>").count(), entries);
    assert_eq!(
        page.matches("<svg class=\"axis\" role=\"img\" aria-label=\"in commits from ")
            .count(),
        entries
    );
    let links = page
        .split("href=\"#")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'));
    for (to, _) in links {
        assert!(
            page.contains(&format!("id=\"{to}\"")),
            "nothing is called {to}"
        );
    }
}

#[test]
fn a_page_without_secrets_says_so() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write("a.txt", "nothing\n");
    scratch.git(&["add", "."]);
    scratch.git(&["commit", "-q", "-m", "one"]);
    let ran = scratch.keyward(&["audit", "--html", "page.html"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let page = fs::read_to_string(scratch.top().join("page.html")).expect("the page is there");
    assert!(page.contains("no secrets in 1 commit"), "{page}");
    assert!(!page.contains("<form"), "there is nothing to filter");
    let ran = scratch.keyward(&["audit", "--html", "no/such/page.html"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.stderr.contains("no/such/page.html"), "{}", ran.stderr);
}

#[test]
fn several_repositories_are_chapters_of_one_page() {
    let (scratch, _) = repository();
    let (other, _) = repository();
    let places = [scratch.top(), other.top()].map(|path| path.display().to_string());
    let ran = scratch.keyward(&["audit", "--html", "page.html", &places[0], &places[1]]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let page = fs::read_to_string(scratch.top().join("page.html")).expect("the page is there");
    let ids: Vec<&str> = page
        .split("<li id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(ids.len(), 4);
    let mut apart = ids.clone();
    apart.sort_unstable();
    apart.dedup();
    assert_eq!(apart.len(), ids.len(), "{ids:?}");
    assert!(page.contains("<select name=\"repository\">"));
}

#[test]
#[ignore = "needs a browser: KEYWARD_TEST_CHROMIUM, and axe-core and puppeteer-core in NODE_PATH"]
fn a_page_in_a_browser_fetches_nothing_fits_and_is_accessible() {
    let browser = std::env::var("KEYWARD_TEST_CHROMIUM").expect("the path of a browser");
    let (scratch, _) = repository();
    scratch.keyward(&["audit", "--html", "page.html"]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration/pages.js");
    let mut node = scratch.command("node");
    let node_path = std::env::var("NODE_PATH").expect("where axe-core and puppeteer-core are");
    node.env("NODE_PATH", node_path)
        .args([script, &browser, "page.html"]);
    let ran = run(&mut node);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    // Three widths, light and dark.
    assert_eq!(
        ran.stdout
            .lines()
            .filter(|line| line.ends_with(": well"))
            .count(),
        6,
        "{}",
        ran.stdout
    );
}
