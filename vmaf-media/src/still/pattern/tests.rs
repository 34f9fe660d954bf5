use super::*;

fn names(path: &str) -> Option<(String, String)> {
    let pattern = Pattern::find(path)?;
    Some((pattern.file(7), pattern.file(12345)))
}

#[test]
fn patterns_number_files() {
    let named = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
    assert_eq!(names("a/shot%04d.png"), named("a/shot0007.png", "a/shot12345.png"));
    assert_eq!(names("%d.tif"), named("7.tif", "12345.tif"));
    assert_eq!(names("x_%3dd"), named("x_007d", "x_12345d"));
}

#[test]
fn other_uses_of_percent_are_no_patterns() {
    for path in ["100%.png", "a%b%d.png", "%d%d.png", "%99d.png", "%-4d.png"] {
        assert_eq!(Pattern::find(path), None, "{path}");
    }
}
