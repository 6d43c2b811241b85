"""The shipped corpus as the `Contexts` port: short articles, one a file, no network.

Rules:
- A file is `# Title`, a blank line, paragraphs. The title is no sentence, so it is not part of the context.
- Files are read once, in a worker thread, at the first draw; `key` counts round over them in the order of their names.
"""

from functools import cache
from pathlib import Path

import anyio.to_thread

from core.types import Context
from effects.ports import Fault

FOLDER = Path(__file__).parent / "corpus"


@cache
def read_articles(folder: Path = FOLDER) -> tuple[Context, ...]:
    """All articles of a folder by file name. Blocks; raises `Fault` where there is none."""
    try:
        paths = sorted(folder.glob("*.txt"))
        articles = tuple(_article(path) for path in paths)
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(f"the corpus {folder} cannot be read: {error}") from error
    if not articles:
        raise Fault(f"the corpus {folder} holds no .txt file: restore it from the repository")
    return articles


def _article(path: Path) -> Context:
    title, _, body = path.read_text(encoding="utf-8").partition("\n")
    text = body.strip() if title.startswith("# ") else f"{title}\n{body}".strip()
    if not text:
        raise Fault(f"{path} has no text below its title: restore it from the repository")
    return Context(text=text, source=f"corpus:{path.stem}")


class Corpus:
    """The `Contexts` port over one folder of articles."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    async def draw(self, key: int) -> Context:
        """Article number `key` modulo the number of articles."""
        articles = await anyio.to_thread.run_sync(read_articles, self._folder)
        return articles[key % len(articles)]
