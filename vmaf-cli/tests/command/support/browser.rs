//! A browser that tests drive: Chromium without a window, told what to do by its DevTools protocol.
//!
//! Messages are JSON that ends with a zero byte, on two pipes that the browser has as its file
//! descriptors 3 and 4. A shell puts its standard input and output there, so that nothing but the
//! standard library is needed.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The names that it goes by.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The limit for every request.
const PATIENCE: Duration = Duration::from_secs(180);

/// A browser with one page.
pub(crate) struct Browser {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// The page, once there is one.
    session: Option<String>,
    /// The number of requests made.
    made: u64,
    /// The events since the last page was opened.
    events: Vec<Value>,
    /// Its profile.
    _folder: tempfile::TempDir,
}

/// A screen that shows a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) is_phone: bool,
    pub(crate) is_dark: bool,
}

/// A desktop's.
pub(crate) const DESKTOP: Screen =
    Screen { width: 1280, height: 900, is_phone: false, is_dark: false };

/// A phone's.
pub(crate) const PHONE: Screen = Screen { width: 390, height: 844, is_phone: true, is_dark: false };

impl Browser {
    /// Starts one. Where there is none the test fails: what it tests is not known to work.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        // Containers have neither the rights for its sandbox nor much shared memory.
        let script = format!(
            "for name in {}; do command -v \"$name\" >/dev/null && exec \"$name\" --headless=new \
             --no-sandbox --disable-dev-shm-usage --disable-gpu --no-first-run \
             --user-data-dir=\"$0\" --remote-debugging-pipe 3<&0 4>&1 </dev/null >/dev/null 2>&1; \
             done; echo 'Chromium is missing: scripts/system-packages.sh chromium' >&2; exit 127",
            NAMES.join(" ")
        );
        let mut process = Command::new("sh")
            .args(["-c", &script])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let requests = process.stdin.take().expect("its input");
        let answers = BufReader::new(process.stdout.take().expect("its output"));
        let mut browser = Self {
            process,
            requests,
            answers,
            session: None,
            made: 0,
            events: Vec::new(),
            _folder: folder,
        };
        let page = browser.ask("Target.createTarget", json!({"url": "about:blank"}));
        let attached = browser
            .ask("Target.attachToTarget", json!({"targetId": page["targetId"], "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log"] {
            browser.ask(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Asks for something, and gives the answer.
    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.made += 1;
        let mut request = json!({"id": self.made, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            request["sessionId"] = json!(session);
        }
        let mut bytes = request.to_string().into_bytes();
        bytes.push(0);
        self.requests.write_all(&bytes).expect("a browser that listens");
        self.requests.flush().expect("a browser that listens");
        loop {
            let mut message = self.message();
            if message["id"] == json!(self.made) {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    fn message(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.answers.read_until(0, &mut bytes).expect("a browser that answers");
        assert_eq!(bytes.pop(), Some(0), "the browser has ended: is Chromium installed?");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// Shows a file on `screen`, and gives how long it took until the page was ready.
    pub(crate) fn open(&mut self, path: &Path, screen: Screen) -> Duration {
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": screen.width, "height": screen.height, "deviceScaleFactor": 1, "mobile": screen.is_phone}),
        );
        let scheme = if screen.is_dark { "dark" } else { "light" };
        self.ask(
            "Emulation.setEmulatedMedia",
            json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        );
        self.events.clear();
        let begun = Instant::now();
        self.ask("Page.navigate", json!({"url": format!("file://{}", path.display())}));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let message = self.message();
            self.events.push(message);
        }
        begun.elapsed()
    }

    /// The errors, warnings and log messages of the page.
    pub(crate) fn complaints(&mut self) -> Vec<Value> {
        // Whatever was on its way has come before an answer.
        self.run("0");
        let unasked = ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"];
        let is_complaint = |event: &&Value| unasked.iter().any(|method| event["method"] == *method);
        self.events.iter().filter(is_complaint).map(|event| event["params"].clone()).collect()
    }

    /// The value of an expression in the page; promises are waited for.
    pub(crate) fn run(&mut self, expression: &str) -> Value {
        let mut answer = self.ask(
            "Runtime.evaluate",
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true}),
        );
        let thrown = &answer["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {thrown}");
        answer["result"]["value"].take()
    }

    /// The text that a part of the page shows.
    pub(crate) fn text(&mut self, selector: &str) -> String {
        let text = self.run(&format!("document.querySelector({selector:?}).innerText"));
        text.as_str().expect("text").to_owned()
    }

    /// Waits until an expression is true.
    pub(crate) fn wait_for(&mut self, expression: &str) {
        let begun = Instant::now();
        while self.run(expression) != json!(true) {
            assert!(begun.elapsed() < PATIENCE, "it never came true: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Moves the mouse, or does something with it: `mouseMoved`, `mousePressed`, `mouseReleased`.
    pub(crate) fn mouse(&mut self, kind: &str, (x, y): (f64, f64), clicks: u32) {
        let button = if clicks > 0 { "left" } else { "none" };
        self.ask(
            "Input.dispatchMouseEvent",
            json!({"type": kind, "x": x, "y": y, "button": button, "clickCount": clicks}),
        );
    }

    /// Turns the mouse's wheel.
    pub(crate) fn wheel(&mut self, (x, y): (f64, f64), by: f64) {
        self.ask(
            "Input.dispatchMouseEvent",
            json!({"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": by}),
        );
    }

    /// Presses a key.
    pub(crate) fn key(&mut self, name: &str) {
        for kind in ["keyDown", "keyUp"] {
            self.ask("Input.dispatchKeyEvent", json!({"type": kind, "key": name}));
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It is gone already where it ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
