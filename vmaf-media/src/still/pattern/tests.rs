use super::*;

fn names(path: &str) -> Option<(String, String)> {
    let pattern = Pattern::find(path)?;
    Some((pattern.file(7), pattern.file(12345)))
}

#[test]
fn patterns_give_numbered_file_names() {
    let named = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
    assert_eq!(names("a/shot%04d.png"), named("a/shot0007.png", "a/shot12345.png"));
    assert_eq!(names("%d.tif"), named("7.tif", "12345.tif"));
    assert_eq!(names("x_%3dd"), named("x_007d", "x_12345d"));
}

#[test]
fn other_uses_of_percent_are_not_patterns() {
    for path in ["100%.png", "a%b%d.png", "%d%d.png", "%99d.png", "%-4d.png"] {
        assert_eq!(Pattern::find(path), None, "{path}");
    }
}

#[test]
fn sequences_start_at_any_number_and_have_no_gaps() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let count = |pattern: &str| {
        let mut pattern = Pattern::find(&path(pattern)).expect("a pattern");
        pattern.count().map(|count| (count, pattern.file(0)))
    };
    let write = |name: &str| std::fs::write(path(name), "x").expect("written");
    for number in 86_400..86_403 {
        write(&format!("shot.{number:07}.png"));
    }
    // Others whose names are alike.
    ["shot.7.png", "shot.0086403.png.bak", "shot.x086404.png"].iter().for_each(|name| write(name));
    assert_eq!(count("shot.%07d.png"), Ok((3, path("shot.0086400.png"))));
    assert_eq!(count("shot.%d.png"), Ok((1, path("shot.7.png"))));
    write("shot.0086405.png");
    let gap = count("shot.%07d.png").expect_err("a gap");
    assert!(gap.contains("shot.0086403.png is missing"), "{gap}");
    let none = count("none%d.png").expect_err("nothing");
    assert!(none.contains("none1.png"), "{none}");
    // In folders.
    for number in 3..5 {
        std::fs::create_dir(path(&format!("take{number}"))).expect("a folder");
        write(&format!("take{number}/a.png"));
    }
    assert_eq!(count("take%d/a.png"), Ok((2, path("take3/a.png"))));
}
