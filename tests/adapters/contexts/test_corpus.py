"""The shipped corpus as a source of contexts."""

from pathlib import Path

import pytest

from adapters.contexts.corpus import Corpus, read_articles
from core.text import sentences
from effects.ports import Fault


async def test_a_key_picks_an_article_and_counts_round() -> None:
    """The same key gives the same article, and keys run over all articles again and again."""
    corpus, count = Corpus(), len(read_articles())
    drawn = [await corpus.draw(key) for key in range(count)]
    assert len({context.source for context in drawn}) == count
    assert await corpus.draw(3 + 7 * count) == drawn[3]


def test_every_shipped_article_is_long_enough_and_has_no_title_line() -> None:
    """A context is cut to 15 to 30 sentences, so every article has at least that many, and its title is left out."""
    for article in read_articles():
        assert len(sentences(article.text)) >= 30, article.source
        assert not article.text.startswith("#")
        assert article.source.startswith("corpus:")


async def test_a_folder_is_read_once(tmp_path: Path) -> None:
    """After the first draw the disk is not looked at again."""
    (tmp_path / "b.txt").write_text("# B\n\nSecond.")
    (tmp_path / "a.txt").write_text("No title here.\nFirst.")
    corpus = Corpus(tmp_path)
    first = await corpus.draw(0)
    assert (first.text, first.source) == ("No title here.\nFirst.", "corpus:a")
    (tmp_path / "a.txt").unlink()
    assert await corpus.draw(2) == first
    assert (await corpus.draw(1)).text == "Second."


@pytest.mark.parametrize("content", [None, "# Only a title\n", b"\xff\xfe\x00"])
async def test_what_cannot_be_used_is_a_fault_with_the_path(
    content: str | bytes | None, tmp_path: Path
) -> None:
    """An empty folder, an empty article and a file that is no UTF-8 are told with the path."""
    if content is not None:
        (tmp_path / "x.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(Fault, match=str(tmp_path)):
        await Corpus(tmp_path).draw(0)
