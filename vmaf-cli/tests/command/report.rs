//! `vmaf score --report`: a page that tells all, is safe to open, and works in a browser.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::common::{CLIP, Clip, Place};
use crate::support::browser::{Browser, DESKTOP, PHONE, Screen};

/// A clip of four seconds, large enough to be seen.
const LONG: Clip = Clip { width: 192, height: 108, frames: 100, ..CLIP };

/// A name that would end the page's script, and does worse in HTML: a folder and a file.
const NASTY: &str = "</script><b onload='x'>&amp;.y4m";

/// A place with a report of two encodes, one of which has a nasty name.
fn reported(more: &str) -> Place {
    reported_as(more, |video| video)
}

/// Brightens the second half of a video's frames, which is another scene then.
fn with_cut(mut video: Vec<u8>) -> Vec<u8> {
    let header = video.iter().position(|byte| *byte == b'\n').expect("a header") + 1;
    let (luma, frame) = (LONG.width * LONG.height, (video.len() - header) / LONG.frames);
    for frame in video[header..].chunks_exact_mut(frame).skip(LONG.frames / 2) {
        for sample in &mut frame[b"FRAME\n".len()..][..luma] {
            *sample = sample.saturating_add(60);
        }
    }
    video
}

/// The same of videos that are changed.
fn reported_as(more: &str, change: fn(Vec<u8>) -> Vec<u8>) -> Place {
    let place = Place::new();
    place.file("ref.y4m", change(LONG.y4m()));
    place.file("enc.y4m", change(LONG.noisy(25).y4m()));
    std::fs::create_dir(place.path("<")).expect("a directory");
    place.file(NASTY, change(LONG.noisy(40).y4m()));
    let words = ["score", "ref.y4m", "enc.y4m", NASTY, "--metric", "psnr", "--report", "out.html"];
    let words: Vec<&str> = words.into_iter().chain(more.split_whitespace()).collect();
    let ran = place.command(&words).output().expect("the command runs");
    assert!(ran.status.code().is_some_and(|status| status < 2), "{ran:?}");
    place
}

/// The data that the page's script reads.
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once(r#"id="data">"#).expect("the data");
    let (data, _) = rest.split_once("</script>").expect("its end");
    serde_json::from_str(data).expect("JSON")
}

#[test]
fn the_report_is_complete_and_loads_nothing_external() {
    let place = reported("--gate mean>=99.5 --gate psnr_y:min>=1");
    let page = place.read("out.html");
    for told in [
        "Gates failed: 2 of 4",
        "vmaf_v0.6.1:mean&gt;=99.5",
        "&lt;/script&gt;&lt;b onload=&#39;x&#39;&gt;&amp;amp;.y4m",
        "192x108 4:2:0 8-bit",
        "vmaf score ref.y4m enc.y4m &#39;&lt;/script&gt;&lt;b onload=",
        vmaf_core::VERSION,
        "psnr_cb",
    ] {
        assert!(page.contains(told), "{told}");
    }
    // Nothing of the name is markup, and nothing ends the script but its end.
    assert!(!page.contains("<b onload"));
    assert_eq!(page.matches("</script").count(), 3);
    // Nothing is fetched: no address is one that a browser follows by itself.
    assert!(page.contains("default-src 'none'"));
    for fetched in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!page.contains(fetched), "{fetched}");
    }
    let data = data(&page);
    assert_eq!(data["encodes"][1]["name"], "script><b onload='x'>&amp;.y4m");
    assert_eq!(data["columns"][0]["name"], "vmaf_v0.6.1");
    let moments = data["moments"].as_array().expect("moments");
    assert!(moments.len() >= 12, "{}", moments.len());
    let picture = |value: &Value| {
        value.as_str().is_some_and(|text| text.starts_with("data:image/jpeg;base64,/9j/"))
    };
    for moment in moments {
        assert!(picture(&moment["reference"]));
        for encode in moment["encodes"].as_array().expect("encodes") {
            assert!(picture(&encode["distorted"]) && picture(&encode["heat"]));
        }
    }
}

#[test]
fn inputs_that_are_read_once_have_no_pictures() {
    let place = Place::with_pair();
    let input = File::open(place.path("enc.y4m")).expect("a file");
    let words = ["score", "ref.y4m", "-", "--report", "out.html", "-o", "out.json"];
    let ran = place.command(&words).stdin(input).stderr(Stdio::inherit()).output();
    assert!(ran.expect("the command runs").status.success());
    let data = data(&place.read("out.html"));
    assert_eq!(data["pictureless"], "standard input can be read only once");
    assert_eq!(data["moments"], json!([]));
    assert_eq!(place.json("out.json")["distorted"][0]["frame_count"], 6);
}

#[test]
fn failures_are_listed_and_no_report_is_written_without_results() {
    let place = Place::with_pair();
    place.file("bad.y4m", "YUV4MPEG2 W96 H64 F25:1 C420\nFRAME\nshort");
    let ran = place.vmaf("score ref.y4m bad.y4m enc.y4m --report out.html --gate mean>=1");
    assert_eq!(ran.status, 2, "{ran:?}");
    let page = place.read("out.html");
    for told in ["encodes that could not be measured: 1 of 2", "Not measured:", "bad.y4m"] {
        assert!(page.contains(told), "{told}");
    }
    assert_eq!(data(&page)["encodes"].as_array().map(Vec::len), Some(1));
    let ran = place.vmaf("score ref.y4m bad.y4m --report none.html");
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(!place.path("none.html").exists());
    let ran = place.vmaf("score ref.y4m enc.y4m --report missing/out.html");
    assert!(ran.error().contains("missing/out.html"), "{ran:?}");
}

/// The number of pixels in the first encode's colour within a part of the chart's height.
fn painted(browser: &mut Browser, chart: &str, from: f64, to: f64) -> u64 {
    let script = format!(
        "(() => {{
            const canvas = document.querySelector('{chart} canvas');
            const probe = document.body.appendChild(document.createElement('i'));
            probe.style.color = 'var(--series-1)';
            const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
            probe.remove();
            const [top, bottom] = [canvas.height * {from}, canvas.height * {to}].map(Math.round);
            const copy = document.createElement('canvas');
            [copy.width, copy.height] = [canvas.width, canvas.height];
            const pixels = copy.getContext('2d', {{ willReadFrequently: true }});
            pixels.drawImage(canvas, 0, 0);
            const data = pixels.getImageData(0, top, canvas.width, bottom - top).data;
            let count = 0;
            for (let i = 0; i < data.length; i += 4) {{
                const off = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b);
                count += data[i + 3] > 128 && off < 12 ? 1 : 0;
            }}
            return count;
        }})()"
    );
    browser.run(&script).as_u64().expect("a count")
}

/// The point on the screen at a share of the chart's width, at half its height.
fn in_chart(browser: &mut Browser, share: f64) -> (f64, f64) {
    let place = browser.run(&format!(
        "(() => {{
            document.getElementById('time').scrollIntoView();
            const over = document.querySelector('#chart .u-over').getBoundingClientRect();
            return [over.left + over.width * {share}, over.top + over.height / 2];
        }})()"
    ));
    (place[0].as_f64().expect("x"), place[1].as_f64().expect("y"))
}

#[test]
fn charts_can_be_hovered_zoomed_and_opened_at_a_frame() {
    let place = reported("--gate mean>=1");
    let mut browser = Browser::start();
    browser.open(&place.path("out.html"), DESKTOP);
    assert_eq!(browser.complaints(), [] as [Value; 0]);
    assert_eq!(browser.run("document.documentElement.dataset.ready"), "true");
    browser.wait_for("document.getElementById('range').textContent !== ''");
    // The name that would be markup is text.
    assert!(browser.text("#legend").contains("script><b onload='x'>&amp;.y4m"));
    assert_eq!(browser.run("document.querySelector('main b[onload]')"), Value::Null);
    for chart in ["#chart", "#distribution-chart"] {
        assert!(painted(&mut browser, chart, 0.0, 1.0) > 100, "{chart}");
    }

    // Hover: every encode's value, at the frame under the mouse.
    assert_eq!(browser.run("document.getElementById('tip').hidden"), true);
    let middle = in_chart(&mut browser, 0.506);
    browser.mouse("mouseMoved", middle, 0);
    browser.wait_for("!document.getElementById('tip').hidden");
    let tip = browser.text("#tip");
    assert!(tip.contains("enc.y4m") && tip.contains("frame 50"), "{tip}");

    // A click shows the frame; one without a picture says whose is shown.
    browser.mouse("mousePressed", middle, 1);
    browser.mouse("mouseReleased", middle, 1);
    browser.wait_for("document.getElementById('frame-title').textContent.includes('Frame 50 at')");
    browser.run("document.getElementById('chart').focus()");
    browser.key("PageDown");
    browser.wait_for("document.getElementById('frame-note').textContent === ''");
    let loaded = "[...document.querySelectorAll('#frame-pictures img')]";
    browser.run("document.getElementById('frame').scrollIntoView()");
    browser.wait_for(&format!("{loaded}.every((picture) => picture.naturalWidth === 192)"));
    assert_eq!(browser.run(&format!("{loaded}.length")), 6);
    let with_picture = browser.text("#frame-title");
    browser.key("ArrowRight");
    browser
        .wait_for("document.getElementById('frame-note').textContent.includes('has no picture')");
    assert_ne!(browser.text("#frame-title"), with_picture);
    assert!(browser.text("#frame-note").contains("1 frame before"));
    let values = browser.text("#values");
    assert!(values.contains("integer_adm2") && values.contains("psnr_y"), "{values}");
    let told = browser.run("document.getElementById('chart').getAttribute('aria-valuetext')");
    assert!(told.as_str().is_some_and(|told| told.contains("enc.y4m")), "{told}");

    // Zoom: by dragging, by the wheel, by buttons; all of it again by a double click.
    let all = browser.text("#range");
    assert_eq!(all, "Shown: 00:00.000 to 00:03.960");
    let (from, to) = (in_chart(&mut browser, 0.25), in_chart(&mut browser, 0.5));
    browser.mouse("mousePressed", from, 1);
    browser.mouse("mouseMoved", ((from.0 + to.0) / 2.0, to.1), 1);
    browser.mouse("mouseMoved", to, 1);
    browser.mouse("mouseReleased", to, 1);
    browser.wait_for(&format!("document.getElementById('range').textContent !== '{all}'"));
    let dragged = browser.text("#range");
    assert_eq!(dragged, "Shown: 00:01.000 to 00:01.960");
    browser.wheel(to, -120.0);
    browser.wait_for(&format!("document.getElementById('range').textContent !== '{dragged}'"));
    for _ in 0..2 {
        let clicks = 2;
        browser.mouse("mousePressed", to, clicks);
        browser.mouse("mouseReleased", to, clicks);
    }
    browser.wait_for(&format!("document.getElementById('range').textContent === '{all}'"));
    browser.run("document.getElementById('zoom-in').click()");
    browser.wait_for(&format!("document.getElementById('range').textContent !== '{all}'"));
    browser.run("document.getElementById('zoom-reset').click()");

    // Another column, in both charts.
    browser.run(
        "(() => { const choice = document.getElementById('column');
            choice.value = [...choice.options].find((option) => option.text === 'psnr_y').value;
            choice.dispatchEvent(new Event('change')); })()",
    );
    assert_eq!(browser.text("#time-title"), "psnr_y by time");
    assert!(browser.text("#distribution-help").contains("psnr_y"));
    assert!(painted(&mut browser, "#chart", 0.0, 1.0) > 100);
    // An encode can be left out.
    browser.run("document.querySelector('#legend button').click()");
    browser.wait_for("document.querySelector('#legend button').ariaPressed === 'false'");
    browser.run("new Promise((done) => requestAnimationFrame(done))");
    assert_eq!(painted(&mut browser, "#chart", 0.0, 1.0), 0);
    // A worst moment is gone to.
    browser.run("document.querySelectorAll('.moment')[0].click()");
    assert_eq!(browser.text("#frame-note"), "");
    assert_eq!(browser.complaints(), [] as [Value; 0]);
}

#[test]
fn the_report_adapts_to_phones_and_dark_mode() {
    let place = reported_as("--gate mean>=1 --model v0 --model v0-neg", with_cut);
    assert!(place.read("out.html").contains("worst scene"));
    let mut browser = Browser::start();
    let back = "getComputedStyle(document.body).backgroundColor";
    let light = {
        browser.open(&place.path("out.html"), DESKTOP);
        browser.run(back)
    };
    browser.open(&place.path("out.html"), Screen { is_dark: true, ..PHONE });
    let dark = browser.run(back);
    assert_ne!(light, dark);
    assert!(painted(&mut browser, "#chart", 0.0, 1.0) > 30);
    for screen in [PHONE, Screen { width: 320, ..PHONE }, DESKTOP] {
        browser.open(&place.path("out.html"), screen);
        let fits = "document.documentElement.scrollWidth <= innerWidth";
        assert_eq!(browser.run(fits), true, "{screen:?}");
        let outer = "[...document.querySelectorAll('main *')].filter((part) =>
            !part.closest('.scroll, .cards thead, .uplot')
                && part.getBoundingClientRect().right > innerWidth + 1)
            .map((part) => part.outerHTML.slice(0, 80))";
        assert_eq!(browser.run(outer), json!([]), "{screen:?}");
    }
    // The button overrules the system, both ways.
    browser.run("document.getElementById('theme').click()");
    assert_eq!(browser.run(back), dark);
    browser.run("document.getElementById('theme').click()");
    assert_eq!(browser.run(back), light);
    // Text is told from what is behind it: 4.5 to 1 for all that is quiet, held, failed or open.
    for screen in [DESKTOP, Screen { is_dark: true, ..DESKTOP }] {
        browser.open(&place.path("out.html"), screen);
        let contrasts = browser.run(
            "(() => {
                const probe = document.body.appendChild(document.createElement('i'));
                const light = (name) => {
                    probe.style.color = `var(${name})`;
                    const parts = getComputedStyle(probe).color.match(/\\d+/g);
                    const [r, g, b] = parts.map((part) => {
                        const c = part / 255;
                        return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
                    });
                    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
                };
                const pairs = [['--text', '--page'], ['--text', '--card'], ['--quiet', '--page'],
                    ['--quiet', '--card'], ['--accent', '--card'], ['--held', '--held-back'],
                    ['--failed', '--failed-back'], ['--open', '--open-back'], ['--held', '--card'],
                    ['--failed', '--card']];
                return pairs.map(([front, back]) => {
                    const [a, b] = [light(front), light(back)];
                    return [front, back, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
                });
            })()",
        );
        for pair in contrasts.as_array().expect("pairs") {
            assert!(pair[2].as_f64().is_some_and(|contrast| contrast >= 4.5), "{screen:?} {pair}");
        }
    }
}

#[test]
fn reports_of_long_videos_stay_small_and_quick() {
    let frames = 200_000;
    let ruined = 120_000..120_025;
    let place = Place::new();
    // Flat frames that change a little; in one second all is off.
    let write = |name: &str, level: &dyn Fn(u64) -> u8| {
        let mut out = BufWriter::new(File::create(place.path(name)).expect("a file"));
        out.write_all(b"YUV4MPEG2 W16 H16 F25:1 C420\n").expect("written");
        for frame in 0..frames {
            out.write_all(b"FRAME\n").expect("written");
            out.write_all(&[level(frame); 16 * 16 * 3 / 2]).expect("written");
        }
        out.flush().expect("written");
    };
    write("ref.y4m", &|_| 100);
    let noise = |frame: u64| (frame.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8 % 4;
    write("low.y4m", &|frame| if ruined.contains(&frame) { 250 } else { 103 + noise(frame) });
    write("high.y4m", &|frame| 101 + noise(frame));
    // Comparing the videos would take longer than measuring them.
    let metrics = "--no-model --metric psnr --metric float_psnr --metric float_moment \
                   --metric float_ansnr --align unchecked";
    let ran = place.vmaf(&format!("score ref.y4m low.y4m high.y4m {metrics} --report out.html"));
    assert_eq!(ran.status, 0, "{ran:?}");
    let size = std::fs::metadata(place.path("out.html")).expect("the page").len();
    assert!(size < 20_000_000, "{size}");
    let page = place.read("out.html");
    let data = data(&page);
    assert_eq!(data["columns"].as_array().map(Vec::len), Some(10));
    // Without a model nothing is the worst, but there is something to see.
    let moments = data["moments"].as_array().expect("moments");
    assert_eq!(moments.len(), 12);
    assert!(moments.iter().all(|moment| moment["worst_of"] == json!([])));
    let mut browser = Browser::start();
    let took = browser.open(&place.path("out.html"), DESKTOP);
    assert_eq!(browser.complaints(), [] as [Value; 0]);
    browser.wait_for("document.getElementById('range').textContent.endsWith('2:13:19.960')");
    // The ruined second of more than two hours shows: the line goes to the foot.
    assert!(painted(&mut browser, "#chart", 0.6, 0.85) > 20);
    // Going from frame to frame does not draw all of it anew.
    browser.run("document.getElementById('chart').focus()");
    let steps = browser.run(
        "(() => { const begun = performance.now();
            for (let i = 0; i < 100; i++) document.getElementById('next-frame').click();
            return (performance.now() - begun) / 1000; })()",
    );
    let steps = steps.as_f64().expect("seconds");
    assert!(steps < took.as_secs_f64(), "opening takes {took:?}, a hundred steps {steps} s");
}
