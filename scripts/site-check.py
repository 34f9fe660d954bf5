#!/usr/bin/env python3
"""Checks a built website: links, anchors, pictures and the search index, and that nothing is loaded
from other hosts.

    scripts/site-check.py FOLDER
"""

import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Elements that load something, and the attribute with its address.
LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
# Words that the search must find, each with the page whose text has it.
SEARCHED = {
    "harmonic_mean": "pooling",
    "xpsnr": "metrics",
    "--offset": "alignment",
    "bd_rate": "python",
}


class Page(HTMLParser):
    """The anchors, links and loaded files of a page."""

    def __init__(self, path: Path):
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what an element defines, links to and loads."""
        found = {name: value or "" for name, value in attrs}
        self.anchors.update(found[name] for name in ("id", "name") if name in found)
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if address := found.get(LOADING.get(tag, "")):
            if tag != "link" or found.get("rel") not in {"canonical", "next", "prev"}:
                self.loads.append(address)


def problems(folder: Path):
    """Yields a sentence for each problem."""
    paths = [
        path for path in folder.rglob("*.html") if path.relative_to(folder).parts[0] != "rustdoc"
    ]
    pages = {path.resolve(): Page(path) for path in paths}
    for path, page in pages.items():
        name = path.relative_to(folder.resolve())
        if name.name == "404.html":
            continue  # Its links are relative to the address that was asked for.
        for address in page.links + page.loads:
            parts = urlsplit(address)
            if parts.scheme in {"http", "https", "mailto"} or parts.netloc:
                if address in page.loads:
                    yield f"{name}: loads {address} from another host"
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                yield f"{name}: {address} does not exist"
            elif parts.fragment and target in pages:
                if unquote(parts.fragment) not in pages[target].anchors:
                    yield f"{name}: {address} has no such anchor"

    index = json.loads((folder / "search.json").read_text(encoding="utf-8"))["items"]
    for word, page_name in SEARCHED.items():
        found = {item["location"].split("#")[0] for item in index if word in item["text"]}
        if not any(location.startswith(page_name) for location in found):
            yield f"search.json: '{word}' is not found in {page_name}"


def main() -> int:
    found = list(problems(Path(sys.argv[1])))
    print(*found, sep="\n", end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
