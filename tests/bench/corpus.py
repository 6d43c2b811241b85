"""The words of the shipped corpus, for texts of any length. Light to import."""

from functools import cache

from adapters.contexts.corpus import read_articles


@cache
def corpus_words() -> list[str]:
    return [word for article in read_articles() for word in article.text.split()]
