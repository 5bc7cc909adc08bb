//! The web app as the service serves it: which addresses are pages and which are not, what the page may do,
//! and what a browser keeps.

use reqwest::Method;
use tests::app::TestApp;
use tests::door::Reply;

/// What a browser says when somebody opens an address.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn ask(app: &TestApp, path: &str, lines: &[(&str, &str)]) -> Reply {
    let request = app.client.request(Method::GET, format!("{}{path}", app.url));
    Reply::to(lines.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_the_page_at_every_address_of_the_app_and_a_program_its_problem() {
    let app = TestApp::start().await;
    for address in ["/", "/login", "/patient/history?range=all", "/no/such/screen"] {
        let page = ask(&app, address, &[("accept", BROWSER)]).await.expect(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{address}");
        assert_eq!(page.header("cache-control"), "no-store", "{address}");
    }
    // Where machines ask, nobody gets a page; and what is nowhere is nowhere for a program.
    for address in ["/api/v1/nothing", "/log/nothing", "/.well-known/nothing"] {
        ask(&app, address, &[("accept", BROWSER)]).await.refused(404, "not_found");
    }
    for accept in ["*/*", "application/json"] {
        ask(&app, "/login", &[("accept", accept)]).await.refused(404, "not_found");
        let front = ask(&app, "/", &[("accept", accept)]).await.expect(200);
        assert!(front.header("content-type").starts_with("text/plain"));
    }
    ask(&app, "/api/docs/", &[("accept", BROWSER)]).await.expect(200);
    let method = app.client.post(format!("{}/login", app.url)).header("accept", BROWSER);
    Reply::to(method).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_a_nonce_of_its_own_and_lets_nothing_inline_in() {
    let app = TestApp::start().await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let page = ask(&app, "/login", &[("accept", BROWSER)]).await.expect(200);
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
        let nonce = nonce.expect("a nonce").to_owned();
        assert_eq!(nonce.len(), 22);
        let text = String::from_utf8(page.bytes).unwrap();
        assert!(text.contains(&format!("name=\"style-nonce\" content=\"{nonce}\"")));
        assert!(!text.contains('%'), "nothing is left to be put in: {text}");
        assert!(text.contains("name=\"data\" content=\"real\""));
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_names_is_there_packed_and_kept_by_its_hash() {
    let app = TestApp::start().await;
    let page = ask(&app, "/", &[("accept", BROWSER)]).await.expect(200);
    let text = String::from_utf8(page.bytes).unwrap();
    let named: Vec<&str> = text.split('"').filter(|part| part.starts_with('/')).collect();
    assert!(named.len() > 3, "{text}");
    for path in named {
        let plain = ask(&app, path, &[]).await.expect(200);
        let packed = ask(&app, path, &[("accept-encoding", "gzip, br")]).await.expect(200);
        assert_eq!(plain.header("content-encoding"), "", "{path}");
        assert_eq!(plain.header("x-content-type-options"), "nosniff", "{path}");
        let kind = plain.header("content-type");
        assert!(["text/javascript", "text/css", "image/svg"].iter().any(|k| kind.starts_with(k)));
        if packed.header("content-encoding") == "gzip" {
            assert!(packed.bytes.len() < plain.bytes.len(), "{path}");
            assert_ne!(packed.header("etag"), plain.header("etag"), "{path}");
        }
        for reply in [plain, packed] {
            assert_eq!(reply.header("cache-control"), "public, no-cache", "{path}");
            let tag = reply.header("etag");
            let encoding = if tag.ends_with("-gz\"") { "gzip" } else { "identity" };
            let known = [("if-none-match", tag.as_str()), ("accept-encoding", encoding)];
            let again = ask(&app, path, &known).await.expect(304);
            assert!(again.bytes.is_empty(), "{path}");
            assert_eq!(again.header("etag"), tag, "{path}");
        }
    }
}
