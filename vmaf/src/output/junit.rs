//! Verdicts as a JUnit report, which build servers show: a suite for each encode, a test for each
//! gate. An encode that could not be measured is an error, not a failure.

use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use vmaf_core::Gate;
use vmaf_media::one_line;

use super::report::{GateResult, Report};
use super::verdicts;

/// The name of the report.
const NAME: &str = "vmaf";

/// Writes the verdicts of a run.
pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let suites = report.encodes.iter().map(|encode| {
        let cases = report.gate_results(encode).map(|GateResult { gate, verdict, .. }| {
            let status = match verdict {
                Ok((verdict, _)) if verdict.held => TestCaseStatus::success(),
                Ok((verdict, values)) => {
                    let why = verdicts::sentence(report, gate, verdict, values);
                    found(NonSuccessKind::Failure, &why)
                }
                Err(reason) => found(NonSuccessKind::Error, &reason.worded(&report.wording)),
            };
            case(&encode.path, &gate.to_string(), status)
        });
        suite(&encode.path, cases.collect())
    });
    document(suites.collect(), Some(report.elapsed), out)
}

/// Writes that nothing could be measured, with the reason.
pub(crate) fn failed(
    encodes: &[String],
    gates: &[Gate],
    reason: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let suites = encodes.iter().map(|encode| {
        let cases = gates
            .iter()
            .map(|gate| case(encode, &gate.to_string(), found(NonSuccessKind::Error, reason)));
        suite(encode, cases.collect())
    });
    document(suites.collect(), None, out)
}

fn document(
    suites: Vec<TestSuite>,
    elapsed: Option<Duration>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut document = Document::new(NAME);
    if let Some(elapsed) = elapsed {
        document.set_time(elapsed);
    }
    document.add_test_suites(suites);
    document.serialize(out).map_err(io::Error::other)
}

fn suite(encode: &str, cases: Vec<TestCase>) -> TestSuite {
    let mut suite = TestSuite::new(encode);
    suite.add_test_cases(cases);
    suite
}

fn case(encode: &str, gate: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(gate, status);
    case.set_classname(encode);
    case
}

fn found(kind: NonSuccessKind, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(one_line(message));
    status
}
