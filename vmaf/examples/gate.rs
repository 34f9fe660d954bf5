//! Fails unless an encode is good enough: `gate SOURCE ENCODE GATE...`, with gates as `mean>=93`.
//! Ctrl-C is not handled here; a program that stops runs keeps the handle.

use std::process::ExitCode;

use vmaf::{Event, Gate, Outcome, Request, RunHandle};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(source), Some(encode)) = (arguments.next(), arguments.next()) else {
        return Err("usage: gate SOURCE ENCODE GATE...".into());
    };
    let mut request = Request::new(source).encode(encode);
    for gate in arguments {
        request = request.gate(gate.parse::<Gate>()?);
    }
    let handle = RunHandle::with_observer(|event| {
        if let Event::Warning(warning) = event {
            eprintln!("{warning}");
        }
    });
    let run = request.run_with(&handle)?;
    for encode in run.encodes() {
        for judgement in encode.judge(&request.gates)? {
            let word = if judgement.verdict.held { "held" } else { "failed" };
            println!("{}: {word}, {:.2}", judgement.gate, judgement.verdict.value);
        }
    }
    Ok(if run.outcome() == Outcome::Passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
