//! Completion scripts and man pages, as packages install them.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::common::Place;

/// Returns the subcommands that the help lists.
fn subcommands(place: &Place) -> Vec<String> {
    let help = place.vmaf("--help").stdout;
    let (_, list) = help.split_once("Commands:\n").expect("a list of commands");
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Returns the long options that a help or a page names, in order.
fn options(text: &str) -> Vec<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let behind = text.split("--").skip(1).map(|rest| rest.split(|letter| !is_name(letter)).next());
    let mut names: Vec<String> = behind.flatten().map(str::to_owned).collect();
    names.retain(|name| name.starts_with(|letter: char| letter.is_ascii_lowercase()));
    names.sort();
    names.dedup();
    names
}

/// Runs `program` with `input`, unless this machine lacks it. Returns its output; it must succeed.
fn piped(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    // The `bash` that Windows finds first starts a Linux, which need not be there.
    if !cfg!(unix) {
        return None;
    }
    let mut command = Command::new(program);
    command.args(arguments).env("MANWIDTH", "400").env("LC_ALL", "C");
    let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().ok()?;
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("it reads all");
    let output = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{program} {arguments:?}: {stderr}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn completion_scripts_parse_and_name_every_command_and_option() {
    let place = Place::new();
    let commands = subcommands(&place);
    assert!(commands.iter().any(|name| name == "score"), "{commands:?}");
    let expected = options(&place.vmaf("score --help").stdout);
    for (shell, prefix) in [("bash", "--"), ("zsh", "--"), ("fish", "-l ")] {
        let ran = place.vmaf(&format!("completions {shell}"));
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
        for command in &commands {
            assert!(ran.stdout.contains(command.as_str()), "{shell} lacks {command}");
        }
        for option in &expected {
            assert!(ran.stdout.contains(&format!("{prefix}{option}")), "{shell} lacks {option}");
        }
        let _ = piped(shell, &["-n"], &ran.stdout);
    }
    let ran = place.vmaf("completions tcsh");
    assert!(ran.error().contains("bash"), "{ran:?}");
}

#[test]
fn bash_completes_an_option() {
    let place = Place::new();
    let mut script = place.vmaf("completions bash").stdout;
    script.push_str(
        "\nCOMP_WORDS=(vmaf score --gat) COMP_CWORD=2\n_vmaf vmaf --gat score\n\
         echo \"${COMPREPLY[@]}\"\n",
    );
    if let Some(found) = piped("bash", &["--norc"], &script) {
        assert_eq!(found.trim(), "--gate");
    }
}

#[test]
fn man_pages_are_those_of_all_commands_and_name_every_option() {
    let place = Place::new();
    let ran = place.vmaf("man --out pages/man1");
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    assert_eq!(place.vmaf("man").stdout, place.read("pages/man1/vmaf.1"));
    let mut helps: Vec<(String, String)> = vec![
        ("vmaf".to_owned(), "--help".to_owned()),
        ("vmaf-libvmaf".to_owned(), "-r x --help".to_owned()),
    ];
    let commands = subcommands(&place).into_iter();
    helps.extend(commands.map(|name| (format!("vmaf-{name}"), format!("{name} --help"))));
    for (page, help) in &helps {
        let roff = place.read(&format!("pages/man1/{page}.1"));
        let plain = || roff.replace("\\-", "-");
        let text = piped("man", &["-l", "-"], &roff)
            .or_else(|| piped("groff", &["-man", "-Tascii", "-P-c", "-rLL=400n"], &roff))
            .unwrap_or_else(plain);
        let help = place.vmaf(help).stdout;
        for option in options(&help) {
            assert!(text.contains(&format!("--{option}")), "{page} lacks {option}: {text}");
        }
        assert!(text.contains("SEE ALSO") && text.contains(&format!("{page} - ")), "{text}");
        assert!(text.contains(concat!("vmaf ", env!("CARGO_PKG_VERSION"))), "{text}");
    }
    // Nothing else is written.
    let files = std::fs::read_dir(place.path("pages/man1")).expect("the folder").count();
    assert_eq!(files, helps.len());
    place.file("taken", "");
    let ran = place.vmaf("man --out taken");
    assert!(ran.status == 2 && ran.error().contains("taken"), "{ran:?}");
}
