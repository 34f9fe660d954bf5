//! C programs compiled with the headers and linked with the library.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const HEADERS: [&str; 5] = ["feature.h", "libvmaf.h", "model.h", "picture.h", "version.h"];

fn in_crate(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The newest file of this name that Cargo built.
fn artefact(name: &str) -> PathBuf {
    let test = env::current_exe().expect("the test has a path");
    let folders = test.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join(name)).filter(|path| path.exists());
    let modified = |path: &PathBuf| fs::metadata(path).and_then(|file| file.modified()).ok();
    found.max_by_key(modified).unwrap_or_else(|| panic!("{name} is not beside {}", test.display()))
}

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Runs a command that must succeed and print nothing to standard output.
fn run_silent(command: &mut Command) {
    let Output { status, stdout, stderr } = run(command);
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success() && stdout.is_empty(), "{command:?}: {status}\n{stdout}{stderr}");
}

fn compiler() -> Command {
    let mut command = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
    command.args(["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-g", "-I"]);
    command.arg(in_crate("include"));
    command
}

/// Compiles a C file to a program in `folder`, linked with `libvmaf.so.3` there.
fn compile(source: &Path, folder: &Path, flags: &[&str]) -> PathBuf {
    let library = artefact("libvmaf_capi.so");
    for name in ["libvmaf.so", "libvmaf.so.3"] {
        symlink(&library, folder.join(name)).expect("the folder is new");
    }
    let program = folder.join("program");
    let mut rpath = std::ffi::OsString::from("-Wl,-rpath,");
    rpath.push(folder);
    let mut command = compiler();
    command.args(flags).arg(source).arg("-o").arg(&program);
    run_silent(
        command.arg("-L").arg(folder).arg(rpath).args(["-lvmaf", "-lm", "-ldl", "-pthread"]),
    );
    program
}

/// Runs `tests/c/NAME.c`, which must print nothing.
fn run_program(name: &str, arguments: &[&str]) {
    let folder = TempDir::new().expect("a temporary folder");
    let program = compile(&in_crate(&format!("tests/c/{name}.c")), folder.path(), &[]);
    run_silent(Command::new(program).args(arguments).current_dir(folder.path()));
}

/// Runs less of `tests/c/NAME.c` under valgrind, if that is installed.
fn run_under_valgrind(name: &str) {
    if !is_installed("valgrind") {
        return;
    }
    let folder = TempDir::new().expect("a temporary folder");
    let program = compile(&in_crate(&format!("tests/c/{name}.c")), folder.path(), &[]);
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--leak-check=full", "--error-exitcode=1"]);
    // Stacks of threads that have just ended are "possibly lost".
    command.arg("--errors-for-leak-kinds=definite").arg(program).arg("quick");
    run_silent(command.current_dir(folder.path()));
}

macro_rules! programs {
    ($($name:ident $arguments:expr;)*) => {$(
        #[test]
        fn $name() {
            run_program(stringify!($name), &$arguments);
        }
    )*};
}

// All of `scores` takes minutes without optimisation.
programs! {
    arguments [];
    callers [];
    frames [];
    models [];
    outputs [];
    pictures [];
    scores ["quick"];
    threads [];
}

#[test]
fn nothing_leaks_and_no_memory_is_misused() {
    // Valgrind takes minutes for the programs that score more.
    let all = ["arguments", "outputs", "pictures", "frames", "models", "threads"];
    let count = if env::var_os("VMAF_VALGRIND_ALL").is_some() { all.len() } else { 2 };
    all[..count].iter().for_each(|name| run_under_valgrind(name));
}

/// The static library needs no other than those of the system.
#[test]
fn programs_link_the_static_library() {
    let folder = TempDir::new().expect("a temporary folder");
    let program = folder.path().join("program");
    let mut command = compiler();
    command.arg(in_crate("tests/c/outputs.c")).arg("-o").arg(&program);
    command.arg(artefact("libvmaf_capi.a"));
    run_silent(command.args(["-lm", "-ldl", "-pthread", "-lgcc_s"]));
    run_silent(Command::new(program).current_dir(folder.path()));
}

/// Each header stands alone, in strict C and in C++.
#[test]
fn headers_compile_alone() {
    let folder = TempDir::new().expect("a temporary folder");
    let languages = [("cc", "c", "-std=c99"), ("c++", "c++", "-std=c++11")];
    for (compiler, language, standard) in languages {
        if !is_installed(compiler) {
            continue;
        }
        for header in HEADERS {
            let source = folder.path().join("header");
            let code = format!("#include <libvmaf/{header}>\n#include <{header}>\nint code;\n");
            fs::write(&source, code).expect("the folder can be written");
            let mut command = Command::new(compiler);
            command.args(["-x", language, standard, "-Wall", "-Wextra", "-pedantic", "-Werror"]);
            command.arg("-I").arg(in_crate("include")).arg("-I").arg(in_crate("include/libvmaf"));
            run_silent(command.arg("-fsyntax-only").arg(source));
        }
    }
}

/// Names of the functions that the headers declare.
fn declared_functions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for header in HEADERS {
        let path = in_crate("include/libvmaf").join(header);
        let code = fs::read_to_string(path).expect("the header is there");
        for line in code.lines().filter(|line| !line.starts_with([' ', '*', '/', '#'])) {
            let Some((before, _)) = line.split_once('(') else { continue };
            let name = before.rsplit([' ', '*']).next().unwrap_or_default();
            if name.starts_with("vmaf_") {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// A program that takes the address of every function links.
#[test]
fn functions_of_the_headers_are_exported() {
    let functions = declared_functions();
    assert_eq!(functions.len(), 29, "{functions:?}");
    let mut code = String::from("#include <libvmaf/libvmaf.h>\nint main(void) {\n");
    for function in &functions {
        code += &format!("    if ((void (*)(void)) {function} == 0) return 1;\n");
    }
    code += "    return 0;\n}\n";
    let folder = TempDir::new().expect("a temporary folder");
    let source = folder.path().join("functions.c");
    fs::write(&source, code).expect("the folder can be written");
    let program = compile(&source, folder.path(), &["-Wno-address"]);
    run_silent(&mut Command::new(program));
}

/// Structures have the same size and members in C and in Rust.
#[test]
fn layouts_agree() {
    let folder = TempDir::new().expect("a temporary folder");
    let program = compile(&in_crate("tests/c/layout.c"), folder.path(), &[]);
    let output = run(&mut Command::new(program));
    let text = String::from_utf8(output.stdout).expect("the program prints text");
    let in_c: BTreeSet<&str> = text.lines().collect();
    let in_rust: Vec<String> =
        vmaf_capi::layout().iter().map(|(name, value)| format!("{name} {value}")).collect();
    let in_rust: BTreeSet<&str> = in_rust.iter().map(String::as_str).collect();
    assert_eq!(in_c, in_rust);
}
