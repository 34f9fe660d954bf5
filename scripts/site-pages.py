#!/usr/bin/env python3
"""Writes the sources of the website from docs/ and the READMEs.

    scripts/site-pages.py FOLDER

FOLDER receives the pages, their pictures, and the configuration of the site generator. The pages in
the repository read well on GitHub, where every relative link has a target. On the website a link to
a file that is no page becomes one to the repository, whose address is in SITE_REPOSITORY (such as
https://github.com/owner/name), at the commit or branch in SITE_REVISION; without an address, the
text of the link remains. The address of the website itself can be given in SITE_URL.

Fails if a relative link has no target.
"""

import base64
import json
import os
import re
import shutil
import sys
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = "docs/notebooks/encoders.ipynb"

# Pages from other folders than docs/, and their names on the website.
ELSEWHERE = {
    "vmaf-py/README.md": "python.md",
    "vmaf-core/models/README.md": "model-files.md",
    "testdata/README.md": "recorded-values.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "README.md": "index.md",
    NOTEBOOK: "notebooks/encoders.md",
}

# The line of docs/rust.md that links to the documentation of the crates, if it was built.
RUSTDOC_MARK = "<!-- The website links to the documentation of the crates here. -->"
CRATES = ["vmaf", "vmaf_core", "vmaf_media"]

# Every subject occurs in the changelog, where nobody looks for it.
NOT_SEARCHED = "---\nsearch:\n  exclude: true\n---\n"

LINK = re.compile(r"(?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]+)\)")
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)


class Site:
    """The pages by their path in the repository, and the folder that receives them."""

    def __init__(self, folder: Path):
        self.folder = folder
        docs = (ROOT / "docs").glob("*.md")
        self.pages = {f"docs/{path.name}": path.name for path in docs} | ELSEWHERE
        self.repository = os.environ.get("SITE_REPOSITORY", "").rstrip("/")
        self.revision = os.environ.get("SITE_REVISION") or "HEAD"
        self.broken: list[str] = []

    def write(self) -> None:
        """Writes all pages, and the pictures and styles they use."""
        for source, page in self.pages.items():
            if source == "README.md":
                continue  # The front page of the repository; the website has its own.
            target = self.folder / "pages" / page
            target.parent.mkdir(parents=True, exist_ok=True)
            text = (ROOT / source).read_text(encoding="utf-8")
            if source == NOTEBOOK:
                text = self.notebook(json.loads(text), target.parent)
            else:
                text = self.relink(text.replace(RUSTDOC_MARK, rustdoc_links()), source)
            if source == "CHANGELOG.md":
                text = f"{NOT_SEARCHED}{text}"
            target.write_text(text, encoding="utf-8")
        shutil.copy(ROOT / NOTEBOOK, self.folder / "pages/notebooks")
        for path in (ROOT / "docs").iterdir():
            if path.suffix in {".png", ".svg"}:
                shutil.copy(path, self.folder / "pages")
        shutil.copy(ROOT / "docs/site/site.css", self.folder / "pages")

        settings = (ROOT / "docs/site/zensical.toml").read_text(encoding="utf-8")
        missing = [page for page in self.pages.values() if f'"{page}"' not in settings]
        self.broken += [f"docs/site/zensical.toml: {page} is not in `nav`" for page in missing]
        if url := os.environ.get("SITE_URL"):
            settings = settings.replace(
                "[project]\n", f"[project]\nsite_url = {json.dumps(url)}\n", 1
            )
        if self.repository:
            link = {"icon": "lucide/git-branch", "link": self.repository, "name": "Repository"}
            settings += "\n[[project.extra.social]]\n"
            settings += "".join(f"{key} = {json.dumps(value)}\n" for key, value in link.items())
        (self.folder / "zensical.toml").write_text(settings, encoding="utf-8")

    def relink(self, text: str, source: str) -> str:
        """Returns the text of a page with the links of the website."""
        parts = []
        for is_code, part in split_code(text):
            parts.append(part if is_code else LINK.sub(lambda m: self.link(m, source), part))
        return "".join(parts)

    def link(self, match: re.Match, source: str) -> str:
        """Returns one link as it is on the website."""
        target, _, anchor = match["target"].partition("#")
        if not target or re.match(r"[a-z]+:", target):
            return match[0]
        text = match["text"]
        path = normpath(str(PurePosixPath(source).parent / target))
        if path.startswith("..") or not (ROOT / path).exists():
            self.broken.append(f"{source}: {match['target']} does not exist")
            return match[0]
        to = self.pages.get(path)
        if to is None and path.startswith("docs/") and match["image"]:
            to = path.removeprefix("docs/")
        if to is not None:
            if path in self.pages and text == target.removeprefix("../"):
                text = title(path)
            to = relpath(to, PurePosixPath(self.pages[source]).parent)
            return f"{match['image']}[{text}]({to}{'#' + anchor if anchor else ''})"
        if not self.repository:
            return text
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        return f"[{text}]({self.repository}/{kind}/{self.revision}/{path})"

    def notebook(self, notebook: dict, folder: Path) -> str:
        """Returns a notebook as a page, and writes its figures to the folder."""
        parts, heading, figures = [], "", 0
        for cell in notebook["cells"]:
            text = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                heading = (re.findall(r"^#+ (.*)", text, re.MULTILINE) or [heading])[-1]
                parts.append(self.relink(text, NOTEBOOK))
                if not parts[1:]:
                    parts.append(
                        "This page is a notebook: [download it](encoders.ipynb) to run it."
                    )
                continue
            parts.append(f"```python\n{text}\n```")
            for output in cell["outputs"]:
                data = output.get("data", {})
                if "image/png" in data:
                    figures += 1
                    name = f"encoders-{figures}.png"
                    (folder / name).write_bytes(base64.b64decode("".join(data["image/png"])))
                    parts.append(f"![Figure of “{heading}”]({name})")
                elif "text/html" in data:
                    parts.append(html_output("".join(data["text/html"])))
                else:
                    printed = "".join(output.get("text") or data["text/plain"]).strip("\n")
                    parts.append(f"```text\n{printed}\n```")
        return "\n\n".join(parts) + "\n"


def title(path: str) -> str:
    """Returns the title of a page, which on the website stands for the name of its file."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.search(r'# ([^"\\\n]+)', text)[1]


def split_code(text: str):
    """Yields the text in parts, each with true if it is code, which has no links."""
    prose: list[str] = []
    fence = None
    lines = text.splitlines(keepends=True)
    for line in lines:
        mark = re.match(r" *(`{3,}|~{3,})", line)
        if fence is None and mark is None:
            prose.append(line)
            continue
        if fence is None:
            yield from split_inline("".join(prose))
            prose.clear()
            fence = mark[1]
        elif line.strip() == fence:
            fence = None
        yield True, line
    yield from split_inline("".join(prose))


def split_inline(text: str):
    """Yields prose and, apart from link texts that are code throughout, inline code."""
    start = 0
    for match in CODE.finditer(text):
        # [`code`](target) stays in one piece.
        if text[match.start() - 1 : match.start()] == "[" and text[match.end() :].startswith("]("):
            continue
        yield False, text[start : match.start()]
        yield True, match[0]
        start = match.end()
    yield False, text[start:]


def html_output(text: str) -> str:
    """Returns the HTML of a notebook's output; tables have the style of the website."""
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r'<(table|tr)( \w+="[^"]*")+>', r"<\1>", text)
    text = "\n".join(line for line in text.splitlines() if line.strip())
    return f'<div class="notebook-output">\n{text}\n</div>'


def rustdoc_links() -> str:
    """Returns links to the documentation of the crates, or nothing if it was not built."""
    if not (ROOT / "target/doc/vmaf/index.html").exists():
        return ""
    links = [f'<a href="rustdoc/{name}/index.html">{name.replace("_", "-")}</a>' for name in CRATES]
    return f"Documentation of the crates: {', '.join(links)}."


def main() -> int:
    site = Site(Path(sys.argv[1]))
    site.write()
    for message in site.broken:
        print(message, file=sys.stderr)
    return bool(site.broken)


if __name__ == "__main__":
    sys.exit(main())
